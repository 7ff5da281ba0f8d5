"""A bureau with two sections and the levels above it, for flows inside the house; types lie beside the tests."""

from datetime import date
from pathlib import Path

from django.test import TestCase

from yiwang.kernel.cases.actions.decisions import Decision, decide_step
from yiwang.kernel.cases.actions.life import open_case
from yiwang.kernel.cases.actions.publishing import load_shipped
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.opening import Application
from yiwang.kernel.cases.publishing import read_folder
from yiwang.kernel.cases.tests.world import forget_memories, load_places
from yiwang.kernel.cases.types import current_offer, offer_of
from yiwang.kernel.forms.actions import begin_draft
from yiwang.kernel.forms.definition import Raw
from yiwang.kernel.forms.queries import context_for
from yiwang.kernel.forms.rules import judge
from yiwang.kernel.org.actions import UnitFacts, appoint, found_unit, open_post, take_on
from yiwang.kernel.org.actors import SYSTEM, Actor
from yiwang.kernel.org.models import Account, Node, Post, Unit
from yiwang.kernel.org.queries import actor_of, holders_of
from yiwang.kernel.process.models import WorkItem

TYPES = Path(__file__).with_name("definitions")
CITY, COUNTY, OFFICE = "赣州市局", "崇义县局", "崇义县局办公室"
SINCE = date(2024, 1, 1)


class House(TestCase):
    """Every class gets the bureaus once; `folder` and `posts` are its own."""

    folder = ""
    posts: tuple[tuple[str, str, int], ...] = ()
    """Unit, role and number of holders."""

    @classmethod
    def setUpTestData(cls) -> None:
        """Once a class."""
        forget_memories()
        load_places()
        node = Node.objects.create(code="house", name="试验", is_self=True)
        above = None
        for name, kind, level, place in (
            ("江西省厅", "bureau", 2, "36"), (CITY, "bureau", 3, "3607"), (COUNTY, "bureau", 4, "360725"),
            (OFFICE, "section", 4, "360725"),
        ):  # fmt: skip
            facts = UnitFacts(name, name, kind, level, place, word=name[:2])
            above = found_unit(actor=SYSTEM, facts=facts, parent=above, node=node.pk).pk
        for unit, role, count in cls.posts:
            cls.man(unit, role, count)
        load_shipped(actor=SYSTEM, files=read_folder(TYPES / cls.folder))

    @classmethod
    def man(cls, unit: str, role: str, count: int) -> None:
        """Open a post and put people into it."""
        owner = Unit.objects.get(name=unit)
        post = open_post(actor=SYSTEM, unit=owner.pk, role=role, name=role, reach=Post.Reach.UNIT)
        for number in range(count):
            person = take_on(actor=SYSTEM, name=f"{role}{number}")
            appoint(actor=SYSTEM, person=person.pk, post=post.pk, since=SINCE)
            Account.objects.create(username=f"h{person.pk}", person=person)

    def holder(self, role: str, number: int = 0) -> Actor:
        """Somebody in a post."""
        post = Post.objects.get(role=role)
        return actor_of(Account.objects.get(person=holders_of(post.pk)[number])).acting_in(post.pk)

    def open(self, actor: Actor, raw: Raw) -> int:
        """Open a case of the type of this class."""
        key = f"trial.{self.folder}"
        form = current_offer(key).form
        draft = begin_draft(actor=actor, form=form, purpose=key, raw=raw)
        answers = judge(form, raw, context_for(form))
        opened = open_case(actor=actor, application=Application(key, answers, draft.token, Case.Channel.COMPUTER))
        return opened.case.subject_id

    def waiting(self, case: int) -> list[str]:
        """Nodes of the open steps."""
        items = WorkItem.objects.filter(subject=case, state=WorkItem.State.OPEN)
        return sorted(items.values_list("node", flat=True))

    def item(self, case: int, node: str) -> int:
        """The open step at a node."""
        return WorkItem.objects.get(subject=case, node=node, state=WorkItem.State.OPEN).pk

    def done(self, case: int, node: str) -> int:
        """The last finished step at a node."""
        return WorkItem.objects.filter(subject=case, node=node, state=WorkItem.State.DONE).latest("pk").pk

    def decide(self, who: Actor, case: int, node: str, move: str, raw: Raw | None = None, words: str = "") -> None:
        """Finish a step, with its form filled in where it has one."""
        offer = offer_of(Case.objects.values_list("version", flat=True).get(pk=case))
        form = offer.task_forms.get(offer.graph.task(node).form)
        answers = judge(form, raw or {}, context_for(form)) if form is not None else None
        decision = Decision(move, words, answers=answers)
        decide_step(actor=who, case=case, item=self.item(case, node), decision=decision)
