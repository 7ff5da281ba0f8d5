"""What is posted to the desk, read into plain values; nothing here decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest

from yiwang.kernel.cases.listed import VALID, Listing

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Typed:
    """Everything typed into the decision box, kept when the decision is refused."""

    move: str = ""
    opinion: str = ""
    target: int = 0
    person: int = 0
    corrections: tuple[str, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    ground: str = ""
    authority: str = ""
    kind: str = ""
    notice: str = ""
    persons: tuple[int, ...] = ()
    signers: tuple[int, ...] = ()
    manner: str = ""


def typed_of(request: HttpRequest) -> Typed:
    """The decision box as it was sent; the button pressed counts before the tab that was open."""
    post = request.POST
    said = {key.removeprefix("say-"): str(post[key]).strip()[:200] for key in post if key.startswith("say-")}
    return Typed(
        move=(post.get("do") or post.get("move") or "")[:40],
        opinion=post.get("opinion", "").replace("\r\n", "\n")[: LONGEST + 1],
        target=number_of(post.get("target", "")),
        person=number_of(post.get("person", "")),
        corrections=tuple(str(key)[:60] for key in post.getlist("correction")),
        said={key: text for key, text in said.items() if text},
        ground=post.get("ground", "")[:40],
        authority=post.get("authority", "").strip()[:100],
        kind=post.get("kind", "")[:40],
        notice=post.get("notice", "").strip()[:100],
        persons=_numbers(request, "persons"),
        signers=_numbers(request, "signers"),
        manner=post.get("manner", "")[:10],
    )


def _numbers(request: HttpRequest, name: str) -> tuple[int, ...]:
    return tuple(number_of(str(text)) for text in request.POST.getlist(name)[:100])


def listing_of(request: HttpRequest, register: str) -> Listing:
    """Which entries of a register the address asks for; the status is 有效 unless another or `all` is named."""
    given = request.GET
    chosen = {key.removeprefix("f-"): str(given[key])[:60] for key in given if key.startswith("f-") and given[key]}
    status = given.get("status", VALID)[:10]
    return Listing(register, given.get("q", "").strip()[:60], status, chosen)


def is_filtered(listing: Listing) -> bool:
    """Whether anything but the usual was asked for."""
    return bool(listing.words or listing.chosen or listing.status != VALID)


def number_of(text: str) -> int:
    """A positive number that fits an id, else 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
