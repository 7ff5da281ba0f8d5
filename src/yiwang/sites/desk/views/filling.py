"""Filling in a form on the desk, page by page: what task forms and filing for a villager share.

A page is kept whatever it holds, right or wrong; files go into the draft; the last page shows all answers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.timezone import localtime

from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import InvalidInput, Refusal
from yiwang.kernel.files.actions import add_to_draft, remove_from_draft
from yiwang.kernel.files.limits import default_limits
from yiwang.kernel.files.queries import of_draft
from yiwang.kernel.files.uploads import SealedUpload
from yiwang.kernel.forms.actions import PageSave, save_page
from yiwang.kernel.forms.bound import REVIEW, BoundForm
from yiwang.kernel.forms.definition import FieldDef, FormDef, Json
from yiwang.kernel.forms.models import Draft
from yiwang.kernel.forms.posted import press, read_step, row_button
from yiwang.kernel.forms.queries import attached, context_for, draft_of, typed_in
from yiwang.kernel.org.actors import Actor
from yiwang.sites.desk.forms import number_of
from yiwang.sites.desk.views.shell import desk_page
from yiwang.ui.refusals import note_refusal

AGAIN, AUTOSAVE = "again", "_autosave"


@dataclass(frozen=True)
class Filling:
    """One draft being filled in: its form, who fills it, for which unit its files are kept, where its pages live."""

    actor: Actor
    form: FormDef
    draft: Draft
    unit: int
    root: str
    title: str
    home: str
    address: Callable[[str], str]
    prefill: Mapping[str, Json]
    extra: Mapping[str, object]


def bound_of(filling: Filling) -> BoundForm:
    """The form as it stands, judged once."""
    kept = of_draft(filling.actor, filling.draft.token)
    files = attached(kept, lambda file: reverse("desk:file", args=[file]))
    context = context_for(filling.form, root=filling.root, prefill=filling.prefill, attachments=files)
    tried = frozenset(filling.draft.steps)
    return BoundForm(filling.form, typed_in(filling.draft), context, tried, filling.address, filling.draft.revision)


def page(request: HttpRequest, filling: Filling, step: str, refusal: Refusal | None = None) -> HttpResponse:
    """One page of the form, or all answers to check; errors show only after the page was sent with its button."""
    bound = bound_of(filling)
    if AGAIN not in request.GET and refusal is None:
        bound = replace(bound, tried=bound.tried - {step})
    context: dict[str, object] = {
        "form": bound,
        "filling": filling,
        "refusal": refusal,
        "step": None if step == REVIEW else bound.step(step),
        "is_review": step == REVIEW,
        **filling.extra,
    }
    status = refusal.status if refusal else 200
    return desk_page(request, "desk/filling.html", context, current="worklist", status=status)


def send(request: HttpRequest, filling: Filling, step: str) -> HttpResponse:
    """Keep a page that was sent and go where the button pressed leads."""
    try:
        filling = replace(filling, draft=_saved(request, filling, step))
        if AUTOSAVE in request.POST:
            return JsonResponse({"revision": filling.draft.revision, "time": f"{localtime(now()):%H:%M}"})
        _files(request, filling, step)
    except Refusal as refusal:
        if request.headers.get("X-Requested-With") == "XMLHttpRequest":
            raise
        note_refusal(request, refusal)
        fresh = replace(filling, draft=draft_of(filling.actor, filling.draft.token))
        return page(request, fresh, step, refusal)
    return _onward(request, filling, step)


def _saved(request: HttpRequest, filling: Filling, step: str) -> Draft:
    posted = dict(request.POST.lists())
    definition = filling.form.step(step)
    raw, button = read_step(definition, posted), row_button(definition, posted)
    raw = press(raw, button) if button else raw
    save = PageSave(step, raw, number_of(request.POST.get("_revision", "")), request.POST.get("_window", ""))
    return save_page(actor=filling.actor, token=filling.draft.token, form=filling.form, page=save)


def _files(request: HttpRequest, filling: Filling, step: str) -> None:
    removed = number_of(request.POST.get("_detach", ""))
    if removed:
        remove_from_draft(actor=filling.actor, attachment=removed)
    for one in filling.form.step(step).fields():
        for upload in request.FILES.getlist(f"file-{one.key}"):
            _add(filling, one, upload)


def _add(filling: Filling, one: FieldDef, upload: object) -> None:
    if one.slot is None or not isinstance(upload, SealedUpload):
        raise InvalidInput(field=one.key)
    limits = default_limits()
    if one.slot.formats:
        limits = replace(limits, endings=frozenset(_endings(one.slot.formats)))
    add_to_draft(
        actor=filling.actor,
        arrival=upload.arrival(limits),
        draft=filling.draft.token,
        slot=one.key,
        unit=filling.unit,
        limits=limits,
    )


def _endings(formats: tuple[str, ...]) -> set[str]:
    return {*formats, *({"jpeg"} if "jpg" in formats else set())}


def _onward(request: HttpRequest, filling: Filling, step: str) -> HttpResponse:
    if request.POST.get("_later"):
        return HttpResponseRedirect(filling.home)
    here = filling.address(step)
    if any(name in request.POST for name in ("_upload", "_detach", "_add", "_remove")):
        return HttpResponseRedirect(here)
    bound = bound_of(filling).step(step)
    return HttpResponseRedirect(f"{here}?{AGAIN}=1" if bound.problems else filling.address(bound.after))
