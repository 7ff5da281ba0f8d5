from itertools import chain

from django.core.management.base import BaseCommand, CommandError

from yiwang.kernel.ledger.access_log import verify_days
from yiwang.kernel.ledger.models import Entry, Root
from yiwang.kernel.ledger.verification import verify_chains, verify_roots


class Command(BaseCommand):
    """Checks every chain, every signed root and the access log; exit status 1 when one is broken."""

    help = "Find any changed, removed or reordered entry and name it."

    def handle(self, *args: object, **options: object) -> None:
        """Print each finding; entries younger than the last root that left the node are said to be so."""
        findings = [str(finding) for finding in chain(verify_chains(), verify_roots(), verify_days())]
        for finding in findings:
            self.stdout.write(self.style.ERROR(finding))
        if findings:
            raise CommandError(f"the ledger was altered in {len(findings)} place(s)")
        self.stdout.write(f"{Entry.objects.count()} entries verified. {self._reach()}")

    def _reach(self) -> str:
        sent = Root.objects.filter(sent__isnull=False).order_by("-day").first()
        if sent is None:
            return "No root has left this node yet: the ledger is tamper-evident against outsiders only."
        return f"Entries after {sent.day} are tamper-evident against outsiders only."
