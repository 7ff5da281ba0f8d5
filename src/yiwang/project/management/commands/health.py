from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from yiwang.project.health.checks import findings
from yiwang.project.health.metrics import exposition


class Command(BaseCommand):
    """Says how the node is, as monitoring hears it; exit status 1 when it is not ready."""

    help = "Check database, migrations, worker, deliveries, key ring and disk; then the figures."
    requires_system_checks = []

    def handle(self, *args: object, **options: object) -> None:
        """Print checks, then figures."""
        found = findings()
        for one in found:
            self.stdout.write(f"{'ok    ' if one.ok else 'FAILED'} {one.name:<11} {one.says}")
        try:
            lines = exposition().splitlines()
        except DatabaseError as error:
            raise CommandError(f"not ready: {error}") from error
        self.stdout.write("\n".join(line for line in lines if not line.startswith("#") and "_bucket" not in line))
        failed = [one.name for one in found if not one.ok]
        if failed:
            raise CommandError(f"not ready: {', '.join(failed)}")
