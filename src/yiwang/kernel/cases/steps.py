"""Service steps that a diagram may name, as the cases package runs and undoes them.

`registers.book` draws the asked amount from a quota, `registers.issue` enters a certificate, `registers.extend`
lengthens the one that the case is about, `outputs.render` draws its paper after the commit. Parameters name answers:
fields of the application, or `form__field` of a step's form; of several, parted by commas, the first with a value
counts. Bookings, numbers and extensions are taken back when a decision is rolled back before delivery.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.access.queries import who_sees
from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.cases.board import CaseBoard, StepRunner, register_step
from yiwang.kernel.cases.concerns import entry_about
from yiwang.kernel.cases.listed import column_facts, kept_texts
from yiwang.kernel.cases.refusals import NoSuchEntry
from yiwang.kernel.cases.values import answers_of, first_given
from yiwang.kernel.clock.rules import add_months
from yiwang.kernel.clock.services import local
from yiwang.kernel.clock.workdays import DAY
from yiwang.kernel.forms.services import add_facts
from yiwang.kernel.ledger.services import Event
from yiwang.kernel.process import catalogue
from yiwang.kernel.process.board import StepCall, StepDone, StepUndo
from yiwang.kernel.registers.bookings import Ask, book_quota, release_quota
from yiwang.kernel.registers.models import Entry, Register
from yiwang.kernel.registers.refusals import NoRegister
from yiwang.kernel.registers.services import Change, Issue, amend_entry, issue_entry, void_entry

BOOK, ISSUE, EXTEND, RENDER = "registers.book", "registers.issue", "registers.extend", "outputs.render"
MOST_NAME, MOST_YEARS = 100, 100


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
        amount=_amount(first_given(values, parameters["amount"]), parameters["amount"]),
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
    register = _register(call.parameters["register"])
    first, last = period_of(call.parameters, values, local(board.at).date())
    order = Issue(
        register=register.pk,
        issuer=case.unit_id,
        holder=case.party_id,
        holder_name=case.party.name if case.party is not None else case.title[:MOST_NAME],
        valid_from=first,
        valid_to=last,
        values={"word": case.unit.word, "division": case.unit.division_id or "", "unit": case.unit.credit_code},
        data={"case": case.number, "title": case.title, **kept_texts(board.shown, register)},
    )
    issued = issue_entry(order, change_of(board), keys=who_sees(board.subject.pk))
    add_facts(issued.entry.subject, column_facts(register, values))
    board.events.append(issued.event)
    board.events.append(Event(board.subject, "certificate.granted", {"number": issued.entry.number}))
    return StepDone({"entry": issued.entry.pk, "number": issued.entry.number})


def undo_issue(board: CaseBoard, step: StepUndo) -> None:
    """Void the entry; its number is kept with the reason and never used again."""
    subject = Entry.objects.values_list("subject_id", flat=True).get(pk=int(step.result["entry"] or 0))
    event = void_entry(board.held[subject], change_of(board, _("决定退回，编号作废")))
    if event is not None:
        board.events.append(event)


def run_extend(board: CaseBoard, call: StepCall) -> StepDone:
    """Lengthen the entry that the case is about, from its last day on. Raises EntryNotValid, NoSuchEntry."""
    entry = entry_about(board.subject.pk)
    if entry is None or entry.valid_to is None:
        raise NoSuchEntry()
    until = years_on(entry.valid_to + DAY, _years(call.parameters["years"], answers_of(board)))
    board.events.append(amend_entry(board.held[entry.subject_id], change_of(board, _("延续")), valid_to=until))
    board.events.append(Event(board.subject, "certificate.granted", {"number": entry.number}))
    return StepDone({"entry": entry.pk, "valid_to": entry.valid_to.isoformat(), "until": until.isoformat()})


def undo_extend(board: CaseBoard, step: StepUndo) -> None:
    """Put the former last day back."""
    subject = Entry.objects.values_list("subject_id", flat=True).get(pk=int(step.result["entry"] or 0))
    before = date.fromisoformat(str(step.result["valid_to"]))
    board.events.append(amend_entry(board.held[subject], change_of(board, _("决定退回")), valid_to=before))


def _register(key: str) -> Register:
    found = Register.objects.filter(pk=key).first()
    if found is None:
        raise NoRegister(facts={"register": key})
    return found


def period_of(parameters: Mapping[str, str], values: Mapping[str, object], today: date) -> tuple[date, date | None]:
    """First and last day of a certificate: `valid_from` and `valid_to` name fields, or `years` a number of years."""
    first = _day(values, parameters.get("valid_from", "")) or today
    if "years" in parameters:
        return first, years_on(first, _years(parameters["years"], values))
    return first, _day(values, parameters.get("valid_to", ""))


def years_on(first: date, years: int) -> date:
    """The last day of so many years that begin with `first`."""
    return add_months(first, 12 * years) - DAY


def _years(names: str, values: Mapping[str, object]) -> int:
    found = names if names.isdigit() else first_given(values, names)
    if found is None or not 0 < int(str(found)) < MOST_YEARS:
        raise InvalidInput(_("没有写明有效期几年"), field=names)
    return int(str(found))


def _day(values: Mapping[str, object], names: str) -> date | None:
    text = first_given(values, names)
    return date.fromisoformat(str(text)) if text else None


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
        optional=frozenset({"valid_from", "valid_to", "years"}),
    ),
    catalogue.StepKind(EXTEND, _("延续有效期"), issues=True, required=frozenset({"years"})),
    catalogue.StepKind(RENDER, _("制作文书"), waits=True, required=frozenset({"output"})),
)
RUNNERS = (
    StepRunner(BOOK, run_book, undo_book),
    StepRunner(ISSUE, run_issue, undo_issue),
    StepRunner(EXTEND, run_extend, undo_extend),
    StepRunner(RENDER, run_never, no_undo),
)


def register() -> None:
    """Make kinds and runners known."""
    for kind in KINDS:
        catalogue.register_step(kind)
    for runner in RUNNERS:
        register_step(runner)
