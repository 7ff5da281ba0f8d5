"""Opening a case: find the authority, number it, keep the evidence, begin."""

from dataclasses import dataclass

from yiwang.kernel.access import services as access
from yiwang.kernel.access.principals import of_party, of_person, of_unit, units_above
from yiwang.kernel.base.identifiers import random_code, tidy_code
from yiwang.kernel.base.moments import now, today
from yiwang.kernel.base.refusals import NotPermitted
from yiwang.kernel.cases.authority import authority_for, place_of
from yiwang.kernel.cases.board import CaseBoard
from yiwang.kernel.cases.concerns import concern, concerned_entry
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.refusals import IdentityTooLow
from yiwang.kernel.cases.rules import INTAKE, filled
from yiwang.kernel.cases.services import Turn, access_state, receive, shown_of, sorting_moment, take_up
from yiwang.kernel.cases.types import Offer, current_offer
from yiwang.kernel.cases.values import declared_values
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.files import services as files
from yiwang.kernel.forms import services as forms
from yiwang.kernel.forms.rules import Outcome as Answers
from yiwang.kernel.forms.summary import shown_texts
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Party, Unit
from yiwang.kernel.process import services as process
from yiwang.kernel.process.graph import has_act
from yiwang.kernel.registers.numbering import pattern_of
from yiwang.kernel.registers.statements import take_number

CODE_BITS = 60


@dataclass(frozen=True)
class Application:
    """A filled form on its way to an authority 申请.

    `origin` is the token of the draft: the same one never opens two cases. `party` is the applicant, who may be
    somebody else than the actor when a clerk files for a villager.
    """

    type_key: str
    answers: Answers
    origin: str
    channel: int
    party: int | None = None
    agent: str = ""


def track_tag(code: str) -> str:
    """What a tracking code is kept as."""
    return keyring().tag("case.track", tidy_code(code).encode()).hex()


def open_application(actor: Actor, application: Application) -> tuple[Turn, str]:
    """Write a new case and begin its process; returns the turn to be finished and the tracking code."""
    offer = current_offer(application.type_key)
    forms.require_complete(application.answers)
    forms.use_draft(actor=actor, token=application.origin, form=offer.form)
    party = _applicant(actor, application)
    _require_identity(actor, party, offer)
    entry = concerned_entry(offer, application.answers, party.party)
    unit = entry.issuer if entry else authority_for(offer, application.answers.seen, actor)
    code = random_code(CODE_BITS)
    turn = _turn(actor, offer, _case(actor, application, offer, unit, party, code), party)
    _keep(turn, application)
    if entry is not None:
        concern(turn.board.subject, entry)
    _begin(turn, application.answers)
    return turn, code


@dataclass(frozen=True)
class Applicant:
    """Who applies: the actor himself, or the party for whom a clerk files."""

    party: int | None
    name: str
    level: int


def _applicant(actor: Actor, application: Application) -> Applicant:
    if application.party in (None, actor.party):
        return Applicant(actor.party, actor.name, actor.level)
    if actor.account != 0 and not actor.is_staff:
        raise NotPermitted(field="party")
    party = Party.objects.get(pk=application.party or 0)
    return Applicant(party.pk, party.name, party.level)


def _require_identity(actor: Actor, applicant: Applicant, offer: Offer) -> None:
    if actor.account != 0 and applicant.level < offer.spec.apply_level:
        raise IdentityTooLow(facts={"needed": offer.spec.apply_level, "has": applicant.level})


def _case(actor: Actor, application: Application, offer: Offer, unit: Unit, applicant: Applicant, code: str) -> Case:
    subject = create_subject(f"case:{offer.spec.key}", unit=unit.pk, node=unit.node_id)
    return Case(
        subject=subject,
        version_id=offer.version,
        number=next_number(offer, unit),
        title=filled(offer.spec.title, shown_texts(application.answers))[:200] or offer.spec.name,
        party_id=applicant.party,
        agent=application.agent[:100],
        unit=unit,
        division_id=place_of(offer.spec.authority, application.answers.seen) or unit.division_id,
        channel=application.channel,
        filed_by=actor.account,
        origin=application.origin,
        track_tag=track_tag(code),
        opened=now(),
        received=now(),
    )


def number_register(key: str) -> str:
    """Key of the register in which the numbers of a type's cases run."""
    return f"case:{key}"


def next_number(offer: Offer, unit: Unit) -> str:
    """The next case number of a unit, without gaps."""
    pattern, day = pattern_of(offer.spec.number), today()
    values: dict[str, str | int] = {
        "word": unit.word,
        "division": unit.division_id or "",
        "unit": unit.credit_code,
        "year": day.year,
        "month": day.month,
    }
    year = day.year if pattern.has_year else 0
    _series, seq = take_number(number_register(offer.spec.key), pattern.scope(values), year)
    return pattern.render(values, seq)


def _turn(actor: Actor, offer: Offer, case: Case, applicant: Applicant) -> Turn:
    turn = Turn(CaseBoard(case, case.subject, offer, actor, source=applicant.name), ())
    if has_act(offer.graph, INTAKE):
        receive(turn)
    else:
        take_up(turn)
    case.save(force_insert=True)
    turn.before = shown_of(case)
    return turn


def _keep(turn: Turn, application: Application) -> None:
    form, by = turn.board.offer.form, turn.actor.account
    evidence = forms.freeze(turn.board.subject, form, application.answers, by=by, is_first=True)
    turn.digest = evidence.digest
    files.bind(owner=turn.actor.account, draft=application.origin, subject=turn.board.subject)


def _begin(turn: Turn, answers: Answers) -> None:
    case, board = turn.case, turn.board
    values = declared_values(board.offer.graph, answers.seen)
    outcome = process.start(subject_id=case.pk, definition_id=board.offer.process, board=board, values=values)
    keys = {*units_above(case.unit), *board.gained, *_owners(turn)}
    access.grant(board.subject, keys, state=access_state(case), at=sorting_moment(case))
    board.gained.clear()
    facts = {"type": board.offer.spec.key, "version": board.offer.number, "number": case.number}
    turn.note("case.opened", {**facts, "channel": case.channel, "evidence": turn.digest, **outcome.facts()})


def _owners(turn: Turn) -> set[int]:
    case, actor = turn.case, turn.actor
    owners = {of_unit(case.unit_id)}
    if case.party_id is not None:
        owners.add(of_party(case.party_id))
    if actor.person is not None:
        owners.add(of_person(actor.person))
    return owners
