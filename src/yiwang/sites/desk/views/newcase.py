"""Filing for a villager: who stands at the counter, the same form as in the hall, his signature, the receipt."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import InvalidInput, NotFound, Refusal
from yiwang.kernel.cases.actions.life import Opened, open_case
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.opening import Application
from yiwang.kernel.cases.queries import offers
from yiwang.kernel.cases.types import Offer, current_offer
from yiwang.kernel.files.actions import add_to_draft
from yiwang.kernel.files.limits import default_limits
from yiwang.kernel.files.queries import of_draft
from yiwang.kernel.files.uploads import SealedUpload
from yiwang.kernel.forms.actions import begin_draft
from yiwang.kernel.forms.bound import REVIEW
from yiwang.kernel.forms.context import Context
from yiwang.kernel.forms.models import Draft
from yiwang.kernel.forms.places import COUNTY
from yiwang.kernel.forms.queries import draft_of
from yiwang.kernel.forms.rules import initial
from yiwang.kernel.org.models import Party, Unit
from yiwang.kernel.org.queries import party_tag
from yiwang.sites.desk.queries.materials import SIGNED
from yiwang.sites.desk.queries.villager import prefill_of
from yiwang.sites.desk.views.filling import Filling, bound_of, page, send
from yiwang.sites.desk.views.shell import desk_page, staff
from yiwang.sites.identity.actions.counter import Seen, confirm_identity, register_villager
from yiwang.sites.identity.applicants import Applicant
from yiwang.sites.identity.counters import counter_post
from yiwang.sites.identity.models import Confirmation
from yiwang.ui.acting import acting
from yiwang.ui.refusals import note_refusal

PURPOSE = "desk.new"


@require_GET
@staff
def choose(request: HttpRequest) -> HttpResponse:
    """Items that can be applied for at this counter."""
    counter_post(acting(request))
    return desk_page(request, "desk/new.html", {"offers": offers()}, current="worklist")


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def begin(request: HttpRequest, key: str) -> HttpResponse:
    """Who applies: a known person is seen again, an unknown one registered with his signed consent."""
    counter_post(acting(request))
    offer = current_offer(key)
    if request.method != "POST":
        return _identify(request, offer)
    try:
        party = _seen(request)
    except Refusal as refusal:
        note_refusal(request, refusal)
        return _identify(request, offer, refusal)
    draft = _begun(request, offer, party)
    return HttpResponseRedirect(reverse("desk:new_step", args=[key, draft.token, offer.form.steps[0].key]))


def _begun(request: HttpRequest, offer: Offer, party: Party) -> Draft:
    known = initial(offer.form, Context(today=today(), prefill=prefill_of(party)))
    purpose = f"{PURPOSE}:{offer.spec.key}:{party.pk}"
    return begin_draft(actor=acting(request), form=offer.form, purpose=purpose, raw=known)


def _identify(request: HttpRequest, offer: Offer, refusal: Refusal | None = None) -> HttpResponse:
    context: dict[str, object] = {
        "offer": offer,
        "refusal": refusal,
        "papers": Confirmation.Paper.choices,
        "kinds": Party.Type.choices,
        "typed": request.POST,
    }
    status = refusal.status if refusal else 200
    return desk_page(request, "desk/identify.html", context, current="worklist", status=status)


def _seen(request: HttpRequest) -> Party:
    post, actor = request.POST, acting(request)
    number = post.get("id_number", "").strip().upper()
    seen = Seen(post.get("paper", ""), post.get("phone", "").strip())
    if Party.objects.filter(id_tag=party_tag(number)).exists():
        return confirm_identity(actor=actor, id_number=number, seen=seen)
    upload = request.FILES.get("consent")
    if not isinstance(upload, SealedUpload):
        message = _("第一次来办事的，要上传本人签字的同意书")
        raise InvalidInput(message, rule=_("个人信息保护法第二十九条"), remedy=_("拍照或扫描后上传"), field="consent")
    who = Applicant(post.get("kind", ""), post.get("name", "").strip(), number, seen.phone)
    address = post.get("address", "")[:200]
    return register_villager(actor=actor, who=who, address=address, seen=seen, consent=upload.arrival())


def _party_of(draft: Draft, key: str) -> Party:
    purpose, _colon, party = draft.purpose.rpartition(":")
    if purpose != f"{PURPOSE}:{key}":
        raise NotFound()
    return Party.objects.get(pk=int(party))


def root_of(unit: int) -> str:
    """Division under which places may be chosen at a counter: its county."""
    return (Unit.objects.values_list("division", flat=True).get(pk=unit) or "")[:COUNTY]


def _filling(request: HttpRequest, key: str, token: str) -> tuple[Filling, Party]:
    actor, offer = acting(request), current_offer(key)
    draft, post = draft_of(actor, token), counter_post(actor)
    party = _party_of(draft, key)
    filling = Filling(
        actor=actor,
        form=offer.form,
        draft=draft,
        unit=post.unit,
        root=root_of(post.unit),
        title=_("帮%(name)s申请%(item)s") % {"name": party.name, "item": offer.spec.name},
        home=reverse("desk:new"),
        address=lambda step: reverse("desk:new_step", args=[key, token, step]),
        prefill=prefill_of(party),
        extra={
            "review_part": "desk/parts/review_new.html",
            "party": party,
            "consents": list(of_draft(actor, token).filter(slot=SIGNED)),
        },
    )
    return filling, party


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def step(request: HttpRequest, key: str, token: str, step: str) -> HttpResponse:
    """One page of the application; the last one takes the villager's signature and hands it in."""
    filling, party = _filling(request, key, token)
    if step != REVIEW and all(step != one.key for one in filling.form.steps):
        raise NotFound()
    if request.method != "POST":
        return page(request, filling, step)
    return _hand_in(request, filling, key, party) if step == REVIEW else send(request, filling, step)


