from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.cases.actions.publishing import load_shipped
from yiwang.kernel.cases.publishing import read_folder
from yiwang.kernel.org.actors import SYSTEM


class Command(BaseCommand):
    """Publishes the case types shipped with the program; may be run again, only what changed becomes a new version."""

    help = "Publish shipped case types: every folder with a type.yaml below the definitions, or those named."

    def add_arguments(self, parser: CommandParser) -> None:
        """Folders to read."""
        parser.add_argument("folders", nargs="*", type=Path)

    def handle(self, *args: object, folders: list[Path], **options: object) -> None:
        """Load each folder in one transaction; an error names file, line, key and remedy and stops."""
        for folder in folders or sorted(path.parent for path in Path(settings.DEFINITIONS).rglob("type.yaml")):
            try:
                version, is_new = load_shipped(actor=SYSTEM, files=read_folder(folder))
            except Refusal as refusal:
                raise CommandError(f"{folder}: {refusal}{_details(refusal)}") from refusal
            self.stdout.write(f"{version.type.key} v{version.number}{' published' if is_new else ' unchanged'}")


def _details(refusal: Refusal) -> str:
    findings = refusal.facts.get("findings", [])
    return "".join(f"\n  {finding}" for finding in findings) if isinstance(findings, list) else ""
