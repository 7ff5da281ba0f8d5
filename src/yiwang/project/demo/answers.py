"""What invented villagers write into the form for a felling permit, valid and varied."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from yiwang.kernel.forms.definition import Raw

COUNTY = "360725"
TOWNSHIPS = ("360725100", "360725101", "360725102", "360725103", "360725104", "360725105", "360725200", "360725201")
VILLAGES = ("石塘村", "上坪村", "桐坑村", "水口村", "大林村", "长岭村", "竹源村", "茶亭村")
PLACES = ("黄泥坳", "老鸦坳", "水口背", "松树岗", "大窝里", "石门坑", "杨梅坪", "白云脚", "茶子山", "牛角湾")
SPECIES = ("杉木", "马尾松")


@dataclass(frozen=True)
class Stand:
    """The piece of forest a demonstration case is about; `number` varies everything else."""

    number: int
    method: str = "clear"
    area: Decimal = Decimal("1.2")
    volume: Decimal = Decimal("96.5")
    intensity: Decimal = Decimal("30")
    canopy_after: Decimal = Decimal("0.55")
    slope: int = 22
    township: str = ""
    quota_kind: str = "counted"


def raw_answers(stand: Stand, holder: str, identity: str, phone: str, today: date) -> Raw:
    """Every answer of the form as it would be typed."""
    return (
        _holder(holder, identity, phone)
        | _rights(stand)
        | _place(stand)
        | _forest(stand)
        | _cutting(stand, today)
        | _regeneration(stand, today)
    )


def _holder(holder: str, identity: str, phone: str) -> Raw:
    return {
        "on_behalf": "own",
        "holder_kind": "person",
        "holder": holder,
        "holder_number": {"kind": "id_card", "number": identity},
        "phone": phone,
        "address": "演示地址：村里",
    }


def _rights(stand: Stand) -> Raw:
    return {
        "ground": "forest_right",
        "right_certificate": f"崇林证字（2009）第{stand.number:04d}号",
        "parcel_number": f"JE{stand.number:05d}",
        "land_right": "21",
        "tree_right": "3",
        "has_dispute": "false",
    }


def _place(stand: Stand) -> Raw:
    township = stand.township or TOWNSHIPS[stand.number % len(TOWNSHIPS)]
    return {
        "place": {"county": COUNTY, "township": township, "village": VILLAGES[stand.number % len(VILLAGES)]},
        "forest_block": f"{stand.number % 30 + 1:03d}",
        "compartment": f"{stand.number % 90 + 1:04d}",
        "place_name": PLACES[stand.number % len(PLACES)],
        "gps": {"lon": f"114.{stand.number % 900 + 100}", "lat": f"25.{stand.number % 500 + 500}", "accuracy": "8"},
        "east": "松坑溪",
        "west": "山脊",
        "south": "村道",
        "north": "相邻小班",
        "forest_class": "22",
        "in_reserve": "false",
    }


def _forest(stand: Stand) -> Raw:
    name = SPECIES[stand.number % len(SPECIES)]
    return {
        "forest_kind": "233",
        "origin": "21",
        "species": [{"tree": name, "tenths": "8"}, {"tree": "木荷", "tenths": "2"}],
        "age": str(24 + stand.number % 12),
        "age_group": "4",
        "canopy": "0.7",
        "mean_diameter": "18.4",
        "slope": str(stand.slope),
        "aspect": str(stand.number % 8 + 1),
        "position": "4",
    }


def _cutting(stand: Stand, today: date) -> Raw:
    begin = today + timedelta(days=25)
    selective = {"intensity": str(stand.intensity), "canopy_after": str(stand.canopy_after)}
    return {
        "object_kind": "tree",
        "is_transplant": "false",
        "cutting_kind": "main",
        "method": stand.method,
        **(selective if stand.method != "clear" else {}),
        "area": str(stand.area),
        "volume": str(stand.volume),
        "stems": str(int(stand.volume * 9)),
        "yield_standard": str((stand.volume * Decimal("0.6")).quantize(Decimal("0.01"))),
        "yield_small": str((stand.volume * Decimal("0.08")).quantize(Decimal("0.01"))),
        "yield_fuel": "1",
        "period_from": begin.isoformat(),
        "period_to": (begin + timedelta(days=90)).isoformat(),
        "quota_kind": stand.quota_kind,
        "quota_reason": "演示：低产林改造试点，按省文件执行" if stand.quota_kind == "exempt" else "",
        "cut_last_year": "false",
    }


def _regeneration(stand: Stand, today: date) -> Raw:
    until = date(today.year + 1, 4, 30)
    return {
        "regeneration_method": "planting",
        "regeneration_species": "杉木、木荷",
        "regeneration_area": str(stand.area),
        "regeneration_until": until.isoformat(),
    }
