"""Reading drafts, evidence and facts; and what a form must know from outside."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from yiwang.kernel.base.moments import now, today
from yiwang.kernel.crypto.digests import sha256_hex
from yiwang.kernel.crypto.keyring import KeyringError, keyring
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.forms.context import Attached, Context
from yiwang.kernel.forms.definition import FormDef, Json, Raw
from yiwang.kernel.forms.kinds import seen_as
from yiwang.kernel.forms.library import tables_of
from yiwang.kernel.forms.models import Draft, Evidence, Fact
from yiwang.kernel.forms.places import COUNTY, TOWNSHIP
from yiwang.kernel.forms.refusals import DraftNotFound
from yiwang.kernel.forms.shapes import as_rows
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory

FactValue = str | Decimal | date | int


def context_for(
    form: FormDef,
    *,
    root: str = "",
    prefill: Mapping[str, Json] | None = None,
    given: Mapping[str, str | Decimal | bool] | None = None,
    attachments: Iterable[Attached] = (),
) -> Context:
    """Everything a form must know: code tables in force, places under division `root`, prefill, figures, files.

    No query: places and code tables are kept in memory.
    """
    return Context(
        today=today(),
        codes=tables_of(form),
        divisions=divisions_under(root) if form.needs_divisions() else {},
        prefill=prefill or {},
        given=given or {},
        attachments=tuple(attachments),
    )


def attached(files: Iterable[Attachment], address: Callable[[int], str]) -> list[Attached]:
    """Files as a form sees them; `address` gives the page where one may be looked at."""
    return [
        Attached(
            id=file.pk,
            slot=file.slot,
            name=file.name,
            size=file.blob.size,
            mime=file.blob.mime,
            url=address(file.pk),
            digest=file.blob.sha256,
        )
        for file in files
    ]


def divisions_under(root: str) -> dict[str, str]:
    """Counties and townships at or under a division code, by code."""
    return {
        code: name
        for code, name in directory().divisions.items()
        if len(code) in (COUNTY, TOWNSHIP) and (code.startswith(root) or code == root[:COUNTY])
    }


def session_tag(session: str) -> str:
    """What a draft begun without an account is found by; the session itself is not stored."""
    return keyring().tag("forms.session", session.encode()).hex() if session else ""


def drafts_of(actor: Actor, session: str = "") -> QuerySet[Draft]:
    """Drafts of this account, or of this session of a stranger, newest first; expired ones are gone."""
    alive = Draft.objects.filter(expires__gt=now()).order_by("-updated", "-pk")
    if actor.account > 0:
        return alive.filter(account=actor.account)
    return alive.filter(account=None, session_tag=session_tag(session)) if session else alive.none()


def draft_of(actor: Actor, token: str, session: str = "") -> Draft:
    """One draft of this actor. Raises DraftNotFound for another's, an expired or an unknown one alike."""
    found = drafts_of(actor, session).filter(token=token).first()
    if found is None:
        raise DraftNotFound()
    return found


def typed_in(draft: Draft) -> Raw:
    """Everything typed so far."""
    found = json.loads(draft.data or "{}")
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Line:
    """One answer as it was shown when the form was handed in; `safe` is masked where personal."""

    key: str
    label: str
    text: str
    safe: str


@dataclass(frozen=True)
class Page:
    """The answers of one step."""

    step: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Contents:
    """Evidence opened: cleaned values, the pages as they were shown, the files by id with their digests.

    `is_genuine` is false when the sealed content no longer fits its digest.
    """

    form: str
    version: str
    title: str
    values: Mapping[str, Json]
    texts: Mapping[str, str]
    pages: tuple[Page, ...]
    files: tuple[Attached, ...]
    is_genuine: bool


def evidence_of(subject: int, form_key: str = "") -> QuerySet[Evidence]:
    """Evidence of a subject, newest version first."""
    rows = Evidence.objects.filter(subject=subject).order_by("form_key", "-number")
    return rows.filter(form_key=form_key) if form_key else rows


