"""What a case is found by: number, title, applicant, agent, and the answers that evidence shows unmasked."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from yiwang.kernel.cases.models import Case
from yiwang.kernel.crypto.keyring import KeyringError
from yiwang.kernel.forms.models import Evidence
from yiwang.kernel.forms.queries import Contents, facts_of, opened
from yiwang.kernel.search.sources import Document


def documents_of(ids: Sequence[int]) -> Mapping[int, Document]:
    """Documents of cases by id; three queries whatever their number."""
    answers, facts = _answers(ids), facts_of(ids)
    cases = Case.objects.select_related("party").filter(pk__in=ids).defer("track_tag")
    return {
        case.pk: Document(
            number=case.number,
            title=case.title,
            at=case.opened,
            texts=[*_names(case), *(text for text in facts[case.pk].values() if _is_words(text)), *answers[case.pk]],
        )
        for case in cases
    }


def _names(case: Case) -> list[str]:
    return [name for name in (case.party.name if case.party else "", case.agent) if name]


def _is_words(value: object) -> TypeGuard[str]:
    """Whether an answer is something people look for; figures, days and codes are not."""
    return isinstance(value, str) and not value.isascii()


def _answers(ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    latest: dict[tuple[int, str], Evidence] = {}
    for row in Evidence.objects.filter(subject__in=ids).order_by("number"):
        latest[row.subject_id, row.form_key] = row
    for (subject, _form), row in sorted(latest.items()):
        found[subject] += _shown(row)
    return found


def _shown(evidence: Evidence) -> list[str]:
    try:
        contents = opened(evidence)
    except KeyringError:
        return []
    return list(_unmasked(contents))


def _unmasked(contents: Contents) -> Iterator[str]:
    for page in contents.pages:
        yield from (line.text for line in page.lines if line.text == line.safe and _is_words(line.text))
