"""A filled application for felling, as a villager types it, and what the form knows from outside."""

from copy import deepcopy
from datetime import date
from functools import cache

from yiwang.kernel.forms import library
from yiwang.kernel.forms.context import Attached, Context
from yiwang.kernel.forms.definition import FormDef, Json, Raw

TODAY = date(2026, 11, 21)
DIVISIONS = {
    "360421": "青山县",
    "360421100": "云台镇",
    "360421101": "西岭乡",
    "360423": "白石县",
    "360423100": "白石镇",
}
ID_NUMBER = "11010519491231002X"
TYPED: Raw = {
    "on_behalf": "own",
    "holder_kind": "person",
    "holder": "林秋生",
    "holder_number": {"kind": "id_card", "number": ID_NUMBER},
    "phone": "13000000026",
    "address": "青山县云台镇松坑村三组",
    "ground": "realty",
    "right_certificate": "青林证字（2009）第0214号",
    "unit_number": "360421 002004 GE00022 L00000001",
    "parcel_area": "0.92",
    "land_right": "21",
    "tree_right": "3",
    "has_dispute": "false",
    "place": {"county": "", "township": "360421100", "village": "松坑村"},
    "forest_block": "012",
    "compartment": "0307",
    "place_name": "老鸦坳东坡",
    "gps": {"lon": "117.43452", "lat": "27.86304", "accuracy": "5"},
    "east": "松坑溪",
    "south": "村道",
    "west": "山脊",
    "north": "0308 小班",
    "forest_class": "22",
    "in_reserve": "false",
    "forest_kind": "233",
    "origin": "21",
    "species": [{"tree": "杉木", "tenths": "8"}, {"tree": "马尾松", "tenths": "2"}],
    "age": "28",
    "age_group": "4",
    "canopy": "0.7",
    "slope": "25",
    "aspect": "3",
    "position": "3",
    "object_kind": "tree",
    "is_transplant": "false",
    "cutting_kind": "main",
    "method": "clear",
    "area": "0.83",
    "volume": "96.4",
    "stems": "1,120",
    "yield_standard": "60",
    "yield_small": "8",
    "yield_fuel": "2.5",
    "period_from": "2026-12-01",
    "period_to": "2027-03-31",
    "quota_kind": "counted",
    "cut_last_year": "false",
    "regeneration_method": "planting",
    "regeneration_species": "杉木、木荷",
    "regeneration_area": "0.83",
    "regeneration_until": "2028-04-30",
}


@cache
def form() -> FormDef:
    """The application for felling as it stands in `definitions/`."""
    return library.form_in("forestry/felling")


def context(*files: Attached, prefill: dict[str, Json] | None = None) -> Context:
    """What the form knows on the day of the tests."""
    tables = library.tables_of(form())
    return Context(TODAY, codes=tables, divisions=DIVISIONS, prefill=prefill or {}, attachments=files)


def typed(**changed: Json) -> Raw:
    """The whole application with some answers changed; None takes an answer away."""
    raw = deepcopy(TYPED) | changed
    return {key: value for key, value in raw.items() if value is not None}


def photo(slot: str, pk: int = 1, name: str = "照片.jpg", size: int = 120_000) -> Attached:
    """A file lying in a slot."""
    return Attached(pk, slot, name, size, "image/jpeg", digest="0" * 64)
