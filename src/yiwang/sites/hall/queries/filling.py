"""A form being filled in: draft, definition, files and what the records already know, bound together."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.conf import settings
from django.urls import reverse

from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.cases.authority import level_for, place_of, unit_in_charge
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.queries import case_for
from yiwang.kernel.cases.refusals import TypeNotOffered
from yiwang.kernel.cases.types import Offer, current_offer, offer_of
from yiwang.kernel.files.queries import of_draft, of_subject
from yiwang.kernel.forms.bound import REVIEW, BoundForm
from yiwang.kernel.forms.context import Attached, Context
from yiwang.kernel.forms.definition import FieldDef, FormDef, Json, Raw
from yiwang.kernel.forms.models import Draft
from yiwang.kernel.forms.places import COUNTY
from yiwang.kernel.forms.queries import attached, context_for, draft_of, drafts_of, typed_in
from yiwang.kernel.forms.refusals import DraftNotFound
from yiwang.kernel.forms.rules import initial
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Party, Unit
from yiwang.kernel.org.queries import party_tag
from yiwang.sites.hall.queries.places import counties_of
from yiwang.sites.hall.refusals import NotAnApplicant

FOR, CORRECTING = "@", "#"


@dataclass(frozen=True)
class Purpose:
    """What a draft is for: an item, the party a clerk fills it in for, or the case whose answers are corrected."""

    key: str
    party: int | None = None
    case: int | None = None

    def __str__(self) -> str:
        if self.case is not None:
            return f"{self.key}{CORRECTING}{self.case}"
        return f"{self.key}{FOR}{self.party}" if self.party is not None else self.key


def purpose_in(text: str) -> Purpose:
    """The purpose written in a draft."""
    key, _hash, case = text.partition(CORRECTING)
    key, _at, party = key.partition(FOR)
    return Purpose(key, int(party) if party.isdigit() else None, int(case) if case.isdigit() else None)


@dataclass(frozen=True)
class Filling:
    """One draft of one item, bound; `party` is who asks, who need not be the actor; `case` is being corrected."""

    offer: Offer
    draft: Draft
    form: BoundForm
    party: Party
    case: Case | None = None

    @property
    def key(self) -> str:
        """Key of the item."""
        return self.offer.spec.key

    def with_raw(self, raw: Raw, revision: int) -> BoundForm:
        """The same form with other input, for showing what could not be saved."""
        return replace(self.form, raw=self.form.raw | raw, revision=revision)

    def untried(self, step: str) -> BoundForm:
        """The same form with one page as if it had not been sent yet: a page only saved by itself shows no errors."""
        return replace(self.form, tried=self.form.tried - {step})

    def field(self, key: str) -> FieldDef | None:
        """A field that takes files."""
        one = self.offer.form.single_fields().get(key)
        return one if one is not None and one.slot is not None else None

    @property
    def place(self) -> str:
        """The smallest division named so far."""
        return place_of(self.offer.spec.authority, self.form.outcome.seen)

    @property
    def unit(self) -> int:
        """The unit that will be asked as far as the form tells, 0 until it does; files are kept under it."""
        level = level_for(self.offer.spec.authority, self.form.outcome.seen)
        unit = unit_in_charge(self.offer, level, self.place)
        return unit.pk if unit else 0

    @property
    def helper(self) -> Unit | None:
        """Who helps nearby: the station of the place, as soon as the form names one."""
        return directory().unit_for(Unit.Type.STATION, self.place) if self.place else None


def filling_of(actor: Actor, key: str, token: str, window: str = "", own: Party | None = None) -> Filling:
    """The actor's draft of an item, judged once; `window` names the browser window it is filled in.

    `own` is the actor's own party where the caller has it at hand.

    Raises DraftNotFound, TypeNotOffered, NotFound.
    """
    draft = draft_of(actor, token)
    purpose = purpose_in(draft.purpose)
    if purpose.key != key:
        raise DraftNotFound()
    case = own_case_row(actor, purpose.case) if purpose.case is not None else None
    offer = offer_of(case.version_id) if case else current_offer(key)
    party = case.party if case and case.party else applicant_of(actor, purpose.party, own)
    files = [*(of_subject(actor, case.pk) if case else ()), *of_draft(actor, token)]
    form = BoundForm(
        definition=offer.form,
        raw=typed_in(draft),
        context=_context(offer, party, attached(files, lambda file: reverse("hall:file", args=[file]))),
        tried=frozenset(draft.steps),
        urls=lambda step: step_url(key, token, step),
        revision=draft.revision,
        window=window or secrets.token_hex(6),
    )
    return Filling(offer, draft, form, party, case)


def own_case_row(actor: Actor, case: int) -> Case:
    """A case whose applicant, or whose clerk at the counter, the actor is. Raises NotFound."""
    found = case_for(actor, case)
    is_own = actor.party is not None and found.party_id == actor.party
    if not is_own and found.filed_by != actor.account:
        raise NotFound()
    return found


def applicant_of(actor: Actor, party: int | None, own: Party | None = None) -> Party:
    """Who asks: the actor's own party, or the one a clerk has seen at his counter. Raises NotPermitted."""
    if party is None and actor.party is not None:
        return own if own is not None and own.pk == actor.party else Party.objects.get(pk=actor.party)
    if party is not None and is_clerk(actor):
        found = Party.objects.filter(pk=party, level=Party.Identity.SEEN).first()
        if found is not None:
            return found
    raise NotAnApplicant()


