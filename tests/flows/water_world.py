"""A node that knows nothing but water: three bureaus one above the other, their people, the water pack, two firms."""

import secrets
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.test import TestCase

from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.actions.decisions import Decision, decide_step, judge_finding
from yiwang.kernel.cases.actions.life import Opened, open_case
from yiwang.kernel.cases.actions.publishing import load_shipped
from yiwang.kernel.cases.findings import findings_of
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.opening import Application
from yiwang.kernel.cases.publishing import read_folder
from yiwang.kernel.cases.tests.world import forget_memories, load_places
from yiwang.kernel.cases.types import current_offer, offer_of
from yiwang.kernel.files.actions import add_to_draft
from yiwang.kernel.files.inspection import accept
from yiwang.kernel.files.limits import default_limits
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.files.staging import stage
from yiwang.kernel.forms.actions import begin_draft
from yiwang.kernel.forms.definition import FormDef, Raw
from yiwang.kernel.forms.queries import context_for
from yiwang.kernel.forms.rules import Outcome, judge
from yiwang.kernel.jobs.worker import drain
from yiwang.kernel.org.actions import UnitFacts, appoint, found_unit, open_post, take_on
from yiwang.kernel.org.actors import SYSTEM, Actor
from yiwang.kernel.org.models import Account, Node, Party, Post, Unit
from yiwang.kernel.org.queries import actor_of, holders_of, party_tag, phone_tag
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.registers.actions import NewQuota, set_quota
from yiwang.project.demo.pictures import paper
from yiwang.project.demo.player import attached

INTAKE, RENEWAL = "water.abstraction", "water.renewal"
PROVINCE, CITY, COUNTY, FOREST = "江西省水利厅", "赣州市水利局", "崇义县水利局", "崇义县林业局"
ROLES = ("intake", "water_inspector", "water_checker", "reviewer", "approver", "signer")
BUREAUS = ((PROVINCE, 2, "36", "赣"), (CITY, 3, "3607", "赣市"), (COUNTY, 4, "360725", "崇"))
FIRMS = (("崇义清源供水有限公司", "91360725MA00000012"), ("崇义绿野农业有限公司", "91360725MA00000025"))
CONTROL_TOTAL = Decimal(5000)
SINCE = date(2024, 1, 1)


def found_node() -> None:
    """Divisions, bureaus of water and one of forestry beside them, people, firms, the pack, a control total each."""
    forget_memories()
    load_places()
    node = Node.objects.create(code="water", name="水利", is_self=True)
    parent = None
    for name, level, division, word in BUREAUS:
        unit = _bureau(name, level, division, word, parent, node.pk)
        _staff(unit, ROLES)
        parent = unit.pk
    _staff(_bureau(FOREST, 4, "360725", "崇林", None, node.pk), ("intake", "checker", "reviewer", "approver", "signer"))
    for folder in ("abstraction", "renewal"):
        load_shipped(actor=SYSTEM, files=read_folder(settings.DEFINITIONS / "water" / folder))
    for name, *_rest in BUREAUS:
        for year in range(today().year, today().year + 6):
            unit_pk = Unit.objects.get(name=name).pk
            set_quota(actor=SYSTEM, new=NewQuota("water_total", unit_pk, year, CONTROL_TOTAL, "试验：下达控制指标"))
    for number, (name, code) in enumerate(FIRMS):
        _firm(number, name, code)


def _bureau(name: str, level: int, division: str, word: str, parent: int | None, node: int) -> Unit:
    facts = UnitFacts(name, name[-5:], "bureau", level, division, word=word, phone="0000-0000000")
    return found_unit(actor=SYSTEM, facts=facts, parent=parent, node=node)


def _staff(unit: Unit, roles: tuple[str, ...]) -> None:
    for role in roles:
        post = open_post(actor=SYSTEM, unit=unit.pk, role=role, name=role, reach=Post.Reach.UNIT)
        for number in range(2):
            name = f"{unit.short_name}{role}{number}"
            person = take_on(actor=SYSTEM, name=name, certificate="执法0001", certificate_until=date(2999, 1, 1))
            appoint(actor=SYSTEM, person=person.pk, post=post.pk, since=SINCE)
            Account.objects.create(username=f"w{person.pk}", person=person)