def _hand_in(request: HttpRequest, filling: Filling, key: str, party: Party) -> HttpResponse:
    bound = bound_of(filling)
    if not bound.is_complete:
        return HttpResponseRedirect(filling.address(bound.first_unfinished))
    try:
        _keep_consent(request, filling)
        application = Application(key, bound.outcome, filling.draft.token, Case.Channel.COUNTER, party=party.pk)
        opened = open_case(actor=filling.actor, application=application)
    except Refusal as refusal:
        note_refusal(request, refusal)
        return page(request, _fresh(filling), REVIEW, refusal)
    return _receipt(request, opened)


def _fresh(filling: Filling) -> Filling:
    consents = list(of_draft(filling.actor, filling.draft.token).filter(slot=SIGNED))
    return replace(filling, extra={**filling.extra, "consents": consents})


def _keep_consent(request: HttpRequest, filling: Filling) -> None:
    upload = request.FILES.get("consent")
    if isinstance(upload, SealedUpload):
        limits = default_limits()
        add_to_draft(
            actor=filling.actor,
            arrival=upload.arrival(limits),
            draft=filling.draft.token,
            slot=SIGNED,
            unit=filling.unit,
            limits=limits,
        )
    elif not filling.extra["consents"]:
        message = _("请上传申请人签字的申请书")
        raise InvalidInput(message, remedy=_("打印本页，请申请人签字，拍照或扫描后上传"), field="consent")


def _receipt(request: HttpRequest, opened: Opened) -> HttpResponse:
    request.session["desk.receipt"] = {"case": opened.case.pk, "code": opened.track_code}
    return HttpResponseRedirect(reverse("desk:new_receipt"))


@require_GET
@staff
def receipt(request: HttpRequest) -> HttpResponse:
    """Number and tracking code for the villager, told once; printing it is the receipt."""
    told = request.session.pop("desk.receipt", None)
    if not told:
        return HttpResponseRedirect(reverse("desk:worklist") + "?list=started")
    case = Case.objects.select_related("party", "unit").get(pk=told["case"])
    return desk_page(request, "desk/receipt.html", {"case": case, "code": told["code"]}, current="worklist")
