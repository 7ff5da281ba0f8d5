from contextlib import suppress

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.utils import OperationalError

from yiwang.project.backup.refusals import BackupRefused
from yiwang.project.preparation import prepare

SWITCH = (
    "The tables must be migrated, and no backup could be made before it; nothing was changed. "
    "To go on without one: backup_before_migration = false in settings.toml."
)


class Command(BaseCommand):
    """Makes a node ready to answer; called by `./run up`, harmless at any time."""

    help = "Secrets, tables, catalogues, static files and shipped data; does only what is needed."
    requires_system_checks = []
    requires_migrations_checks = False

    def handle(self, *args: object, **options: object) -> None:
        """Run every step whose sources changed; a database that does not answer is told in one line."""
        try:
            connection.ensure_connection()
        except OperationalError as error:
            where = connection.settings_dict
            place = f"{where['NAME']} at {where['HOST'] or 'the local socket'}" if where["USER"] else str(where["NAME"])
            raise CommandError(f"The database {place} cannot be opened: {str(error).strip()}") from error
        with suppress(KeyboardInterrupt):  # started again, it goes on where it stopped
            try:
                prepare(lambda line: self.stdout.write(f"  {line}"))
            except BackupRefused as refusal:
                raise CommandError(f"{refusal}\n{SWITCH}") from refusal
            return
        raise CommandError("stopped")
