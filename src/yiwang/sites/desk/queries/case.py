"""The case page: what is asked, what was found, who said what, materials, limits, what may be done now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from yiwang.kernel.cases.checks import ASK, BAR, OK, Finding, evaluate
from yiwang.kernel.cases.findings import judged_of, quota_values
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.queries import Brief, Step, all_steps, case_for, open_steps, questions_of
from yiwang.kernel.cases.types import Offer, offer_of
from yiwang.kernel.cases.values import seen
from yiwang.kernel.files.queries import of_subject
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.registers.models import Entry
from yiwang.kernel.registers.queries import entries_of_case
from yiwang.sites.desk.queries.asked import Asked, Filled, Record, asked_of, filled_forms, record_of
from yiwang.sites.desk.queries.clocks import ClockView, clock_views
from yiwang.sites.desk.queries.decision import Box, Ground, box_of, chosen_step, held_of, names_of
from yiwang.sites.desk.queries.dues import Due, Frame, due_words
from yiwang.sites.desk.queries.flow import FlowStep, flow_of
from yiwang.sites.desk.queries.history import NoticeLine, OpinionLine, notices_of, opinions_of
from yiwang.sites.desk.queries.kinds import Mark, mark_of
from yiwang.sites.desk.queries.materials import Material, materials_of
from yiwang.sites.desk.queries.quota import CaseQuota, case_quota
from yiwang.sites.desk.queries.signing import Rows, Signing, signing_of

ICONS = {OK: ("ok", "checkc"), ASK: ("ask", "user"), BAR: ("bad", "alert")}


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding with its shape: a tick, a person who must judge, or a bar."""

    finding: Finding
    shade: str
    icon: str
    quota: CaseQuota | None
    may_judge: bool


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything the page shows in its first tab."""

    case: Case
    offer: Offer
    mark: Mark
    status: str
    tone: str
    due: Due
    asked: Asked | None
    forms: tuple[Filled, ...]
    findings: tuple[FindingLine, ...]
    opinions: tuple[OpinionLine, ...]
    clocks: tuple[ClockView, ...]
    quota: CaseQuota | None
    seen: dict[str, object]
    box: Box
    notices: tuple[NoticeLine, ...] = ()
    materials: tuple[Material, ...] = ()
    flow: tuple[FlowStep, ...] = ()
    entries: tuple[Entry, ...] = ()
    signing: Signing = field(default_factory=Signing)

    @property
    def records(self) -> tuple[Record, ...]:
        """Forms that officers filled in at their steps."""
        task_forms = self.offer.task_forms
        return tuple(record_of(form, task_forms[form.key]) for form in self.forms if form.key in task_forms)

    @property
    def passed(self) -> int:
        """Findings that are fine."""
        return sum(line.finding.state == OK for line in self.findings)

    @property
    def asking(self) -> int:
        """Findings a person must judge."""
        return sum(line.finding.state == ASK for line in self.findings)

    @property
    def judged(self) -> int:
        """Of those, how many were."""
        return sum(line.finding.answered is not None for line in self.findings)

    @property
    def barred(self) -> int:
        """Findings that forbid granting."""
        return sum(line.finding.state == BAR for line in self.findings)


@dataclass(frozen=True, slots=True)
class Reading:
    """What page and preview both read of a case, once."""

    actor: Actor
    case: Case
    offer: Offer
    steps: tuple[Step, ...]
    filled: dict[str, Filled]
    seen: dict[str, object]
    found: tuple[Finding, ...]
    quota: CaseQuota | None

    @property
    def asked(self) -> Asked | None:
        """The application, split for the first panel."""
        application = self.filled.get(self.offer.form.key)
        return asked_of(application, self.offer.form, self.offer.spec.summary_fields) if application else None


def reading_of(actor: Actor, case_id: int) -> Reading:
    """A case the actor may see, with its evidence, findings and quota. Raises NotFound."""
    case = case_for(actor, case_id)
    offer, filled = offer_of(case.version_id), filled_forms(case.pk)
    values = _seen(offer, filled)
    values |= quota_values(offer, case.unit_id, values)
    found = evaluate(offer.checks, values, judged_of(case.pk))
    quota = case_quota(case, offer, values)
    return Reading(actor, case, offer, tuple(open_steps(actor, case)), filled, values, found, quota)


def _seen(offer: Offer, filled: Mapping[str, Filled]) -> dict[str, object]:
    """Answers as checks see them: of the application by name, of task forms as `form__name`."""
    forms = {offer.form.key: ("", offer.form), **{key: (f"{key}__", form) for key, form in offer.task_forms.items()}}
    return {
        prefix + name: value
        for key, (prefix, form) in forms.items()
        if key in filled
        for name, value in seen(form, filled[key].contents.values).items()
    }


def preview_page(actor: Actor, case_id: int, frame: Frame, item: int) -> CasePage:
    """What the pane beside the worklist shows. Raises NotFound."""
    read = reading_of(actor, case_id)
    chosen = chosen_step(read.steps, item)
    box = Box(held_of(chosen, frame, {}) if chosen else None)
    return _page(read, frame, box)


def case_page(actor: Actor, case_id: int, frame: Frame, item: int = 0) -> CasePage:
    """The page of a case the actor may see. Raises NotFound."""
    read = reading_of(actor, case_id)
    items = tuple(all_steps(case_id))
    asked = tuple(questions_of(case_id))
    names = names_of(one.person for one in (*items, *asked))
    signing = signing_of(Rows(actor, read.case, read.offer.graph, items, asked, names), read.steps)
    page = _page(read, frame, box_of(replace(_ground(read, frame, items, names, item), signing=signing)))
    return replace(
        page,
        signing=signing,
        notices=notices_of(case_id),
        materials=materials_page(read),
        flow=flow_of(read.offer.graph, items, names),
        entries=tuple(entries_of_case(case_id)),
    )


def _ground(read: Reading, frame: Frame, items: tuple[WorkItem, ...], names: Mapping[int, str], wanted: int) -> Ground:
    return Ground(
        actor=read.actor,
        case=read.case,
        offer=read.offer,
        steps=read.steps,
        items=items,
        names=names,
        frame=frame,
        waiting=tuple(one.name for one in read.found if one.is_open),
        wanted=wanted,
        barred=_barred(read.found, read.quota),
        grant_effect=_effect(read.quota),
    )


def materials_page(read: Reading) -> tuple[Material, ...]:
    """The list of materials alone."""
    count = len(read.filled[read.offer.form.key].lines) if read.offer.form.key in read.filled else 0
    return materials_of(read.offer, count, of_subject(read.actor, read.case.pk))


def _page(read: Reading, frame: Frame, box: Box) -> CasePage:
    case, offer = read.case, read.offer
    status, tone = status_of(case, offer, read.steps)
    return CasePage(
        case=case,
        offer=offer,
        mark=mark_of(case.version_id),
        status=status,
        tone=tone,
        due=due_words(case.due, frame) if case.is_open else Due(),
        asked=read.asked,
        forms=sorted_forms(read),
        findings=tuple(_line(one, offer, read.quota, box, case) for one in read.found),
        opinions=opinions_of(case.pk),
        clocks=clock_views(case.pk, frame),
        quota=read.quota,
        seen=read.seen,
        box=box,
    )


def sorted_forms(read: Reading) -> tuple[Filled, ...]:
    """The application first, then what officers filled in."""
    return tuple(sorted(read.filled.values(), key=lambda one: one.key != read.offer.form.key))


def status_of(case: Case, offer: Offer, steps: tuple[Step, ...] = ()) -> tuple[str, str]:
    """State in words and the class of its tag: the steps at work, or how the case ended."""
    return result_words(case, offer, "、".join(dict.fromkeys(step.node.label for step in steps)))


def result_words(case: Case | Brief, offer: Offer, at_work: str) -> tuple[str, str]:
    """`status_of` where the steps at work are known by name."""
    if case.status == Case.Status.SUSPENDED:
        return _("已中止"), ""
    if case.is_open:
        return at_work or str(Case.Status(case.status).label), "on"
    result = offer.spec.results.get(case.result)
    if result is None:
        return case.result or str(Case.Status(case.status).label), ""
    return result.name, "ok" if result.is_grant else ""


def _barred(found: tuple[Finding, ...], quota: CaseQuota | None) -> str:
    finding = next((one for one in found if one.bars), None)
    if finding is not None:
        return f"{finding.name}：{finding.text}"
    if quota is not None and not quota.fits:
        words = _("限额不足：只剩 %(left)s %(measure)s，本件要 %(mine)s %(measure)s")
        return words % {"left": quota.free, "mine": quota.mine, "measure": quota.quota.scheme.measure}
    return ""


def _effect(quota: CaseQuota | None) -> str:
    if quota is None or quota.is_booked:
        return ""
    words = _("占用限额 %(mine)s %(measure)s，登记入台账并自动编号")
    return words % {"mine": quota.mine, "measure": quota.quota.scheme.measure}


def _line(finding: Finding, offer: Offer, quota: CaseQuota | None, box: Box, case: Case) -> FindingLine:
    shade, icon = ICONS.get(finding.state, ("", "info"))
    reads = next((check.passes.names for check in offer.checks if check.key == finding.key), frozenset())
    is_quota = any(name.startswith("quota_") for name in reads)
    may_judge = box.item is not None and case.status == Case.Status.ACCEPTED
    return FindingLine(finding, shade, icon, quota if is_quota else None, may_judge)
