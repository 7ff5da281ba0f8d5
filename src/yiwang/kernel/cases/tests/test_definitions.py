"""Types as data: published by a second person, refused by file, line and key, and how they are offered and tracked."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.conf import settings

from tests.queries import counted
from yiwang.kernel.access import policies
from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.cases import types
from yiwang.kernel.cases.actions.publishing import draft_version, load_shipped, publish_version
from yiwang.kernel.cases.checks import ASK, BAR, OK, Judged, evaluate, parse_checks
from yiwang.kernel.cases.models import CaseType, TypeVersion
from yiwang.kernel.cases.publishing import read_folder
from yiwang.kernel.cases.queries import cases_of_party, offers, track
from yiwang.kernel.cases.refusals import SamePublisher, TypeNotOffered
from yiwang.kernel.cases.tests.world import (
    CHECKER,
    CITY_APPROVER,
    CLERK,
    KEY,
    REVIEWER,
    SIGNER,
    CaseWorld,
    citizen,
    filing,
    staff,
    unchanged,
)
from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.actors import ANONYMOUS, SYSTEM
from yiwang.kernel.process.models import Definition
from yiwang.kernel.registers.models import Register, Scheme

FOLDER = settings.DEFINITIONS / "forestry" / "felling"
AUTHOR, REVIEWING = replace(SYSTEM, account=7), replace(SYSTEM, account=8)
CHECKS = """checks:
  - key: area
    name: 面积
    applies_when: method == "clear"
    passes_when: area <= 5
    ok: 面积 {area} 公顷
    bad: 面积 {area} 公顷，限 {unknown}
    law: 某条
    answers:
      - {key: fine, label: 可以, allows: true}
      - {key: not, label: 不行, allows: false}
  - {key: hard, name: 硬, passes_when: area <= 20, ok: 好, bad: 超, law: 某条}
