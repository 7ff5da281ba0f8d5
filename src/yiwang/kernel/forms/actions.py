"""Drafts: begin, save a page, throw away. Nothing here reaches the ledger: a draft is nobody's business yet."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import NotPermitted
from yiwang.kernel.forms.definition import FormDef, Raw
from yiwang.kernel.forms.models import Draft
from yiwang.kernel.forms.queries import drafts_of, session_tag, typed_in
from yiwang.kernel.forms.refusals import DraftConflict, DraftNotFound, DraftTooLarge
from yiwang.kernel.org.actors import Actor

LARGEST = 1024 * 1024
DAYS = 90
WINDOW = 40


@dataclass(frozen=True)
class PageSave:
    """One page as it was sent: its step, what was typed, the revision it was drawn from, and the window it stood in.

    A window may always overwrite itself (autosave, double click, back button), another one only what it has seen.
    """

    step: str
    raw: Raw
    revision: int
    window: str = ""


@transaction.atomic(durable=True)
def begin_draft(*, actor: Actor, form: FormDef, purpose: str, session: str = "", raw: Raw | None = None) -> Draft:
    """A new draft of `form` for what it is needed for (`purpose`, e.g. the key of the case type).

    Owned by the account, or by the session where there is no account. Raises NotPermitted with neither.
    """
    if actor.account <= 0 and not session:
        raise NotPermitted()
    return Draft.objects.create(
        token=secrets.token_urlsafe(18),
        account_id=actor.account if actor.account > 0 else None,
        session_tag="" if actor.account > 0 else session_tag(session),
        purpose=purpose,
        form_key=form.key,
        form_version=form.digest,
        data=_written(raw or {}),
        step=form.steps[0].key,
        created=now(),
        updated=now(),
        expires=_end(),
    )


@transaction.atomic(durable=True)
def save_page(*, actor: Actor, token: str, form: FormDef, page: PageSave, session: str = "") -> Draft:
    """Keep what was typed on one page, right or wrong, and return the draft at its new revision.

    Pages saved meanwhile from another window are merged; the same page saved meanwhile with other contents is not
    overwritten. A form changed meanwhile is taken over, and every page counts as not yet seen.
    Raises DraftConflict, DraftNotFound, DraftTooLarge.
    """
    draft = _locked(actor, token, session)
    known = typed_in(draft)
    _refuse_overwriting(draft, known, page)
    if draft.form_version != form.digest:
        draft.form_version, draft.steps = form.digest, {}
    draft.revision += 1
    draft.steps = {**draft.steps, page.step: [draft.revision, page.window[:WINDOW]]}
    draft.data, draft.step = _written(known | page.raw), page.step
    draft.updated, draft.expires = now(), _end()
    draft.save()
    return draft


@transaction.atomic(durable=True)
def discard_draft(*, actor: Actor, token: str, session: str = "") -> None:
    """Throw a draft away for good. Raises DraftNotFound."""
    _locked(actor, token, session).delete()


@transaction.atomic(durable=True)
def drop_expired_drafts(*, actor: Actor, at_most: int = 500) -> int:
    """Delete drafts past their day, some at a time; returns how many."""
    ids = list(Draft.objects.filter(expires__lte=now()).values_list("pk", flat=True)[:at_most])
    return Draft.objects.filter(pk__in=ids).delete()[0]


def _locked(actor: Actor, token: str, session: str) -> Draft:
    draft = drafts_of(actor, session).select_for_update().filter(token=token).first()
    if draft is None:
        raise DraftNotFound()
    return draft


def _refuse_overwriting(draft: Draft, known: Raw, page: PageSave) -> None:
    revision, window = draft.steps.get(page.step, [0, ""])
    if revision <= page.revision or (window and window == page.window[:WINDOW]):
        return
    different = sorted(key for key, value in page.raw.items() if known.get(key) != value)
    if different:
        facts: dict[str, object] = {"fields": different, "revision": draft.revision}
        raise DraftConflict(field=different[0], facts=facts)


def _written(raw: Raw) -> str:
    text = json.dumps(raw, sort_keys=True)
    if len(text) > LARGEST:
        raise DraftTooLarge()
    return text


def _end() -> datetime:
    return now() + timedelta(days=getattr(settings, "DRAFT_DAYS", DAYS))
