import csv
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from yiwang.kernel.org.actions import DivisionRow, load_divisions
from yiwang.kernel.org.actors import SYSTEM


class Command(BaseCommand):
    """Loads tables of administrative divisions; may be run again."""

    help = "Load administrative divisions from CSV files (code,name); without a file, those shipped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Files to read."""
        parser.add_argument("files", nargs="*", type=Path)

    def handle(self, *args: object, files: list[Path], **options: object) -> None:
        """Load each file in one transaction."""
        for path in files or sorted((settings.DEFINITIONS / "codes" / "divisions").glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = [DivisionRow(n, row["code"], row["name"]) for n, row in enumerate(csv.DictReader(file), start=2)]
            self.stdout.write(f"{path.name}: {load_divisions(actor=SYSTEM, rows=rows)} divisions")
