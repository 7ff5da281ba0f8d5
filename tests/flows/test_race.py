"""Several processes want the same at the same moment; exactly one gets it and the others are told."""

import pytest

from tests.flows.processes import race
from yiwang.kernel.cases.models import Case, Opinion
from yiwang.kernel.cases.tests.world import (
    CLERK,
    KEY,
    OTHER_CLERK,
    SIGNER,
    County,
    citizen,
    filing,
    found_county,
    leave,
    ledger_holds,
    quota,
    staff,
)
from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.forms.actions import begin_draft
from yiwang.kernel.forms.models import Draft
from yiwang.kernel.org.models import Account, Holding, Person
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.registers.models import Entry, QuotaEntry, Series
from yiwang.project.demo.answers import Stand

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def order(name: str, case: int, node: str, move: str) -> dict[str, object]:
    """One step as somebody."""
    item, account = County().item(case, node), staff(name).account
    return {"do": "decide", "account": account, "case": case, "item": item, "move": move, "opinion": "同意"}


def second_signer() -> str:
    """The deputy holds the post of the signer as well."""
    post = Holding.objects.get(person__name=SIGNER).post
    deputy = Person.objects.create(name="副局长")
    Account.objects.create(username="deputy", person=deputy)
    Holding.objects.create(person=deputy, post=post, since=Holding.objects.earliest("since").since)
    return deputy.name


def test_of_two_clerks_one_decides_the_other_is_told_and_one_opinion_stands() -> None:
    found_county()
    case = County().file()
    found = race(*(order(name, case, "intake", "accept") for name in (CLERK, OTHER_CLERK, CLERK)))
    assert sorted(found) == ["ItemNotOpen", "ItemNotOpen", "done"]
    assert Opinion.objects.filter(subject=case).count() == 1
    assert WorkItem.objects.filter(subject=case, node="rule_check").count() == 1
    assert ledger_holds()


def test_of_two_signers_one_gets_the_last_of_the_quota_and_nothing_is_decided_for_the_other() -> None:
    found_county()
    county, deputy = County(), second_signer()
    cases = [county.at("sign", number) for number in (1, 2)]
    leave(Stand(1).volume)
    found = race(order(SIGNER, cases[0], "sign", "grant"), order(deputy, cases[1], "sign", "grant"))
    assert sorted(found) in (["GrantBarred", "done"], ["QuotaExceeded", "done"])
    loser = cases[1 - found.index("done")]
    assert county.waiting(loser) == ["sign"]
    assert Case.objects.get(pk=loser).status == Case.Status.ACCEPTED
    assert not Opinion.objects.filter(subject=loser, node="sign").exists()
    assert quota().left == 0
    assert QuotaEntry.objects.filter(kind=QuotaEntry.Type.BOOKING).count() == Entry.objects.count() == 1
    assert Series.objects.get(key__contains="felling_certificate").last == 1
    assert ledger_holds()


def test_one_draft_sent_from_three_processes_is_one_case() -> None:
    found_county()
    of, player = filing(), County().player
    draft = begin_draft(actor=of.actor, form=current_offer(KEY).form, purpose=KEY, raw=of.raw)
    for slot in of.materials:
        player._attach(of.actor, draft.token, slot)
    order = {"do": "submit", "account": citizen().account, "draft": draft.token}
    found = race(order, order, order)
    case = Case.objects.get()
    assert sorted(found) == [f"known {case.pk}", f"known {case.pk}", f"opened {case.pk}"]
    assert case.number.endswith("00001号")
    assert Series.objects.get(key=f"case:{KEY}").last == 1
    assert not Draft.objects.exists()
    assert ledger_holds()
