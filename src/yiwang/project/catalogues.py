"""Catalogues of translations: compiled into the data folder at start, so that the tree stays clean."""

import os
from pathlib import Path

import polib

SOURCE = Path(__file__).resolve().parents[1] / "ui" / "locale"


def compile_catalogues(target: Path, source: Path = SOURCE) -> list[Path]:
    """Write `target/<language>/LC_MESSAGES/*.mo` for every catalogue newer than its compiled form."""
    written = []
    for catalogue in sorted(source.glob("*/LC_MESSAGES/*.po")):
        compiled = target / catalogue.relative_to(source).with_suffix(".mo")
        if not _is_fresh(compiled, catalogue):
            _write(compiled, catalogue)
            written.append(compiled)
    return written


def _is_fresh(compiled: Path, catalogue: Path) -> bool:
    return compiled.exists() and compiled.stat().st_mtime_ns == catalogue.stat().st_mtime_ns


def _write(compiled: Path, catalogue: Path) -> None:
    compiled.parent.mkdir(parents=True, exist_ok=True)
    draft = compiled.with_suffix(".draft")
    polib.pofile(str(catalogue), check_for_duplicates=True).save_as_mofile(str(draft))
    stat = catalogue.stat()
    os.utime(draft, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    draft.replace(compiled)
