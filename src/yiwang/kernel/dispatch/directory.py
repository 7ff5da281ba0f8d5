"""The signed directory 节点目录 of one node: the nodes directly below it and the units that collect on it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yiwang.kernel.dispatch.keys import KEY_BYTES, PublicKeys, is_signed, sign
from yiwang.kernel.dispatch.refusals import DirectoryInvalid, NotBelow
from yiwang.kernel.dispatch.wire import decode, encode, text_of
from yiwang.kernel.ledger.rules import canonical

_DOMAIN = b"yiwang.dispatch.directory\n"
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
_UNIT = re.compile(r"[a-z0-9][a-z0-9.-]{0,38}")
MOST_KEYS = 3
MOST_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class ListedNode:
    """A node directly below the issuer: code, name, where it answers, its keys, the present one first."""

    code: str
    name: str
    place: str
    keys: tuple[PublicKeys, ...]

    def plain(self) -> dict[str, object]:
        """As written."""
        keys = [{"sign": encode(key.sign), "seal": encode(key.seal)} for key in self.keys]
        return {"code": self.code, "name": self.name, "place": self.place, "keys": keys}


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """A unit that collects on the issuer, as `issuer/unit`."""

    code: str
    name: str

    def plain(self) -> dict[str, object]:
        """As written."""
        return {"code": self.code, "name": self.name}


@dataclass(frozen=True, slots=True)
class Directory:
    """What one node says of itself and those below it, until `expires`; a later serial takes its place as a whole."""

    issuer: str
    serial: int
    expires: datetime
    nodes: tuple[ListedNode, ...] = ()
    units: tuple[ListedUnit, ...] = ()

    def to_bytes(self) -> bytes:
        """As signed."""
        told = {
            "issuer": self.issuer,
            "serial": self.serial,
            "expires": self.expires.isoformat(),
            "nodes": [node.plain() for node in self.nodes],
            "units": [unit.plain() for unit in self.units],
        }
        return canonical(told)

    def signed(self) -> bytes:
        """Body and signature of this node, as they travel."""
        body = self.to_bytes()
        return body + b"\n" + encode(sign(_DOMAIN + body)).encode()


def read_directory(data: bytes) -> Directory:
    """A directory as it came, not yet believed. Raises DirectoryInvalid, NotBelow."""
    try:
        if len(data) > MOST_BYTES:
            raise DirectoryInvalid(facts={"limit": MOST_BYTES, "size": len(data)})
        found = directory_of(json.loads(data.partition(b"\n")[0]))
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise DirectoryInvalid() from error
    check(found)
    return found


def is_signed_by(data: bytes, keys: Mapping[str, PublicKeys]) -> bool:
    """Whether the holder of one of these keys signed the directory."""
    body, _, signature = data.partition(b"\n")
    try:
        signed = decode(signature.decode("ascii"))
    except ValueError:
        return False
    return any(is_signed(_DOMAIN + body, signed, key) for key in keys.values())


def directory_of(told: Mapping[str, object]) -> Directory:
    """From plain values. Raises KeyError, ValueError or TypeError."""
    serial, nodes, units = told["serial"], told["nodes"], told["units"]
    expires = datetime.fromisoformat(str(told["expires"]))
    if not isinstance(serial, int) or serial < 1 or expires.tzinfo is None:
        raise ValueError("serial or moment")
    if not isinstance(nodes, list) or not isinstance(units, list):
        raise TypeError("lists")
    listed = tuple(node_of(one) for one in nodes)
    return Directory(_matched(_CODE, told["issuer"]), serial, expires, listed, tuple(_unit(one) for one in units))


def node_of(told: Mapping[str, object]) -> ListedNode:
    """One node from plain values. Raises KeyError, ValueError or TypeError."""
    keys = told["keys"]
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST_KEYS:
        raise ValueError("keys")
    pairs = tuple(PublicKeys(decode(key["sign"]), decode(key["seal"])) for key in keys)
    if any(len(key.sign) != KEY_BYTES or len(key.seal) != KEY_BYTES for key in pairs):
        raise ValueError("length of a key")
    node = ListedNode(_matched(_CODE, told["code"]), text_of(told["name"], 100), text_of(told["place"], 200), pairs)
    if not node.name.strip():
        raise ValueError("no name")
    return node


def _unit(told: Mapping[str, object]) -> ListedUnit:
    owner, _, unit = str(told["code"]).partition("/")
    if not str(told["name"]).strip():
        raise ValueError("no name")
    return ListedUnit(f"{_matched(_CODE, owner)}/{_matched(_UNIT, unit)}", text_of(told["name"], 100))


def _matched(pattern: re.Pattern[str], text: object) -> str:
    if not pattern.fullmatch(str(text)):
        raise ValueError(f"not a code: {text}")
    return str(text)


def check(directory: Directory) -> None:
    """Nothing twice, nothing above or beside. Raises DirectoryInvalid, NotBelow."""
    codes = [node.code for node in directory.nodes] + [unit.code for unit in directory.units]
    prints = [key.fingerprint for node in directory.nodes for key in node.keys]
    if len(set(codes)) != len(codes) or len(set(prints)) != len(prints):
        raise DirectoryInvalid()
    owners = {unit.code.partition("/")[0] for unit in directory.units}
    if owners - {directory.issuer} or directory.issuer in {node.code for node in directory.nodes}:
        raise NotBelow()
