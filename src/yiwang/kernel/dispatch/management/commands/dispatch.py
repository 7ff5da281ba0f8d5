from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.dispatch.actions.messages import restart_line, retry_transfer
from yiwang.kernel.dispatch.actions.trust import accept_directory
from yiwang.kernel.dispatch.keys import own_keys
from yiwang.kernel.dispatch.models import Leg
from yiwang.kernel.dispatch.queries import TRANSFER, queue
from yiwang.kernel.org.actors import SYSTEM


class Command(BaseCommand):
    """Shows messages waiting, refused and dead, and legs by state; tries one again; takes a directory in."""

    help = "Show the queue of envelopes between nodes; retry one message, restart a line, accept a directory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do first."""
        parser.add_argument("--retry", type=int, metavar="ID", help="a message that was refused or is dead")
        parser.add_argument("--restart", metavar="NODE", help="begin a new epoch, after coming back from a backup")
        parser.add_argument("--accept", type=Path, metavar="FILE", help="take in the signed directory of another node")

    def handle(
        self, *, retry: int | None, restart: str | None, accept: Path | None, verbosity: int = 1, **options: object
    ) -> None:
        """Do it, then show."""
        try:
            self._act(retry, restart, accept)
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal}") from refusal
        self._show()

    def _act(self, retry: int | None, restart: str | None, accept: Path | None) -> None:
        if retry is not None:
            retry_transfer(actor=SYSTEM, outgoing=retry)
            self.stdout.write(f"trying {retry} again")
        if restart is not None:
            self.stdout.write(f"renumbered {restart_line(actor=SYSTEM, node=restart)}")
        if accept is not None:
            is_new = accept_directory(actor=SYSTEM, data=accept.read_bytes())
            self.stdout.write("accepted" if is_new else "known already")

    def _show(self) -> None:
        found = queue()
        self.stdout.write(f"fingerprint of this node\t{own_keys().fingerprint}")
        for node, count in found.waiting.items():
            self.stdout.write(f"waiting\t{node}\t{count}")
        for (side, state), count in found.legs.items():
            self.stdout.write(f"legs\t{Leg.Side(side).name.lower()}\t{state}\t{count}")
        for row in found.refused:
            self.stdout.write(f"refused\t{row.pk}\t{row.peer.node.code}\t{row}\t{row.refusal}")
        for job in found.dead:
            name = "dead" if job.kind == TRANSFER else "dead settling"
            self.stdout.write(f"{name}\t{job.ref}\t{job.error.strip().splitlines()[-1:]}")
