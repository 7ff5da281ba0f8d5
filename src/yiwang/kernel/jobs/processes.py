"""Who leases: a name from which other workers on the machine see whether its process still lives."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessName:
    """Machine, process number and start of that process; the start is empty where the system does not tell it."""

    machine: str
    pid: int
    start: str

    def __str__(self) -> str:
        return f"{self.machine}/{self.pid}/{self.start}"


def this_process() -> ProcessName:
    """The running process."""
    return ProcessName(_machine(), os.getpid(), _start(os.getpid()))


def parse_name(owner: str) -> ProcessName | None:
    """The process in an owner `machine/pid/start#n`; None for anything else."""
    parts = owner.partition("#")[0].split("/")
    if len(parts) != 3 or not parts[1].isdigit():
        return None
    return ProcessName(parts[0], int(parts[1]), parts[2])


def is_gone(owner: str) -> bool:
    """Whether the owner ran on this machine and surely runs no more; False when that cannot be known from here."""
    name = parse_name(owner)
    if name is None or name.machine != _machine() or not name.start:
        return False
    return _start(name.pid) != name.start


def _machine() -> str:
    """Host name and process namespace: two containers with one host name are two machines."""
    try:
        space = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        space = ""
    return f"{socket.gethostname()[:40]}.{''.join(sign for sign in space if sign.isdigit())}"


def _start(pid: int) -> str:
    """Start of a process in clock ticks since boot; empty when it does not run, or is a zombie, or cannot be read."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
