"""Whole nodes in one process: each with tables, key ring and files of its own, joined by a carrier in memory.

A node is entered with `with`: from then on the default database connection, key ring and file store are its own, and
everything that runs is the code that runs in life.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.utils import load_backend

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.keyring import make_keyring
from yiwang.kernel.dispatch import receiving
from yiwang.kernel.dispatch.actions.trust import (
    NewDirectory,
    accept_directory,
    approve_proposal,
    propose_directory,
    propose_root,
)
from yiwang.kernel.dispatch.directory import ListedNode
from yiwang.kernel.dispatch.keys import own_keys
from yiwang.kernel.dispatch.models import DirectoryIssue, Outgoing
from yiwang.kernel.dispatch.policies import LEG, PEER, PROPOSAL, REGISTRAR
from yiwang.kernel.dispatch.sending import transfer
from yiwang.kernel.dispatch.transport import MemoryTransport, Unreachable, register
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.worker import drain
from yiwang.kernel.ledger import kinds
from yiwang.kernel.org import directory as org_directory
from yiwang.kernel.org.actors import SYSTEM, Actor, HeldPost
from yiwang.kernel.org.models import Level, Node, Post, Unit

SYSTEM_OFFICER = Actor(901, "系统管理员", officer="system")
SECURITY_OFFICER = Actor(902, "安全保密管理员", officer="security")
KIND = "letter.v1"
KINDS = (PEER, PROPOSAL, f"envelope:{KIND}", f"{LEG}:{KIND}")
QUICK = "PRAGMA journal_mode=WAL;PRAGMA synchronous=OFF;"


@dataclass(frozen=True)
class Surroundings:
    """What a process takes for its own, as it was before a node was entered."""

    database: BaseDatabaseWrapper
    ring: Path
    files: Path
    refresh: float | None
    directory: org_directory.Directory | None


@dataclass
class WholeNode:
    """One node."""

    code: str
    folder: Path
    database: BaseDatabaseWrapper
    units: dict[str, int] = field(default_factory=dict)
    registrars: dict[str, Actor] = field(default_factory=dict)
    _before: list[Surroundings] = field(default_factory=list)
    _directory: org_directory.Directory | None = None

    def __enter__(self) -> "WholeNode":
        kept = (settings.KEYRING, settings.FILES_ROOT, settings.DIRECTORY_REFRESH, org_directory._current)
        self._before.append(Surroundings(connections[DEFAULT_DB_ALIAS], *kept))
        connections[DEFAULT_DB_ALIAS] = self.database
        settings.KEYRING, settings.FILES_ROOT = self.folder / "keyring.json", self.folder / "files"
        settings.DIRECTORY_REFRESH, org_directory._current = 1e9, self._directory
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._directory = org_directory._current
        before = self._before.pop()
        connections[DEFAULT_DB_ALIAS] = before.database
        settings.KEYRING, settings.FILES_ROOT, settings.DIRECTORY_REFRESH = before.ring, before.files, before.refresh
        org_directory._current = before.directory

    def answer_to(self, frame: bytes) -> bytes:
        """Its door."""
        with self:
            return receiving.answer_to(frame)

    def take_piece(self, piece: bytes) -> None:
        """Its door for pieces."""
        with self:
            receiving.take_piece(piece)

    def address(self, unit: str) -> str:
        """Where a unit of this node collects."""
        return f"{self.code}/{unit}"

    def work(self) -> None:
        """Let its worker do what is due, and try again what was to be tried later."""
        with self:
            Job.objects.filter(state=Job.State.WAITING).update(due=now())
            drain()

    def send_one(self, number: int) -> bool:
        """One try to bring a message over, as the worker makes it; whether it came to an end."""
        with self:
            try:
                transfer(number)
            except Unreachable:
                return False
            return True

    def waiting(self) -> list[int]:
        """Messages that are still to be sent."""
        with self:
            rows = Outgoing.objects.filter(state=Outgoing.State.WAITING)
            return list(rows.order_by("pk").values_list("pk", flat=True))

    def listing(self) -> ListedNode:
        """As its parent lists it."""
        with self:
            return ListedNode(self.code, f"节点{self.code}", f"memory:{self.code}", (own_keys(),))


def found_node(code: str, folder: Path, units: Mapping[str, tuple[str, str]], number: int) -> WholeNode:
    """A node with units {code: (name, code of the unit above)}, each but sections with a registrar."""
    folder = folder / code
    folder.mkdir(parents=True)
    make_keyring(folder / "keyring.json")
    node = WholeNode(code, folder, _copied(folder / "node.sqlite3", code))
    with node:
        kinds.forget()
        for kind in KINDS:
            kinds.kind_id(kind)  # in one order: what this process remembers fits every node
        own = Node.objects.create(code=code, name=f"节点{code}", is_self=True)
        for key, (name, above) in units.items():
            unit = _unit(own, name, node.units.get(above))
            node.units[key] = unit.pk
            post = Post.objects.create(unit=unit, role=REGISTRAR, name="收发员")
            held = HeldPost(post.pk, REGISTRAR, post.name, unit.pk, unit.name, unit.path, 0)
            account = number * 100 + unit.pk
            node.registrars[key] = Actor(account, f"{name}收发员", post=post.pk, person=account, posts=(held,))
    return node


def _unit(node: Node, name: str, above: int | None) -> Unit:
    fields = {"name": name, "short_name": name, "kind": Unit.Type.BUREAU, "level": Level.COUNTY, "node": node}
    made: Unit = Unit.objects.get(pk=above).add_child(**fields) if above else Unit.add_root(**fields)
    return made


def _copied(path: Path, code: str) -> BaseDatabaseWrapper:
    """A database of its own with the tables of the test database, empty."""
    told = {**connection.settings_dict}
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        target = sqlite3.connect(path)
        connection.connection.backup(target)
        target.close()
        told |= {"NAME": str(path), "OPTIONS": {**told["OPTIONS"], "init_command": QUICK}}
    else:
        name = f"{told['NAME']}_{code}"
        template = str(told["NAME"])
        connection.close()
        with _maintenance() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        told |= {"NAME": name}
    wrapper: BaseDatabaseWrapper = load_backend(told["ENGINE"]).DatabaseWrapper(told, DEFAULT_DB_ALIAS)
    return wrapper


@contextmanager
def _maintenance() -> Iterator[CursorWrapper]:
    told = {**connection.settings_dict, "NAME": "postgres"}
    wrapper = load_backend(told["ENGINE"]).DatabaseWrapper(told, DEFAULT_DB_ALIAS)
    try:
        with wrapper.cursor() as cursor:
            yield cursor
    finally:
        wrapper.close()


def close(*nodes: WholeNode) -> None:
    """Give the databases back."""
    for node in nodes:
        name = node.database.settings_dict["NAME"]
        node.database.close()
        if connection.vendor == "postgresql":
            with _maintenance() as cursor:
                cursor.execute(f'DROP DATABASE "{name}"')


@dataclass
class Pair:
    """A province and a county below it that know each other, and the carrier between them."""

    province: WholeNode
    county: WholeNode
    carrier: MemoryTransport

    @property
    def nodes(self) -> tuple[WholeNode, WholeNode]:
        """Both."""
        return self.province, self.county

    def work(self, rounds: int = 6) -> None:
        """Let both workers run until nothing is left to do."""
        for _round in range(rounds):
            for node in self.nodes:
                node.work()


def found_pair(folder: Path) -> Pair:
    """Set both up as their officers would: root pinned on both, directories signed, checked and taken in."""
    province = found_node(
        "prov", folder, {"lyj": ("省局", ""), "cw": ("省局财务处", "lyj"), "zf": ("省局执法处", "lyj")}, 1
    )
    county = found_node("qs", folder, {"lyj": ("县局", ""), "yt": ("云台镇站", "lyj"), "sz": ("石嘴镇站", "lyj")}, 2)
    carrier = MemoryTransport({node.code: node for node in (province, county)})
    register("memory", carrier)
    root = province.listing()
    for node in (province, county):
        with node:
            both_officers_pin(root)
    issued = issue(province, [county.listing()])
    with county:
        accept_directory(actor=SYSTEM, data=issued)
    back = issue(county, [])
    with province:
        accept_directory(actor=SYSTEM, data=back)
    return Pair(province, county, carrier)


def both_officers_pin(root: ListedNode) -> None:
    """Propose and approve a root in the node that is entered."""
    proposal = propose_root(actor=SYSTEM_OFFICER, root=root)
    approve_proposal(actor=SECURITY_OFFICER, proposal=proposal.pk)


def issue(node: WholeNode, nodes: list[ListedNode], days: int = 30) -> bytes:
    """The next directory of a node, as its officers issue it."""
    with node:
        new = NewDirectory(now() + timedelta(days=days), nodes, node.units)
        proposal = propose_directory(actor=SYSTEM_OFFICER, new=new)
        approve_proposal(actor=SECURITY_OFFICER, proposal=proposal.pk)
        return bytes(DirectoryIssue.objects.filter(peer__node__code=node.code).latest("serial").body)
