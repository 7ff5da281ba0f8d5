"""Certificates of the demonstration in every state: valid, expired, revoked, replaced, cancelled."""

from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.registers.models import Entry
from yiwang.project.demo.actions import cancel_demo, replace_demo, revoke_demo


def vary_certificates() -> None:
    """Revoke, cancel and replace one certificate each; the others stay valid or expire by themselves."""
    entries = list(Entry.objects.filter(state=Entry.State.ISSUED).order_by("pk")[3:6])
    if len(entries) == 3:
        revoke_demo(actor=SYSTEM, entry=entries[0])
        cancel_demo(actor=SYSTEM, entry=entries[1])
        replace_demo(actor=SYSTEM, entry=entries[2])
