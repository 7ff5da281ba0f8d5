"""The guide 办事指南 of an item, generated from its definition: nothing on the page is written twice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.cases.steps import BOOK
from yiwang.kernel.cases.types import Offer, current_offer
from yiwang.kernel.cases.typespec import TypeSpec
from yiwang.kernel.clock.law import pause_kinds
from yiwang.kernel.clock.limits import Limit
from yiwang.kernel.forms.definition import FieldDef
from yiwang.kernel.org.models import Level, Party, Unit
from yiwang.sites.hall.queries.flow import Flow, flow_of, step_days
from yiwang.sites.hall.queries.places import CounterLine, County, counters_of, counties_of
from yiwang.sites.hall.queries.quotas import QuotaLine, quotas_of
from yiwang.ui.words import amount_words

SHADES = ("a", "b", "c")
SAMPLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
LONGEST_BAR = 60


@dataclass(frozen=True)
class Fact:
    """One of the first questions: how long, how much, how many trips, who."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Material:
    """A paper to hand in 材料: why, whether it may be left out, and a sample."""

    key: str
    name: str
    why: str
    tag: str = ""
    exempt: bool = False
    conditional: bool = False
    sample: bool = False


@dataclass(frozen=True)
class Part:
    """A shaded part of a limit: the days of one step."""

    shade: str
    words: str


@dataclass(frozen=True)
class Bar:
    """A limit drawn as one cell per day."""

    title: str
    note: str
    cells: tuple[str, ...]
    key: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Guide:
    """Everything the guide page shows."""

    spec: TypeSpec
    version: int
    facts: tuple[Fact, ...]
    identity: str
    materials: tuple[Material, ...]
    bars: tuple[Bar, ...]
    limit_lines: tuple[str, ...]
    flow: Flow | None
    counties: tuple[County, ...]
    counters: tuple[CounterLine, ...]
    quotas: tuple[QuotaLine, ...]
    codes: tuple[Fact, ...]
    is_open: bool = True

    @property
    def materials_line(self) -> str:
        """How many papers, and how many of them need not be brought."""
        spared = sum(material.exempt for material in self.materials)
        if spared:
            return _("%(n)d 样里有 %(spared)d 样可以免交。") % {"n": len(self.materials), "spared": spared}
        return _("一共 %(n)d 样。") % {"n": len(self.materials)}

    @property
    def remedies(self) -> tuple[str, ...]:
        """What the applicant may do against the decision."""
        lines = (self.spec.remedies.get(name, "") for name in ("reconsideration", "suit"))
        return tuple(line for line in lines if line)

    @property
    def short(self) -> tuple[str, ...]:
        """Two facts for the bar at the foot of a phone."""
        return tuple(fact.value for fact in self.facts[:2])

    @property
    def chosen(self) -> County | None:
        """The county the reader chose."""
        return next((county for county in self.counties if county.is_chosen), None)


def guide_of(key: str, county: str = "") -> Guide:
    """The guide of a published item, for one county where `county` names one. Raises TypeNotOffered."""
    offer = current_offer(key)
    spec = offer.spec
    counties = counties_of(offer, county)
    chosen = next((one.code for one in counties if one.is_chosen), "")
    return Guide(
        spec=spec,
        version=offer.number,
        facts=tuple(_facts(spec, next((one for one in counties if one.is_chosen), None))),
        identity=_identity(spec),
        materials=tuple(_materials(offer)),
        bars=tuple(_bars(offer)),
        limit_lines=tuple(_limit_lines(spec)),
        flow=flow_of(offer.graph),
        counties=counties,
        counters=counters_of(spec.authority, chosen),
        quotas=quotas_of(scheme_of(offer), chosen),
        codes=tuple(_codes(offer)),
    )


def scheme_of(offer: Offer) -> str:
    """The family of quotas that a granted case draws on, as its process names it; empty for none."""
    services = (node.service for node in offer.graph.nodes.values() if node.service and node.service.name == BOOK)
    return next((str(service.parameters.get("scheme", "")) for service in services), "")


def _facts(spec: TypeSpec, county: County | None) -> Iterator[Fact]:
    limit = spec.limits.get("promised") or spec.limits.get("statutory")
    legal = spec.limits.get("statutory")
    if limit:
        note = _("法定 %(amount)s") % {"amount": amount_words(legal.amount, legal.unit)} if legal else ""
        yield Fact(_("多久办好"), amount_words(limit.amount, limit.unit), note)
    fee, _comma, fee_note = spec.fee_note.partition("，")
    yield Fact(_("收费"), fee or (_("要收费") if spec.fee_charged else _("不收费")), fee_note)
    online = _("全程网办，也可以到窗口") if spec.trips == 0 else _("其余网上办")
    yield Fact(_("要跑几趟"), _("%(n)d 趟") % {"n": spec.trips}, online)
    yield Fact(_("谁来办"), county.unit if county else _authority(spec), _("按办事地点所在的地方"))


def _authority(spec: TypeSpec) -> str:
    kind = dict(Unit.Type.choices).get(spec.authority.kind, "")
    return _("%(level)s%(kind)s") % {"level": Level(spec.authority.level).label, "kind": kind}


def _identity(spec: TypeSpec) -> str:
    words = {
        Party.Identity.UNCONFIRMED: _("网上申请不用先核验身份。"),
        Party.Identity.PHONE: _("网上申请要先注册，用手机确认就行。"),
        Party.Identity.SEEN: _("网上申请要先在窗口当面核验过身份。"),
    }
    apply = words[Party.Identity(spec.apply_level)]
    if spec.receive_level > spec.apply_level:
        return apply + _("领取结果时要出示身份证件。")
    return apply


