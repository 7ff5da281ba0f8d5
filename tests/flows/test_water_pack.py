"""Water permits in a node that knows nothing but water: a bureau is data. No line of Python belongs to the pack."""

import csv
import io
import zipfile
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings

from tests.browsing import signed_in
from tests.flows.water_world import (
    CITY,
    COUNTY,
    INTAKE,
    PROVINCE,
    RENEWAL,
    Intake,
    Waterworks,
    WaterWorld,
    firm,
    officer,
    raw_intake,
)
from tests.queries import counted
from yiwang.kernel.base.moments import as_of, now, today
from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.cases.actions.decisions import return_step
from yiwang.kernel.cases.actions.life import open_case, suspend_case
from yiwang.kernel.cases.listed import Listing, entries_listed, register_named, sums_by, sums_of
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.publishing import read_folder
from yiwang.kernel.cases.queries import offers
from yiwang.kernel.cases.refusals import AlreadyConcerned, NoAuthority, NoSuchEntry, TooEarly, TooLate
from yiwang.kernel.cases.tests.world import clock_of, ledger_holds, unchanged
from yiwang.kernel.cases.types import current_offer, parse_definition
from yiwang.kernel.clock.refusals import NothingToPause
from yiwang.kernel.clock.rules import add_months
from yiwang.kernel.clock.services import PauseOrder
from yiwang.kernel.clock.workdays import DAY
from yiwang.kernel.forms.definition import Raw
from yiwang.kernel.forms.refusals import DefinitionRefused, FormIncomplete
from yiwang.kernel.ledger.models import AccessEntry
from yiwang.kernel.org.directory import changed
from yiwang.kernel.org.models import Account, Unit
from yiwang.kernel.outputs.models import Document
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.registers.models import Entry, EntryVersion, Quota, Register
from yiwang.kernel.registers.queries import status_of, verify
from yiwang.kernel.registers.rules import Status
from yiwang.kernel.registers.services import Column, columns_of
from yiwang.kernel.registers.verification import verification_tag

LAW = "取水许可和水资源费征收管理条例第二十五条"


def entry_of(case: int) -> Entry:
    """The entry a case gave rise to."""
    return Entry.objects.select_related("register", "issuer").get(source=case)


class Pack(WaterWorld):
    def test_it_holds_no_python_and_names_an_article_for_every_limit_and_check(self) -> None:
        pack = settings.DEFINITIONS / "water"
        assert {path.suffix for path in pack.rglob("*.*")} == {".yaml", ".bpmn", ".typ", ".txt"}
        for key in (INTAKE, RENEWAL):
            offer = current_offer(key)
            assert offer.spec.valid_from.isoformat() == "2006-04-15"
            assert all(limit.basis.law and limit.basis.article for limit in offer.spec.limits.values())
            assert all("第" in check.law for check in offer.checks)
        assert current_offer(INTAKE).spec.limits["statutory"].amount == 45

    def test_what_the_law_leaves_open_is_a_setting_that_says_so(self) -> None:
        parameters = current_offer(INTAKE).form.parameters
        assert {key for key, one in parameters.items() if one.note.startswith("设置")} == {"city_over", "province_over"}
        concern = current_offer(RENEWAL).spec.concern
        assert concern is not None
        assert (concern.latest, "设置" in concern.basis.text) == (45, True)

    def test_what_a_definition_cannot_mean_is_refused_by_file_and_key(self) -> None:
        wrong = (
            ("abstraction", "type.yaml", "when: total > city_over", "when: nothing > city_over", "nothing"),
            ("abstraction", "registers.yaml", "field: purpose,", "field: nothing,", "columns"),
            ("abstraction", "registers.yaml", "codes: water/purpose", "codes: water/nothing", "water/nothing"),
            ("renewal", "type.yaml", "field: licence_number", "field: nothing", "concerns"),
            ("renewal", "type.yaml", "earliest: 180", "earliest: 30", "earliest"),
            ("abstraction", "type.yaml", "hearing, consultation, dispute", "hearing, holiday", "holiday"),
        )
        for folder, name, right, bad, told in wrong:
            files = read_folder(settings.DEFINITIONS / "water" / folder)
            assert right in files[name]
            with pytest.raises(DefinitionRefused) as caught:
                parse_definition({**files, name: files[name].replace(right, bad, 1)})
            assert (name in str(caught.value), told in str(caught.value)) == (True, True), str(caught.value)

    def test_it_is_offered_where_a_unit_can_do_it(self) -> None:
        assert {offer.spec.key for offer in offers()} == {INTAKE, RENEWAL}


