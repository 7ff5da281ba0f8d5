"""Fills an empty database with units of a whole province and cases of 170 kinds."""

import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from yiwang.kernel.access.principals import of_party, of_post, of_unit
from yiwang.kernel.cases.actions.publishing import load_shipped
from yiwang.kernel.cases.models import CaseType, TypeVersion
from yiwang.kernel.cases.publishing import read_folder
from yiwang.kernel.ledger.kinds import kind_id
from yiwang.kernel.org.actions import DivisionRow, UnitFacts, appoint, found_unit, load_divisions, open_post, take_on
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Account, Holding, Node, Party, Unit
from yiwang.kernel.search.grams import folded, grams
from yiwang.kernel.search.marks import marks_of
from yiwang.kernel.search.statements import DIALECTS

KINDS, RARE = 170, 169
CHUNK = 20_000
PARTIES = 2_000
PLACES = ("黄泥坳", "老鸦坳", "水口背", "松树岗", "大窝里", "石门坑", "杨梅坪", "白云脚", "茶子山", "牛角湾")
RARE_PLACE = "鹧鸪岭"
COLUMNS = {
    "ledger_subject": ("id", "kind_id", "node", "unit", "visibility", "head", "length"),
    "access_grant": ("key", "state", "kind_id", "at", "subject_id"),
    "cases_case": [
        "subject_id",
        "version_id",
        "number",
        "title",
        "party_id",
        "agent",
        "unit_id",
        "division_id",
        "channel",
        "filed_by",
        "track_tag",
        "status",
        "result",
        "opened",
        "received",
        "accepted",
        "due",
        "closed",
    ],
    "search_card": ("subject_id", "noun", "kind_id", "unit", "year", "at", "number", "title"),
    "search_words": ("subject_id", "text", "shown"),
}
GIN = "CREATE INDEX IF NOT EXISTS search_words_grams ON search_words USING gin (grams) WITH (fastupdate = off)"


@dataclass
class Place:
    """A county: its bureau, the units above it, the station posts of its townships."""

    bureau: Unit
    above: list[int]
    stations: list[int]


