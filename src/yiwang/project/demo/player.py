"""Plays cases through the actions: applies, decides each step by somebody who may, lets time pass."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.actions.decisions import Decision, decide_step, judge_finding
from yiwang.kernel.cases.actions.life import Opened, open_case
from yiwang.kernel.cases.drawing import draw_certificate
from yiwang.kernel.cases.findings import findings_of
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.opening import Application
from yiwang.kernel.cases.types import Offer, current_offer, offer_of
from yiwang.kernel.files.actions import add_to_draft
from yiwang.kernel.files.inspection import accept
from yiwang.kernel.files.limits import default_limits
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.files.staging import stage
from yiwang.kernel.forms.actions import PageSave, begin_draft, save_page
from yiwang.kernel.forms.context import Attached
from yiwang.kernel.forms.definition import Raw
from yiwang.kernel.forms.queries import context_for
from yiwang.kernel.forms.rules import Outcome, judge
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Account
from yiwang.kernel.org.queries import actor_of, holders_of
from yiwang.kernel.process.models import WorkItem
from yiwang.project.demo.pictures import paper, woods

TYPE = "forestry.felling"
WORDS = {
    "intake": "",
    "field_confirm": "到场核查，记录属实。",
    "rule_check": "逐项核验，符合采伐条件。",
    "review": "经审核，申请材料齐全，符合采伐条件，限额足够，拟同意。",
    "approve": "同意，送签发。",
    "sign": "同意。",
    "deliver": "许可证已交申请人。",
}


@dataclass(frozen=True)
class Filing:
    """An application to be filed: what was typed, who files it, for whom, and which materials go with it."""

    raw: Raw
    actor: Actor
    party: int | None = None
    channel: int = Case.Channel.MOBILE
    materials: Sequence[str] = ("identity_paper", "site_photos")


@dataclass
class Player:
    """Knows which account acts for which person; everything it does goes through an action."""

    actors: dict[int, Actor] = field(default_factory=dict)

    def actor(self, person: int, post: int = 0) -> Actor:
        """The actor behind a person, acting in a post."""
        if person not in self.actors:
            self.actors[person] = actor_of(Account.objects.get(person=person))
        return self.actors[person].acting_in(post)

    def file(self, filing: Filing) -> Opened:
        """Hand in an application with its materials."""
        offer = current_offer(TYPE)
        draft = begin_draft(actor=filing.actor, form=offer.form, purpose=TYPE, raw=filing.raw)
        files = [self._attach(filing.actor, draft.token, slot) for slot in filing.materials]
        raw = filing.raw | {file.slot: [file.pk] for file in files}
        page = PageSave("materials", raw, draft.revision)
        save_page(actor=filing.actor, token=draft.token, form=offer.form, page=page)
        answers = judge(offer.form, raw, context_for(offer.form, attachments=attached(files)))
        application = Application(TYPE, answers, draft.token, filing.channel, filing.party)
        return open_case(actor=filing.actor, application=application)

    def _attach(self, actor: Actor, draft: str, slot: str, unit: int = 1, number: int = 0) -> Attachment:
        limits = default_limits()
        is_photo = "photo" in slot
        data = woods(number + len(draft)) if is_photo else paper(len(slot))
        name = f"现场{number + 1}.jpg" if is_photo else "扫描件.jpg"
        arrival = accept(stage([data], limits), name, limits)
        return add_to_draft(actor=actor, arrival=arrival, draft=draft, slot=slot, unit=unit, limits=limits)

    def open_items(self, case: int) -> list[WorkItem]:
        """Steps of a case that wait for somebody."""
        return list(WorkItem.objects.filter(subject=case, state=WorkItem.State.OPEN).order_by("pk"))

    def item(self, case: int, node: str) -> WorkItem:
        """The open step at a node. Raises LookupError."""
        for item in self.open_items(case):
            if item.node == node:
                return item
        raise LookupError(f"{node} is not open: {[item.node for item in self.open_items(case)]}")

    def doer(self, item: WorkItem) -> Actor:
        """Somebody who may do a step; the second officer is another person than the first."""
        if item.person is not None:
            return self.actor(item.person, item.post or 0)
        people = [person.pk for person in holders_of(item.post or 0)]
        first = WorkItem.objects.filter(subject=item.subject_id, node="field_check", state=WorkItem.State.DONE)
        done = set(first.values_list("person", flat=True))
        fitting = [pk for pk in people if item.node != "field_confirm" or pk not in done]
        return self.actor(fitting[item.pk % len(fitting)], item.post or 0)

    def decide(self, case: int, node: str, move: str = "", opinion: str | None = None, **more: Any) -> Actor:
        """Finish the open step at a node by somebody who may; `more` goes into the decision."""
        item = self.item(case, node)
        actor = self.doer(item)
        offer = offer_of(Case.objects.values_list("version", flat=True).get(pk=case))
        task = offer.graph.task(node)
        chosen = move or next(iter(task.moves))
        draft, answers = self.form(actor, offer, task.form) if task.form else ("", None)
        words = WORDS.get(node, "") if opinion is None else opinion
        decision = Decision(chosen, words, answers=answers, draft=draft, **more)
        if task.act == "judge":
            self.judge(case, offer, actor)
        decide_step(actor=actor, case=case, item=item.pk, decision=decision)
        return actor

    def form(self, actor: Actor, offer: Offer, key: str) -> tuple[str, Outcome]:
        """The filled form of a step, with its photographs."""
        form, token = offer.task_forms[key], secrets.token_urlsafe(12)
        slots = {one.key: one.slot.fewest for one in form.single_fields().values() if one.slot and not one.optional}
        files = [self._attach(actor, token, slot, number=n) for slot, count in slots.items() for n in range(count)]
        raw = TASK_ANSWERS[key]() | {slot: [f.pk for f in files if f.slot == slot] for slot in slots}
        return token, judge(form, raw, context_for(form, attachments=attached(files)))

    def judge(self, case: int, offer: Offer, actor: Actor) -> None:
        """Answer every finding that waits for a person."""
        unit = Case.objects.values_list("unit", flat=True).get(pk=case)
        for finding in findings_of(offer, case, unit):
            if finding.is_open:
                answer = next(one for one in finding.answers if one.allows)
                judge_finding(
                    actor=actor, case=case, check=finding.key, answer=answer.key, reason="看了材料和核查记录。"
                )

    def draw(self, case: int) -> None:
        """Do at once what the worker would do after the commit: draw the certificate."""
        waiting = WorkItem.objects.get(subject=case, node="render", state=WorkItem.State.WAITING)
        draw_certificate(case, waiting.pk, "certificate")

    def until(self, case: int, node: str) -> None:
        """Decide every open step favourably until `node` is the one that waits."""
        for _round in range(12):
            waiting = [item.node for item in self.open_items(case)]
            if waiting == [node]:
                return
            if not waiting:
                self.draw(case)
                continue
            self.decide(case, next(one for one in waiting if one != node))
        raise LookupError(f"{node} was never reached")


def attached(files: Sequence[Attachment]) -> list[Attached]:
    """Files as forms see them."""
    return [Attached(id=one.pk, slot=one.slot, name=one.name, size=one.blob.size, mime=one.blob.mime) for one in files]


def _checked() -> Raw:
    return {
        "checked_on": today().isoformat(),
        "measured_point": {"lon": "114.3075", "lat": "25.6812", "accuracy": "6"},
        "applicant_present": "true",
        "place_agrees": "true",
        "boundaries_agree": "true",
        "species_agree": "true",
        "origin_agrees": "true",
        "right_agrees": "true",
        "closed_forest": "false",
        "regeneration_done": "none",
        "rare_trees": "false",
        "measured_area": "1.19",
        "measured_volume": "95",
        "canopy_before": "0.7",
        "canopy_after": "0.5",
        "measured_slope": "22",
        "field_result": "agree",
        "field_opinion": "四至与权证附图一致，林分状况与申请一致，建议准予。",
        "second_officer": "同站同事",
    }


def _confirmed() -> Raw:
    return {"was_there": "true", "confirm_result": "same"}


TASK_ANSWERS: Mapping[str, Callable[[], Raw]] = {"field_check": _checked, "field_confirm": _confirmed}
