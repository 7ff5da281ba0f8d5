"""Opening a case: what it leaves behind, and that a refusal leaves nothing."""

from dataclasses import replace
from unittest.mock import patch

import pytest

from yiwang.kernel.access.models import Grant
from yiwang.kernel.access.principals import of_party, of_post, of_unit
from yiwang.kernel.base.refusals import NotFound, NotPermitted
from yiwang.kernel.cases.actions.life import open_case
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.opening import Application
from yiwang.kernel.cases.refusals import IdentityTooLow, NoAuthority, TypeNotOffered
from yiwang.kernel.cases.tests.world import (
    CLERK,
    COUNTY,
    KEY,
    CaseWorld,
    citizen,
    clock_of,
    filing,
    ledger_holds,
    staff,
    unchanged,
    verbs,
)
from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.forms.actions import begin_draft
from yiwang.kernel.forms.models import Draft, Evidence
from yiwang.kernel.forms.queries import context_for, facts_of
from yiwang.kernel.forms.refusals import FormIncomplete
from yiwang.kernel.forms.rules import Outcome, judge
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.actors import ANONYMOUS, Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Party, Unit
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.registers.models import Series
from yiwang.project.demo.answers import Stand
from yiwang.project.demo.player import Filing, attached


class Torn(Exception):
    """Something breaks after the number was taken."""


def application(of: Filing, **changes: str) -> Application:
    """The application of a filing with a draft of its own and no materials; `changes` go into the answers."""
    offer = current_offer(KEY)
    raw = {**of.raw, **changes}
    draft = begin_draft(actor=of.actor, form=offer.form, purpose=KEY, raw=raw)
    return Application(KEY, judge(offer.form, raw, context_for(offer.form)), draft.token, 3, of.party)


class Opened(CaseWorld):
    def test_it_is_numbered_kept_watched_and_told(self) -> None:
        opened = self.county.player.file(filing(1))
        case = Case.objects.get(pk=opened.case.pk)
        year = case.opened.year
        assert case.number == f"崇林采申〔{year}〕00001号"
        assert (case.status, case.party_id, case.unit.name) == (Case.Status.RECEIVED, citizen().party, COUNTY)
        assert verbs(case.pk) == ["case.opened"]
        assert self.county.waiting(case.pk) == ["intake"]
        assert case.due == clock_of(case.pk, "acceptance").due_at
        assert len(opened.track_code.replace("-", "")) >= 10
        assert opened.track_code not in case.track_tag

    def test_the_evidence_the_files_and_the_listed_facts_hang_on_it(self) -> None:
        case = self.county.file()
        assert Evidence.objects.filter(subject=case).count() == 1
        assert set(Attachment.objects.filter(subject=case).values_list("slot", flat=True)) == {
            "identity_paper",
            "site_photos",
        }
        assert str(facts_of([case])[case]["felling.place"]) == "老鸦坳"
        assert not Draft.objects.exists()

    def test_applicant_units_and_the_pool_of_the_first_step_see_it_and_nobody_else(self) -> None:
        case = self.county.file()
        unit = Unit.objects.get(name=COUNTY)
        post = directory().post_of(unit, "intake")
        assert post is not None
        keys = set(Grant.objects.filter(subject=case).values_list("key", flat=True))
        above = {of_unit(one.pk) for one in (unit, *unit.get_ancestors())}
        assert keys == {of_party(citizen().party or 0), of_post(post.pk), *above}
        assert WorkItem.objects.get(subject=case).post == post.pk

    def test_the_ledger_delivers_to_whoever_waits_for_it_in_the_same_transaction(self) -> None:
        case = self.county.file()
        entry = Entry.objects.get(subject=case)
        kinds = set(Job.objects.filter(ref=entry.pk).values_list("kind", flat=True))
        assert {"ledger.deliver:cases.tell_applicant", "ledger.deliver:cases.index_words"} <= kinds
        assert Job.objects.filter(kind="cases.timer", ref=WorkItem.objects.get(subject=case).pk).count() == 1

    def test_numbers_have_no_gap_even_after_one_that_came_to_nothing(self) -> None:
        first = self.county.file()
        with patch("yiwang.kernel.cases.opening.process.start", side_effect=Torn), pytest.raises(Torn):
            self.county.file(2)
        second = self.county.file(3)
        numbers = [Case.objects.get(pk=pk).number for pk in (first, second)]
        assert [number[-6:-1] for number in numbers] == ["00001", "00002"]
        assert Series.objects.get(key=f"case:{KEY}").last == 2
        assert ledger_holds()

    def test_the_same_draft_twice_is_one_case(self) -> None:
        of = filing()
        wish = replace(application(of), answers=self.complete(of))
        first = open_case(actor=of.actor, application=wish)
        with unchanged():
            again = open_case(actor=of.actor, application=wish)
        assert again.case.pk == first.case.pk
        assert (first.is_new, again.is_new, again.track_code) == (True, False, "")

    def test_a_clerk_files_for_a_villager_who_then_sees_it(self) -> None:
        case = self.county.file(actor=staff(CLERK))
        row = Case.objects.get(pk=case)
        assert (row.party_id, row.filed_by) == (citizen().party, staff(CLERK).account)

    def complete(self, of: Filing) -> Outcome:
        """Answers as judged with the two materials the form asks for."""
        offer = current_offer(KEY)
        draft = begin_draft(actor=of.actor, form=offer.form, purpose=KEY, raw=of.raw)
        files = [self.county.player._attach(of.actor, draft.token, slot) for slot in of.materials]
        raw = of.raw | {file.slot: [file.pk] for file in files}
        return judge(offer.form, raw, context_for(offer.form, attachments=attached(files)))


