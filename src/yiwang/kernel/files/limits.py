"""How much may be uploaded. Figures are settings; an item may set narrower ones for a material."""

from dataclasses import dataclass

from django.conf import settings

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Bytes of one file, one picture and a whole draft; files of a draft; endings taken (empty: all of the node)."""

    file_bytes: int = 20 * MIB
    image_bytes: int = 30 * MIB
    total_bytes: int = 300 * MIB
    count: int = 60
    endings: frozenset[str] = frozenset()

    @property
    def largest(self) -> int:
        """The most a single file may weigh, whatever it is."""
        return max(self.file_bytes, self.image_bytes)

    def of(self, *, is_image: bool) -> int:
        """The most this file may weigh."""
        return self.image_bytes if is_image else self.file_bytes


def default_limits() -> Limits:
    """The limits of this node (settings `FILES_LIMITS`, a mapping of the names above)."""
    return Limits(**getattr(settings, "FILES_LIMITS", {}))


def request_bytes() -> int:
    """The most one request may carry (setting `FILES_MAX_REQUEST`); larger ones are refused before they are read."""
    return int(getattr(settings, "FILES_MAX_REQUEST", 100 * MIB))


def reserve_bytes() -> int:
    """Room on the disk that uploads must leave to the database (setting `FILES_RESERVE`)."""
    return int(getattr(settings, "FILES_RESERVE", 256 * MIB))


def readable(size: int) -> str:
    """A size as people read it: `1.5 MB`."""
    if size >= MIB:
        return f"{size / MIB:.1f}".rstrip("0").rstrip(".") + " MB"
    return f"{max(1, round(size / 1024))} KB" if size else "0 KB"
