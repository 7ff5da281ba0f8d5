"""A unit with its seals, made through the actions with real keys, and signers that behave as hardware does."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from yiwang.kernel.base.moments import now, today
from yiwang.kernel.crypto.authority import EC, Issued, issue, make_root
from yiwang.kernel.org.actions import UnitFacts, found_unit
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Node, Unit
from yiwang.kernel.outputs.actions import NewSeal, keep_authority, open_seal
from yiwang.kernel.outputs.models import Seal
from yiwang.kernel.outputs.refusals import SignerUnavailable
from yiwang.kernel.outputs.signers import Identity

UNIT = "青山县林业局"


@cache
def root(kind: str = EC) -> Issued:
    """A root of this kind; made once, since RSA keys take time."""
    return make_root("青山县", kind, now() - timedelta(days=1))


@cache
def certified(kind: str = EC, years: int = 5, number: int = 0) -> Issued:
    """A certificate under it; `number` tells several apart."""
    return issue(root(kind), UNIT, f"{UNIT}公章", kind, now() - timedelta(days=1), years)


def unit() -> Unit:
    """The bureau."""
    node = Node.objects.get_or_create(code="n", defaults={"name": "青山县", "is_self": True})[0]
    facts = UnitFacts(UNIT, "林业局", Unit.Type.BUREAU, 4)
    return Unit.objects.filter(name=UNIT).first() or found_unit(actor=SYSTEM, facts=facts, parent=None, node=node.pk)


def opened(place: Unit, *, issued: Issued | None = None, since: date | None = None, **more: object) -> Seal:
    """The official seal of a unit, in use."""
    mine = issued or certified()
    keep_authority(actor=SYSTEM, name="青山县", root=root(mine.kind))
    new = NewSeal(place.pk, "", f"{place.name}公章", valid_from=since or today())
    return open_seal(actor=SYSTEM, new=replace(new, **more), issued=mine)  # type: ignore[arg-type]


class Dead:
    """A signer that does not answer."""

    def sign(self, identity: Identity, data: bytes) -> bytes:
        """Never."""
        raise SignerUnavailable()
