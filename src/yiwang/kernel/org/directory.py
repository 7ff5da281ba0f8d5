"""Units and posts in memory 通讯目录, right across processes.

They change rarely and every action needs them. Each process compares the one `stamp` of the table with its own at most
once in `DIRECTORY_REFRESH` seconds (None: read anew every time, for tests) and loads both tables when it differs.
"""

import time
from collections import defaultdict
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F

from yiwang.kernel.org.models import DirectoryStamp, Division, Post, Unit

ONLY = 1
INSIDE = (Unit.Type.SECTION, Unit.Type.WINDOW)
LENGTHS = (12, 9, 6, 4, 2)


@dataclass(frozen=True)
class Directory:
    """Every unit by id, posts by role, names of divisions by code; shared objects, never to be changed."""

    stamp: int
    units: dict[int, Unit]
    by_path: dict[str, Unit]
    by_role: dict[str, tuple[Post, ...]]
    divisions: dict[str, str]

    def above(self, unit: Unit) -> list[Unit]:
        """The units above a unit, nearest first."""
        paths = [unit.path[:length] for length in range(len(unit.path) - Unit.steplen, 0, -Unit.steplen)]
        return [self.by_path[path] for path in paths if path in self.by_path]

    def post_of(self, unit: Unit, role: str) -> Post | None:
        """The post with this role in the unit, its sections and windows, else in the nearest active unit above."""
        fitting = [post for post in self.by_role.get(role, ()) if post.unit.is_active and _serves(post.unit, unit)]
        return min(fitting, key=lambda post: _distance(unit, post.unit), default=None)

    def unit_for(self, kind: str, division: str) -> Unit | None:
        """The active unit of this kind in charge of a division: its own, else that of the nearest division above."""
        found = self._in_charge(kind, division)
        return max(found, key=lambda unit: (len(unit.division_id or ""), -unit.depth), default=None)

    def unit_at(self, kind: str, level: int, division: str) -> Unit | None:
        """The active unit of this kind and level whose division holds `division`."""
        return next(iter(self.units_at(kind, level, division)), None)

    def units_at(self, kind: str, level: int, division: str) -> list[Unit]:
        """Every such unit, the highest in the tree first."""
        found = [unit for unit in self._in_charge(kind, division) if unit.level == level]
        return sorted(found, key=lambda unit: unit.depth)

    def _in_charge(self, kind: str, division: str) -> list[Unit]:
        codes = {division[:length] for length in LENGTHS if len(division) >= length}
        return [one for one in self.units.values() if one.kind == kind and one.is_active and one.division_id in codes]


def _serves(owner: Unit, unit: Unit) -> bool:
    is_inside = owner.kind in INSIDE and owner.path.startswith(unit.path)
    return unit.path.startswith(owner.path) or is_inside


def _distance(unit: Unit, other: Unit) -> tuple[bool, int]:
    return not other.path.startswith(unit.path), abs(len(other.path) - len(unit.path))


_current: Directory | None = None
_checked = 0.0


def directory() -> Directory:
    """Units and posts as they stand now, at most `DIRECTORY_REFRESH` seconds old."""
    global _current, _checked
    refresh, moment = settings.DIRECTORY_REFRESH, time.monotonic()
    if _current is not None and refresh is not None and moment - _checked < refresh:
        return _current
    mark = DirectoryStamp.objects.filter(pk=ONLY).values_list("stamp", flat=True).first() or 0
    if _current is None or refresh is None or _current.stamp != mark:
        _current = _load(mark)
    _checked = moment
    return _current


def changed() -> None:
    """Let every process read units and posts anew; a step of each action that changes them."""
    row, _is_new = DirectoryStamp.objects.get_or_create(pk=ONLY)
    DirectoryStamp.objects.filter(pk=row.pk).update(stamp=F("stamp") + 1)
    forget()


def forget() -> None:
    """Read the tables anew at the next use; in this process."""
    global _current
    _current = None


def _load(mark: int) -> Directory:
    units = {unit.pk: unit for unit in Unit.objects.all()}
    roles: dict[str, list[Post]] = defaultdict(list)
    for post in Post.objects.all():
        post.unit = units[post.unit_id]
        roles[post.role].append(post)
    by_path = {unit.path: unit for unit in units.values()}
    by_role = {role: tuple(posts) for role, posts in roles.items()}
    return Directory(mark, units, by_path, by_role, dict(Division.objects.order_by("code").values_list("code", "name")))
