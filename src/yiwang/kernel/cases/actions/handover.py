"""Work of somebody who left his post 离岗移交: back to the pool of the post, or to a successor who holds it."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.services import begin_anyway, finish
from yiwang.kernel.jobs.services import Order, enqueue_all, finish_in_transaction
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Holding
from yiwang.kernel.org.queries import current_holdings
from yiwang.kernel.process import services as process
from yiwang.kernel.process.board import Assignment
from yiwang.kernel.process.models import WorkItem

PLAN, ITEM = "cases.hand_over", "cases.hand_over_item"


@transaction.atomic(durable=True)
def plan_hand_over(*, actor: Actor, holding: int) -> int:
    """Put off one job for each item open in the name of somebody whose holding has ended; how many.

    Before the day after his last, it puts itself off until then. Nothing is done when he holds the post again.
    """
    row = Holding.objects.get(pk=holding)
    orders: list[Order] = []
    if row.until is not None and row.until >= today():
        start = timezone.make_aware(datetime.combine(row.until + timedelta(days=1), time.min))
        orders = [Order(PLAN, ref=holding, due=start, unique_key=f"{PLAN}:{holding}:{row.until}")]
    elif row.until is not None and not _holds(row.person_id, row.post_id):
        orders = [_order(case, item, holding) for case, item in _open_items(row)]
    enqueue_all(orders)
    finish_in_transaction()
    return sum(order.kind == ITEM for order in orders)


def _open_items(row: Holding) -> list[tuple[int, int]]:
    mine = WorkItem.objects.filter(person=row.person_id, post=row.post_id, state=WorkItem.State.OPEN)
    return list(mine.order_by("pk").values_list("subject", "pk"))


def _order(case: int, item: int, holding: int) -> Order:
    return Order(ITEM, ref=item, line=case, args={"case": case, "holding": holding}, unique_key=f"{ITEM}:{item}")


def _holds(person: int, post: int) -> bool:
    return current_holdings().filter(person=person, post=post).exists()


@transaction.atomic(durable=True)
def hand_over_item(*, actor: Actor, case: int, item: int, holding: int) -> Entry | None:
    """Hand one item over; None when it is his no more. Records `case.item_handed_over`.

    The successor gets it as long as he holds the post, else the pool.
    """
    turn = begin_anyway(case, actor)
    row = Holding.objects.select_related("person").get(pk=holding)
    held = WorkItem.objects.filter(pk=item, subject=case, state=WorkItem.State.OPEN, person=row.person_id)
    work = held.filter(post=row.post_id).first()
    if work is None or _holds(row.person_id, row.post_id):
        finish_in_transaction()
        return None
    successor = row.successor_id if row.successor_id and _holds(row.successor_id, row.post_id) else None
    to = Assignment(post=row.post_id, person=successor, unit=work.unit)
    note = f"{row.person.name}离岗移交"
    outcome = process.release(subject_id=case, item_id=item, to=to, board=turn.board, note=note)
    turn.note("case.item_handed_over", {"holding": holding, **outcome.facts()})
    return finish(turn, outcome)[0]