"""


class Published(CaseWorld):
    def files(self, **changes: tuple[str, str]) -> dict[str, str]:
        """The shipped files with a text replaced in some of them; `type="a", "b"` replaces in type.yaml."""
        files = read_folder(FOLDER)
        for name, (old, new) in changes.items():
            full = next(one for one in files if one.startswith(name + "."))
            assert old in files[full]
            files[full] = files[full].replace(old, new, 1)
        return files

    def refusal_of(self, **changes: tuple[str, str]) -> str:
        """Everything a refused draft says; empty when it was taken."""
        try:
            draft_version(actor=AUTHOR, files=self.files(**changes))
        except Refusal as refusal:
            return f"{refusal.message} {refusal.facts} {refusal.field}"
        return ""

    def test_by_a_second_person_and_running_cases_keep_theirs(self) -> None:
        case = self.county.file()
        before = current_offer(KEY)
        draft = draft_version(actor=AUTHOR, files=self.files(type=("name: 林木采伐许可", "name: 采伐许可（新）")))
        assert current_offer(KEY) == before
        with pytest.raises(SamePublisher):
            publish_version(actor=AUTHOR, version=draft.pk)
        assert TypeVersion.objects.get(pk=draft.pk).status == TypeVersion.Status.DRAFT
        publish_version(actor=REVIEWING, version=draft.pk)
        types.forget()
        assert current_offer(KEY).spec.name == "采伐许可（新）"
        assert self.case(case).version_id == before.version
        assert TypeVersion.objects.get(pk=before.version).status == TypeVersion.Status.REPLACED
        self.county.decide(CLERK, case, "intake", "accept")
        assert self.case(self.county.file(2)).version_id == draft.pk

    def test_what_is_shipped_is_taken_once_and_again_after_something_else(self) -> None:
        shipped = read_folder(FOLDER)
        first = TypeVersion.objects.get()
        version, is_new = load_shipped(actor=SYSTEM, files=shipped)
        assert (version.pk, is_new) == (first.pk, False)
        assert (Register.objects.count(), Scheme.objects.count(), Definition.objects.count()) == (2, 1, 1)
        load_shipped(actor=SYSTEM, files=self.files(type=("trips: 0", "trips: 1")))
        version, is_new = load_shipped(actor=SYSTEM, files=shipped)
        assert (version.number, is_new, version.status) == (3, True, TypeVersion.Status.PUBLISHED)
        assert TypeVersion.objects.filter(status=TypeVersion.Status.PUBLISHED).count() == 1

    def test_an_error_names_file_line_and_key_and_nothing_is_kept(self) -> None:
        wrong = {
            "type": [("level: 4 ", "level: vier "), ("trips: 0", "trips: 0\nnonsense: 1"), ("mark: 许", "mark: 许可")],
            "checks": [("passes_when: area <= 5", "passes_when: area <="), ("law: 森林法第五十九条", "lwa: 森林法")],
            "form": [("type: text", "type: txet")],
            "registers": [("kind: certificate", "kind: certificat")],
            "outputs": [("title: 林木采伐许可证", "tilte: 林木采伐许可证")],
        }
        before = TypeVersion.objects.count(), Definition.objects.count(), CaseType.objects.count()
        for name, changes in wrong.items():
            for change in changes:
                told = self.refusal_of(**{name: change})
                assert f"{name}.yaml" in told, (change, told)
                assert any(sign.isdigit() for sign in told), (change, told)
        assert before == (TypeVersion.objects.count(), Definition.objects.count(), CaseType.objects.count())

    def test_a_diagram_that_would_hang_and_code_in_an_expression_are_refused(self) -> None:
        hang = ('sourceRef="supplement" targetRef="intake"', 'sourceRef="supplement" targetRef="join"')
        evil = ("passes_when: area <= 5", 'passes_when: __import__("os").system("true") == 0')
        for changes in ({"process": hang}, {"checks": evil}):
            with pytest.raises(Refusal):
                draft_version(actor=AUTHOR, files=self.files(**changes))
        assert TypeVersion.objects.count() == 1

    def test_offers_are_what_is_published_valid_today_and_offered(self) -> None:
        assert [one.spec.key for one in offers()] == [KEY]
        CaseType.objects.update(is_offered=False)
        types.forget()
        assert offers() == []
        with pytest.raises(TypeNotOffered):
            current_offer(KEY)
        CaseType.objects.update(is_offered=True)
        TypeVersion.objects.update(valid_from="2999-01-01")
        assert offers() == []
        TypeVersion.objects.update(valid_from="2020-01-01", valid_to="2020-02-01")
        assert offers() == []

    def test_tracking_unknown_and_wrong_are_alike(self) -> None:
        opened = self.county.player.file(filing())
        number, code = self.case(opened.case.pk).number, opened.track_code
        found = track(f" {number} ", code.lower())
        assert found is not None
        assert found.pk == opened.case.pk
        costs = []
        for guess in ((number, "wrong"), ("unknown", code), (number, ""), ("' OR 1=1 --", "' OR 1=1 --")):
            with counted() as queries:
                assert track(*guess) is None
            costs.append(queries.count)
        assert set(costs) == {1}

    def test_who_may_do_what_to_a_case(self) -> None:
        subject = Subject.objects.get(pk=self.county.at("review"))
        may = {
            "applicant": (citizen(1), {"read", "withdraw"}),
            "stranger": (citizen(2), set()),
            "reviewer": (staff(REVIEWER), {"read", "suspend", "judge"}),
            "checker": (staff(CHECKER), {"read"}),
            "signer": (staff(SIGNER), {"read"}),
            "city": (staff(CITY_APPROVER), {"read"}),
            "other county": (staff("解秋阳"), set()),
            "anonymous": (ANONYMOUS, set()),
        }
        for who, (actor, allowed) in may.items():
            for verb in ("read", "withdraw", "suspend", "judge", "nonsense"):
                assert policies.may(actor, verb, subject) == (verb in allowed), (who, verb)

    def test_ones_own_cases_are_ones_own(self) -> None:
        case = self.county.file()
        assert [one.pk for one in cases_of_party(citizen(1))] == [case]
        assert not cases_of_party(citizen(2)).exists()
        assert not cases_of_party(staff(SIGNER)).exists()
        with unchanged():
            assert not cases_of_party(ANONYMOUS).exists()


class TestChecks:
    names = frozenset({"method", "area"})

    @pytest.mark.parametrize(("area", "state", "hard"), [("5", OK, OK), ("5.1", ASK, OK), ("21", ASK, BAR)])
    def test_the_machine_finds_and_a_person_is_asked_where_the_rule_leaves_it_to_him(
        self, area: str, state: str, hard: str
    ) -> None:
        found = evaluate(parse_checks(CHECKS, self.names), {"method": "clear", "area": Decimal(area)}, {})
        assert [one.state for one in found] == [state, hard]
        assert found[0].is_open == (state == ASK)
        assert found[1].bars == (hard == BAR)
        assert area in found[0].text

    def test_what_does_not_apply_is_not_shown_and_a_missing_value_is_a_dash(self) -> None:
        checks = parse_checks(CHECKS, self.names)
        assert [one.key for one in evaluate(checks, {"method": "selective", "area": Decimal(1)}, {})] == ["hard"]
        assert "限 —" in evaluate(checks, {"method": "clear", "area": Decimal(9)}, {})[0].text

    @pytest.mark.parametrize(
        ("answer", "is_open", "bars"), [("fine", False, False), ("not", False, True), ("x", True, False)]
    )
    def test_a_judgement_counts_when_the_rule_knows_the_answer(self, answer: str, is_open: bool, bars: bool) -> None:
        values = {"method": "clear", "area": Decimal(9)}
        found = evaluate(parse_checks(CHECKS, self.names), values, {"area": Judged(answer, "看过", "某人")})[0]
        assert (found.is_open, found.bars) == (is_open, bars)

    def test_a_name_nobody_declared_is_refused(self) -> None:
        with pytest.raises(Refusal):
            parse_checks(CHECKS, frozenset({"area"}))

    def test_a_template_can_only_name_values(self) -> None:
        text = CHECKS.replace("bad: 超", "bad: '{area.__class__.__mro__}'")
        found = evaluate(parse_checks(text, self.names), {"method": "x", "area": Decimal(30)}, {})
        assert found[0].text == "{area.__class__.__mro__}"