def _materials(offer: Offer) -> Iterator[Material]:
    yield Material("form", offer.form.title or offer.spec.name, _("照着页面一步一步填，不用另外交纸。"), _("在线填写"))
    for step in offer.form.steps:
        for one in step.fields():
            if one.slot is not None:
                yield _material(offer.spec.key, one)


def _material(key: str, one: FieldDef) -> Material:
    slot = one.slot
    exempt = slot.exempt if slot else ""
    conditional = bool(one.when or one.required_when or one.optional)
    tag = _("可以免交") if exempt else _("有的情形才要") if conditional else _("必交")
    spared = _("能%(how)s的，不用交。") % {"how": exempt} if exempt else ""
    law = _("（%(law)s）") % {"law": one.law} if one.law and one.law not in (slot.why if slot else "") else ""
    why = f"{slot.why if slot else ''}{spared}{law}"
    return Material(one.key, one.bare_label, why, tag, bool(exempt), conditional, bool(sample_text(key, one)))


def _bars(offer: Offer) -> Iterator[Bar]:
    limits = offer.spec.limits
    promised, statutory = limits.get("promised"), limits.get("statutory")
    if promised and promised.amount <= LONGEST_BAR:
        yield _promise(offer, promised, statutory)
    if statutory and statutory.amount <= LONGEST_BAR:
        title = _("法律规定：%(amount)s") % {"amount": amount_words(statutory.amount, statutory.unit)}
        yield Bar(title, _extension(statutory), ("",) * statutory.amount)


def _promise(offer: Offer, promised: Limit, statutory: Limit | None) -> Bar:
    parts = step_days(offer.graph, promised)
    cells = tuple(SHADES[at % 3] for at, (_name, days) in enumerate(parts) for _day in range(days))
    saved = statutory.amount - promised.amount if statutory and statutory.unit == promised.unit else 0
    key = [Part(SHADES[at % 3], f"{name} {amount_words(days, promised.unit)}") for at, (name, days) in enumerate(parts)]
    if saved > 0:
        key.append(Part("z", _("比法定少用 %(amount)s") % {"amount": amount_words(saved, promised.unit)}))
    title = _("我们承诺：%(amount)s") % {"amount": amount_words(promised.amount, promised.unit)}
    return Bar(title, _("从受理的第二天算起"), cells + ("z",) * max(saved, 0), tuple(key))


def _extension(limit: Limit) -> str:
    if limit.extension is None:
        return str(limit.basis)
    more = amount_words(limit.extension.amount, limit.unit)
    return _("经负责人批准可以延长一次，%(more)s，并告知理由") % {"more": more}


def _limit_lines(spec: TypeSpec) -> Iterator[str]:
    limits = spec.limits
    if acceptance := limits.get("acceptance"):
        amount = amount_words(acceptance.amount, acceptance.unit)
        yield _("收到申请后 %(amount)s内告诉您收不收。材料不齐的，只通知一次，一次说全。") % {"amount": amount}
        yield _("到时没通知，就算从收到那天起受理了（%(law)s）。") % {"law": acceptance.basis}
    if (legal := limits.get("statutory")) and legal.unit == "wd":
        yield _("只算工作日，周末和法定节假日不算。现场核查的时间算在里面。")
    if legal and legal.pausable_by:
        kinds = pause_kinds()
        names = "、".join(kinds[key].name for key in legal.pausable_by if key in kinds)
        laws = "、".join(dict.fromkeys(str(kinds[key].basis) for key in legal.pausable_by if key in kinds))
        yield _("只有%(names)s才停止计时，停的时候书面告诉您（%(laws)s）。") % {"names": names, "laws": laws}
    if delivery := limits.get("delivery"):
        line = _("决定以后，电子证照当时就能用；纸质的 %(amount)s内送达（%(law)s）。")
        yield line % {"amount": amount_words(delivery.amount, delivery.unit), "law": delivery.basis}


KINDS = {"01": "行政许可", "07": "行政确认", "10": "其他行政权力", "20": "公共服务"}


def _codes(offer: Offer) -> Iterator[Fact]:
    spec = offer.spec
    if spec.codes.get("basic"):
        yield Fact(_("基本编码"), spec.codes["basic"])
    if spec.codes.get("implementing"):
        yield Fact(_("实施编码"), spec.codes["implementing"])
    level = Level(spec.level).label
    yield Fact(_("事项类型"), _("%(kind)s，%(level)s行使") % {"kind": KINDS.get(spec.kind, spec.kind), "level": level})
    if spec.quota:
        yield Fact(_("数量限制"), _("有，按受理的先后为序（行政许可法第五十七条）"))
    yield Fact(_("指南版本"), _("第 %(n)d 版") % {"n": offer.number})


@dataclass(frozen=True)
class Sample:
    """What a paper should look like 样本, in words."""

    key: str
    item: str
    name: str
    why: str
    text: str


def sample_of(key: str, slot: str) -> Sample:
    """The sample of a material. Raises TypeNotOffered, NotFound."""
    offer = current_offer(key)
    one = offer.form.single_fields().get(slot)
    text = sample_text(key, one) if one else ""
    if one is None or one.slot is None or not text:
        raise NotFound()
    return Sample(key, offer.spec.name, one.bare_label, one.slot.why, text)


def sample_text(key: str, one: FieldDef) -> str:
    """The text of `samples/<name>.txt` beside the definition, else nothing."""
    name = one.slot.sample if one.slot else ""
    if not SAMPLE_NAME.fullmatch(name):
        return ""
    path = Path(settings.DEFINITIONS).joinpath(*key.split("."), "samples", f"{name}.txt")
    return path.read_text("utf-8") if path.is_file() else ""
