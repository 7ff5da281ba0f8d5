"""Drafts: nothing typed is lost, nobody else opens them, two windows do not overwrite each other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection

from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import NotPermitted
from yiwang.kernel.forms.actions import PageSave, begin_draft, discard_draft, drop_expired_drafts, save_page
from yiwang.kernel.forms.loader import load_form
from yiwang.kernel.forms.models import Draft
from yiwang.kernel.forms.queries import draft_of, drafts_of, typed_in
from yiwang.kernel.forms.refusals import DraftConflict, DraftNotFound, DraftOutdated, DraftTooLarge
from yiwang.kernel.forms.services import take_draft
from yiwang.kernel.forms.tests import felling
from yiwang.kernel.forms.tests.test_rules import RULES
from yiwang.kernel.org.actors import ANONYMOUS, SYSTEM, Actor
from yiwang.kernel.org.models import Account

pytestmark = pytest.mark.django_db


def citizen(name: str = "lin") -> Actor:
    """Somebody with an account."""
    return Actor(Account.objects.create(username=name).pk, name)


def begun(actor: Actor, session: str = "") -> Draft:
    """A draft of the felling form."""
    return begin_draft(
        actor=actor, form=felling.form(), purpose="forestry.felling", session=session, raw={"holder": "林"}
    )


def save(actor: Actor, draft: Draft, page: PageSave, session: str = "") -> Draft:
    """Save one page."""
    return save_page(actor=actor, token=draft.token, form=felling.form(), page=page, session=session)


def test_what_was_typed_wrong_is_kept() -> None:
    actor = citizen()
    draft = save(actor, begun(actor), PageSave("stand", {"area": "九十六方", "age": ""}, 1))
    again = draft_of(actor, draft.token)
    assert typed_in(again) == {"holder": "林", "area": "九十六方", "age": ""}
    assert (again.revision, again.step, list(again.steps)) == (2, "stand", ["stand"])


def test_the_table_holds_no_plain_text(engine: str) -> None:
    draft = begun(citizen())
    from_table = Draft.objects.filter(pk=draft.pk).extra(select={"box": "data"}).values_list("box", flat=True)
    assert b"holder" not in bytes(from_table[0])


def test_nobody_else_opens_it() -> None:
    owner, other = citizen(), citizen("wang")
    draft = begun(owner)
    for actor, session in ((other, ""), (ANONYMOUS, ""), (ANONYMOUS, "guess"), (SYSTEM, "")):
        with pytest.raises(DraftNotFound):
            draft_of(actor, draft.token, session)
        with pytest.raises(DraftNotFound):
            save(actor, draft, PageSave("stand", {"area": "1"}, 1), session)
        with pytest.raises(DraftNotFound):
            discard_draft(actor=actor, token=draft.token, session=session)
    assert Draft.objects.get().revision == 1


def test_a_session_owns_its_draft_and_only_its_own() -> None:
    draft = begun(ANONYMOUS, "session-1")
    assert draft_of(ANONYMOUS, draft.token, "session-1") == draft
    assert "session-1" not in draft.session_tag
    with pytest.raises(DraftNotFound):
        draft_of(ANONYMOUS, draft.token, "session-2")
    with pytest.raises(NotPermitted):
        begun(ANONYMOUS)


def test_two_windows_on_different_pages_are_merged() -> None:
    actor = citizen()
    draft = begun(actor)
    save(actor, draft, PageSave("stand", {"area": "1"}, 1, "a"))
    save(actor, draft, PageSave("cutting", {"volume": "2"}, 1, "b"))
    assert typed_in(Draft.objects.get()) == {"holder": "林", "area": "1", "volume": "2"}


def test_two_windows_on_one_page_do_not_overwrite_each_other() -> None:
    actor = citizen()
    draft = begun(actor)
    save(actor, draft, PageSave("stand", {"area": "1", "age": "28"}, 1, "a"))
    with pytest.raises(DraftConflict) as caught:
        save(actor, draft, PageSave("stand", {"area": "2", "age": "28"}, 1, "b"))
    assert caught.value.facts == {"fields": ["area"], "revision": 2}
    assert typed_in(Draft.objects.get())["area"] == "1"
    save(actor, draft, PageSave("stand", {"area": "2", "age": "28"}, 2, "b"))
    assert typed_in(Draft.objects.get())["area"] == "2"


def test_a_window_may_save_again_what_it_saved_itself() -> None:
    actor = citizen()
    draft = begun(actor)
    save(actor, draft, PageSave("stand", {"area": "1"}, 1, "a"))
    assert save(actor, draft, PageSave("stand", {"area": "3"}, 1, "a")).revision == 3
    assert save(actor, draft, PageSave("stand", {"area": "3"}, 1, "b")).revision == 4, (
        "the same contents are no conflict"
    )


def test_too_much_is_refused_and_changes_nothing() -> None:
    actor = citizen()
    draft = begun(actor)
    with pytest.raises(DraftTooLarge):
        save(actor, draft, PageSave("stand", {"area": "长" * 400_000}, 1))
    assert (Draft.objects.get().revision, typed_in(Draft.objects.get())) == (1, {"holder": "林"})


def test_a_draft_nobody_came_back_to_is_dropped() -> None:
    actor = citizen()
    draft = begun(actor)
    with time_machine.travel(now() + timedelta(days=91), tick=False):
        kept = begun(actor)
        with pytest.raises(DraftNotFound):
            draft_of(actor, draft.token)
        assert drop_expired_drafts(actor=SYSTEM) == 1
        assert list(drafts_of(actor)) == [kept]


def test_a_changed_form_is_taken_over_and_looked_through_again() -> None:
    actor = citizen()
    draft = begun(actor)
    save(actor, draft, PageSave("stand", {"area": "1"}, 1))
    newer = load_form(RULES, "rules.yaml")
    with pytest.raises(DraftOutdated):
        take_draft(actor=actor, token=draft.token, form=newer)
    saved = save_page(actor=actor, token=draft.token, form=newer, page=PageSave("judge", {"whom": "谁"}, 2))
    assert (list(saved.steps), typed_in(saved)["area"]) == (["judge"], "1")


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_the_same_moment_lose_nothing() -> None:
    actor = citizen()
    draft = begun(actor)
    start = Barrier(4)

    def window(number: int) -> None:
        try:
            start.wait(10)
            for turn in range(5):
                save(actor, draft, PageSave(f"page{number}", {f"field{number}": str(turn)}, 1, f"w{number}"))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(window, number) for number in range(4)]:
            done.result(60)
    kept = Draft.objects.get()
    assert typed_in(kept) == {"holder": "林", **{f"field{number}": "4" for number in range(4)}}
    assert kept.revision == 21


def test_saving_a_page_costs_two_statements(count_queries) -> None:  # type: ignore[no-untyped-def]
    actor = citizen()
    draft = begun(actor)
    with count_queries() as queries:
        save(actor, draft, PageSave("stand", {"area": "1"}, 1))
    assert queries.count <= 2