class Application(WaterWorld):
    def test_from_the_application_to_the_certificate(self) -> None:
        opened = self.works.apply(Intake(surface="60", ground="20.5"))
        case = opened.case
        self.works.finish(case.pk)
        case.refresh_from_db()
        assert (case.status, case.result, case.unit.name) == (Case.Status.CLOSED, "granted", COUNTY)
        entry = entry_of(case.pk)
        assert entry.register_id == "water_licence"
        assert (entry.valid_from, entry.valid_to) == (today(), add_months(today(), 60) - DAY)
        assert entry.data["tech_review__approved_total"].startswith("80.5")
        assert "site_check__site_opinion" not in entry.data
        assert Quota.objects.get(unit__name=COUNTY, year=today().year).used == Decimal("80.5")
        document = Document.objects.get(subject=entry.subject_id)
        assert document.title == "取水许可证"
        verdict = verify(entry.number, tag=verification_tag(entry))
        assert verdict is not None
        assert dict(verdict.data)["sources"] == "地表水、地下水"
        assert ledger_holds()

    def test_new_works_are_approved_first_and_the_approval_lapses_after_three_years(self) -> None:
        case = self.works.apply(Intake(works="new")).case.pk
        self.works.finish(case)
        entry = entry_of(case)
        assert entry.register_id == "water_approval"
        assert entry.valid_to == add_months(today(), 36) - DAY
        assert status_of(entry, entry.valid_to + DAY) is Status.EXPIRED
        assert Document.objects.get(subject=entry.subject_id).title == "取水申请批准文件"

    def test_the_amount_decides_which_level_is_asked(self) -> None:
        for amount, bureau in (("100", COUNTY), ("100.0001", CITY), ("1000", CITY), ("1000.0001", PROVINCE)):
            case = self.works.apply(Intake(surface=amount)).case
            assert case.unit.name == bureau, amount

    def test_a_bureau_of_another_trade_is_never_asked(self) -> None:
        county = officer(COUNTY, "water_checker").posts[0].unit
        Unit.objects.filter(pk=county).update(is_active=False)
        changed()
        application = self.works.intake(Intake())
        with unchanged(), pytest.raises(NoAuthority):
            open_case(actor=firm(), application=application)

    def test_forty_five_working_days_and_only_the_pauses_of_the_regulation(self) -> None:
        case = self.works.apply(Intake()).case.pk
        self.works.decide(case, "accept")
        statutory = clock_of(case, "statutory")
        assert (statutory.amount, statutory.unit) == (45, "wd")
        inspector = officer(COUNTY, "water_inspector")
        with unchanged(), pytest.raises(NothingToPause):
            suspend_case(actor=inspector, case=case, order=PauseOrder("testing", "水质检测"))
        suspend_case(actor=inspector, case=case, order=PauseOrder("consultation", "征求城建部门意见", "告知书"))
        assert clock_of(case, "statutory").paused_at is not None

    def test_a_decision_taken_back_gives_back_amount_and_number(self) -> None:
        case = self.works.apply(Intake()).case.pk
        self.works.walk(case, "deliver")
        item = WorkItem.objects.get(subject=case, state=WorkItem.State.OPEN)
        target = WorkItem.objects.get(subject=case, node="sign", state=WorkItem.State.DONE)
        clerk = officer(COUNTY, "intake")
        return_step(actor=clerk, case=case, item=item.pk, target=target.pk, opinion="水量有误")
        assert entry_of(case).state == Entry.State.VOID
        assert Quota.objects.get(unit__name=COUNTY, year=today().year).used == 0

    def test_wrong_answers_are_refused_and_leave_nothing(self) -> None:
        right = Intake()
        wrong: list[Raw] = [
            {"month_12": "1"}, {"years": "11"}, {"sources": []}, {"surface_amount": "-1"}, {"capacity": "1"},
            {"surface_amount": "9" * 40}, {"purpose": "gambling"}, {"is_project": "true", "project_name": "厂"},
        ]  # fmt: skip
        for change in wrong:
            form = current_offer(INTAKE).form
            assert self.works.judged(form, raw_intake(right) | change, []).problems, change
        with pytest.raises(FormIncomplete):
            self.works.apply(right, years="0")
        assert not Case.objects.exists()


