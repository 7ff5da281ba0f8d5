from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.crypto.keyring import KeyringError, read_keyring
from yiwang.project.backup.manifest import fingerprints
from yiwang.project.backup.ring import copy_ring


class Command(BaseCommand):
    """Copies the key ring to a medium of its own and tells its fingerprints, to be written down beside it."""

    help = "Copy the key ring to a folder that is neither in the data folder nor among backups."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("--to", type=Path, required=True, metavar="DIR")

    def handle(self, *, to: Path, **options: object) -> None:
        """Copy it and read it back."""
        ring = Path(settings.KEYRING)
        try:
            target = copy_ring(ring, to, Path(settings.DATA), Path(settings.BACKUP_FOLDER))
            prints = fingerprints(read_keyring(target))
        except (Refusal, KeyringError) as error:
            raise CommandError(f"The key ring was not copied. {error}") from error
        self.stdout.write(str(target))
        for key, fingerprint in prints.items():
            self.stdout.write(f"{key}\t{fingerprint}")
