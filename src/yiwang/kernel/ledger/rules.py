"""How entries are written out, chained and summed up; nothing here knows a table."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from yiwang.kernel.crypto.digests import digest

MAX_FACTS = 2048


@dataclass(frozen=True)
class Link:
    """The content of an entry that its hash covers."""

    subject: int
    seq: int
    verb: str
    facts: Mapping[str, object]
    author: int
    post: int
    at: datetime


def canonical(value: object) -> bytes:
    """One spelling of a JSON value: sorted keys, no blanks, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def link_hash(algorithm: str, head: bytes, link: Link) -> bytes:
    """Hash of an entry over the head before it and its own content."""
    moment = link.at.astimezone(UTC).isoformat(timespec="microseconds")
    body = [link.subject, link.seq, link.verb, link.facts, link.author, link.post, moment]
    return digest(algorithm, head + canonical(body))


def root_digest(algorithm: str, before: bytes, day: date, heads: Iterable[tuple[int, bytes]]) -> bytes:
    """Digest of a day: the root before it, and (subject, head) in order of subject."""
    lines = b"".join(b"%d:" % subject + head for subject, head in sorted(heads))
    return digest(algorithm, before + day.isoformat().encode() + lines)


def chain_hash(head: bytes, fields: list[object]) -> bytes:
    """Hash of one line of the access log."""
    return digest("sha256", head + canonical(fields))
