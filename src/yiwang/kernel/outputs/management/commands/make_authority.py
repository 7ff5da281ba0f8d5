"""`manage make_authority`: the node's own root, and a certificate for each seal of its bureaus. May be run again."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import now, today
from yiwang.kernel.crypto.authority import KINDS, Issued, issue, make_root
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Node, Unit
from yiwang.kernel.outputs.actions import NewSeal, keep_authority, open_seal, renew_certificate
from yiwang.kernel.outputs.definition import seal_lines
from yiwang.kernel.outputs.models import Authority, Seal
from yiwang.kernel.outputs.services import certificate_of, seal_of
from yiwang.kernel.outputs.signers import key_context

SOON = timedelta(days=60)


class Command(BaseCommand):
    """Makes what is missing and renews what runs out within sixty days; leaves the rest alone.

    A unit whose seal was destroyed gets a new one only when it is named.
    """

    help = "Make the node's own certificate authority, and a seal with its certificate for each bureau."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which units; all bureaus of the node without any."""
        parser.add_argument("--unit", type=int, action="append", default=[], help="id of a unit; may be repeated")
        parser.add_argument("--kind", choices=KINDS, default=settings.SEAL_KEY, help="kind of the keys")

    def handle(self, *args: object, **options: object) -> None:
        """Make the root, then the seals."""
        kind, wanted = str(options["kind"]), options["unit"]
        root, named = root_of(kind), wanted if isinstance(wanted, list) else []
        for unit in _units(named):
            for line in seal_lines():
                self._see_to(unit, line, root, kind, is_named=bool(named))

    def _see_to(self, unit: Unit, line: str, root: Issued, kind: str, *, is_named: bool) -> None:
        seal = seal_of(unit.pk, line)
        name = f"{unit.name}{line or _('公章')}"
        if seal is not None and seal.state == Seal.State.DESTROYED:
            if not is_named:
                return
            seal = None
        if seal is None:
            new = NewSeal(unit.pk, line, name, valid_from=today())
            open_seal(actor=SYSTEM, new=new, issued=_certificate(root, unit, name, kind))
            self.stdout.write(f"{name}: opened")
        elif _runs_out(seal):
            renew_certificate(actor=SYSTEM, seal=seal.pk, issued=_certificate(root, unit, name, kind))
            self.stdout.write(f"{name}: certificate renewed")


def root_of(kind: str) -> Issued:
    """The root of the node, made now if there is none."""
    row = Authority.objects.first()
    if row is None:
        name = Node.objects.filter(is_self=True).values_list("name", flat=True).first() or str(_("一网"))
        row = keep_authority(actor=SYSTEM, name=name, root=make_root(name, kind, now()))
    found = Issued(bytes(row.certificate), b"", row.kind)
    key = keyring().unseal(bytes(row.key), key_context(found.serial))
    return Issued(found.certificate, key, row.kind)


def _certificate(root: Issued, unit: Unit, name: str, kind: str) -> Issued:
    return issue(root, unit.name, name, kind, now(), settings.SEAL_CERTIFICATE_YEARS)


def _runs_out(seal: Seal) -> bool:
    certificate = certificate_of(seal)
    return certificate is None or certificate.not_after < now() + SOON


def _units(wanted: list[int]) -> Iterator[Unit]:
    rows = Unit.objects.filter(is_active=True).order_by("path")
    rows = rows.filter(pk__in=wanted) if wanted else rows.filter(kind=Unit.Type.BUREAU)
    yield from rows