class Refused(CaseWorld):
    def file_as(self, actor: Actor, of: Filing) -> None:
        self.county.player.file(replace(of, actor=actor))

    def test_an_applicant_whose_identity_is_too_low(self) -> None:
        Party.objects.filter(pk=citizen().party or 0).update(level=0)
        wish = application(filing())
        with unchanged(), pytest.raises(IdentityTooLow):
            open_case(actor=citizen(), application=wish)

    def test_a_citizen_who_names_another_party(self) -> None:
        of = replace(filing(applicant=1), actor=citizen(2))
        drafts = Draft.objects.count()
        with pytest.raises(NotPermitted):
            self.county.player.file(of)
        assert not Case.objects.exists()
        assert not Entry.objects.filter(verb="case.opened").exists()
        assert Draft.objects.count() == drafts + 1

    def test_a_form_that_is_not_complete(self) -> None:
        wish = application(filing(), place_name="")
        with unchanged(), pytest.raises(FormIncomplete):
            open_case(actor=citizen(), application=wish)

    def test_a_form_with_a_wrong_answer(self) -> None:
        wish = application(filing(), volume="-1")
        with unchanged(), pytest.raises(FormIncomplete):
            open_case(actor=citizen(), application=wish)

    def test_an_item_that_is_not_offered(self) -> None:
        wish = replace(application(filing()), type_key="forestry.unknown")
        with unchanged(), pytest.raises(TypeNotOffered):
            open_case(actor=citizen(), application=wish)

    def test_somebody_elses_draft(self) -> None:
        wish = application(filing())
        with unchanged(), pytest.raises(NotFound):
            open_case(actor=citizen(2), application=replace(wish, party=citizen(2).party))

    def test_nobody_at_all(self) -> None:
        wish = application(filing())
        with unchanged(), pytest.raises((NotFound, NotPermitted)):
            open_case(actor=ANONYMOUS, application=wish)

    def test_a_place_without_an_authority(self) -> None:
        Unit.objects.filter(name=COUNTY).update(is_active=False)
        count = Case.objects.count()
        with pytest.raises(NoAuthority):
            self.county.player.file(filing(stand=Stand(1, township="360725100")))
        assert Case.objects.count() == count
        assert not Entry.objects.filter(verb="case.opened").exists()
