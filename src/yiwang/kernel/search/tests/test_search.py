import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.kernel.access import services as access
from yiwang.kernel.access.principals import EVERYONE, of_party
from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.org.actors import ANONYMOUS, Actor
from yiwang.kernel.search import queries
from yiwang.kernel.search.grams import holds, kept, phrases, runs, tokens
from yiwang.kernel.search.queries import Search, find
from yiwang.kernel.search.services import index
from yiwang.kernel.search.statements import DIALECTS, MATCHES

WORDS = st.text(alphabet="林木采伐许可证山水ab12，。 （）", max_size=14)


def make(text: str, *, key: int = EVERYONE, state: int = 0) -> int:
    with transaction.atomic():
        subject = create_subject("thing:search", unit=1)
        access.grant(subject, [key], state=state, at=now())
        index(subject, text, is_new=True)
    return subject.pk


def by_index(words: str) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(MATCHES[connection.vendor], [DIALECTS[connection.vendor].query(phrases(words))])
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.django_db(transaction=True)
@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6), WORDS)
def test_index_finds_exactly_what_holds_the_words(texts: list[str], words: str) -> None:
    made = {make(text): text for text in texts}
    if phrases(words):
        expected = {pk for pk, text in made.items() if holds(kept(text), runs(words))}
        assert by_index(words) & set(made) == expected


@given(WORDS)
def test_a_text_holds_itself(text: str) -> None:
    assert holds(kept(text), runs(text))
    assert bool(tokens(text)) == bool(phrases(text))


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1000, 0])
def test_only_what_the_actor_sees_newest_first(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(queries, "COUNT_LIMIT", limit)
    first, second = make("黄泥坳杉木皆伐"), make("黄泥坳马尾松择伐")
    hidden = make("黄泥坳毛竹", key=of_party(7))
    make("黄泥坳旧件", state=1)
    assert find(ANONYMOUS, Search("黄泥坳", 0)) == [second, first]
    assert find(ANONYMOUS, Search("泥坳 杉木", 0)) == [first]
    assert find(Actor(5, "x", party=7), Search("毛竹", 0)) == [hidden]
    assert find(ANONYMOUS, Search("毛竹", 0)) == []
    assert find(ANONYMOUS, Search("坳", 0, before=second)) == [first]


@pytest.mark.django_db
def test_new_words_replace_the_old_ones() -> None:
    with transaction.atomic():
        subject = create_subject("thing:search", unit=1)
        index(subject, "桐坑村低效林改造", is_new=True)
        index(subject, "石塘村抚育采伐")
        index(subject, "石塘村抚育采伐")
    assert by_index("桐坑村") == set()
    assert by_index("石塘村") == {subject.pk}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words", ["", "，。！", '"', "'; DROP TABLE search_words; --", "AND OR NOT", "a*", "\x00", "％_"]
)
def test_odd_queries_change_nothing_and_raise_nothing(words: str) -> None:
    pk = make("林木采伐")
    assert pk not in find(ANONYMOUS, Search(words, 0))
    assert find(ANONYMOUS, Search("林木", 0)) == [pk]
