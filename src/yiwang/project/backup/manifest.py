"""What a backup says about itself, signed by the node: parts with sizes and sums, counts, heads of the ledger, keys."""

import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from yiwang.kernel.crypto.keyring import Keyring, KeyringError
from yiwang.kernel.ledger.rules import canonical
from yiwang.project.backup.refusals import BackupDamaged, WrongKeyring

FORMAT = 1
FILE, SIGNATURE = "manifest.json", "manifest.sig"
PIECE = 1 << 20
_PURPOSE = "backup.fingerprint"


@dataclass(frozen=True)
class Part:
    """One file of a backup: bytes and SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Ledger:
    """How the ledger stood: chains, entries, SHA-256 over all heads, last signed root (empty: none)."""

    subjects: int
    entries: int
    heads: str
    root_day: str = ""
    root: str = ""


@dataclass(frozen=True)
class Manifest:
    """A backup in figures. `lost` names files that the node itself no longer had when the backup was made."""

    format: int
    made: str
    version: str
    engine: str
    database: Part
    files: Part
    others: list[Part]
    file_count: int
    file_bytes: int
    lost: list[str]
    rows: dict[str, int]
    migrations: list[str]
    ledger: Ledger
    keys: dict[str, str]

    @property
    def parts(self) -> list[Part]:
        """Every file beside the manifest."""
        return [self.database, self.files, *self.others]

    @property
    def rows_in_all(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def version() -> str:
    """The version of this tree."""
    project = tomllib.loads((settings.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def fingerprints(ring: Keyring) -> dict[str, str]:
    """Every key of a ring by id, told without giving it away: 128 bits of a keyed hash."""
    return {key: ring.tag(_PURPOSE, b"", key).hex()[:32] for key in sorted(ring.secrets)}


def part(path: Path) -> Part:
    """Size and SHA-256 of a file, read once in pieces."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
    return Part(path.name, size, digest.hexdigest())


def write(folder: Path, manifest: Manifest, ring: Keyring) -> None:
    """Write and sign it; the last thing that is written into a backup."""
    body = canonical(asdict(manifest))
    (folder / FILE).write_bytes(body)
    (folder / SIGNATURE).write_text(f"{ring.current} {ring.sign(body).hex()}\n", "ascii")


def read(folder: Path, ring: Keyring) -> Manifest:
    """The manifest, after the ring, the signature and the form were found right.

    Raises BackupDamaged, WrongKeyring.
    """
    try:
        body = (folder / FILE).read_bytes()
        signer, _, signature = (folder / SIGNATURE).read_text("ascii").strip().partition(" ")
        manifest = _shaped(json.loads(body))
        signed = bytes.fromhex(signature)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupDamaged(f"{folder / FILE} cannot be read, or not what it was: {error}") from error
    require_keys(manifest, ring)
    if not _verifies(ring, body, signed, signer):
        raise BackupDamaged(f"{folder / FILE} was altered: its signature by key {signer} does not fit.")
    return manifest


def require_keys(manifest: Manifest, ring: Keyring) -> None:
    """Raises WrongKeyring, naming the keys, when the ring lacks one that is needed, or has another of its name."""
    held = fingerprints(ring)
    wanting = [f"{key} ({print_})" for key, print_ in manifest.keys.items() if held.get(key) != print_]
    if wanting:
        has = ", ".join(f"{key} ({print_})" for key, print_ in held.items())
        raise WrongKeyring(f"This backup needs the key ring with {', '.join(wanting)}; the ring given holds {has}.")


def check_parts(folder: Path, parts: Iterable[Part]) -> None:
    """Raises BackupDamaged for the first part that is missing, cut off or altered."""
    for wanted in parts:
        path = folder / wanted.name
        if not path.is_file() or path.stat().st_size != wanted.size:
            raise BackupDamaged(f"{path} is missing or cut off: {wanted.size} bytes were written.")
        if part(path).sha256 != wanted.sha256:
            raise BackupDamaged(f"{path} was altered: its SHA-256 is not {wanted.sha256}.")


def _verifies(ring: Keyring, body: bytes, signature: bytes, signer: str) -> bool:
    try:
        return ring.verify(body, signature, signer)
    except KeyringError:
        return False


def _shaped(raw: dict[str, object]) -> Manifest:
    if raw["format"] != FORMAT:
        raise ValueError(f"format {raw['format']} is not known to this version")
    told = dict(raw)
    for name in ("database", "files"):
        told[name] = Part(**told[name])  # type: ignore[arg-type]  # a wrong shape is a TypeError, told as damage
    told["others"] = [Part(**one) for one in told["others"]]  # type: ignore[attr-defined]  # likewise
    told["ledger"] = Ledger(**told["ledger"])  # type: ignore[arg-type]  # likewise
    manifest = Manifest(**told)  # type: ignore[arg-type]  # likewise
    if any("/" in one.name or one.name.startswith(".") for one in manifest.parts):
        raise ValueError("a part lies outside of the backup")
    return manifest
