"""What the electronic signatures of a PDF prove 验签. The file is read by a confined child process."""

import base64
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yiwang.kernel.outputs import signature_child
from yiwang.kernel.outputs.models import Authority

WALL_SECONDS = 30
LARGEST = 20 * 1024 * 1024
MOST_SHOWN = 5
PATIENCE = 10
_AT_ONCE = threading.BoundedSemaphore(2)


class State(StrEnum):
    """What a signature proves, the worst of several."""

    NONE = "none"
    VALID = "valid"
    ALTERED = "altered"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"
    BUSY = "busy"


@dataclass(frozen=True)
class Signature:
    """One signature: its state, the name in its certificate, and the moment it claims."""

    state: State
    signer: str
    serial: str
    at: datetime | None


@dataclass(frozen=True)
class Checked:
    """Every signature of a file, and what they prove together."""

    state: State
    signatures: tuple[Signature, ...] = ()


def check(pdf: bytes) -> Checked:
    """What the signatures of a file prove; UNREADABLE for what is no PDF, too large, or built to stall the reader.

    BUSY when two others are checked and it does not get its turn within ten seconds.
    """
    if len(pdf) > LARGEST or pdf.lstrip()[:5] != b"%PDF-":
        return Checked(State.UNREADABLE)
    if not _AT_ONCE.acquire(timeout=PATIENCE):
        return Checked(State.BUSY)
    try:
        lines = _asked(pdf).splitlines()
        found = tuple(_signature(json.loads(line)) for line in lines[:MOST_SHOWN])
    except (subprocess.SubprocessError, OSError, ValueError, KeyError):
        return Checked(State.UNREADABLE)
    finally:
        _AT_ONCE.release()
    return Checked(_together(found), found)


def _asked(pdf: bytes) -> str:
    roots = [base64.b64encode(bytes(one)).decode() for one in Authority.objects.values_list("certificate", flat=True)]
    command = [sys.executable, "-I", signature_child.__file__]
    asked = json.dumps({"roots": roots}).encode() + b"\n" + pdf
    done = subprocess.run(
        command, input=asked, capture_output=True, timeout=WALL_SECONDS, check=True, env={"LANG": "C.UTF-8"}
    )
    return done.stdout.decode()


def _signature(found: dict[str, object]) -> Signature:
    moment = str(found["at"])
    at = datetime.fromisoformat(moment) if moment else None
    return Signature(_state(found), str(found["signer"]), str(found["serial"]), at)


def _state(found: dict[str, object]) -> State:
    if not (found["intact"] and found["unchanged"]):
        return State.ALTERED
    return State.VALID if found["trusted"] else State.FOREIGN


def _together(found: tuple[Signature, ...]) -> State:
    states = {one.state for one in found}
    order = (State.ALTERED, State.FOREIGN, State.VALID)
    return next((state for state in order if state in states), State.NONE)
