"""The worker: lanes that claim and run, a keeper that renews leases, picks up what others dropped, starts repeats."""

import logging
import secrets
import threading
import time
import traceback
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from yiwang.kernel.jobs import claims
from yiwang.kernel.jobs.beats import BEATING, beat
from yiwang.kernel.jobs.contention import is_contention
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.processes import is_gone, this_process
from yiwang.kernel.jobs.registry import QUEUES, QUICK, SLOW, kind_named, known_kinds
from yiwang.kernel.jobs.repeats import plan_repeats, put_off_due
from yiwang.kernel.jobs.services import Claim, LostLease, running
from yiwang.kernel.jobs.waking import Watcher

log = logging.getLogger(__name__)

SHORTEST_IDLE = 0.05
LONGEST_IDLE = 2.0
BUSY_PAUSE = timedelta(milliseconds=200)
KEEPING = 2.0
RENEWING = 8.0
STOPPING = 25.0
LOSSES = 5


@dataclass
class Held:
    """What this process has leased: claim by (id, owner) and when it was taken, shared by lanes and keeper."""

    jobs: dict[tuple[int, str], tuple[Job, float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, jobs: list[Job]) -> None:
        """Remember a batch."""
        with self.lock:
            self.jobs.update({(job.pk, job.owner): (job, time.monotonic()) for job in jobs})

    def drop(self, job: Job) -> None:
        """Forget one."""
        with self.lock:
            self.jobs.pop((job.pk, job.owner), None)

    def within_limit(self) -> list[Job]:
        """Those whose lease is to be renewed; one that runs beyond the limit of its kind is left to others."""
        with self.lock:
            held = list(self.jobs.values())
        return [job for job, since in held if time.monotonic() - since < kind_named(job.kind).limit.total_seconds()]


def owner_name() -> str:
    """A name nobody had before, so that a claim is never mistaken for a later one."""
    return f"{this_process()}#{secrets.token_hex(4)}"


def wishes_of(queues: tuple[str, ...]) -> list[claims.Wish]:
    """What a lane of these queues asks for. A job that failed, or whose worker died, comes alone: it may kill again."""
    kinds = [kind.name for kind in known_kinds()]
    fresh = [claims.Wish(queue, kinds, claims.BATCH if queue == QUICK else 1) for queue in queues]
    return fresh + [claims.Wish(queue, kinds, 1, failed=True) for queue in queues]


class Lane:
    """Claims jobs of some queues and runs them one after the other; one thread."""

    def __init__(self, queues: tuple[str, ...], held: Held, stop: threading.Event) -> None:
        self.queues = queues
        self.held = held
        self.stop = stop
        self.wakened = threading.Event()
        self.rounds = -1
        self.wishes = wishes_of(queues)

    def serve(self) -> None:
        """Work until told to stop; an unreachable database is waited for."""
        idle = SHORTEST_IDLE
        while not self.stop.is_set():
            self.wakened.clear()
            close_old_connections()
            try:
                idle = SHORTEST_IDLE if self.round() else self._wait(idle)
            except (DatabaseError, InterfaceError) as error:
                self._survive(error)
            except Exception:
                log.critical("a lane of the worker broke; the worker stops, to be started anew", exc_info=True)
                self.stop.set()
        connection.close()

    def round(self) -> int:
        """Claim one batch and run it; how many were claimed."""
        self.rounds += 1
        batch = self._claim()
        self.held.add(batch)
        begun: list[Job] = []
        done: list[Job] = []
        try:
            for job in batch:
                if self.stop.is_set():
                    break
                begun.append(job)
                if self._run(job):
                    done.append(job)
        finally:
            self._settle(batch, done, batch[len(begun) :])
        return len(batch)

    def _settle(self, batch: list[Job], done: list[Job], left: list[Job]) -> None:
        try:
            claims.strike_off(done)
            claims.put_back(left)
        finally:
            for job in batch:
                self.held.drop(job)

    def _claim(self) -> list[Job]:
        """Fresh jobs by the batch; each queue, and what failed, gets its turn."""
        turn = self.rounds % len(self.wishes)
        for wish in self.wishes[turn:] + self.wishes[:turn]:
            if claims.is_ready(wish) and (batch := claims.claim(wish, owner_name())):
                return batch
        return []

    def _run(self, job: Job) -> bool:
        """Run one job; True when it went well and is still to be struck off."""
        claim = Claim(job, kind_named(job.kind))
        try:
            with running(claim):
                claim.kind.run(job)
        except LostLease:
            log.warning("%s was taken by another worker", job)
            return False
        except Exception as error:
            log.warning("%s failed", job, exc_info=True)
            self._failed(claim, error)
            return False
        return not claim.committed

    def _failed(self, claim: Claim, error: Exception) -> None:
        if claim.committed:
            return
        if is_contention(error):
            claims.put_back([claim.job], BUSY_PAUSE)
        elif claims.fail(claim.job, "".join(traceback.format_exception(error)), claim.kind.tries) == Job.State.DEAD:
            log.error("%s is on the dead list", claim.job)

    def _wait(self, idle: float) -> float:
        self.wakened.wait(idle)
        return min(idle * 2, LONGEST_IDLE)

    def _survive(self, error: Exception) -> None:
        log.warning("the database does not answer the worker: %s", error)
        connection.close()
        self.stop.wait(1)


class Keeper(threading.Thread):
    """Renews leases, returns jobs of dead workers, enqueues repeated jobs."""

    def __init__(self, held: Held, stop: threading.Event) -> None:
        super().__init__(name="jobs-keeper", daemon=True)
        self.held = held
        self.stop = stop
        self.renewed = time.monotonic()
        self.beaten = -BEATING

    def run(self) -> None:
        """Keep until told to stop."""
        while not self.stop.wait(KEEPING):
            try:
                self.keep()
            except (DatabaseError, InterfaceError):
                log.warning("keeping leases failed, trying again", exc_info=True)
                connection.close()
        connection.close()

    def keep(self) -> None:
        """One round."""
        if time.monotonic() - self.beaten >= BEATING:
            self.beaten = time.monotonic()
            beat(str(this_process()))
        held = self.held.within_limit()
        if held and time.monotonic() - self.renewed > RENEWING:
            claims.renew(held)
            self.renewed = time.monotonic()
        sweep()


def sweep() -> None:
    """Pick up what dead workers dropped, undo what a clock set back did, start what repeats."""
    lost = claims.lost_leases() + [job for job in claims.running_jobs() if is_gone(job.owner)]
    for job in {job.pk: job for job in lost}.values():
        claims.fail(job, f"{job.error}\nits worker {job.owner} disappeared", _tries(job))
    claims.pull_forward()
    plan_repeats()
    put_off_due()


def _tries(job: Job) -> int:
    """A lost worker need not be the job's fault: five losses are forgiven even where one failure is final."""
    return max(LOSSES, next((kind.tries for kind in known_kinds() if kind.name == job.kind), 0))


def drain(*queues: str, most: int = 100_000) -> int:
    """Run everything that is due in this thread, also what that puts off in turn; how many jobs were run."""
    lane = Lane(queues or QUEUES, Held(), threading.Event())
    total = 0
    while total < most and (count := lane.round()):
        total += count
    return total


def lanes_for(queues: tuple[str, ...], threads: int) -> list[tuple[str, ...]]:
    """Which queues each thread serves: quick and slow apart as soon as there are two, one slow among every four."""
    if queues or threads == 1:
        return [queues or QUEUES] * threads
    slow = max(1, threads // 4)
    return [(QUICK if number < threads - slow else SLOW,) for number in range(threads)]


def usual_threads() -> int:
    """SQLite has one writer, so one quick lane; on PostgreSQL four share the waits for the disk."""
    return 5 if connection.vendor == "postgresql" else 2


class Worker:
    """All lanes of one process with their keeper and watcher."""

    def __init__(self, queues: tuple[str, ...] = (), threads: int = 0) -> None:
        self.stop = threading.Event()
        self.held = Held()
        self.lanes = [Lane(served, self.held, self.stop) for served in lanes_for(queues, threads or usual_threads())]

    def run(self) -> None:
        """Work until `halt` is called; jobs begun are finished, the others handed back."""
        sweep()
        threads = [threading.Thread(target=lane.serve, name="jobs-lane", daemon=True) for lane in self.lanes]
        threads += [Keeper(self.held, self.stop), Watcher(self.wake, self.stop)]
        for thread in threads:
            thread.start()
        self.stop.wait()
        self.wake()
        deadline = time.monotonic() + STOPPING
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def wake(self) -> None:
        """Let idle lanes look again."""
        for lane in self.lanes:
            lane.wakened.set()

    def halt(self) -> None:
        """Stop after the jobs at hand."""
        self.stop.set()
