"""`./run manage install_fonts`."""

from django.core.management.base import BaseCommand

from yiwang.kernel.outputs.fonts import data_folder, hint, install


class Command(BaseCommand):
    """Fetches Chinese fonts for documents into the data folder; a machine without network keeps what it has."""

    help = "Unpack Noto CJK and Fandol fonts from the distribution's packages into the data folder; needs no root."

    def handle(self, *args: object, **options: object) -> None:
        """Say which packages are there, or how to get one."""
        there = install(data_folder())
        self.stdout.write(f"fonts: {', '.join(there)}" if there else f"no fonts could be fetched; try: {hint()}")