class Renewal(WaterWorld):
    entry: Entry

    @classmethod
    def setUpTestData(cls) -> None:
        """A certificate of the first firm."""
        super().setUpTestData()
        works = Waterworks()
        case = works.apply(Intake()).case.pk
        works.finish(case)
        cls.entry = entry_of(case)

    def days_before(self, days: int) -> AbstractContextManager[None]:
        """As of so many days before the last day of the certificate."""
        assert self.entry.valid_to is not None
        return as_of(now() + (self.entry.valid_to - today()) - timedelta(days=days))

    def renew(self) -> int:
        """Apply for renewal."""
        opened = open_case(actor=firm(), application=self.works.renewal(self.entry.number))
        return opened.case.subject_id

    def refused(self, refusal: type[Refusal], licence: str = "", number: int = 0) -> Refusal:
        """What says no to a renewal, which leaves no trace."""
        application = self.works.renewal(licence or self.entry.number, number)
        with unchanged(), pytest.raises(refusal) as caught:
            open_case(actor=firm(number), application=application)
        return caught.value

    def test_too_early_and_too_late_are_refused_with_the_article(self) -> None:
        for days, refusal in ((181, TooEarly), (44, TooLate), (0, TooLate)):
            with self.days_before(days):
                assert self.refused(refusal).rule == LAW
        with self.days_before(-1):
            self.refused(NoSuchEntry)

    def test_in_time_it_is_renewed_from_its_old_end_and_printed_anew(self) -> None:
        for days in (180, 45):
            with self.days_before(days):
                case = self.renew()
                Case.objects.filter(pk=case).update(status=Case.Status.CLOSED)
        with self.days_before(60):
            case = self.renew()
            assert Case.objects.get(pk=case).unit.name == COUNTY
            self.works.finish(case)
        before, self.entry = self.entry.valid_to, Entry.objects.get(pk=self.entry.pk)
        assert before is not None
        assert self.entry.valid_to == add_months(before + DAY, 60) - DAY
        assert Document.objects.filter(subject=self.entry.subject_id).count() == 2
        assert EntryVersion.objects.filter(entry=self.entry).count() == 2
        assert ledger_holds()

    def test_a_renewal_taken_back_restores_the_old_end(self) -> None:
        with self.days_before(60):
            case = self.renew()
            self.works.walk(case, "deliver")
            item = WorkItem.objects.get(subject=case, state=WorkItem.State.OPEN)
            target = WorkItem.objects.get(subject=case, node="sign", state=WorkItem.State.DONE)
            clerk = officer(COUNTY, "intake")
            return_step(actor=clerk, case=case, item=item.pk, target=target.pk, opinion="再核")
        assert Entry.objects.get(pk=self.entry.pk).valid_to == self.entry.valid_to

    def test_only_the_holder_and_only_once_at_a_time(self) -> None:
        with self.days_before(60):
            self.refused(NoSuchEntry, number=1)
            self.refused(NoSuchEntry, "取水崇字〔2020〕第99999号")
            self.renew()
            self.refused(AlreadyConcerned)


