"""What happens in the demonstration: cases in every state over the last months, and certificates in every state."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from yiwang.kernel.base.moments import as_of, now, today
from yiwang.kernel.cases.actions.decisions import return_step, transfer_item
from yiwang.kernel.cases.actions.life import extend_case, suspend_case, withdraw_case
from yiwang.kernel.cases.models import Case
from yiwang.kernel.clock.services import PauseOrder
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.queries import holders_of
from yiwang.kernel.process.models import WorkItem
from yiwang.project.demo.answers import Stand, raw_answers
from yiwang.project.demo.people import Villager
from yiwang.project.demo.player import Filing, Player

WORKING_HOUR = 9
DESIGN_AREA, DESIGN_VOLUME = 2, 100
METHODS = ("clear", "selective", "clear", "selective", "clear")


@dataclass(frozen=True)
class Citizen:
    """A villager of the story with the actor that files for him."""

    who: Villager
    actor: Actor
    party: int


@dataclass
class Calendar:
    """The moment of the story: moves from one working hour to the next, never past now."""

    moment: datetime

    def forward(self, hours: int) -> None:
        """Let time pass; nights and weekends are skipped."""
        later = self.moment + timedelta(hours=hours)
        while timezone.localtime(later).weekday() > 4 or not WORKING_HOUR <= timezone.localtime(later).hour < 17:
            later += timedelta(hours=1)
        self.moment = min(later, now() - timedelta(minutes=1))


@dataclass
class Tale:
    """One case being told."""

    player: Player
    citizen: Citizen
    calendar: Calendar
    stand: Stand
    case: int = 0

    @contextmanager
    def later(self, hours: int = 7) -> Iterator[None]:
        """Whatever is inside happens some working hours later."""
        self.calendar.forward(hours)
        with as_of(self.calendar.moment):
            yield

    def apply(self) -> None:
        """File the application."""
        who, actor = self.citizen.who, self.citizen.actor
        with as_of(self.calendar.moment):
            raw = raw_answers(self.stand, who.name, who.identity, who.phone, timezone.localdate(now()))
            is_large = self.stand.area > DESIGN_AREA or self.stand.volume > DESIGN_VOLUME
            materials = ("identity_paper", "site_photos", *(("survey_design",) if is_large else ()))
            channel = Case.Channel.COUNTER if actor.is_staff else Case.Channel.MOBILE
            filing = Filing(raw, actor, self.citizen.party, channel=channel, materials=materials)
            self.case = self.player.file(filing).case.pk

    def decide(self, node: str, move: str = "", hours: int = 7, **more: Any) -> None:
        """Somebody decides a step, later."""
        with self.later(hours):
            self.player.decide(self.case, node, move, **more)

    def reach(self, node: str) -> None:
        """Everybody decides favourably until `node` waits."""
        for _round in range(12):
            waiting = [item.node for item in self.player.open_items(self.case)]
            if node in waiting and (len(waiting) == 1 or node in ("field_check", "field_confirm", "rule_check")):
                return
            with self.later(5):
                if waiting:
                    self.player.decide(self.case, next(one for one in waiting if one != node))
                else:
                    self.player.draw(self.case)

    def finish(self) -> None:
        """Everybody decides favourably to the end."""
        self.reach("deliver")
        self.decide("deliver")


def waiting(tale: Tale) -> None:
    """Just filed."""


def granted(tale: Tale) -> None:
    """Granted and handed over."""
    tale.finish()


def at(node: str) -> Callable[[Tale], None]:
    """Waits at a step."""

    def play(tale: Tale) -> None:
        tale.reach(node)

    return play


def denied(tale: Tale) -> None:
    """Refused by the signer with reasons."""
    tale.reach("sign")
    reason = "经核查，申请地块上一年度采伐后未完成更新造林，依照森林法第六十条第二项，不予许可。"
    tale.decide("sign", "deny", opinion=reason)


def refused(tale: Tale) -> None:
    """Not accepted: the matter needs no licence."""
    reason = "申请采伐的是房前屋后个人所有的零星林木，依照森林法第五十六条，不需要办理采伐许可。"
    tale.decide("intake", "refuse", opinion=reason, ground="not_needed")


def corrections(tale: Tale) -> None:
    """Has to be corrected by the applicant."""
    items = ("林权证照片看不清证号，请重新拍", "四至没有写明西边到哪里")
    tale.decide("intake", "correct", corrections=items, opinion="请在补正后再提交，窗口可以帮忙填写。")


def withdrawn(tale: Tale) -> None:
    """Taken back by the applicant."""
    tale.decide("intake", "accept")
    with tale.later():
        withdraw_case(actor=tale.citizen.actor, case=tale.case, reason="今年不砍了")


def returned(tale: Tale) -> None:
    """Sent back by the approver to the review."""
    tale.reach("approve")
    player, item = tale.player, tale.player.item(tale.case, "approve")
    target = WorkItem.objects.filter(subject=tale.case, node="rule_check", state=WorkItem.State.DONE).latest("pk")
    with tale.later():
        words = "请补充说明水土保持措施后再报。"
        return_step(actor=player.doer(item), case=tale.case, item=item.pk, target=target.pk, opinion=words)


def transferred(tale: Tale) -> None:
    """Handed over to a colleague."""
    tale.reach("review")
    item = tale.player.item(tale.case, "review")
    doer = tale.player.doer(item)
    other = next(one.pk for one in holders_of(item.post or 0) if one.pk != doer.person)
    with tale.later():
        transfer_item(actor=doer, case=tale.case, item=item.pk, person=other, reason="本人本周外出培训")


def suspended(tale: Tale) -> None:
    """Clock stopped for an appraisal."""
    tale.reach("review")
    item = tale.player.item(tale.case, "review")
    with tale.later():
        order = PauseOrder("appraisal", "林木权属界线委托鉴定", "崇林告〔演示〕1号")
        suspend_case(actor=tale.player.doer(item), case=tale.case, order=order)


def extended(tale: Tale) -> None:
    """Statutory limit extended once by the approver."""
    tale.reach("approve")
    item = tale.player.item(tale.case, "approve")
    with tale.later():
        extend_case(actor=tale.player.doer(item), case=tale.case, reason="连续降雨，山路中断，需延期复核")


SCRIPTS: tuple[tuple[Callable[[Tale], None], tuple[int, ...]], ...] = (
    (granted, (168, 161, 150, 141, 128, 115, 101, 92, 84, 75, 66, 58, 47, 39, 33)),
    (denied, (120, 88, 54, 36)),
    (refused, (97, 61, 22, 9)),
    (withdrawn, (79, 44, 18)),
    (corrections, (6, 5, 3, 2)),
    (waiting, (15, 12, 3, 2, 1, 1, 0, 0)),
    (at("field_check"), (9, 7, 5, 4, 4, 3)),
    (at("field_confirm"), (8, 6)),
    (at("rule_check"), (8, 6, 5)),
    (at("review"), (13, 11, 9, 8)),
    (at("approve"), (15, 12, 10)),
    (at("sign"), (18, 14, 12, 11)),
    (at("deliver"), (20, 17)),
    (returned, (14, 13)),
    (transferred, (12, 10)),
    (suspended, (21, 16)),
    (extended, (26,)),
)


def tales() -> list[tuple[Callable[[Tale], None], int]]:
    """Every script with how many days ago it begins, oldest first."""
    return sorted(((play, days) for play, all_days in SCRIPTS for days in all_days), key=lambda pair: -pair[1])


def stand_of(number: int) -> Stand:
    """The forest of a case."""
    method = METHODS[number % len(METHODS)]
    area = Decimal(number % 9 + 4) / Decimal(5)
    volume = (area * (80 if method == "clear" else 28)).quantize(Decimal("0.1"))
    return Stand(number + 1, method=method, area=area, volume=volume, slope=14 + number * 5 % 14)


def beginning(days: int, number: int) -> datetime:
    """Morning of the working day that many days ago."""
    day = today() - timedelta(days=days)
    start = timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(
        hours=8, minutes=number * 7 % 55
    )
    calendar = Calendar(start)
    calendar.forward(1)
    return calendar.moment
