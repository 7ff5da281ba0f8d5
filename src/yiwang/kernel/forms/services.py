"""Steps of actions in which a form is handed in."""

from collections.abc import Iterable
from dataclasses import asdict

from django.conf import settings
from django.db.models import Max
from django.utils import translation

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.digests import sha256_hex
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.forms.context import Attached
from yiwang.kernel.forms.definition import FormDef
from yiwang.kernel.forms.models import Draft, Evidence, Fact
from yiwang.kernel.forms.queries import drafts_of, seal_context
from yiwang.kernel.forms.refusals import DraftNotFound, DraftOutdated, FormIncomplete
from yiwang.kernel.forms.rules import ListedFact, Outcome, listed_facts
from yiwang.kernel.forms.summary import answer_blocks, shown_texts
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.rules import canonical
from yiwang.kernel.org.actors import Actor

TEXT_LENGTH = 200


def require_complete(answers: Outcome) -> None:
    """Raise FormIncomplete with every problem by path when anything is missing or wrong."""
    if answers.problems:
        first = answers.problems[0]
        problems = [{"path": one.path, "step": one.step, "message": one.message} for one in answers.problems]
        raise FormIncomplete(field=first.path, rule=first.law, facts={"problems": problems})


def freeze(
    subject: Subject, form: FormDef, answers: Outcome, *, by: int, post: int = 0, is_first: bool = False
) -> Evidence:
    """Keep a form as evidence of a subject, and its listed answers as facts; returns the new version.

    `is_first` spares the look for earlier versions. The caller puts `digest` into the ledger entry of its action.
    Raises FormIncomplete; ValueError when the answers were judged by another form.
    """
    if answers.form.digest != form.digest:
        raise ValueError(f"answers of {answers.form.key!r} are not answers of {form.key!r}")
    require_complete(answers)
    number = 1 if is_first else _next_number(subject, form.key)
    plain = canonical(contents_of(answers))
    evidence = Evidence(
        subject=subject,
        form_key=form.key,
        form_version=form.digest,
        number=number,
        sealed=keyring().seal(plain, seal_context(subject.pk, form.key, number)),
        digest=sha256_hex(plain),
        author=by,
        post=post,
        created=now(),
    )
    evidence.save()
    _replace_facts(subject, answers, is_first=number == 1)
    return evidence


def _next_number(subject: Subject, form_key: str) -> int:
    rows = Evidence.objects.filter(subject=subject, form_key=form_key)
    return (rows.aggregate(last=Max("number"))["last"] or 0) + 1


def contents_of(answers: Outcome) -> dict[str, object]:
    """What is sealed: values, and every page in the words of the definition, readable without it.

    Always in the language of the office, whatever the applicant reads.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return _contents(answers)


def _contents(answers: Outcome) -> dict[str, object]:
    return {
        "form": answers.form.key,
        "version": answers.form.digest,
        "title": answers.form.title,
        "day": answers.context.today.isoformat(),
        "values": answers.values,
        "texts": shown_texts(answers),
        "pages": [
            {
                "step": block.step,
                "title": block.title,
                "lines": [{"key": a.key, "label": a.label, "text": a.text, "safe": a.safe} for a in block.answers],
            }
            for block in answer_blocks(answers)
        ],
        "files": [asdict(one) | {"url": ""} for one in _kept_files(answers)],
    }


def _kept_files(answers: Outcome) -> Iterable[Attached]:
    slots = {one.key for one in answers.form.single_fields().values() if one.slot and one.key in answers.values}
    return [one for one in answers.context.attachments if one.slot in slots]


def _replace_facts(subject: Subject, answers: Outcome, *, is_first: bool) -> None:
    if not is_first:
        names = [one.listed for one in answers.form.single_fields().values() if one.listed]
        Fact.objects.filter(subject=subject, field__in=names).delete()
    add_facts(subject, listed_facts(answers.form, answers.values))


def add_facts(subject: Subject, facts: Iterable[ListedFact]) -> None:
    """Listed answers, or facts that do not come from a form (numbers given, results), in one statement."""
    Fact.objects.bulk_create([_fact(subject, one) for one in facts])


def add_ref(subject: Subject, field: str, ref: int) -> None:
    """A fact that names another row of the platform by its id."""
    Fact.objects.create(subject=subject, field=field, ref=ref)


def _fact(subject: Subject, fact: ListedFact) -> Fact:
    value = fact.value[:TEXT_LENGTH] if isinstance(fact.value, str) else fact.value
    row = Fact(subject=subject, field=fact.field)
    setattr(row, fact.column, value)
    return row


def use_draft(*, actor: Actor, token: str, form: FormDef, session: str = "") -> None:
    """Strike off the draft that is being handed in, in one statement, so that of two only one gets it.

    Raises DraftNotFound, also when it was handed in a moment ago; DraftOutdated when the form was changed since.
    """
    mine = drafts_of(actor, session).order_by().filter(token=token, form_version=form.digest)
    if not mine.delete()[0]:
        take_draft(actor=actor, token=token, form=form, session=session).delete()


def take_draft(*, actor: Actor, token: str, form: FormDef, session: str = "") -> Draft:
    """Lock the draft that is being handed in. Raises DraftNotFound, also when it was handed in a moment ago;
    DraftOutdated when the form was changed since it was last saved.
    """
    draft = drafts_of(actor, session).select_for_update().filter(token=token).first()
    if draft is None:
        raise DraftNotFound()
    if draft.form_version != form.digest:
        raise DraftOutdated()
    return draft
