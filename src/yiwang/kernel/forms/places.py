"""Kinds of fields that say where: division and point."""

import re
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from yiwang.kernel.forms.context import Context
from yiwang.kernel.forms.definition import FieldDef, Json
from yiwang.kernel.forms.figures import plain
from yiwang.kernel.forms.shapes import as_parts
from yiwang.kernel.forms.texts import is_clean, tidy, tidy_number
from yiwang.kernel.forms.words import Wrong

COUNTY, TOWNSHIP = 6, 9
DEGREES = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,12}))?[°度]?\Z")
SEXAGESIMAL = re.compile(r"([0-9]{1,3})[°度]([0-9]{1,2})['′‘’分]([0-9]{1,2}(?:\.[0-9]{1,6})?)[\"″“”秒]?\Z")
WEST_EAST = (Decimal(73), Decimal(136))
SOUTH_NORTH = (Decimal(3), Decimal(54))
SIXTH = Decimal("0.000001")
CRS = "CGCS2000"


def clean_division(one: FieldDef, raw: Json, context: Context) -> Json:
    """County and township by code from the table of divisions, village by name; the words are kept with the codes."""
    parts = as_parts(raw)
    township, village = tidy_number(parts.get("township", "")), tidy(parts.get("village", ""))
    if not township:
        raise Wrong(_("请选择乡镇（街道）"))
    if len(township) != TOWNSHIP or township not in context.divisions:
        raise Wrong(_("乡镇（街道）请在列出的里面选"))
    if tidy_number(parts.get("county", "")) not in ("", township[:COUNTY]):
        raise Wrong(_("选的乡镇（街道）不在选的县里，请重新选"))
    return _place(township, _village(one, village), context)


def _village(one: FieldDef, village: str) -> str:
    if one.village == "required" and not village:
        raise Wrong(_("请填写村（社区）"))
    if not is_clean(village) or len(village) > 40:
        raise Wrong(_("村（社区）写名称，不超过 40 个字"))
    return village if one.village else ""


def _place(township: str, village: str, context: Context) -> Json:
    county, names = township[:COUNTY], context.divisions
    words = [names.get(county, ""), names[township], village]
    return {"county": county, "township": township, "village": village, "words": list(words), "name": "".join(words)}


def clean_point(one: FieldDef, raw: Json, context: Context) -> Json:
    """Longitude and latitude in CGCS2000 (WGS84 differs by centimetres), in degrees or degrees, minutes, seconds."""
    parts = as_parts(raw)
    lon, lat = _degrees(_("经度"), parts.get("lon", "")), _degrees(_("纬度"), parts.get("lat", ""))
    if _between(lat, WEST_EAST) and _between(lon, SOUTH_NORTH):
        raise Wrong(_("经度和纬度填反了：经度是大的那个（73 到 136），纬度是小的那个（3 到 54）"))
    if not _between(lon, WEST_EAST):
        raise Wrong(_("经度应当在 73 到 136 之间"))
    if not _between(lat, SOUTH_NORTH):
        raise Wrong(_("纬度应当在 3 到 54 之间"))
    point: dict[str, Json] = {"lon": plain(lon), "lat": plain(lat), "crs": CRS}
    accuracy = _accuracy(parts.get("accuracy", "")) if one.accuracy else ""
    return point | ({"accuracy": accuracy} if accuracy else {})


def _between(value: Decimal, bounds: tuple[Decimal, Decimal]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _degrees(label: str, text: str) -> Decimal:
    typed = tidy_number(text).upper().strip("NE北东纬经")
    if DEGREES.match(typed):
        return Decimal(typed.rstrip("°度")).quantize(SIXTH, ROUND_HALF_UP)
    found = SEXAGESIMAL.match(typed)
    if found and int(found[2]) < 60 and Decimal(found[3]) < 60:
        return (int(found[1]) + Decimal(found[2]) / 60 + Decimal(found[3]) / 3600).quantize(SIXTH, ROUND_HALF_UP)
    if not typed:
        raise Wrong(_("请填写{label}").format(label=label))
    raise Wrong(_("{label}写成小数的度，例如 117.43452").format(label=label))


def _accuracy(text: str) -> str:
    typed = tidy_number(text).removesuffix("米")
    if not typed:
        return ""
    if not re.match(r"[0-9]{1,5}(\.[0-9]{1,3})?\Z", typed):
        raise Wrong(_("定位精度只填数字，单位是米"))
    return plain(Decimal(typed))


def show_point(value: Json) -> str:
    """东经 117.43452，北纬 27.86304（精度 5 米）."""
    parts = as_parts(value)
    text = _("东经 {lon}，北纬 {lat}").format(lon=parts.get("lon", ""), lat=parts.get("lat", ""))
    if parts.get("accuracy"):
        text += _("（精度 {metres} 米）").format(metres=parts["accuracy"])
    return text
