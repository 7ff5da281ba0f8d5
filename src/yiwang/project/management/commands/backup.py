import time
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.crypto.keyring import KeyringError
from yiwang.kernel.files.limits import readable
from yiwang.kernel.ledger.access_log import Access, log_access
from yiwang.project.backup.making import Made, make_backup
from yiwang.project.backup.progress import Progress

INCOMPLETE = 2


class Command(BaseCommand):
    """Backs the node up while it runs. Exit status: 0 made, 1 not made, 2 made, but the node had lost files before."""

    help = "Back up database, files and settings while the node runs. The key ring goes apart: copy_keyring."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, how many."""
        parser.add_argument("--to", type=Path, default=None, metavar="DIR", help="default: backup_folder of the node")
        parser.add_argument("--keep", type=int, default=0, metavar="N", help="keep the newest N there; 0 keeps all")
        parser.add_argument("--copy", action="store_true", help="copy files also where links on the same disk would do")

    def handle(self, *, to: Path | None, keep: int, copy: bool, **options: object) -> None:
        """Make it and say what was made."""
        began, progress = time.monotonic(), Progress(self.stdout)
        try:
            made = make_backup(to or settings.BACKUP_FOLDER, max(0, keep), link=not copy, tell=progress)
        except (Refusal, KeyringError, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from error
        log_access(
            Access("backup.made", account=0, facts={"backup": made.path.name, "rows": made.manifest.rows_in_all})
        )
        self._tell(made, time.monotonic() - began)

    def _tell(self, made: Made, seconds: float) -> None:
        told = made.manifest
        self.stdout.write(f"{made.path}")
        self.stdout.write(
            f"database {readable(told.database.size)}, {told.rows_in_all} rows, {told.ledger.entries} ledger entries; "
            f"{told.file_count} files of {readable(told.file_bytes)}, of these new {made.tally.new} of "
            f"{readable(made.tally.new_bytes)}; {seconds:.1f} s; made with key ring {', '.join(told.keys)}"
        )
        if told.lost:
            lost = "\n".join(told.lost[:20])
            text = f"The backup is complete, but {len(told.lost)} file(s) had been lost by the node itself:\n{lost}"
            raise CommandError(text, returncode=INCOMPLETE)
