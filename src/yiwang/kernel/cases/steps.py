"""Service steps that a diagram may name, as the cases package runs and undoes them.

`registers.book` draws the asked amount from a quota, `registers.issue` enters a certificate, `outputs.render` draws its
paper after the commit. A booking and a number are given back when a decision is rolled back before delivery.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.access.queries import who_sees
from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.cases.board import CaseBoard, StepRunner, register_step
from yiwang.kernel.cases.values import answers_of
from yiwang.kernel.clock.services import local
from yiwang.kernel.ledger.services import Event
from yiwang.kernel.process import catalogue
from yiwang.kernel.process.board import StepCall, StepDone, StepUndo
from yiwang.kernel.registers.bookings import Ask, book_quota, release_quota
from yiwang.kernel.registers.models import Entry
from yiwang.kernel.registers.services import Change, Issue, issue_entry, void_entry

BOOK, ISSUE, RENDER = "registers.book", "registers.issue", "outputs.render"


def run_book(board: CaseBoard, call: StepCall) -> StepDone:
    """Book what the case asks for; nothing when it does not draw on a quota."""
    values = answers_of(board)
    if not draws_on_quota(call.parameters, values):
        return StepDone()
    booking = book_quota(board.subject, [ask_of(board, call.parameters, values)], change_of(board))[0]
    board.events.append(Event(board.subject, "quota.booked", booking.facts()))
    return StepDone({"quota": booking.quota, "amount": str(booking.amount)})


def undo_book(board: CaseBoard, step: StepUndo) -> None:
    """Give back what the case holds."""
    for booking in release_quota(board.subject, change_of(board, _("决定退回"))):
        board.events.append(Event(board.subject, "quota.released", booking.facts()))


def draws_on_quota(parameters: Mapping[str, str], values: Mapping[str, object]) -> bool:
    """Whether the case takes from the quota: `when` names a field and the value it must have, as `field=value`."""
    field, _equals, wanted = parameters.get("when", "").partition("=")
    return not field or str(values.get(field, "")) == wanted


def ask_of(board: CaseBoard, parameters: Mapping[str, str], values: Mapping[str, object]) -> Ask:
    """What the case on the board asks of the quota."""
    return ask_for(board.case.unit_id, parameters, values, board.at)


def ask_for(unit: int, parameters: Mapping[str, str], values: Mapping[str, object], at: datetime) -> Ask:
    """What is asked of the quota; `amount` and `split` name fields. Raises InvalidInput when no amount was given."""
    day = local(at).date()
    split = [name.strip() for name in parameters.get("split", "").split(",") if name.strip()]
    return Ask(
        scheme=parameters["scheme"],
        unit=unit,
        year=day.year,
        amount=_amount(values.get(parameters["amount"]), parameters["amount"]),
        on=day,
        values={name: str(values.get(name, "")) for name in split},
    )


def _amount(value: object, field: str) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise InvalidInput(_("申请里没有写数量"), field=field) from None


def run_issue(board: CaseBoard, call: StepCall) -> StepDone:
    """Enter the certificate: number, period, holder, public data."""
    values, case = answers_of(board), board.case
    first = _day(values, call.parameters.get("valid_from", ""), local(board.at).date())
    last = _day(values, call.parameters.get("valid_to", ""), None)
    order = Issue(
        register=call.parameters["register"],
        issuer=case.unit_id,
        holder=case.party_id,
        holder_name=case.party.name if case.party is not None else case.title,
        valid_from=first or local(board.at).date(),
        valid_to=last,
        values={"word": case.unit.word, "division": case.unit.division_id or "", "unit": case.unit.credit_code},
        data={"case": case.number, "title": case.title, **board.shown},
    )
    issued = issue_entry(order, change_of(board), keys=who_sees(board.subject.pk))
    board.events.append(issued.event)
    board.events.append(Event(board.subject, "certificate.granted", {"number": issued.entry.number}))
    return StepDone({"entry": issued.entry.pk, "number": issued.entry.number})


def undo_issue(board: CaseBoard, step: StepUndo) -> None:
    """Void the entry; its number is kept with the reason and never used again."""
    subject = Entry.objects.values_list("subject_id", flat=True).get(pk=int(step.result["entry"] or 0))
    event = void_entry(board.held[subject], change_of(board, _("决定退回，编号作废")))
    if event is not None:
        board.events.append(event)


def _day(values: Mapping[str, object], field: str, default: date | None) -> date | None:
    text = str(values.get(field) or "") if field else ""
    return date.fromisoformat(text) if text else default


def change_of(board: CaseBoard, reason: object = "") -> Change:
    """Why an entry or quota changes: this case, this actor, now."""
    return Change(actor=board.actor, at=board.at, reason=str(reason), case=board.subject.pk)


def no_undo(board: CaseBoard, step: StepUndo) -> None:
    """A rendered paper stays as a version; the entry behind it is void."""


def run_never(board: CaseBoard, call: StepCall) -> StepDone:
    """A reaction is queued, not run. Raises RuntimeError."""
    raise RuntimeError(f"{call.name} runs after the commit")


KINDS = (
    catalogue.StepKind(
        BOOK, _("占用限额"), required=frozenset({"scheme", "amount"}), optional=frozenset({"when", "split"})
    ),
    catalogue.StepKind(
        ISSUE,
        _("登记发证"),
        issues=True,
        required=frozenset({"register"}),
        optional=frozenset({"valid_from", "valid_to"}),
    ),
    catalogue.StepKind(RENDER, _("制作文书"), waits=True, required=frozenset({"output"})),
)
RUNNERS = (
    StepRunner(BOOK, run_book, undo_book),
    StepRunner(ISSUE, run_issue, undo_issue),
    StepRunner(RENDER, run_never, no_undo),
)


def register() -> None:
    """Make kinds and runners known."""
    for kind in KINDS:
        catalogue.register_step(kind)
    for runner in RUNNERS:
        register_step(runner)
