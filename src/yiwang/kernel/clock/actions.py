"""Changes of the calendar, and counting anew what they touch."""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.access import policies
from yiwang.kernel.access.principals import EVERYONE
from yiwang.kernel.access.services import grant
from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.clock import calendars
from yiwang.kernel.clock.law import holiday_law
from yiwang.kernel.clock.models import Calendar, Clock, Day, Pause, Year
from yiwang.kernel.clock.notices import NoticeDay, Problem, parse_notice, refusal
from yiwang.kernel.clock.policies import EDIT, NOUN
from yiwang.kernel.clock.queries import stale
from yiwang.kernel.clock.seed import SOURCE, packaged, packaged_years
from yiwang.kernel.clock.services import COUNTED, recount
from yiwang.kernel.jobs.services import enqueue
from yiwang.kernel.ledger.models import Entry, Subject
from yiwang.kernel.ledger.services import Event, create_subject, lock, record
from yiwang.kernel.org.actors import Actor

RECOUNT = "clock.recount"
BATCH = 50
AGAIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Notice:
    """A year's arrangement as it came: text of the CSV file, the document it follows, the region it is for."""

    year: int
    source: str
    text: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class DayChange:
    """One day put right by hand."""

    day: date
    is_work: bool
    name: str
    source: str
    region: str = ""


@transaction.atomic(durable=True)
def load_year(*, actor: Actor, notice: Notice) -> Entry:
    """Take a year's arrangement; one loaded before is replaced. Every running limit it touches is counted anew.

    Raises NotPermitted, CalendarRefused (nothing is taken), InvalidInput without the document's name.
    """
    calendar, subject = _held(actor)
    if not notice.source.strip():
        raise InvalidInput(_("请写明所依据的通知和文号"), field="source")
    law = None if notice.region else holiday_law()
    days = parse_notice(notice.text, notice.year, law)
    _keep_packaged()
    _replace(notice, days)
    facts = {"year": notice.year, "region": notice.region, "source": notice.source, "days": len(days)}
    return _changed(calendar, Event(subject, "calendar.loaded", facts), actor, date(notice.year - 1, 12, 1))


@transaction.atomic(durable=True)
def load_packaged(*, actor: Actor) -> list[int]:
    """Take the announced years that came with the release and are not in the table yet. Returns them."""
    calendar, subject = _held(actor)
    years = _keep_packaged()
    if years:
        facts = {"years": years, "source": "chinesecalendar"}
        _changed(calendar, Event(subject, "calendar.loaded", facts), actor, date(years[0] - 1, 12, 1))
    return years


@transaction.atomic(durable=True)
def change_day(*, actor: Actor, change: DayChange) -> Entry:
    """Put one day right. Raises NotPermitted, InvalidInput without name or source."""
    calendar, subject = _held(actor)
    if not change.name.strip() or not change.source.strip():
        raise InvalidInput(_("请写明名称和依据"), field="name")
    _keep_packaged()
    fields = {"is_work": change.is_work, "name": change.name.strip(), "source": change.source.strip()}
    Day.objects.update_or_create(region=change.region, date=change.day, defaults={**fields, "notice": change.day.year})
    facts = {**fields, "day": change.day.isoformat(), "region": change.region}
    return _changed(calendar, Event(subject, "calendar.day_changed", facts), actor, change.day)


@transaction.atomic(durable=True)
def recount_clocks(*, actor: Actor, since: date) -> int:
    """Count anew up to fifty open clocks that fall due on `since` or later and were counted under another calendar.

    Those whose due moves are recorded as `clock.moved`; another round is put off while any may be left.
    Returns how many were looked at.
    """
    calendars.forget()
    rows = list(stale(calendars.stamp(), since).values_list("pk", "subject")[:BATCH])
    subjects = lock(*(subject for _, subject in rows))
    clocks = list(Clock.objects.filter(pk__in=[pk for pk, _ in rows], stopped_at=None).order_by("pk"))
    events = _recounted(clocks, subjects)
    if events:
        record(*events, actor=actor)
    if len(rows) == BATCH:
        enqueue(RECOUNT, args={"since": since.isoformat()}, unique_key=f"{RECOUNT}:{since}")
    return len(rows)