def _firm(number: int, name: str, code: str) -> None:
    phone = f"1380000000{number}"
    party = Party.objects.create(
        kind=Party.Type.FIRM, name=name, id_number=code, id_tag=party_tag(code), phone=phone,
        phone_tag=phone_tag(phone), level=Party.Identity.SEEN,
    )  # fmt: skip
    Account.objects.create(username=f"firm{number}", party=party)


def firm(number: int = 0) -> Actor:
    """The firm of that number."""
    return actor_of(Account.objects.get(username=f"firm{number}"))


def officer(unit: str, role: str, number: int = 0) -> Actor:
    """The holder of a post."""
    post = Post.objects.get(unit__name=unit, role=role)
    return actor_of(Account.objects.get(person=holders_of(post.pk)[number])).acting_in(post.pk)


@dataclass(frozen=True)
class Intake:
    """What a firm asks for, in 万 m³ a year; a source left at zero is not asked for."""

    surface: str = "60"
    ground: str = "0"
    purpose: str = "industry"
    works: str = "existing"
    years: str = "5"
    capacity: str = "9000"
    place: str = "石桥下游200米右岸"

    @property
    def sources(self) -> list[str]:
        """Codes of the sources asked for."""
        return [code for code, amount in (("surface", self.surface), ("ground", self.ground)) if Decimal(amount)]

    @property
    def total(self) -> Decimal:
        """Both together."""
        return Decimal(self.surface) + Decimal(self.ground)


def raw_intake(asked: Intake, number: int = 0, **changes: object) -> Raw:
    """The application as typed."""
    name, code = FIRMS[number]
    monthly = {f"month_{month}": "0" for month in range(1, 12)} | {"month_12": str(asked.total)}
    raw: dict[str, object] = {
        "on_behalf": "own", "holder_kind": "firm", "holder": name, "holder_code": code, "legal_person": "方一舟",
        "phone": "13800000000", "address": "演示路1号", "purpose": asked.purpose, "reason": "按行业用水定额核算",
        "works": asked.works, "is_project": "false", "affects_others": "false", "sources": asked.sources,
        "water_name": "小江", "in_city": "false", "place": {"county": "360725", "township": "360725100"},
        "place_name": asked.place, "gps": {"lon": "114.3075", "lat": "25.6812", "accuracy": "6"}, "way": "pump",
        "meter": "meter", "capacity": asked.capacity, "saving": "循环用水", "surface_amount": asked.surface,
        "ground_amount": asked.ground, **monthly, "period_from": today().isoformat(), "years": asked.years,
        "has_discharge": "true", "discharge_place": "石桥下游400米", "discharge_way": "明渠", "discharge_amount": "0",
        "pollutants": "悬浮物", "treatment": "沉淀",
    }  # fmt: skip
    return raw | changes  # type: ignore[return-value]  # plain values, as a page posts them


def raw_renewal(number: str, **changes: object) -> Raw:
    """An application for renewal as typed."""
    raw: dict[str, object] = {
        "licence_number": number, "phone": "13800000000", "years": "5", "last_year_total": "100",
        "meter_works": "true", "stopped_two_years": "false", "has_changes": "false",
    }  # fmt: skip
    return raw | changes  # type: ignore[return-value]


