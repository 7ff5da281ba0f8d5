from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from yiwang.kernel.base.moments import as_of
from yiwang.kernel.base.refusals import InvalidInput, NotFound
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.ledger import reactions
from yiwang.kernel.ledger.access_log import Access, log_access, verify_days
from yiwang.kernel.ledger.actions import sign_root, sign_roots
from yiwang.kernel.ledger.models import AccessEntry, Entry, Root, Subject
from yiwang.kernel.ledger.services import Event, create_subject, lock, record
from yiwang.kernel.ledger.verification import verify_chains, verify_roots
from yiwang.kernel.org.actors import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def chain(length: int, kind: str = "thing:test") -> Subject:
    with transaction.atomic():
        subject = create_subject(kind, unit=7)
        record(Event(subject, "thing.opened", {"n": 0}), actor=SYSTEM)
    for number in range(1, length):
        with transaction.atomic():
            record(Event(lock(subject.pk)[subject.pk], "thing.moved", {"n": number}), actor=SYSTEM)
    return subject


def findings() -> list[str]:
    return [str(finding) for finding in verify_chains()]


def test_whole_chain_verifies_and_head_follows() -> None:
    subject = chain(5)
    subject.refresh_from_db()
    assert subject.length == 5
    assert bytes(subject.head) == bytes(Entry.objects.get(subject=subject, seq=5).hash)
    assert findings() == []


def test_changed_facts_are_named() -> None:
    subject = chain(4)
    Entry.objects.filter(subject=subject, seq=2).update(facts={"n": 9})
    assert findings() == [f"subject {subject.pk} entry 2 thing.moved: changed or moved"]


@pytest.mark.parametrize(("field", "value"), [("author", 5), ("post", 3), ("verb", "thing.lost")])
def test_changed_author_post_or_verb_is_named(field: str, value: object) -> None:
    subject = chain(3)
    Entry.objects.filter(subject=subject, seq=3).update(**{field: value})
    assert len(findings()) == 1


def test_moved_moment_is_named() -> None:
    subject = chain(2)
    entry = Entry.objects.get(subject=subject, seq=1)
    Entry.objects.filter(pk=entry.pk).update(at=entry.at - timedelta(days=1))
    assert "entry 1" in findings()[0]


def test_removed_entry_in_the_middle_is_named() -> None:
    subject = chain(4)
    Entry.objects.filter(subject=subject, seq=2).delete()
    assert findings() == [f"subject {subject.pk} entry 2 : missing, entry 3 stands in its place"]


def test_removed_tail_is_named() -> None:
    subject = chain(4)
    Entry.objects.filter(subject=subject, seq=4).delete()
    assert "removed, the chain has 4 entries" in findings()[0]


def test_reordered_entries_are_named() -> None:
    subject = chain(4)
    second, third = Entry.objects.filter(subject=subject, seq__in=(2, 3)).order_by("seq")
    Entry.objects.filter(pk=second.pk).update(seq=99)
    Entry.objects.filter(pk=third.pk).update(seq=2)
    Entry.objects.filter(pk=second.pk).update(seq=3)
    assert "entry 2" in findings()[0]


def test_whole_chain_rewritten_is_found_by_the_signed_root() -> None:
    with as_of(MORNING):
        victim, other = chain(3), chain(2)
    sign_root(actor=SYSTEM, day=date(2026, 11, 20))
    Entry.objects.filter(subject=victim).delete()
    Subject.objects.filter(pk=victim.pk).update(head=b"", length=0)
    assert findings() == []
    assert [str(one) for one in verify_roots()] == [
        "root of 2026-11-20: the chains of that day were changed after it was signed"
    ]
    assert other.pk != victim.pk


def test_root_signature_cannot_be_made_up() -> None:
    with as_of(MORNING):
        chain(2)
    root = sign_root(actor=SYSTEM, day=date(2026, 11, 20))
    Root.objects.filter(pk=root.pk).update(signature=b"x" * 64)
    assert "signature" in str(next(iter(verify_roots())))


