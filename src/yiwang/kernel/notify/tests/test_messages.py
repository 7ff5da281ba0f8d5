"""Messages reach whom they are for, once, and are read by nobody else."""

import pytest

from yiwang.kernel.access.principals import EVERYONE, of_party, of_post
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.ledger.services import Event, create_subject, record
from yiwang.kernel.notify.actions import read_messages
from yiwang.kernel.notify.models import Message
from yiwang.kernel.notify.queries import messages_for, unread_count
from yiwang.kernel.notify.services import tell
from yiwang.kernel.org.actors import ANONYMOUS, SYSTEM, Actor

pytestmark = pytest.mark.django_db(transaction=False)
ONE, OTHER = Actor(1, "甲", party=1), Actor(2, "乙", party=2)


def entry() -> Entry:
    """Something that happened to a subject of its own."""
    subject = create_subject("case:a", unit=1)
    return record(Event(subject, "case.opened"), actor=SYSTEM)[0]


def test_a_repeat_of_the_same_cause_tells_nobody_twice() -> None:
    cause = entry()
    for _time in range(2):
        tell([of_party(1), of_party(1), of_post(3)], cause, title="已受理", text="申请已经受理。")
    assert Message.objects.count() == 2
    assert [one.title for one in messages_for(ONE)] == ["已受理"]
    assert not messages_for(OTHER).exists()


def test_long_words_are_cut_to_what_the_column_holds() -> None:
    tell([of_party(1)], entry(), title="题" * 150, text="文" * 900)
    message = Message.objects.get()
    assert (len(message.title), len(message.text)) == (100, 500)


def test_reading_marks_ones_own_only_all_or_those_of_one_subject() -> None:
    first, second = entry(), entry()
    for cause in (first, second):
        tell([of_party(1), of_party(2)], cause, title="题", text="文")
    assert unread_count(ONE) == 2
    assert read_messages(actor=ONE, subject=first.subject_id) == 1
    assert (unread_count(ONE), unread_count(OTHER)) == (1, 2)
    assert read_messages(actor=ONE) == 1
    assert read_messages(actor=ONE) == 0
    assert unread_count(OTHER) == 2


def test_newest_first_and_counts_stop_at_a_hundred() -> None:
    causes = [entry() for _n in range(3)]
    for cause in causes:
        tell([of_party(1)], cause, title="题", text="文")
    assert [one.cause for one in messages_for(ONE)] == [cause.pk for cause in reversed(causes)]
    rows = [Message(key=of_party(1), subject_id=causes[0].subject_id, cause=10**6 + n, title="题") for n in range(120)]
    Message.objects.bulk_create(rows)
    assert unread_count(ONE) == 100


def test_strangers_have_no_messages_not_even_those_for_everyone() -> None:
    tell([EVERYONE], entry(), title="题", text="文")
    assert not messages_for(ANONYMOUS).exists()
    assert not messages_for(ONE).exists()
