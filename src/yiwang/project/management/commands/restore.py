from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.crypto.keyring import KeyringError, read_keyring
from yiwang.project.backup.progress import Progress
from yiwang.project.backup.restoring import Target, Verified, check_files, restore, verified


class Command(BaseCommand):
    """Verifies a backup and restores it into an empty place; whatever is refused changes nothing."""

    help = "Restore a backup, or only --check it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What, where to, with which ring."""
        parser.add_argument("backup", type=Path, help="a folder of backups (its newest is taken), or one backup in it")
        parser.add_argument("--into", type=Path, metavar="DATA", help="data folder; default: the one of this node")
        parser.add_argument("--database", metavar="URL", default="", help="an empty PostgreSQL database")
        parser.add_argument("--keyring", type=Path, metavar="FILE", help="default: keyring.json of the data folder")
        parser.add_argument("--check", action="store_true", help="verify every byte of the backup, restore nothing")
        parser.add_argument("--replace", action="store_true", help="move what is in the data folder aside")
        parser.add_argument("--despite-findings", action="store_true", help="restore a ledger that does not verify")

    def handle(self, *, backup: Path, check: bool, **options: object) -> None:
        """Check or restore."""
        target, progress = _target(options), Progress(self.stdout)
        try:
            found = verified(backup, read_keyring(target.ring_path))
            self.stdout.write(_told(found))
            if check:
                check_files(found, progress)
                self.stdout.write("Every part and every file is as it was written.")
                return
            before = restore(found, target, progress)
        except (Refusal, KeyringError, OSError) as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        self.stdout.write(f"Restored into {target.data}; counts, ledger and roots verified.")
        if before:
            self.stdout.write(f"What was there is in {before}")


def _target(options: dict[str, object]) -> Target:
    into, ring, url = options["into"], options["keyring"], options["database"]
    data = into.resolve() if isinstance(into, Path) else Path(settings.DATA)
    own = data == Path(settings.DATA)
    known = data / "database_url"
    address = settings.DATABASE_URL if own else known.read_text("utf-8").strip() if known.exists() else ""
    usual = data / "keyring.json" if (data / "keyring.json").exists() else Path(settings.KEYRING)
    return Target(
        data=data,
        database=str(url or address),
        ring_path=ring.resolve() if isinstance(ring, Path) else usual,
        replace=bool(options["replace"]),
        despite_findings=bool(options["despite_findings"]),
    )


def _told(found: Verified) -> str:
    told = found.manifest
    lost = f"; {len(told.lost)} file(s) were lost before it was made" if told.lost else ""
    return (
        f"{found.path}: made {told.made} by Yiwang {told.version} on {told.engine}, {told.rows_in_all} rows, "
        f"{told.ledger.entries} ledger entries, {told.file_count} files{lost}"
    )
