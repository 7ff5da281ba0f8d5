from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Account, Person
from yiwang.sites.identity.actions.officers import make_account


class Command(BaseCommand):
    """Makes an account and tells its first password once; it must be changed at the first sign-in."""

    help = "Make an account for an officer, or for a member of staff by his staff number."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose account."""
        parser.add_argument("username")
        parser.add_argument("--officer", choices=[value for value in Account.Officer.values if value], default="")
        parser.add_argument("--staff-number", default="")

    def handle(self, *, username: str, officer: str, staff_number: str, **options: object) -> None:
        """Make it."""
        person = Person.objects.filter(staff_number=staff_number).first() if staff_number else None
        if staff_number and person is None:
            raise CommandError(f"no member of staff has the number {staff_number}")
        try:
            account, password = make_account(
                actor=SYSTEM, username=username, person=person.pk if person else None, officer=officer
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{account.username}\t{password}")