def latest_evidence(subject: int) -> dict[str, Evidence]:
    """The version in force of every form of a subject, by form key; one query."""
    found: dict[str, Evidence] = {}
    for row in evidence_of(subject):
        found.setdefault(row.form_key, row)
    return found


def seen_values(form: FormDef, evidence: Evidence) -> dict[str, object]:
    """What expressions see of evidence: names and plain values, None for what was not answered."""
    values = opened(evidence).values
    seen: dict[str, object] = {}
    for _step, group in form.groups():
        if group.rows:
            rows = as_rows(values.get(group.key))
            columns = {one.key: tuple(seen_as(one, row.get(one.key))[one.key] for row in rows) for one in group.fields}
            seen |= columns | {group.key: len(rows)}
        else:
            seen |= {key: one for field in group.fields for key, one in seen_as(field, values.get(field.key)).items()}
    return seen


def seal_context(subject: int, form_key: str, number: int) -> bytes:
    """What binds sealed evidence to its row, so that it cannot be moved to another."""
    return f"forms.evidence/{subject}/{form_key}/{number}".encode()


def opened(evidence: Evidence) -> Contents:
    """The content of evidence. Raises KeyringError when it does not open in this row."""
    context = seal_context(evidence.subject_id, evidence.form_key, evidence.number)
    plain = keyring().unseal(bytes(evidence.sealed), context)
    data = json.loads(plain)
    return Contents(
        form=data["form"],
        version=data["version"],
        title=data["title"],
        values=data["values"],
        texts=data["texts"],
        pages=tuple(_page(one) for one in data["pages"]),
        files=tuple(Attached(**one) for one in data["files"]),
        is_genuine=sha256_hex(plain) == evidence.digest,
    )


def is_genuine(evidence: Evidence) -> bool:
    """Whether the sealed content opens in this row and fits its digest."""
    try:
        return opened(evidence).is_genuine
    except KeyringError:
        return False


def _page(data: dict[str, list[dict[str, str]] | str]) -> Page:
    lines = data["lines"]
    found = tuple(Line(**one) for one in lines) if isinstance(lines, list) else ()
    return Page(str(data["step"]), str(data["title"]), found)


@dataclass(frozen=True)
class Change:
    """One answer that differs between two versions; `before` or `after` is empty where it is new or gone."""

    key: str
    label: str
    before: str
    after: str


def changes(older: Contents, newer: Contents, *, masked: bool = True) -> tuple[Change, ...]:
    """What a correction changed, in the order of the newer form; gone answers last."""
    before, after = _lines(older), _lines(newer)
    found = []
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key), after.get(key)
        if _differs(old, new):
            label = new.label if new else old.label if old else key
            found.append(Change(key, label, _words(old, masked), _words(new, masked)))
    return tuple(found)


def _lines(contents: Contents) -> dict[str, Line]:
    return {line.key: line for page in contents.pages for line in page.lines}


def _differs(old: Line | None, new: Line | None) -> bool:
    return (old.text if old else "") != (new.text if new else "")


def _words(line: Line | None, masked: bool) -> str:
    return "" if line is None else line.safe if masked else line.text


def facts_of(subjects: Sequence[int], fields: Sequence[str] = ()) -> dict[int, dict[str, FactValue]]:
    """Facts of several subjects in one query, for the columns of a list; of several values the first counts."""
    rows = Fact.objects.filter(subject__in=subjects).order_by("pk")
    rows = rows.filter(field__in=fields) if fields else rows
    found: dict[int, dict[str, FactValue]] = {subject: {} for subject in subjects}
    for row in rows:
        value = next((one for one in (row.text, row.number, row.date, row.ref) if one is not None), None)
        if value is not None:
            found[row.subject_id].setdefault(row.field, value)
    return found


def has_fact(field: str, **test: FactValue) -> Exists:
    """A filter for querysets of subjects: `has_fact("item.area", number__gte=5)`; uses one index."""
    return Exists(Fact.objects.filter(subject=OuterRef("pk"), field=field, **test))
