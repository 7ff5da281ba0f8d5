from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from yiwang.kernel.jobs.queries import dead_jobs, health
from yiwang.kernel.jobs.services import discard_dead, retry_dead


class Command(BaseCommand):
    """Shows the queue and its dead list; gives dead jobs another life or drops them."""

    help = "Show the health of the job queue; retry or discard dead jobs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do with which jobs."""
        parser.add_argument("--retry", type=int, nargs="*", default=[], metavar="ID")
        parser.add_argument("--discard", type=int, nargs="*", default=[], metavar="ID")

    def handle(self, *, retry: list[int], discard: list[int], **options: object) -> None:
        """Do it, then show."""
        if retry:
            self.stdout.write(f"retried {retry_dead(*retry)}")
        if discard:
            self.stdout.write(f"discarded {discard_dead(*discard)}")
        self.stdout.write(str(health()))
        for job in dead_jobs()[:50]:
            self.stdout.write(f"{job.pk}\t{job.kind}\tref {job.ref}\t{job.error.strip().splitlines()[-1:]}")
