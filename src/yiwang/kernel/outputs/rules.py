"""When a seal may be used: plain values in, a named refusal out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from yiwang.kernel.outputs.refusals import (
    SealDestroyed,
    SealExpired,
    SealNotForPaper,
    SealNotForPost,
    SealRefused,
    SealSuspended,
)


@dataclass(frozen=True)
class Standing:
    """A seal as the register has it; `certified` are the bounds of its certificate, None without one."""

    name: str
    is_suspended: bool
    is_destroyed: bool
    valid_from: date
    valid_to: date | None
    certified: tuple[datetime, datetime] | None
    papers: Sequence[str] = ()
    roles: Sequence[str] = ()


@dataclass(frozen=True)
class Purpose:
    """What a seal is to be used for: key of the paper, role of the post that decided, day and moment."""

    paper: str
    role: str
    day: date
    moment: datetime


@dataclass(frozen=True)
class Decided:
    """Whose decision a paper carries out: account and post of the ledger entry behind it; 0 for the platform."""

    account: int = 0
    post: int = 0


@dataclass(frozen=True)
class Use:
    """A use of a seal that is about to be made."""

    seal: int
    certificate: int
    serial: str
    paper: str
    decided: Decided


def check_use(seal: Standing, purpose: Purpose) -> None:
    """Raise SealDestroyed, SealSuspended, SealExpired, SealNotForPaper or SealNotForPost."""
    refusal = _refusal(seal, purpose)
    if refusal is not None:
        raise refusal(facts={"seal": seal.name, "paper": purpose.paper, "role": purpose.role})


def _refusal(seal: Standing, purpose: Purpose) -> type[SealRefused] | None:
    if seal.is_destroyed:
        return SealDestroyed
    if seal.is_suspended:
        return SealSuspended
    if not is_valid(seal, purpose.day, purpose.moment):
        return SealExpired
    if seal.papers and purpose.paper not in seal.papers:
        return SealNotForPaper
    if seal.roles and purpose.role not in seal.roles:
        return SealNotForPost
    return None


def is_valid(seal: Standing, day: date, moment: datetime) -> bool:
    """Whether the seal and its certificate are within their time."""
    in_time = seal.valid_from <= day and (seal.valid_to is None or day <= seal.valid_to)
    return in_time and seal.certified is not None and seal.certified[0] <= moment <= seal.certified[1]
