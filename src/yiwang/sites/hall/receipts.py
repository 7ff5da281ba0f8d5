"""The receipt 回执: the tracking code is told once; the session keeps it sealed so that a reload still shows it."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from yiwang.kernel.cases.queries import case_for
from yiwang.kernel.crypto.keyring import KeyringError, keyring
from yiwang.kernel.org.actors import Actor
from yiwang.sites.hall.queries.progress import progress_of
from yiwang.sites.hall.queries.timeline import Event

PLACE = "hall.receipts"
MOST = 10


@dataclass(frozen=True)
class Receipt:
    """What the receipt shows; `code` is empty once the session has forgotten it."""

    case: int
    number: str
    code: str
    item: str
    applicant: str
    received: datetime
    address: str
    events: tuple[Event, ...]
    unit: str
    phone: str


def keep(request: HttpRequest, case: int, code: str) -> None:
    """Remember the code of a case in this session, sealed."""
    known = dict(request.session.get(PLACE, {}))
    known[str(case)] = b64encode(keyring().seal(code.encode(), _context(case))).decode()
    request.session[PLACE] = dict(list(known.items())[-MOST:])


def code(request: HttpRequest, case: int) -> str:
    """The code this session knows of a case, else nothing."""
    sealed = request.session.get(PLACE, {}).get(str(case), "")
    if not sealed:
        return ""
    try:
        return keyring().unseal(b64decode(sealed), _context(case)).decode()
    except (KeyringError, ValueError):
        return ""


def receipt_of(actor: Actor, case: int, track_code: str, address: str) -> Receipt:
    """The receipt of a case the actor may see. Raises NotFound."""
    found = case_for(actor, case)
    progress = progress_of(found, masked=actor.is_staff)
    return Receipt(
        case=found.pk,
        number=found.number,
        code=track_code,
        item=progress.item,
        applicant=progress.applicant,
        received=found.received,
        address=f"{address}?number={found.number}",
        events=progress.events,
        unit=found.unit.name,
        phone=found.unit.phone,
    )


def _context(case: int) -> bytes:
    return f"hall.receipt/{case}".encode()