class List(WaterWorld):
    """The list of certificates: filters, sums, who sees what."""

    register: Register

    @classmethod
    def setUpTestData(cls) -> None:
        """Four certificates."""
        super().setUpTestData()
        works = Waterworks()
        asked = (
            Intake("60", "20.5", "industry"), Intake("0.0001", "0", "domestic"), Intake("0", "30.3333", "industry"),
            Intake("30.1", "0.2", "farming", place="东塘"),
        )  # fmt: skip
        for one in asked:
            works.finish(works.apply(one).case.pk)
        cls.register = register_named("water_licence")

    def setUp(self) -> None:
        super().setUp()
        self.viewer = officer(COUNTY, "reviewer")

    def sums(self, **chosen: str) -> tuple[int, dict[str, Decimal]]:
        """Count and sums of what is left of the list."""
        rows = entries_listed(self.viewer, Listing("water_licence", chosen=chosen), self.register)
        return rows.count(), sums_of(rows, self.register)

    def test_filters_by_source_and_purpose_and_exact_sums_by_source(self) -> None:
        count, found = self.sums()
        surface, ground = Decimal("90.1001"), Decimal("51.0333")
        assert (count, found) == (4, {"surface": surface, "ground": ground, "total": surface + ground})
        count, found = self.sums(source="ground")
        assert (count, found["ground"]) == (3, ground)
        count, found = self.sums(source="ground", purpose="industry")
        assert (count, found["total"]) == (2, Decimal("110.8333"))
        assert self.sums(purpose="gambling") == (0, dict.fromkeys(("surface", "ground", "total"), Decimal(0)))

    def test_sums_by_purpose(self) -> None:
        rows = entries_listed(self.viewer, Listing("water_licence"), self.register)
        column = next(one for one in self.columns() if one.key == "purpose")
        found = {value: sums["total"] for value, sums in sums_by(rows, self.register, column).items()}
        assert found == {"industry": Decimal("110.8333"), "domestic": Decimal("0.0001"), "farming": Decimal("30.3")}

    def columns(self) -> tuple[Column, ...]:
        """What the list shows."""
        return columns_of(self.register)

    def page(self, address: str) -> str:
        """A page of the desk as the viewer gets it, in at most ten queries."""
        client = signed_in(Account.objects.get(pk=self.viewer.account))
        with self.settings(DIRECTORY_REFRESH=60, CALENDAR_REFRESH=60):
            client.get(address)
            with counted() as queries:
                answer = client.get(address)
        assert (answer.status_code, queries.count <= 10) == (200, True), str(queries)
        return answer.content.decode()

    def test_the_page_filters_and_sums_whatever_is_typed_into_its_address(self) -> None:
        address = "/desk/registers/list/water_licence/"
        page = self.page(f"{address}?f-source=ground&by=purpose")
        assert page.count("取水崇字〔") == 3
        assert "51.0333" in page
        assert "90.1001" not in page
        assert self.page(f"{address}?q=00002").count("取水崇字〔") == 1
        assert self.page(f"{address}?status=ended").count("取水崇字〔") == 0
        for wrong in (
            "?f-source='--",
            "?f-nothing=1&by=nothing",
            "?before=-1",
            "?before=9" * 9,
            "?status=%00",
            "?q=%25",
        ):
            assert "water_licence" in self.page(address + wrong), wrong
        client = signed_in(Account.objects.get(pk=self.viewer.account))
        assert client.get("/desk/registers/list/nothing/").status_code == 404

    def test_it_is_taken_along_as_it_stands_and_the_log_keeps_who_took_it(self) -> None:
        address = "/desk/registers/list/water_licence/export/?f-source=ground&format="
        client = signed_in(Account.objects.get(pk=self.viewer.account))
        table = list(csv.reader(io.StringIO(client.get(address + "csv").content.decode("utf-8-sig"))))
        assert table[0][2:7] == ["水源类型", "取水用途", "取水地点", "地表水（万立方米/年）", "地下水（万立方米/年）"]
        assert [row[6] for row in table[1:]] == ["0.2", "30.3333", "20.5"]
        with zipfile.ZipFile(io.BytesIO(client.get(address + "xlsx").content)) as book:
            assert "30.3333" in book.read("xl/worksheets/sheet1.xml").decode()
        logged = AccessEntry.objects.filter(verb="register.exported").values_list("facts", flat=True)
        assert list(logged) == [{"register": "water_licence", "lines": 3}] * 2

    def test_it_shows_what_the_reader_may_see(self) -> None:
        for reader, count in ((officer(PROVINCE, "signer"), 4), (officer("崇义县林业局", "signer"), 0), (firm(1), 0)):
            rows = entries_listed(reader, Listing("water_licence"), self.register)
            assert (rows.count(), sums_of(rows, self.register)["total"] > 0) == (count, bool(count))
