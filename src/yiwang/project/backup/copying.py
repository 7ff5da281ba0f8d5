"""Files of a backup: sealed bytes under the places that the database names, each copied once, listed with its SHA-256.

A list is in order of place, so that two of them, or a list and the database, are compared as they stream by.
"""

import gzip
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from yiwang.project.backup.engines import Tell
from yiwang.project.backup.manifest import PIECE
from yiwang.project.backup.refusals import BackupDamaged

LIST = "files.txt.gz"
_LINE = re.compile(r"([0-9a-f]{64}) (\d+) ([\w-]+(?:/[\w-]+)*)\n")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store: place, bytes, SHA-256 of the sealed bytes."""

    place: str
    size: int
    sha256: str


@dataclass
class Tally:
    """How many files were gone through, how many bytes; what was copied now; what the node itself has lost."""

    count: int = 0
    bytes: int = 0
    new: int = 0
    new_bytes: int = 0
    lost: list[str] = field(default_factory=list)

    def add(self, kept: Kept, is_new: bool) -> None:
        """One more."""
        self.count += 1
        self.bytes += kept.size
        self.new += is_new
        self.new_bytes += kept.size * is_new


@dataclass(frozen=True)
class Route:
    """From where to where; `link` lets a file stand in both places where they are on one disk."""

    source: Path
    target: Path
    link: bool = False


def read_list(path: Path) -> Iterator[Kept]:
    """Lines of a list, in order of place. Raises BackupDamaged for a line that is none."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            for line in lines:
                match = _LINE.fullmatch(line)
                if match is None:
                    raise BackupDamaged(f"{path} holds a line that names no file.")
                yield Kept(match[3], int(match[2]), match[1])
    except (OSError, EOFError, ValueError) as error:
        raise BackupDamaged(f"{path} cannot be read: {error}") from error


def copy_new(wanted: Iterable[tuple[str, int]], known: Iterator[Kept], route: Route, listed: Path, tell: Tell) -> Tally:
    """Bring every wanted (place, bytes) into the target and list it; what `known` lists and is there whole, stays.

    A file that the source has not, or not whole, is named in `lost` and left out of the list.
    """
    tally = Tally()
    with gzip.open(listed, "wt", compresslevel=1, encoding="utf-8", newline="\n") as lines:
        for place, size, held in _beside(wanted, known):
            kept = held if held and _is_whole(route.target / place, size, held) else None
            copied = kept or copy_one(route, place, size)
            if copied is None:
                tally.lost.append(place)
                continue
            tally.add(copied, kept is None)
            lines.write(f"{copied.sha256} {copied.size} {place}\n")
            tell(f"files {tally.count}, {tally.bytes >> 20} MB; new {tally.new}, {tally.new_bytes >> 20} MB")
    return tally


def copy_one(route: Route, place: str, size: int) -> Kept | None:
    """Copy one file, written aside and renamed; None when the source has not all of its bytes."""
    source, target = route.source / place, route.target / place
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f"{target.name}.part")
    draft.unlink(missing_ok=True)
    try:
        sha256, read = _linked(source, draft) if route.link else _copied(source, draft)
    except FileNotFoundError:
        return None
    if read != size:
        draft.unlink()
        return None
    os.replace(draft, target)
    draft.unlink(missing_ok=True)  # renaming one name of a file onto another of the same file does nothing
    return Kept(place, size, sha256)


def forget_unlisted(store: Path, listed: Iterable[Path]) -> int:
    """Take files away that none of these lists names; how many went."""
    known = {kept.place for path in listed for kept in read_list(path)}
    gone = 0
    for path in store.rglob("*"):
        if path.is_file() and path.relative_to(store).as_posix() not in known:
            path.unlink()
            gone += 1
    return gone


def _beside(wanted: Iterable[tuple[str, int]], known: Iterator[Kept]) -> Iterator[tuple[str, int, Kept | None]]:
    held = next(known, None)
    for place, size in wanted:
        while held is not None and held.place < place:
            held = next(known, None)
        yield place, size, held if held is not None and held.place == place else None


def _is_whole(path: Path, size: int, held: Kept) -> bool:
    with suppress(OSError):
        return path.stat().st_size == size == held.size
    return False


def _linked(source: Path, draft: Path) -> tuple[str, int]:
    try:
        os.link(source, draft)
    except FileNotFoundError:
        raise
    except OSError:  # another disk, or one that knows no links
        return _copied(source, draft)
    digest, size = hashlib.sha256(), 0
    with draft.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def _copied(source: Path, draft: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as file, os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as to:
        while piece := file.read(PIECE):
            digest.update(piece)
            to.write(piece)
            size += len(piece)
    return digest.hexdigest(), size
