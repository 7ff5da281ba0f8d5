"""The key ring's own copy: never in a backup, never beside one."""

from pathlib import Path

from yiwang.kernel.crypto.keyring import read_keyring
from yiwang.project.backup.folder import BackupFolder
from yiwang.project.backup.manifest import fingerprints
from yiwang.project.backup.refusals import NotWritable, RingNotApart
from yiwang.project.launch.places import write_secret


def copy_ring(ring_path: Path, to: Path, data: Path, backups: Path) -> Path:
    """Copy a key ring into a folder of its own, under a name made from its keys, mode 0600, and read it back.

    Raises KeyringError, RingNotApart for a folder in the data folder or among backups, NotWritable.
    """
    prints = fingerprints(read_keyring(ring_path))
    target = to.resolve() / f"keyring-{next(reversed(prints.values()))[:12]}.json"
    for folder in target.parents:
        if folder in (data.resolve(), backups.resolve()) or BackupFolder(folder).sets():
            raise RingNotApart(f"{to} lies in {folder}, which holds what this ring opens.")
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_secret(target, ring_path.read_text("utf-8"))
    except OSError as error:
        raise NotWritable(f"{target} cannot be written: {error.strerror}.") from error
    if fingerprints(read_keyring(target)) != prints:
        raise NotWritable(f"{target} does not read back as it was written.")
    return target
