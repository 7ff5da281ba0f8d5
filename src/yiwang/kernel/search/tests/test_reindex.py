from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.worker import drain
from yiwang.kernel.org.actors import ANONYMOUS, SYSTEM
from yiwang.kernel.search import actions, sources
from yiwang.kernel.search.actions import begin_reindex, index_subjects, reindex_batch
from yiwang.kernel.search.models import Card, Reindexing, Words
from yiwang.kernel.search.queries import Search, find
from yiwang.kernel.search.statements import DIALECTS
from yiwang.kernel.search.tests.things import NOUN, TEXTS, bare, documents_of, make
from yiwang.kernel.search.verification import verify_index

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This noun has words, and batches are small."""
    monkeypatch.setattr(sources, "_sources", {NOUN: documents_of})
    monkeypatch.setattr(actions, "BATCH", 2)
    yield
    TEXTS.clear()


def troubles() -> list[str]:
    return [flaw.trouble for flaw in verify_index()]


def test_a_subject_is_found_after_its_delivery_and_a_repeat_changes_nothing() -> None:
    pk = bare("黄泥坳")
    assert index_subjects(actor=SYSTEM, subjects=[pk]) == 1
    assert index_subjects(actor=SYSTEM, subjects=[pk]) == 0
    assert find(ANONYMOUS, Search("泥坳")) == [pk]


def test_batches_go_on_where_they_were_left() -> None:
    made = [bare(f"黄泥坳{number}") for number in range(5)]
    begin_reindex(actor=SYSTEM)
    reindex_batch(actor=SYSTEM)
    assert find(ANONYMOUS, Search("黄泥坳")) == made[1::-1]
    again = begin_reindex(actor=SYSTEM)
    assert (again.after, again.looked_at) == (made[1], 2)
    drain()
    ended = Reindexing.objects.get()
    assert ended.ended is not None
    assert (ended.looked_at, ended.changed) == (5, 5)
    assert find(ANONYMOUS, Search("黄泥坳")) == made[::-1]
    assert not Job.objects.exists()
    assert reindex_batch(actor=SYSTEM) is None


def test_a_batch_that_fails_changes_nothing_and_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    bare("黄泥坳")
    begin_reindex(actor=SYSTEM)
    with monkeypatch.context() as broken:
        broken.setattr(sources, "_sources", {NOUN: lambda ids: 1 / 0})
        with pytest.raises(ZeroDivisionError):
            reindex_batch(actor=SYSTEM)
    assert Reindexing.objects.get().after == 0
    assert not Words.objects.exists()
    drain()
    assert troubles() == []


def test_what_does_not_fit_is_named_and_mended() -> None:
    kept, stale, missing = bare("黄泥坳"), bare("石塘村"), bare("桐坑村")
    left = make("无主")
    index_subjects(actor=SYSTEM, subjects=[kept, stale])
    TEXTS[stale] = "枫树坪"
    assert {(flaw.subject, flaw.trouble) for flaw in verify_index()} == {
        (stale, "words are not those of today"),
        (missing, "missing"),
        (left, "left over, nothing stands behind it"),
    }
    told = StringIO()
    call_command("reindex", stdout=told)
    assert "ended: 4 looked at, 3 written" in told.getvalue()
    assert troubles() == []
    assert find(ANONYMOUS, Search("枫树坪")) == [stale]
    assert find(ANONYMOUS, Search("无主")) == []


def test_a_damaged_index_is_named_and_made_anew() -> None:
    pk = bare("黄泥坳")
    index_subjects(actor=SYSTEM, subjects=[pk])
    with connection.cursor() as cursor:
        for sql in (
            DIALECTS["sqlite"].empty if connection.vendor == "sqlite" else ["UPDATE search_words SET grams = NULL"]
        ):
            cursor.execute(sql)
    assert find(ANONYMOUS, Search("黄泥坳")) in ([], [pk])  # who sees little does not need the index
    with pytest.raises(CommandError, match="1 subjects do not fit"):
        call_command("reindex", "--verify", stdout=StringIO())
    call_command("reindex", "--anew", stdout=StringIO())
    told = StringIO()
    call_command("reindex", "--verify", stdout=told)
    assert told.getvalue() == "index, words and subjects fit\n"
    assert Card.objects.count() == 1


def test_the_worker_does_it_later() -> None:
    pk = bare("黄泥坳")
    call_command("reindex", "--later", stdout=StringIO())
    assert find(ANONYMOUS, Search("黄泥坳")) == []
    drain()
    assert find(ANONYMOUS, Search("黄泥坳")) == [pk]


def test_two_sources_of_one_noun_are_refused() -> None:
    sources.register(NOUN, documents_of)
    with pytest.raises(ValueError, match="two sources"):
        sources.register(NOUN, lambda ids: {})
