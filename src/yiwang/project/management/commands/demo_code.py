from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from yiwang.kernel.base.moments import now
from yiwang.project.demo.accounts import FILE, STEP
from yiwang.sites.identity.rules import totp


class Command(BaseCommand):
    """Prints the six-digit code of the moment for an account of the demonstration, never for a real one."""

    help = "Print the second factor of a demonstration account."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose code."""
        parser.add_argument("username")

    def handle(self, *args: object, username: str, **options: object) -> None:
        """Look the key up in the file of demonstration accounts."""
        path = Path(settings.DATA) / FILE
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        keys = [line.rpartition("key ")[2] for line in lines if line.startswith(username + " ") and "key " in line]
        if not keys:
            raise CommandError(f"{username} is not among the demonstration accounts with a second factor")
        self.stdout.write(totp(keys[0], int(now().timestamp()) // STEP))
