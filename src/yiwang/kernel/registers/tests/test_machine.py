"""A machine that books, gives back, corrects and adjusts at will; a dictionary keeps count beside it."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.kinds import kind_id
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Level, Node, Unit
from yiwang.kernel.registers.bookings import Ask, SchemeDeclaration, book_quota, declare_scheme, release_quota
from yiwang.kernel.registers.models import Entry, Quota, QuotaEntry, VoidNumber
from yiwang.kernel.registers.refusals import AlreadyBooked, QuotaExceeded
from yiwang.kernel.registers.services import Change, Declaration, Issue, declare, issue_entry, void_entry
from yiwang.kernel.registers.statements import move_limit, use
from yiwang.kernel.registers.tests.conftest import BASIS, DAY

AMOUNTS = st.integers(1, 60_000).map(lambda count: Decimal(count) / 1000)
CASES = st.integers(0, 5)


class Torn(Exception):
    """A failure after everything was done."""


class QuotaMachine(RuleBasedStateMachine):
    """Signings and roll-backs on six cases and one quota."""

    @initialize()
    def begin(self) -> None:
        self.point = transaction.savepoint()
        node = Node.objects.create(code="m", name="m")
        self.unit = Unit.add_root(name="u", short_name="u", kind="bureau", level=Level.COUNTY, node=node, word="青")
        declare_scheme(SchemeDeclaration("volume", "限额", "m³", BASIS))
        declare(Declaration("permit", "证", "{word}〔{year}〕{seq:04d}"))
        self.cases = [create_subject("case:example", unit=self.unit.pk) for _ in range(6)]
        self.quota = Quota.objects.create(
            subject=create_subject("quota", unit=self.unit.pk),
            scheme_id="volume", unit=self.unit, year=2026, limit=Decimal(100), source="x",
            valid_from=DAY.replace(month=1, day=1), valid_to=DAY.replace(month=12, day=31),
        )  # fmt: skip
        self.limit, self.corrected = Decimal(100), Decimal(0)
        self.held: dict[int, Decimal] = {}
        self.entries: dict[int, Subject] = {}
        self.issued = self.voided = 0

    def teardown(self) -> None:
        if hasattr(self, "point"):
            transaction.savepoint_rollback(self.point)

    def change(self, case: Subject) -> Change:
        return Change(SYSTEM, now(), "x", case=case.pk)

    @rule(number=CASES, amount=AMOUNTS, torn=st.booleans())
    def sign(self, number: int, amount: Decimal, torn: bool) -> None:
        """Book and issue in one transaction, as signing does; sometimes everything is torn down at the end."""
        case = self.cases[number]
        try:
            with transaction.atomic():
                book_quota(case, [Ask("volume", self.unit.pk, 2026, amount, DAY)], self.change(case))
                issued = issue_entry(Issue("permit", self.unit.pk, "某人", DAY), self.change(case), keys=[])
                if torn:
                    raise Torn
        except QuotaExceeded:
            assert number not in self.held
            assert self.used() + amount > self.limit
        except AlreadyBooked:
            assert number in self.held
        except Torn:
            assert number not in self.held
        else:
            assert number not in self.held
            self.held[number] = amount
            self.entries[number] = issued.entry.subject
            self.issued += 1

    @rule(number=CASES, times=st.integers(1, 3))
    def roll_back(self, number: int, times: int) -> None:
        """Undo, once or several times over: the same in the end."""
        case = self.cases[number]
        for _ in range(times):
            release_quota(case, self.change(case))
            if number in self.entries and void_entry(self.entries[number], self.change(case)):
                self.voided += 1
        self.held.pop(number, None)
        self.entries.pop(number, None)

    @rule(amount=AMOUNTS, sign=st.sampled_from([1, -1]))
    def correct(self, amount: Decimal, sign: int) -> None:
        """A correction never leads out of bounds."""
        fits = 0 <= self.used() + sign * amount <= self.limit and self.corrected + sign * amount >= 0
        if self.corrected + sign * amount < 0:
            return  # the test's own account would go below zero though bookings cover it
        assert (use(self.quota.pk, sign * amount) is not None) is fits
        if fits:
            self.corrected += sign * amount
            line = QuotaEntry(quota=self.quota, kind="correction", amount=sign * amount, balance=0, account=0, at=now())
            line.save()

    @rule(amount=AMOUNTS, sign=st.sampled_from([1, -1]))
    def adjust(self, amount: Decimal, sign: int) -> None:
        """A limit never falls below what is used."""
        fits = self.limit + sign * amount >= self.used()
        assert (move_limit(self.quota.pk, sign * amount) is not None) is fits
        if fits:
            self.limit += sign * amount

    def used(self) -> Decimal:
        return sum(self.held.values(), self.corrected)

    @invariant()
    def bookings_are_live_entries(self) -> None:
        if not hasattr(self, "quota"):
            return
        self.quota.refresh_from_db()
        total = QuotaEntry.objects.filter(quota=self.quota).aggregate(total=Sum("amount"))["total"] or Decimal(0)
        assert self.quota.used == total == self.used()
        assert 0 <= self.quota.used <= self.quota.limit == self.limit
        live = QuotaEntry.objects.filter(kind="booking", reversed_by=None).count()
        assert live == Entry.objects.filter(state="issued").count() == len(self.held)

    @invariant()
    def numbers_have_neither_gap_nor_double(self) -> None:
        if hasattr(self, "quota"):
            numbers = list(Entry.objects.order_by("seq").values_list("seq", flat=True))
            assert numbers == list(range(1, self.issued + 1))
            assert VoidNumber.objects.count() == self.voided


@pytest.mark.slow
@pytest.mark.django_db
def test_quota_machine() -> None:
    """Every run begins from nothing: the machine rolls its own savepoint back."""
    for key in ("case:example", "quota", "register:permit"):
        kind_id(key)  # known to the process, so they must outlive each run
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    bounds = settings(max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(QuotaMachine, settings=bounds)
