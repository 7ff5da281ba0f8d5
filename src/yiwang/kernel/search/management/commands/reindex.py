import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.search.actions import begin_reindex, reindex_batch
from yiwang.kernel.search.models import Reindexing
from yiwang.kernel.search.verification import verify_index

REST, EVERY = 0.02, 5.0


class Command(BaseCommand):
    """Writes the index of words anew beside a running platform; whoever stops it goes on where it was."""

    help = "Look at every subject and write what it is found by; --verify compares and changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How."""
        parser.add_argument("--anew", action="store_true", help="forget everything first; nothing is found meanwhile")
        parser.add_argument("--later", action="store_true", help="leave it to the worker")
        parser.add_argument(
            "--verify", action="store_true", help="name what does not fit; status 1 if anything does not"
        )

    def handle(self, *, anew: bool, later: bool, verify: bool, **options: object) -> None:
        """Do it and tell how far it is."""
        if verify:
            self._verify()
            return
        running = begin_reindex(actor=SYSTEM, is_anew=anew)
        self.stdout.write(f"from {running.after} to {running.until}")
        if not later:
            self._run()

    def _run(self) -> None:
        told = time.monotonic()
        while (running := reindex_batch(actor=SYSTEM)) is not None:
            if running.ended or time.monotonic() - told > EVERY:
                told = time.monotonic()
                self._tell(running)
            if running.ended:
                return
            time.sleep(REST)

    def _tell(self, running: Reindexing) -> None:
        state = "ended" if running.ended else f"at {running.after} of {running.until}"
        self.stdout.write(f"{state}: {running.looked_at} looked at, {running.changed} written")

    def _verify(self) -> None:
        flaws = 0
        for flaw in verify_index():
            flaws += 1
            self.stdout.write(str(flaw))
        if flaws:
            raise CommandError(f"{flaws} subjects do not fit; ./run manage reindex mends them, --anew a broken index")
        self.stdout.write("index, words and subjects fit")
