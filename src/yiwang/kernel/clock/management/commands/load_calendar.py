from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.clock.actions import Notice, load_packaged, load_year
from yiwang.kernel.clock.notices import decoded
from yiwang.kernel.org.actors import SYSTEM


class Command(BaseCommand):
    """Takes a year's arrangement of holidays; every running limit that it touches is counted anew by the worker."""

    help = "Load a year's arrangement of holidays from a CSV file (日期,安排,名称), or the years of this release."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """File, year and document, or `--packaged`."""
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--year", type=int)
        parser.add_argument("--source", default="", help="name and number of the notice")
        parser.add_argument("--region", default="", help="division code; none for the whole country")
        parser.add_argument("--packaged", action="store_true", help="years of this release that are not loaded yet")

    def handle(self, *args: object, **options: object) -> None:
        """Load and say what was loaded; on any fault nothing is taken and every faulty line is named."""
        try:
            self.stdout.write(self._packaged() if options["packaged"] else self._file(options))
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def _packaged(self) -> str:
        years = load_packaged(actor=SYSTEM)
        return f"loaded {', '.join(map(str, years))}" if years else "every year of this release is loaded already"

    def _file(self, options: dict[str, object]) -> str:
        path, year = options["file"], options["year"]
        if not isinstance(path, Path) or not isinstance(year, int):
            raise CommandError("name a file and --year, or say --packaged")
        text = decoded(path.read_bytes())
        notice = Notice(year, str(options["source"]), text, str(options["region"]))
        entry = load_year(actor=SYSTEM, notice=notice)
        return f"loaded {entry.facts['days']} days of {year}"
