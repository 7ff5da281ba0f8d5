"""Handing in: a new application, or the answer to a notice of corrections. Shared by applicants and counters."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from yiwang.kernel.cases.actions.decisions import supplement_case
from yiwang.kernel.cases.actions.life import open_case
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.opening import Application
from yiwang.sites.hall import receipts
from yiwang.sites.hall.queries.correcting import corrections_of
from yiwang.sites.hall.queries.filling import Filling
from yiwang.ui.acting import acting

MOBILE_WORDS = ("Mobile", "Android", "iPhone", "HarmonyOS", "MicroMessenger")


def hand_in(request: HttpRequest, filling: Filling) -> tuple[str, int]:
    """Hand a complete form in; returns where to go: the name of an address and the case."""
    if filling.case is not None:
        return _correct(request, filling, filling.case)
    opened = open_case(actor=acting(request), application=_application(request, filling))
    if opened.is_new:
        receipts.keep(request, opened.case.pk, opened.track_code)
    return "hall:receipt", opened.case.pk


def _correct(request: HttpRequest, filling: Filling, case: Case) -> tuple[str, int]:
    actor = acting(request)
    item = corrections_of(actor, case.pk).item
    supplement_case(actor=actor, case=case.pk, item=item, answers=filling.form.outcome, draft=filling.draft.token)
    messages.success(request, _("补正的内容已经交上去了，受理时限从今天重新计算。"))
    return "hall:case", case.pk


def _application(request: HttpRequest, filling: Filling) -> Application:
    actor = acting(request)
    return Application(
        type_key=filling.key,
        answers=filling.form.outcome,
        origin=filling.draft.token,
        channel=channel_of(request.headers.get("User-Agent", ""), at_counter=actor.is_staff),
        party=filling.party.pk,
        agent=actor.name if actor.is_staff else "",
    )


def channel_of(browser: str, *, at_counter: bool) -> int:
    """The way of handling 办理形式: counter, telephone or computer."""
    if at_counter:
        return Case.Channel.COUNTER
    return Case.Channel.MOBILE if any(word in browser for word in MOBILE_WORDS) else Case.Channel.COMPUTER