def _held(actor: Actor) -> tuple[Calendar, Subject]:
    """The calendar row and its subject, locked, for an actor who may edit it."""
    Calendar.objects.get_or_create(pk=calendars.CALENDAR)
    calendar = Calendar.objects.select_for_update().get(pk=calendars.CALENDAR)
    if calendar.subject_id is None:
        subject = create_subject(NOUN, unit=0)
        grant(subject, [EVERYONE], state=0, at=now())
        calendar.subject = subject
    else:
        subject = lock(calendar.subject_id)[calendar.subject_id]
    policies.require(actor, EDIT, subject)
    return calendar, subject


def _keep_packaged() -> list[int]:
    held = set(Year.objects.filter(region="").values_list("year", flat=True))
    years = sorted(packaged_years() - held)
    moment = now()
    Year.objects.bulk_create([Year(year=n, source=SOURCE % n, loaded_at=moment) for n in years])
    rows = [NoticeDay(*row) for row in packaged() if row[0].year in years]
    Day.objects.bulk_create([_day(row, "", row.day.year, SOURCE % row.day.year) for row in rows], ignore_conflicts=True)
    return years


def _replace(notice: Notice, days: Sequence[NoticeDay]) -> None:
    """Later arrangements win over earlier ones; an earlier one never takes a day from a later."""
    held = Day.objects.filter(region=notice.region, date__in=[row.day for row in days])
    later = held.filter(notice__gt=notice.year).order_by("date").first()
    if later is not None:
        text = _("%(day)s 已由 %(year)d 年的安排规定") % {"day": later.date, "year": later.notice}
        raise refusal([Problem(0, text)])
    held.delete()
    Day.objects.filter(region=notice.region, notice=notice.year).delete()
    Day.objects.bulk_create([_day(row, notice.region, notice.year, notice.source) for row in days])
    fields = {"source": notice.source, "loaded_at": now()}
    Year.objects.update_or_create(region=notice.region, year=notice.year, defaults=fields)


def _day(row: NoticeDay, region: str, year: int, source: str) -> Day:
    return Day(region=region, date=row.day, is_work=row.is_work, name=row.name, source=source, notice=year)


def _changed(calendar: Calendar, event: Event, actor: Actor, since: date) -> Entry:
    """Tell every process that the table changed, and count anew now and once all of them know."""
    calendar.stamp = secrets.randbits(62)
    calendar.save(update_fields=["stamp", "subject"])
    calendars.forget()
    transaction.on_commit(calendars.forget)
    args = {"since": since.isoformat()}
    enqueue(RECOUNT, args=args, unique_key=f"{RECOUNT}:{since}")
    enqueue(RECOUNT, args=args, due=now() + AGAIN, unique_key=f"{RECOUNT}:{since}:again")
    return record(event, actor=actor)[0]


def _recounted(clocks: Sequence[Clock], subjects: dict[int, Subject]) -> list[Event]:
    pauses: dict[int, list[Pause]] = defaultdict(list)
    for row in Pause.objects.filter(subject__in=subjects).order_by("begun_at"):
        pauses[row.subject_id].append(row)
    events = []
    for clock in clocks:
        before = clock.due
        if recount(clock, pauses[clock.subject_id]):
            events.append(Event(subjects[clock.subject_id], "clock.moved", _facts(clock, before)))
    Clock.objects.bulk_update(clocks, COUNTED)
    return events


def _facts(clock: Clock, before: date) -> dict[str, object]:
    return {
        "clock": clock.pk,
        "name": clock.name,
        "ref": clock.ref,
        "from": before.isoformat(),
        "to": clock.due.isoformat(),
        "due_at": clock.due_at.isoformat(),
    }