@dataclass
class Filler:
    """Writes rows in bulk; ids go on from where the last filling ended."""

    dice: random.Random
    places: list[Place] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    parties: list[int] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    last: int = 10_000  # units and people have subjects too

    def prepare(self) -> None:
        """Tables, divisions, a bureau for every division, 170 kinds, five people."""
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        load_divisions(actor=SYSTEM, rows=_division_rows())
        self._types()
        self._units()
        self._people()

    def fill(self, open_cases: int, closed_cases: int) -> None:
        """Add cases, open ones last."""
        with _without_index():
            for state, count in ((1, closed_cases), (0, open_cases)):
                self._fill(state, count)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _fill(self, state: int, count: int) -> None:
        done = 0
        while done < count:
            size = min(CHUNK, count - done)
            self._write([self._case(self.last + n + 1, state) for n in range(size)])
            self.last += size
            done += size

    def _types(self) -> None:
        folder = settings.DEFINITIONS / "forestry" / "felling"
        first, _is_new = load_shipped(actor=SYSTEM, files=read_folder(folder))
        with transaction.atomic():
            for number in range(KINDS):
                kind = kind_id(f"case:bench.kind{number}")
                made = CaseType.objects.create(
                    key=f"bench.kind{number}", kind_id=kind, name=f"演示事项{number}", mark="许"
                )
                version = TypeVersion.objects.create(
                    type=made,
                    number=1,
                    content=first.content,
                    sha256="0" * 64,
                    process=first.process,
                    status=TypeVersion.Status.PUBLISHED,
                    valid_from=first.valid_from,
                    drafted_by=0,
                )
                self.kinds.append(kind)
                self.versions.append(version.pk)

    def _units(self) -> None:
        node = Node.objects.create(code="bench", name="bench", is_self=True).pk
        province = self._bureau("36", 2, None, node)
        for city in _codes(4):
            above = self._bureau(city, 3, province.pk, node)
            for county in _codes(6, city):
                bureau = self._bureau(county, 4, above.pk, node)
                stations = [self._station(code, bureau.pk, node) for code in _codes(9, county)[:12]]
                self.places.append(Place(bureau, [bureau.pk, above.pk, province.pk], stations))

    def _bureau(self, code: str, level: int, parent: int | None, node: int) -> Unit:
        facts = UnitFacts(f"{code} 林业局", f"{code}局", "bureau", level, division=code, word=code)
        return found_unit(actor=SYSTEM, facts=facts, parent=parent, node=node)

    def _station(self, code: str, parent: int, node: int) -> int:
        facts = UnitFacts(f"{code} 站", f"{code}站", "station", 5, division=code)
        unit = found_unit(actor=SYSTEM, facts=facts, parent=parent, node=node)
        return open_post(actor=SYSTEM, unit=unit.pk, role="field_officer", name="核查岗").pk

    def _people(self) -> None:
        county, city, province = self.places[0].above
        for name, unit in (("county head", county), ("city head", city), ("province head", province)):
            post = open_post(actor=SYSTEM, unit=unit, role="signer", name="局长", reach=1)
            self.accounts[name] = self._account(name, post.pk)
        self.accounts["township clerk"] = self._account("township clerk", self.places[0].stations[0])
        rows = [Party(kind="person", name=f"演示户{n}", id_tag=f"bench{n}", level=2) for n in range(PARTIES)]
        self.parties = [party.pk for party in Party.objects.bulk_create(rows)]
        self.accounts["citizen"] = Account.objects.create(username="citizen", party_id=self.parties[0])

    def _account(self, name: str, post: int) -> Account:
        person = take_on(actor=SYSTEM, name=name)
        holding: Holding = appoint(actor=SYSTEM, person=person.pk, post=post, since=timezone.localdate())
        return Account.objects.create(username=name.replace(" ", ""), person_id=holding.person_id)

    def _case(self, pk: int, state: int) -> dict[str, list[tuple[object, ...]]]:
        place = self.places[int(self.dice.random() ** 2 * len(self.places))]
        number = RARE if self.dice.random() < 0.00002 else self.dice.randrange(KINDS - 1)
        party = self.parties[0] if self.dice.random() < 0.00001 else self.dice.choice(self.parties[1:])
        at = _now() + timedelta(
            minutes=self.dice.randrange(-43_200, 14_400) if not state else -self.dice.randrange(2_000_000)
        )
        spot = RARE_PLACE if self.dice.random() < 0.00005 else self.dice.choice(PLACES)
        title = f"{spot}马尾松、杉木皆伐 {self.dice.randrange(900)} 立方米"
        kind, bureau = self.kinds[number], place.bureau.pk
        keys = {
            *map(of_unit, place.above),
            of_post(self.dice.choice(place.stations)),
            of_post(place.stations[0] + 1),
            of_party(party),
        }
        ended = at if state else None
        code = f"B{pk:09d}"
        case = (pk, self.versions[number], code, title, party, "", bureau, None, 3, 1, "0" * 64, 3 if state else 1)
        times = (at - timedelta(days=9), at - timedelta(days=9), at - timedelta(days=8), at, ended)
        return {
            "ledger_subject": [(pk, kind, 1, bureau, 0, b"", 0)],
            "cases_case": [(*case, "granted" if state else "", *times)],
            "access_grant": [(key, state, kind, at, pk) for key in keys],
            "search_card": [(pk, "case", kind, bureau, at.year, at, code, title)],
            "search_words": [self._words(pk, code, title, place, party)],
        }

    def _words(self, pk: int, code: str, title: str, place: Place, party: int) -> tuple[int, str, str]:
        shown = f"{code} · {title} · 演示户{party}"
        return pk, folded(shown), shown

    def _write(self, cases: Sequence[dict[str, list[tuple[object, ...]]]]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for table, columns in COLUMNS.items():
                rows = (row for case in cases for row in case[table])
                _copy(cursor, table, columns, rows)
            _index(cursor, cases)


def _copy(cursor: object, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as target:  # type: ignore[attr-defined]
            for row in rows:
                target.write_row(row)
        return
    plain = [tuple(_plain(value) for value in row) for row in rows]
    cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", plain)  # type: ignore[attr-defined]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return value


def _index(cursor: object, cases: Sequence[dict[str, list[tuple[object, ...]]]]) -> None:
    put = DIALECTS[connection.vendor].put
    for case in cases:
        subject, noun, kind, unit, year = case["search_card"][0][:5]
        marks = marks_of(int(str(subject)), str(noun), int(str(kind)), int(str(unit)), int(str(year)))
        numbers = grams(str(case["search_words"][0][1])) | marks
        for sql, values in put(int(str(subject)), (), numbers):
            cursor.execute(sql, values)  # type: ignore[attr-defined]


@contextmanager
def _without_index() -> Iterator[None]:
    """GIN is far quicker made at once than kept row by row."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS search_words_grams")
        yield
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(GIN)
        for table in COLUMNS:
            cursor.execute(f"VACUUM ANALYZE {table}")


def _division_rows() -> Iterator[DivisionRow]:
    with (settings.DEFINITIONS / "codes" / "divisions" / "36.csv").open(encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            yield DivisionRow(line, row["code"], row["name"])


def _codes(length: int, prefix: str = "") -> list[str]:
    with (settings.DEFINITIONS / "codes" / "divisions" / "36.csv").open(encoding="utf-8") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    return [code for code in codes if len(code) == length and code.startswith(prefix)]


def _now() -> datetime:
    return timezone.now()
