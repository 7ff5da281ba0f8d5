"""Evidence is written once, opens only in its own row, and tells what a correction changed."""

from decimal import Decimal

import pytest
from django.db import connection
from django.utils import translation

from yiwang.kernel.crypto.keyring import KeyringError
from yiwang.kernel.forms import library
from yiwang.kernel.forms.definition import Json
from yiwang.kernel.forms.models import Evidence, Fact
from yiwang.kernel.forms.queries import (
    changes,
    evidence_of,
    facts_of,
    has_fact,
    is_genuine,
    latest_evidence,
    opened,
    seen_values,
)
from yiwang.kernel.forms.refusals import EvidenceSealed, FormIncomplete
from yiwang.kernel.forms.rules import judge
from yiwang.kernel.forms.services import freeze
from yiwang.kernel.forms.tests import felling
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import create_subject

pytestmark = pytest.mark.django_db


def frozen(subject: Subject, *, is_first: bool = False, **changed: Json) -> Evidence:
    """Hand the application in."""
    answers = judge(felling.form(), felling.typed(**changed), felling.context(felling.photo("site_photos")))
    return freeze(subject, felling.form(), answers, by=7, post=3, is_first=is_first)


@pytest.fixture
def subject() -> Subject:
    """Something a form can be handed in for."""
    return create_subject("case:forestry.felling", unit=1)


def test_evidence_keeps_values_words_and_files(subject: Subject) -> None:
    contents = opened(frozen(subject))
    assert contents.is_genuine
    assert contents.values["area"] == "0.83"
    assert contents.texts["boundaries"].startswith("东至松坑溪")
    lines = {line.key: line for page in contents.pages for line in page.lines}
    assert lines["holder_number"].text == f"居民身份证 {felling.ID_NUMBER}"
    assert felling.ID_NUMBER not in lines["holder_number"].safe
    assert "13000000026" not in lines["phone"].safe
    assert [(file.slot, file.name, file.digest) for file in contents.files] == [("site_photos", "照片.jpg", "0" * 64)]
    assert lines["right_paper"].text == "免提交，从不动产登记库调取"


def test_evidence_is_in_the_language_of_the_office(subject: Subject) -> None:
    with translation.override("en"):
        contents = opened(frozen(subject, has_dispute="true", in_reserve="false"))
    lines = {line.key: line.text for page in contents.pages for line in page.lines}
    assert (lines["has_dispute"], lines["in_reserve"], lines["stems"]) == ("有争议", "否", "1,120 株")
    assert lines["holder_number"].startswith("居民身份证")


def test_nothing_personal_lies_open_in_the_tables(subject: Subject) -> None:
    frozen(subject)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM forms_evidence")
        sealed = bytes(cursor.fetchone()[0])
    for word in ("林秋生", felling.ID_NUMBER, "13000000026", "松坑村三组"):
        assert word.encode() not in sealed
        assert not Fact.objects.filter(text__contains=word).exists()


def test_an_unfinished_form_is_not_frozen(subject: Subject) -> None:
    with pytest.raises(FormIncomplete) as caught:
        frozen(subject, age="")
    assert caught.value.facts["problems"] == [{"path": "age", "step": "stand", "message": "请填写林龄"}]
    assert (Evidence.objects.count(), Fact.objects.count()) == (0, 0)


def test_evidence_is_never_changed(subject: Subject) -> None:
    evidence = frozen(subject)
    evidence.digest = "0" * 64
    with pytest.raises(EvidenceSealed):
        evidence.save()
    with pytest.raises(EvidenceSealed):
        evidence.delete()
    with pytest.raises(EvidenceSealed):
        Evidence.objects.filter(pk=evidence.pk).update(digest="")
    with pytest.raises(EvidenceSealed):
        Evidence.objects.all().delete()
    with pytest.raises(EvidenceSealed):
        subject.evidence.update(digest="")
    assert is_genuine(Evidence.objects.get())


def test_a_row_exchanged_in_the_table_is_found_out(subject: Subject) -> None:
    first, second = frozen(subject), frozen(subject, age="30")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE forms_evidence SET digest = %s WHERE id = %s", ["0" * 64, first.pk])
        cursor.execute(
            "UPDATE forms_evidence SET sealed = (SELECT sealed FROM forms_evidence WHERE id = %s) WHERE id = %s",
            [first.pk, second.pk],
        )
    found = {row.number: row for row in evidence_of(subject.pk)}
    assert not opened(found[1]).is_genuine
    assert not is_genuine(found[2])
    with pytest.raises(KeyringError):
        opened(found[2])


def test_a_correction_is_a_new_version_that_tells_what_changed(subject: Subject) -> None:
    frozen(subject)
    newer = frozen(subject, age="30", method="selective", intensity="30", canopy_after="0.6", phone="13000000027")
    assert newer.number == 2
    assert latest_evidence(subject.pk) == {"form": newer}
    older = evidence_of(subject.pk).last()
    assert older is not None
    found = {one.key: one for one in changes(opened(older), opened(newer))}
    assert (found["age"].before, found["age"].after) == ("28 年", "30 年")
    assert (found["intensity"].before, found["intensity"].after) == ("", "30 %")
    assert "13000000027" not in found["phone"].after
    assert set(found) == {"age", "method", "intensity", "canopy_after", "phone"}


def test_facts_follow_the_newest_version(subject: Subject) -> None:
    frozen(subject)
    frozen(subject, area="0.5", regeneration_area="0.5")
    facts = facts_of([subject.pk])[subject.pk]
    assert facts["felling.area"] == Decimal("0.5")
    assert Fact.objects.filter(subject=subject, field="felling.area").count() == 1
    large = Subject.objects.filter(has_fact("felling.area", number__gte=Decimal("0.8")))
    small = Subject.objects.filter(has_fact("felling.area", number__lt=Decimal("0.8")))
    assert (large.count(), small.count()) == (0, 1)


def test_checks_see_what_was_judged(subject: Subject) -> None:
    answers = judge(felling.form(), felling.typed(), felling.context())
    evidence = freeze(subject, felling.form(), answers, by=7)
    seen = seen_values(felling.form(), evidence)
    assert {key: value for key, value in seen.items() if answers.seen[key] != value} == {}


def test_answers_of_another_form_are_refused(subject: Subject) -> None:
    answers = judge(felling.form(), felling.typed(), felling.context())
    other = library.form_in("forestry/felling", "field_confirm")
    with pytest.raises(ValueError, match="form"):
        freeze(subject, other, answers, by=7)


def test_handing_in_costs_two_statements(subject: Subject, count_queries) -> None:  # type: ignore[no-untyped-def]
    answers = judge(felling.form(), felling.typed(), felling.context())
    with count_queries() as queries:
        freeze(subject, felling.form(), answers, by=7, is_first=True)
    assert queries.count == 2
