"""How much one envelope may carry; figures are settings."""

from dataclasses import dataclass

from django.conf import settings

from yiwang.kernel.files.limits import MIB

PIECE = 512 * 1024
REASON = 100
TITLE = 200


@dataclass(frozen=True)
class DispatchLimits:
    """Bytes of a payload and of all files, number of files and addressees, bytes of a message between nodes."""

    payload_bytes: int = 256 * 1024
    files_bytes: int = 300 * MIB
    files: int = 60
    legs: int = 500
    frame_bytes: int = MIB


def dispatch_limits() -> DispatchLimits:
    """The limits of this node (setting `DISPATCH_LIMITS`, a mapping of the names above)."""
    return DispatchLimits(**getattr(settings, "DISPATCH_LIMITS", {}))


def pieces_of(size: int) -> int:
    """How many pieces a file of `size` bytes is sent in."""
    return max(1, -(-size // PIECE))
