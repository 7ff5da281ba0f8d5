from datetime import UTC, datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yiwang.kernel.access import services as access
from yiwang.kernel.access.principals import EVERYONE, of_party
from yiwang.kernel.ledger.kinds import kind_id
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.actors import ANONYMOUS, Actor
from yiwang.kernel.search import queries
from yiwang.kernel.search.grams import LONGEST, folded, is_too_much, needles, tidy
from yiwang.kernel.search.marks import marks_asked
from yiwang.kernel.search.models import Card, Words
from yiwang.kernel.search.queries import Search, cards, find, tallies
from yiwang.kernel.search.services import index
from yiwang.kernel.search.tests.things import NOUN, make, write

WORDS = st.text(alphabet='林木采伐许可证山水ab12AＢ２，。 （）"', max_size=14)
TYPED = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="林木 \"*()^:+-{}%_\\'“”\x00ANDORNTE", max_size=40),
    st.sampled_from(
        ["林木 AND", "NEAR(林 木)", "search_grams: 林木", "{林}", "林* OR 木", "^林", "-林", "'; DROP TABLE x", "m7"]
    ),
)


@pytest.fixture(params=[0, 10**9], ids=["by index", "among few"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to the answer, whoever asks."""
    monkeypatch.setattr(queries, "FEW", request.param)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(WORDS, min_size=1, max_size=6), words=WORDS)
def test_exactly_what_holds_the_words_is_found(way: None, texts: list[str], words: str) -> None:
    made = {make(text): text for text in texts}
    asked = needles(words)
    expected = {pk for pk, text in made.items() if asked.pieces and asked.held_by(folded(tidy(text)))}
    assert set(find(ANONYMOUS, Search(words))) & set(made) == expected


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=TYPED)
def test_whatever_is_typed_is_plain_text(way: None, words: str) -> None:
    text = "林木采伐 AND 许可证 OR near(3) 100% a_b \\ ' *"
    pk = make(text)
    if pk in find(ANONYMOUS, Search(words)):
        assert needles(words).held_by(folded(tidy(text)))
    assert pk in find(ANONYMOUS, Search("许可证"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("黄泥坳", True),
        ("坳", True),
        ("泥坳村 三立方", True),
        ("泥坳村 四立方", False),
        ("坳村杉木", False),
        ("坳村，杉木", True),
        ('"坳村，杉木"', True),
        ('"坳村杉木"', False),
        ("“采伐 三立方”", False),
        ("db36／t１２", True),
        ("DB36 T12", True),
        ("3６", True),
        ("𬭎", True),
        ("王𬭎", True),
        ("許可", True),
        ("许可", False),
        ('"', False),
        ("，。！", False),
        ("", False),
        (" 　\t", False),
        ("\x00", False),
    ],
)
def test_what_words_mean(way: None, words: str, is_found: bool) -> None:
    pk = make("黄泥坳村，杉木采伐三立方米（王𬭎）DB36/T12 許可")
    assert (pk in find(ANONYMOUS, Search(words))) == is_found


@pytest.mark.django_db
def test_too_many_words_find_nothing_rather_than_something_else(way: None) -> None:
    make("林" * 300 + " a b c d e f g h i j k")
    for words in ("林" * 101, "a b c d e f g h i j k"):
        assert is_too_much(words)
        assert find(ANONYMOUS, Search(words)) == []


@pytest.mark.django_db
def test_only_what_the_actor_sees_newest_first(way: None) -> None:
    first, second = make("黄泥坳杉木皆伐"), make("黄泥坳马尾松择伐")
    hidden = make("黄泥坳毛竹", key=of_party(7))
    closed = make("黄泥坳旧件", state=1)
    assert find(ANONYMOUS, Search("黄泥坳")) == [closed, second, first]
    assert find(ANONYMOUS, Search("黄泥坳", state=0)) == [second, first]
    assert find(ANONYMOUS, Search("泥坳 杉木")) == [first]
    assert find(ANONYMOUS, Search("黄泥坳", before=closed, size=1)) == [second]
    assert find(Actor(5, "x", party=7), Search("毛竹")) == [hidden]
    assert find(ANONYMOUS, Search("毛竹")) == []


@pytest.mark.django_db
def test_a_grant_taken_away_hides_at_once(way: None) -> None:
    pk = make("黄泥坳杉木皆伐")
    with transaction.atomic():
        access.revoke(Subject.objects.get(pk=pk), [EVERYONE])
    assert find(ANONYMOUS, Search("杉木")) == []


@pytest.mark.django_db
def test_results_are_narrowed(way: None) -> None:
    old = make("杉木", unit=3, kind="old", at=datetime(2020, 12, 31, 17, tzinfo=UTC))
    new = make("杉木", unit=4, at=datetime(2025, 5, 1, tzinfo=UTC))
    assert find(ANONYMOUS, Search("杉木", noun=NOUN)) == [new, old]
    assert find(ANONYMOUS, Search("杉木", noun="other")) == []
    assert find(ANONYMOUS, Search("杉木", unit=3)) == [old]
    assert find(ANONYMOUS, Search("杉木", unit=3, year=2025)) == []
    assert find(ANONYMOUS, Search("杉木", year=2021)) == [old]  # the year of the node: 01:00 on 1 January there
    assert find(ANONYMOUS, Search("杉木", kind=kind_id(f"{NOUN}:old"))) == [old]
    assert tallies([new, old])["unit", 3] == 1
    assert [card.pk for card in cards([new, old])] == [new, old]


@pytest.mark.django_db
def test_new_words_replace_the_old_ones(way: None) -> None:
    pk = make("桐坑村低效林改造")
    write(pk, "石塘村抚育采伐")
    write(pk, "石塘村抚育采伐")
    assert find(ANONYMOUS, Search("桐坑")) == []
    assert find(ANONYMOUS, Search("石塘村抚育")) == [pk]
    with transaction.atomic():
        assert index({}, [Subject.objects.get(pk=pk)]) == 1
    assert find(ANONYMOUS, Search("石塘")) == []
    assert not Card.objects.exists()
    assert not Words.objects.exists()


@pytest.mark.django_db
def test_a_long_and_monotonous_text_is_found_by_every_word(way: None) -> None:
    text = "林" * 700 + "木" + "".join(chr(0x4E00 + n % 20_000) for n in range(LONGEST - 1000)) + "鼋鼍" + "x" * 500
    pk = make(text)
    assert find(ANONYMOUS, Search("林林林木")) == [pk]
    assert find(ANONYMOUS, Search("鼋鼍")) == [pk]
    assert find(ANONYMOUS, Search(text[100_000:100_010])) == [pk]
    assert find(ANONYMOUS, Search("鼍鼋")) == []
    write(pk, "短")
    assert find(ANONYMOUS, Search("鼋鼍")) == []


@pytest.mark.django_db
def test_nothing_beyond_the_longest_text_is_kept(way: None) -> None:
    make("山" * LONGEST + "鼋鼍")
    assert find(ANONYMOUS, Search("鼋")) == []
    assert len(Words.objects.get().text) == LONGEST


def test_a_filter_that_is_not_given_narrows_nothing() -> None:
    assert marks_asked() == []
    assert len(set(marks_asked(noun="a", kind=1, unit=1, year=1))) == 4
