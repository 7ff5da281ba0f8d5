import signal
from argparse import ArgumentParser
from types import FrameType

from django.core.management.base import BaseCommand

from yiwang.kernel.jobs.registry import QUEUES
from yiwang.kernel.jobs.worker import Worker, drain, sweep


class Command(BaseCommand):
    """Runs jobs until SIGTERM or Ctrl-C, then finishes those at hand."""

    help = "Run background jobs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Queues, threads, once."""
        parser.add_argument("--once", action="store_true", help="run what is due, then end")
        parser.add_argument("--queue", action="append", default=[], choices=QUEUES, help="serve this queue only")
        parser.add_argument("--threads", type=int, default=0, help="jobs side by side; 0: as fits the engine")

    def handle(self, *, once: bool, queue: list[str], threads: int, **options: object) -> None:
        """Run."""
        if once:
            sweep()
            self.stdout.write(f"{drain(*queue)} jobs run")
            return
        worker = Worker(tuple(queue), max(0, threads))

        def halt(number: int, frame: FrameType | None) -> None:
            worker.halt()

        signal.signal(signal.SIGTERM, halt)
        signal.signal(signal.SIGINT, halt)
        worker.run()
