"""Documents are made with the fonts of the machine; without Chinese ones these tests fail and say so."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from yiwang.kernel.outputs.definition import OutputSpec, item_outputs
from yiwang.kernel.outputs.fonts import data_folder
from yiwang.kernel.outputs.services import Marks

RARE = "玥珺燚垚堉嬛昇祎翀赟钘龑㎡㛃"
NUMBER = "青林采字〔2026〕第000123号"
ADDRESS = "https://zw.example.gov.cn/v/000123/?t=k1.9F3AC2D1B87E4"
FORM = {
    "holder": "王玥珺、李燚、赵堃㛃",
    "holder_number": "居民身份证 11010519491231002X",
    "right_certificate": "青林证字（2009）第0214号",
    "parcel": "360121 002004 GE00022 L00000001",
    "ground": "不动产权证书",
    "county": "青山县",
    "township": "东坪镇",
    "village": "大林村，012 林班",
    "compartment": "0307",
    "place_name": "燕子坳",
    "gps": "东经 115.89215，北纬 28.67649（精度 5 米）",
    "boundaries": "东至松坑溪，南至村道，西至山脊，北至 0308 小班",
    "ownership": "林地集体，林木个人",
    "origin": "植苗",
    "forest_kind": "一般用材林",
    "species": "杉木 8 成，马尾松 2 成",
    "age": "26 年",
    "canopy": "0.8",
    "terrain": "坡度 18 度，中坡，东南坡",
    "cutting_kind": "主伐",
    "method": "皆伐",
    "intensity": "100 %",
    "area": "2.35 公顷（35.3 亩）",
    "stems": "3120 株",
    "volume": "212.6 立方米",
    "yield": "148.8 立方米（规格材 110.2，非规格材 30.1，薪材 8.5）",
    "quota_kind": "占限额",
    "regeneration_species": "杉木、木荷",
    "regeneration_method": "人工更新",
    "regeneration_area": "2.36 公顷",
    "regeneration_until": "2027年12月31日",
}
Facts = dict[str, Mapping[str, object]]


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> None:
    """A store for files of its own; fonts stay those of the machine."""
    settings.FONTS_ROOT = data_folder()
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def outputs() -> dict[str, OutputSpec]:
    """The outputs of the felling permit."""
    return item_outputs("forestry/felling")


@pytest.fixture
def facts() -> Facts:
    """A granted application as the papers see it."""
    entry = {"number": NUMBER, "valid_from": date(2026, 11, 25), "valid_to": date(2027, 2, 25)}
    case = {
        "number": "青林采申〔2026〕00123号",
        "title": "东坪镇燕子坳杉木皆伐 212.6 立方米",
        "item": "林木采伐许可",
        "received": datetime(2026, 11, 2, 1, tzinfo=UTC),
        "accepted": datetime(2026, 11, 4, 1, tzinfo=UTC),
        "due": datetime(2026, 11, 18, 1, tzinfo=UTC),
        "statutory": "20 个工作日",
        "promised": "10 个工作日",
        "window": "青山县林业局政务服务窗口",
        "fee": "不收费",
        "reconsideration": "收到决定之日起六十日内，可以申请行政复议。",
        "suit": "收到决定之日起六个月内，可以提起行政诉讼。",
        "remedy_laws": "行政复议法第二十条；行政诉讼法第四十六条",
    }
    lists = {
        "materials": ["林权证.jpg", {"text": "伐区照片", "note": "5 张"}],
        "corrections": ["请补北至的界线"],
        "reasons": [{"text": "位于自然保护区内", "note": "森林法第五十五条"}],
    }
    decision = {
        "opinions": "审核：同意（刘志强）；签发：同意（周建国）",
        "officer": "陈晓燕",
        "grounds": "材料齐全、符合法定形式",
    }
    return {
        "form": dict(FORM),
        "entry": entry,
        "case": case,
        "party": {"name": "王玥珺", "id": "110***********02X"},
        "unit": {"name": "青山县林业局", "contact": "0791-8888 6666"},
        "decision": decision,
        "lists": lists,
    }


@pytest.fixture
def marks() -> Marks:
    """Issued on 21 November 2026."""
    return Marks(
        unit="青山县林业局",
        moment=datetime(2026, 11, 21, 1, 30, 15, 123456, tzinfo=UTC),
        qr=ADDRESS,
        licence="1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
        code="7KQ4MZ2PXW9T",
    )
