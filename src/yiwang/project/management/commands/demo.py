from django.core.management.base import BaseCommand

from yiwang.project.demo.filling import Demonstration


class Command(BaseCommand):
    """Fills an empty node with plainly invented people and cases made through the actions."""

    help = "Fill an empty node with the demonstration; a node that has units is left alone."

    def handle(self, *args: object, **options: object) -> None:
        """Say what was made."""
        show = Demonstration()
        if show.fill():
            self.stdout.write(f"{show.cases()} cases; accounts are in the data folder.")
        else:
            self.stdout.write("This node has units already; nothing was changed.")
