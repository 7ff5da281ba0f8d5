"""Taking away what nobody refers to: staged leftovers, bytes of removed drafts, files without a row."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.files.models import Blob
from yiwang.kernel.files.queries import dead_drafts, forgotten_blobs
from yiwang.kernel.files.services import path_of
from yiwang.kernel.files.staging import root, staging_folder

STAGED_FOR = timedelta(days=1)
REMOVED_FOR = timedelta(days=7)
DRAFT_FOR = timedelta(days=180)
BATCH = 200


def sweep() -> int:
    """Take away leftovers; returns how many files and rows went. Safe beside uploads and when it is cut short."""
    moment = now()
    dead = dead_drafts(moment - REMOVED_FOR, moment - DRAFT_FOR)
    gone = dead.delete()[0]
    gone += sum(_forget(blob.pk, moment - STAGED_FOR) for blob in forgotten_blobs(moment - STAGED_FOR)[:BATCH])
    return gone + _sweep_staging(moment) + _sweep_files(moment)


def _forget(blob: int, before: datetime) -> int:
    with transaction.atomic():
        row = forgotten_blobs(before).select_for_update(of=("self",)).filter(pk=blob).first()
        if row is None:
            return 0
        row.delete()
    return sum(_unlink(path) for path in path_of(row).parent.glob(f"{path_of(row).name}*"))


def _sweep_staging(moment: datetime) -> int:
    return sum(_unlink(path) for path in staging_folder().glob("*") if _is_old(path, moment))


def _sweep_files(moment: datetime) -> int:
    return sum(_sweep_folder(folder, moment) for folder in root().glob("[0-9]*/??"))


def _sweep_folder(folder: Path, moment: datetime) -> int:
    old = [path for path in folder.iterdir() if _is_old(path, moment)]
    places = {path: path.relative_to(root()).as_posix().partition(".")[0] for path in old}
    known = set(Blob.objects.filter(place__in=set(places.values())).values_list("place", flat=True))
    return sum(_unlink(path) for path, place in places.items() if place not in known or path.suffix == ".part")


def _is_old(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime < (moment - STAGED_FOR).timestamp()
    except FileNotFoundError:
        return False


def _unlink(path: Path) -> int:
    path.unlink(missing_ok=True)
    return 1