@dataclass
class Waterworks:
    """Plays cases of water through the actions; every decision by somebody who holds the post."""

    approved: Intake = field(default_factory=Intake)
    years: str = "5"

    def ready(self, key: str, raw: Raw, actor: Actor, slots: tuple[str, ...] = ()) -> Application:
        """An application filled in, with its papers, about to be handed in."""
        form = current_offer(key).form
        draft = begin_draft(actor=actor, form=form, purpose=key, raw=raw)
        files = [self._attach(actor, draft.token, slot) for slot in slots]
        answers = self.judged(form, raw | {file.slot: [file.pk] for file in files}, files)
        return Application(key, answers, draft.token, Case.Channel.COMPUTER, actor.party)

    def apply(self, asked: Intake, number: int = 0, **changes: object) -> Opened:
        """Apply for an intake with the papers it needs."""
        self.approved = asked
        return open_case(actor=firm(number), application=self.intake(asked, number, **changes))

    def intake(self, asked: Intake, number: int = 0, **changes: object) -> Application:
        """An application for an intake, about to be handed in."""
        return self.ready(INTAKE, raw_intake(asked, number, **changes), firm(number), ("third_party",))

    def renewal(self, licence: str, number: int = 0) -> Application:
        """An application for renewal, about to be handed in."""
        return self.ready(RENEWAL, raw_renewal(licence), firm(number))

    def judged(self, form: FormDef, raw: Raw, files: list[Attachment]) -> Outcome:
        """The answers as the kernel judges them."""
        return judge(form, raw, context_for(form, attachments=attached(files)))

    def _attach(self, actor: Actor, draft: str, slot: str) -> Attachment:
        limits = default_limits()
        arrival = accept(stage([paper(len(slot))], limits), "扫描件.jpg", limits)
        return add_to_draft(actor=actor, arrival=arrival, draft=draft, slot=slot, unit=1, limits=limits)

    def waiting(self, case: int) -> list[str]:
        """Nodes of the open steps."""
        items = WorkItem.objects.filter(subject=case, state=WorkItem.State.OPEN)
        return list(items.order_by("pk").values_list("node", flat=True))

    def decide(self, case: int, move: str = "", opinion: str = "同意。") -> None:
        """Finish the one open step by its post; the second inspector is another person than the first."""
        item = WorkItem.objects.get(subject=case, state=WorkItem.State.OPEN)
        offer = offer_of(Case.objects.values_list("version", flat=True).get(pk=case))
        people = holders_of(item.post or 0)
        person = item.person or people[item.node == "site_confirm"].pk
        actor = actor_of(Account.objects.get(person=person)).acting_in(item.post or 0)
        task = offer.graph.task(item.node)
        if task.act == "judge":
            self.judge_all(case, actor)
        draft, answers = self.filled(actor, offer.task_forms[task.form]) if task.form else ("", None)
        chosen = move or next(iter(task.moves))
        decision = Decision(chosen, opinion, answers=answers, draft=draft)
        decide_step(actor=actor, case=case, item=item.pk, decision=decision)

    def judge_all(self, case: int, actor: Actor) -> None:
        """Answer every finding that waits for a person in the applicant's favour."""
        row = Case.objects.get(pk=case)
        for finding in findings_of(offer_of(row.version_id), case, row.unit_id):
            if finding.is_open:
                answer = next(one for one in finding.answers if one.allows)
                judge_finding(actor=actor, case=case, check=finding.key, answer=answer.key, reason="已核对")

    def filled(self, actor: Actor, form: FormDef) -> tuple[str, Outcome]:
        """The form of a step, filled in."""
        token = secrets.token_urlsafe(12)
        slots = [one.key for one in form.single_fields().values() if one.slot is not None]
        files = [self._attach(actor, token, slot) for slot in slots]
        raw = self.answers()[form.key] | {file.slot: [file.pk] for file in files}
        return token, self.judged(form, raw, files)

    def answers(self) -> dict[str, Raw]:
        """What officers fill in."""
        point: Raw = {"lon": "114.3075", "lat": "25.6812", "accuracy": "6"}
        site: Raw = {
            "checked_on": today().isoformat(), "measured_point": point, "place_agrees": "true", "works_agree": "true",
            "meter_installed": "true", "others_found": "false", "site_result": "agree", "site_opinion": "属实",
        }  # fmt: skip
        tech: Raw = {
            "approved_surface": self.approved.surface, "approved_ground": self.approved.ground,
            "approved_years": self.years, "quota_used": "工业用水定额", "tech_opinion": "合理",
        }  # fmt: skip
        return {"site_check": site, "site_confirm": {"was_there": "true"}, "tech_review": tech}

    def walk(self, case: int, node: str) -> None:
        """Decide favourably until a step waits at `node`."""
        for _step in range(12):
            if self.waiting(case) == [node]:
                return
            self.decide(case)
            drain()
        raise LookupError(f"{node} was never reached: {self.waiting(case)}")

    def finish(self, case: int) -> None:
        """Decide favourably to the end."""
        self.walk(case, "deliver")
        self.decide(case)
        drain()


class WaterWorld(TestCase):
    """Every class gets the node once."""

    @classmethod
    def setUpTestData(cls) -> None:
        """Once a class."""
        found_node()

    def setUp(self) -> None:
        """Somebody who plays everybody."""
        self.works = Waterworks()
