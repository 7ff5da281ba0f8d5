"""Port for a virus scanner 查毒. Without one, files are usable at once and the operator's page says so."""

from dataclasses import dataclass
from functools import cache
from typing import IO, Protocol

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Verdict:
    """What a scanner found; `name` is the name of the virus."""

    is_clean: bool
    name: str = ""


class Scanner(Protocol):
    """Looks for viruses in a stream."""

    def scan(self, stream: IO[bytes]) -> Verdict:
        """The verdict. Raises OSError when the scanner does not answer: the file then stays in quarantine."""


@cache
def _made(path: str) -> Scanner:
    made: Scanner = import_string(path)()
    return made


def scanner() -> Scanner | None:
    """The scanner named by the setting `FILES_SCANNER`, or none."""
    path = str(getattr(settings, "FILES_SCANNER", ""))
    return _made(path) if path else None
