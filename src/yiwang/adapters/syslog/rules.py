"""A line of the access log as RFC 5424 wants it. Plain values only."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

AUDIT = 13  # facility "log audit"
INFORMATIONAL, WARNING = 6, 4
LONGEST = 2048  # bytes; what a receiver should take at least (RFC 5424 §6.1)
PORTS = {"udp": 514, "tcp": 601}
_NOT_PRINTABLE = re.compile(r"[^\x21-\x7e]")


@dataclass(frozen=True)
class Receiver:
    """A log server: `udp` (RFC 5426) or `tcp` (RFC 6587, octets counted)."""

    way: str
    host: str
    port: int


@dataclass(frozen=True)
class Line:
    """One line of the access log, without the name: the number of the account is enough on the node."""

    day: str
    seq: int
    at: datetime
    verb: str
    account: int
    success: bool
    subject: int | None
    address: str
    facts: Mapping[str, object]
    hash: str


def receiver_of(address: str) -> Receiver | None:
    """`udp://host:514`, `tcp://host:601`, or nothing. Raises ValueError for anything else."""
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme not in PORTS or not parts.hostname or parts.path or parts.query:
        raise ValueError(f"{address!r} is not udp://host:port or tcp://host:port")
    return Receiver(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme])


def message(line: Line, host: str, enterprise: int) -> bytes:
    """One message, at most 2,048 bytes: facts that do not fit are left out, since the node keeps them."""
    severity = INFORMATIONAL if line.success else WARNING
    moment = line.at.isoformat(timespec="microseconds")
    head = f"<{AUDIT * 8 + severity}>1 {moment} {_word(host, 255)} yiwang - {_word(line.verb, 32)}"
    told = {
        "day": line.day,
        "seq": line.seq,
        "account": line.account,
        "success": "yes" if line.success else "no",
        "subject": "" if line.subject is None else line.subject,
        "address": line.address,
        "hash": line.hash,
    }
    data = " ".join(f'{name}="{_escaped(str(value))}"' for name, value in told.items())
    whole = f"{head} [access@{enterprise} {data}]".encode()
    facts = f" {json.dumps(line.facts, ensure_ascii=True, sort_keys=True)}".encode() if line.facts else b""
    return whole + facts if len(whole) + len(facts) <= LONGEST else whole


def counted(messages: list[bytes]) -> bytes:
    """Messages one after the other on a stream, each with its length before it."""
    return b"".join(b"%d %s" % (len(one), one) for one in messages)


def _word(text: str, longest: int) -> str:
    return _NOT_PRINTABLE.sub("_", text)[:longest] or "-"


def _escaped(text: str) -> str:
    """A value in quotes: quote, backslash and bracket escaped, control characters taken out."""
    plain = "".join(sign if sign >= " " and sign != "\x7f" else "_" for sign in text)
    return plain.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")