def seen_party(actor: Actor, id_number: str) -> Party | None:
    """Whom a clerk means by a number: somebody whom a counter has seen. Raises NotAnApplicant for anybody else."""
    if not is_clerk(actor):
        raise NotAnApplicant()
    return Party.objects.filter(id_tag=party_tag(id_number), level=Party.Identity.SEEN).first()


def is_clerk(actor: Actor) -> bool:
    """Whether the actor sits at a counter."""
    return any(actor.has_role(role) for role in settings.COUNTER_ROLES)


def step_url(key: str, token: str, step: str) -> str:
    """Address of a page of a draft; the review is the draft's own address."""
    if step == REVIEW:
        return reverse("hall:check", args=[key, token])
    return reverse("hall:step", args=[key, token, step])


def _context(offer: Offer, party: Party, attachments: Iterable[Attached]) -> Context:
    counties = [county.code for county in counties_of(offer, "")]
    context = context_for(offer.form, root=_common(counties), prefill=prefill_of(party), attachments=attachments)
    served = {code: name for code, name in context.divisions.items() if code[:COUNTY] in counties}
    return replace(context, divisions=served)


def _common(codes: list[str]) -> str:
    """What all codes begin with."""
    first, last = min(codes, default=""), max(codes, default="")
    return first[: next((at for at, (one, two) in enumerate(zip(first, last, strict=False)) if one != two), len(first))]


def prefill_of(party: Party) -> dict[str, Json]:
    """What the records know of an applicant; personal data only for himself or the clerk before whom he stands."""
    is_person = party.kind == Party.Type.PERSON
    known: dict[str, Json] = {
        "name": party.name,
        "phone": party.phone,
        "address": party.address,
        "identity": {"kind": "id_card", "number": party.id_number} if is_person else None,
        "credit_code": "" if is_person else party.id_number,
    }
    return {"party": known}


def known_answers(form: FormDef, party: Party) -> Raw:
    """What the first page begins with: answers the records know, to be changed where they are not right."""
    return initial(form, Context(today=today(), prefill=prefill_of(party)))


@dataclass(frozen=True)
class DraftLine:
    """A draft in the list of one's own."""

    token: str
    key: str
    item: str
    party: str
    step: str
    url: str
    draft: Draft


def drafts(actor: Actor, key: str = "") -> list[DraftLine]:
    """The actor's drafts, of one item where `key` names one; those of items no longer offered are left out."""
    rows = drafts_of(actor)
    if key:
        rows = rows.filter(purpose__startswith=key)
    return [line for draft in rows if (line := _draft_line(draft)) is not None]


def _draft_line(draft: Draft) -> DraftLine | None:
    purpose = purpose_in(draft.purpose)
    try:
        offer = current_offer(purpose.key)
    except TypeNotOffered:
        return None
    step = next((step for step in offer.form.steps if step.key == draft.step), offer.form.steps[0])
    party = Party.objects.filter(pk=purpose.party).values_list("name", flat=True).first() if purpose.party else ""
    url = step_url(purpose.key, draft.token, step.key)
    return DraftLine(draft.token, purpose.key, offer.spec.name, party or "", step.title, url, draft)


def case_of_origin(actor: Actor, token: str) -> Case | None:
    """The case that this draft has become, for whoever handed it in."""
    return Case.objects.filter(origin=token, filed_by=actor.account).first()
