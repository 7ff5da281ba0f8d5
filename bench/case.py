"""`case`: whole requests that change a case, as ordinary users send them: session, actor, action, answer.

Measured are the last POST of an application in the hall and the decision *review* on the desk; acceptance, the record
of the field check and the signature stand beside them. CPU is that of this process and, on PostgreSQL, of its backend.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import django

os.environ.setdefault("YIWANG_SECRET_KEY", "for-a-benchmark-only")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.project.settings.base")
django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from bench.acting.meters import Meter
from bench.acting.review import prepared
from bench.report import Bar, report
from tests.browsing import signed_in
from tests.queries import counted
from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.forms.actions import begin_draft
from yiwang.kernel.org.models import Account
from yiwang.kernel.org.queries import actor_of
from yiwang.kernel.process.models import WorkItem
from yiwang.project.demo.accounts import party_of, register_citizen
from yiwang.project.demo.answers import Stand, raw_answers
from yiwang.project.demo.filling import Demonstration
from yiwang.project.demo.people import villager
from yiwang.project.demo.player import TASK_ANSWERS, TYPE

OPEN, ACCEPT, CHECK, DECIDE, SIGN = "open", "accept", "field check", "decide", "sign"
MATERIALS = ("identity_paper", "site_photos")
WARM = 2


@dataclass
class Figure:
    """One kind of request, sent many times."""

    queries: list[int] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.most} queries, {self.spent:.1f} ms CPU (median of {len(self.cpu)})"

    @property
    def most(self) -> int:
        """Statements, the most; the first requests, which fill memories, left out."""
        return max(self.queries[WARM:] or self.queries)

    @property
    def spent(self) -> float:
        """Milliseconds of CPU, the median; the first requests left out."""
        return median(self.cpu[WARM:] or self.cpu)


@dataclass
class Bench:
    """The people of the demonstration at their browsers, and what was measured so far."""

    show: Demonstration
    figures: dict[str, Figure] = field(default_factory=dict)
    browsers: dict[int, Client] = field(default_factory=dict)

    def measure(self, what: str, send: Callable[[], int]) -> None:
        """Send one request and note what it cost. Raises RuntimeError when it was not taken."""
        figure, meter = self.figures.setdefault(what, Figure()), Meter.here()
        with counted() as queries, meter.on():
            status = send()
        if status != 302:
            raise RuntimeError(f"{what}: {status}")
        figure.queries.append(queries.count)
        figure.cpu.append(meter.total * 1000)

    def browser(self, account: Account) -> Client:
        """A browser with a session of this account."""
        if account.pk not in self.browsers:
            self.browsers[account.pk] = signed_in(account)
        return self.browsers[account.pk]

    def open(self, number: int) -> int:
        """A villager hands in what he has filled in; the case."""
        who = villager(number % 5)
        party = party_of(who)
        account = Account.objects.get(party=party)
        raw = raw_answers(Stand(number, township="360725100"), who.name, who.identity, who.phone, today())
        actor, form = actor_of(account), current_offer(TYPE).form
        draft = begin_draft(actor=actor, form=form, purpose=TYPE, raw=raw)
        for slot in MATERIALS:
            self.show.player._attach(actor, draft.token, slot)
        client, address = self.browser(account), f"/apply/{TYPE}/{draft.token}/"
        self.measure(OPEN, lambda: client.post(address, {"agreed": "yes"}).status_code)
        return WorkItem.objects.latest("pk").subject_id

    def decide(self, what: str, case: int, node: str, move: str) -> None:
        """Somebody who may decides a step on the desk."""
        item = self.show.player.item(case, node)
        client = self.browser(Account.objects.get(pk=self.show.player.doer(item).account))
        data = {"move": move, "opinion": "经审核，材料齐全，拟同意。"}
        self.measure(what, lambda: client.post(f"/desk/items/{item.pk}/decide/", data).status_code)

    def check(self, case: int) -> None:
        """An officer hands in the record of the field check."""
        item = self.show.player.item(case, "field_check")
        actor, form = self.show.player.doer(item), current_offer(TYPE).task_forms["field_check"]
        draft = begin_draft(actor=actor, form=form, purpose=f"desk.item:{item.pk}", raw=TASK_ANSWERS["field_check"]())
        for one in form.single_fields().values():
            for number in range(one.slot.fewest if one.slot and not one.optional else 0):
                self.show.player._attach(actor, draft.token, one.key, number=number)
        client = self.browser(Account.objects.get(pk=actor.account))
        address = f"/desk/items/{item.pk}/form/{draft.token}/review/"
        self.measure(CHECK, lambda: client.post(address, {"move": "done"}).status_code)

    def play(self, number: int) -> None:
        """One case from the application to the signature."""
        case = self.open(number)
        self.decide(ACCEPT, case, "intake", "accept")
        self.check(case)
        self.show.player.until(case, "review")
        self.decide(DECIDE, case, "review", "agree")
        self.show.player.decide(case, "approve")
        self.decide(SIGN, case, "sign", "grant")


def main() -> None:
    """Play cases and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=20)
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", interactive=False, verbosity=0)
    bench = Bench(prepared())
    for number in range(5):
        register_citizen(villager(number), bench.show.clerk())
    for number in range(1, options.cases + 1):
        bench.play(number)
    figures: dict[str, object] = {"cases": options.cases}
    figures |= {name: str(figure) for name, figure in bench.figures.items()}
    report("case", connection.vendor, figures, bars_of(bench.figures))


def bars_of(figures: dict[str, Figure]) -> list[Bar]:
    """The limits of the two requests that every case passes."""
    limits = {OPEN: 20, DECIDE: 18}
    queries = [Bar(f"queries of {what}, most", figures[what].most, most) for what, most in limits.items()]
    return queries + [Bar(f"ms CPU of {what}", round(figures[what].spent, 1), 40) for what in limits]


if __name__ == "__main__":
    main()
