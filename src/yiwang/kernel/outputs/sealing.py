"""Putting a seal on what is drawn: may it be used, which key signs, what if the signer is down. Writes nothing.

The order is: ask (`use_for`, refuses before anything is drawn) → draw → `sealed` → keep and log in one action.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings

from yiwang.kernel.crypto.digests import sha256_hex, sm3_hex
from yiwang.kernel.outputs.definition import OutputSpec
from yiwang.kernel.outputs.models import SealCertificate
from yiwang.kernel.outputs.refusals import SignerUnavailable
from yiwang.kernel.outputs.rules import Decided, Use, check_use
from yiwang.kernel.outputs.services import Rendered, certificate_of, purpose_of, seal_of, standing_of
from yiwang.kernel.outputs.signers import identity_of, signer

if TYPE_CHECKING:
    from yiwang.kernel.outputs import pades


@dataclass(frozen=True)
class Made:
    """A paper that was drawn: signed (`use`), without a seal in the register, or waiting for the signer."""

    rendered: Rendered
    use: Use | None = None
    is_waiting: bool = False


def use_for(unit: int, spec: OutputSpec, decided: Decided) -> Use | None:
    """The use of the seal that a paper calls for; None when it bears none or the unit registered none.

    Raises SealSuspended, SealDestroyed, SealExpired, SealNotForPaper, SealNotForPost.
    """
    seal = None if spec.seal is None else seal_of(unit, spec.seal)
    if seal is None:
        return None
    certificate = certificate_of(seal)
    check_use(standing_of(seal, certificate), purpose_of(spec.key, decided, seal))
    if certificate is None:
        return None
    return Use(seal.pk, certificate.pk, certificate.serial, spec.key, decided)


def sealed(rendered: Rendered, use: Use | None) -> Made:
    """The paper with the signature of its seal; unsigned and waiting when the signer does not answer."""
    if use is None:
        return Made(rendered)
    certificate = SealCertificate.objects.select_related("seal__unit").get(pk=use.certificate)
    order = _order(rendered.title, certificate.seal.unit.name)
    try:
        pdf = _library()(rendered.pdf, signer(), identity_of(certificate), order)
    except SignerUnavailable:
        return Made(rendered, is_waiting=True)
    return Made(replace(rendered, pdf=pdf, sha256=sha256_hex(pdf), sm3=sm3_hex(pdf)), use)


def next_try() -> timedelta:
    """How long a paper waits before the signer is asked again."""
    return timedelta(minutes=settings.SEAL_RETRY_MINUTES)


def _order(reason: str, location: str) -> "pades.Order":
    order: type[pades.Order] = import_module("yiwang.kernel.outputs.pades").Order
    return order(reason, location, settings.SEAL_TIMESTAMPS)


def _library() -> "Callable[..., bytes]":
    found: Callable[..., bytes] = import_module("yiwang.kernel.outputs.pades").sign_pdf
    return found
