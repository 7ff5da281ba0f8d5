"""`sign`: certificates a second of CPU, unsigned, with PAdES by RSA and EC; ledger roots by SM2 and Ed25519."""

import os
import resource
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.project.settings.base")
django.setup()

from django.conf import settings
from django.db import connection

from bench.certificate import felling_permit, make
from bench.report import Bar, report
from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.authority import EC, RSA, issue, make_root
from yiwang.kernel.crypto.keyring import Keyring, keyring, make_keyring
from yiwang.kernel.ledger.rules import root_digest
from yiwang.kernel.outputs.pades import Order, sign_pdf
from yiwang.kernel.outputs.signers import Identity, OwnSigner, key_context

COUNT, ROOTS, VERIFIED = 100, 200, 100
LEAST_SIGNED, LEAST_ROOTS = 10, 50
UNIT = "青山县林业局"


def identity(kind: str) -> Identity:
    """A seal with its key sealed, as the register keeps it."""
    root = make_root(UNIT, kind, now())
    mine = issue(root, UNIT, f"{UNIT}公章", kind, now(), 5)
    sealed = keyring().seal(mine.key, key_context(mine.serial))
    return Identity(mine.serial, mine.certificate, (root.certificate,), sealed)


def per_second(count: int, once: Callable[[int], object]) -> float:
    """How often a second of CPU; the first time, which loads libraries, is not counted."""
    once(0)
    start = time.process_time()
    for number in range(1, count + 1):
        once(number)
    return count / (time.process_time() - start)


def signed(kind: str) -> Callable[[int], object]:
    """Draw and sign a certificate."""
    spec, mine = felling_permit(), identity(kind)
    return lambda number: sign_pdf(make(spec, number).pdf, OwnSigner(), mine, Order("林木采伐许可证", UNIT))


def roots(ring: Keyring, algorithm: str) -> tuple[float, float]:
    """Roots of a day with two hundred chains: summed up and signed, verified."""
    heads = [(subject, subject.to_bytes(32, "big")) for subject in range(200)]

    def sign(number: int) -> bytes:
        return ring.sign(root_digest(algorithm, number.to_bytes(32, "big"), date(2026, 11, 22), heads))

    signature = ring.sign(b"root")
    return per_second(ROOTS, sign), per_second(VERIFIED, lambda number: ring.verify(b"root", signature, ring.current))


def main() -> None:
    """Measure and report."""
    make_keyring(Path(settings.KEYRING))
    spec, secrets = felling_permit(), keyring().secrets
    plain = per_second(COUNT, lambda number: make(spec, number))
    rates = {kind: per_second(COUNT, signed(kind)) for kind in (RSA, EC)}
    national, national_back = roots(Keyring("k1~gm", secrets), "sm3")
    other, other_back = roots(Keyring("k1", secrets), "sha256")
    figures = {
        "certificates each": COUNT,
        "unsigned, per CPU second": round(plain, 1),
        "ledger roots by SM2 verified, per CPU second": round(national_back),
        "ledger roots by Ed25519, per CPU second": round(other),
        "ledger roots by Ed25519 verified, per CPU second": round(other_back),
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    bars = [
        Bar("with RSA-3072 PAdES, per CPU second", round(rates[RSA], 1), LEAST_SIGNED, True),
        Bar("with EC P-256 PAdES, per CPU second", round(rates[EC], 1), LEAST_SIGNED, True),
        Bar("ledger roots by SM2, per CPU second", round(national, 1), LEAST_ROOTS, True),
    ]
    report("sign", connection.vendor, figures, bars)


if __name__ == "__main__":
    main()
