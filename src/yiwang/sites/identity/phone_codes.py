"""Codes sent to telephones. What they confirm is sealed beside them; both are wiped when the code is used."""

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta

from yiwang.kernel.base.moments import now
from yiwang.kernel.jobs.services import enqueue
from yiwang.sites.identity.limits import limits
from yiwang.sites.identity.models import PhoneCode
from yiwang.sites.identity.port import code_sender
from yiwang.sites.identity.refusals import WrongCode
from yiwang.sites.identity.rules import tidy_digits

SEND = "identity.send_code"


def can_reach_phones() -> bool:
    """Whether a code gets to whoever asks for it: by a gateway, or, in a demonstration, on the page."""
    return code_sender().delivers or limits().show_codes


def keep(purpose: PhoneCode.Purpose, phone: str, content: Mapping[str, object]) -> PhoneCode:
    """A step: a new code with what it will confirm; sent after the commit, never when there is nothing to confirm."""
    moment = now()
    row = PhoneCode.objects.create(
        purpose=purpose,
        phone=phone,
        code=f"{secrets.randbelow(10**6):06}",
        content=json.dumps(content, ensure_ascii=False) if content else "",
        at=moment,
        expires=moment + timedelta(minutes=limits().code_minutes),
    )
    enqueue(SEND, ref=row.pk)
    return row


def send(waiting: int) -> None:
    """Hand a code over to the gateway; one that was used, is too old or confirms nothing is not sent."""
    row = PhoneCode.objects.filter(pk=waiting, expires__gt=now()).first()
    if row is not None and row.content:
        code_sender().send(row.phone, row.code, limits().code_minutes)


def code_on_page(waiting: int) -> str:
    """The code itself, in demonstrations only; empty everywhere else."""
    row = PhoneCode.objects.filter(pk=waiting).first() if limits().show_codes else None
    return row.code if row is not None and row.content else ""


def take(purpose: PhoneCode.Purpose, waiting: int, code: str) -> dict[str, str]:
    """A step: use a code up and give what it confirms. Raises WrongCode: wrong, used, expired or without content."""
    row = PhoneCode.objects.select_for_update().filter(pk=waiting, purpose=purpose).first()
    if row is None or not secrets.compare_digest(row.code.encode(), tidy_digits(code).encode()):
        raise WrongCode()
    if not row.code or not row.content or row.expires < now():
        raise WrongCode()
    content: dict[str, str] = json.loads(row.content)
    row.code = row.content = row.phone = ""
    row.save(update_fields=["code", "content", "phone"])
    return content