def test_root_is_signed_once_and_in_order() -> None:
    with as_of(MORNING):
        chain(2)
    first = sign_root(actor=SYSTEM, day=date(2026, 11, 20))
    assert sign_root(actor=SYSTEM, day=date(2026, 11, 20)).pk == first.pk
    with pytest.raises(InvalidInput):
        sign_root(actor=SYSTEM, day=date(2026, 11, 19))
    assert Root.objects.count() == 1


def test_every_ended_day_is_signed_once() -> None:
    with as_of(MORNING):
        chain(2)
    with as_of(MORNING + timedelta(days=3)):
        assert [root.day for root in sign_roots(actor=SYSTEM)] == [date(2026, 11, 20 + n) for n in range(3)]
        assert sign_roots(actor=SYSTEM) == []
    assert list(verify_roots()) == []


def test_command_names_the_entry_and_fails() -> None:
    subject = chain(2)
    call_command("verify_ledger", verbosity=0)
    Entry.objects.filter(subject=subject, seq=1).update(facts={})
    with pytest.raises(CommandError, match="1 place"):
        call_command("verify_ledger", verbosity=0)


def test_recording_without_lock_is_refused_and_changes_nothing() -> None:
    subject = chain(1)
    stray = Subject.objects.get(pk=subject.pk)
    with pytest.raises(RuntimeError, match="not locked"), transaction.atomic():
        record(Event(stray, "thing.moved"), actor=SYSTEM)
    assert Entry.objects.filter(subject=subject).count() == 1


def test_large_facts_are_refused_and_change_nothing() -> None:
    subject = chain(1)
    with pytest.raises(ValueError, match="2048"), transaction.atomic():
        record(Event(lock(subject.pk)[subject.pk], "thing.moved", {"text": "字" * 900}), actor=SYSTEM)
    assert Entry.objects.filter(subject=subject).count() == 1


def test_unknown_subject_is_not_found() -> None:
    with pytest.raises(NotFound), transaction.atomic():
        lock(10**9)


def test_action_that_fails_leaves_no_entry_and_no_delivery() -> None:
    subject = chain(1)

    def fail() -> None:
        with transaction.atomic():
            record(Event(lock(subject.pk)[subject.pk], "thing.moved"), actor=SYSTEM)
            raise NotFound

    with pytest.raises(NotFound):
        fail()
    subject.refresh_from_db()
    assert (subject.length, Entry.objects.filter(subject=subject).count()) == (1, 1)


def test_two_subjects_in_one_action_move_both_heads() -> None:
    one, two = chain(1), chain(1)
    with transaction.atomic():
        held = lock(two.pk, one.pk)
        record(Event(held[one.pk], "thing.moved"), Event(held[two.pk], "thing.moved"), actor=SYSTEM)
    assert findings() == []
    assert set(Subject.objects.values_list("length", flat=True)) == {2}


def test_delivery_is_put_off_for_each_interested_reaction() -> None:
    reactions.register("test.listener", ["thing.opened"], lambda entry: None)
    subject = chain(2)
    jobs = Job.objects.filter(kind="ledger.deliver:test.listener")
    assert [(job.ref, job.line) for job in jobs] == [(Entry.objects.get(subject=subject, seq=1).pk, subject.pk)]


def test_access_log_notices_change_and_loss() -> None:
    for verb in ("signed_in", "read", "exported"):
        log_access(Access(verb, account=3, name="someone", address="10.0.0.1"))
    assert list(verify_days()) == []
    AccessEntry.objects.filter(verb="read").update(success=False)
    assert "line 2" in next(iter(verify_days()))
    AccessEntry.objects.filter(verb="read").update(success=True)
    AccessEntry.objects.filter(verb="exported").delete()
    assert "1 lines removed at the end" in next(iter(verify_days()))
