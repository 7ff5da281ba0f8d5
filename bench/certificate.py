"""`certificate`: felling permits a second of CPU, each with its own data, QR code, tag, seal, PDF/A-2b and digests."""

import os
import resource
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.project.settings.base")
django.setup()

from django.conf import settings
from django.db import connection

from bench.report import Bar, report
from yiwang.kernel.base.identifiers import licence_identifier, random_code
from yiwang.kernel.crypto.keyring import keyring, make_keyring
from yiwang.kernel.outputs.definition import OutputSpec, item_outputs
from yiwang.kernel.outputs.services import Marks, Rendered, render

COUNT = 200
ROUND = 20
LEAST_PER_SECOND = 50
ISSUER = "11360121MB0000000W"
KIND = "11100000000013338W001"
START = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


def felling_permit() -> OutputSpec:
    """The certificate of the shipped definition."""
    return item_outputs("forestry/felling")["certificate"]


def context_of(number: int) -> dict[str, Mapping[str, object]]:
    """An application like thousands of others, and unlike each of them."""
    day = START.date() + timedelta(days=number % 300)
    form = {
        "holder": f"王玥珺、李燚（{number % 97} 户）",
        "holder_number": f"居民身份证 36012119800101{number % 10000:04d}",
        "right_certificate": f"青林证字（2009）第{number:07d}号",
        "parcel": f"360121 002004 GE{number % 100000:05d} L00000001",
        "ground": "不动产权证书",
        "county": "青山县",
        "township": "东坪镇",
        "village": f"大林村，{number % 40:03d} 林班",
        "compartment": f"{number % 999:04d}",
        "place_name": f"燕子坳{number % 311} 号地",
        "gps": f"东经 115.{number % 99999:05d}，北纬 28.{number * 7 % 99999:05d}（精度 5 米）",
        "boundaries": f"东至松坑溪，南至村道，西至山脊，北至 {number % 999:04d} 小班",
        "ownership": "林地集体，林木个人",
        "origin": "人工植苗",
        "forest_kind": "一般用材林",
        "species": "杉木 8 成，马尾松 2 成",
        "age": f"{20 + number % 20} 年",
        "age_group": "成熟林",
        "canopy": "0.8",
        "terrain": "坡度 18 度，中坡，东南坡",
        "cutting_kind": "主伐",
        "method": "皆伐",
        "intensity": "100 %",
        "area": f"{1 + number % 4}.{number % 100:02d} 公顷",
        "stems": f"{1000 + number % 3000} 株",
        "volume": f"{100 + number % 150}.6 立方米",
        "yield": f"{80 + number % 90} 立方米（规格材 60，非规格材 30，薪材 8）",
        "quota_kind": "占限额",
        "regeneration_species": "杉木、木荷",
        "regeneration_method": "人工更新",
        "regeneration_area": f"{1 + number % 4}.{number % 100:02d} 公顷",
        "regeneration_until": "2027年12月31日",
    }
    entry = {"number": f"青林采字〔2026〕第{number:06d}号", "valid_from": day, "valid_to": day + timedelta(days=90)}
    decision = {
        "quota_number": "2026-360121-商品林-主伐-人工",
        "opinions": "林业站：情况属实；审核：同意；签发：同意",
    }
    return {"form": form, "entry": entry, "decision": decision}


def make(spec: OutputSpec, number: int) -> Rendered:
    """One certificate, from its facts to its bytes and their digests."""
    context = context_of(number)
    name = str(context["entry"]["number"])
    tag = keyring().tag("bench.certificate", name.encode())[:8].hex()
    marks = Marks(
        unit="青山县林业局",
        moment=START,
        qr=f"https://zw.example.gov.cn/v/{name}/?t={keyring().current}.{tag}",
        licence=licence_identifier(KIND, ISSUER, f"2026{number:09d}", "001"),
        code=random_code(),
    )
    return render(spec, context, marks)


def main() -> None:
    """Measure and report."""
    make_keyring(Path(settings.KEYRING))
    spec = felling_permit()
    cold = time.perf_counter()
    make(spec, 0)
    cold = time.perf_counter() - cold
    wall, spent, made = time.perf_counter(), [time.process_time()], []
    for number in range(1, COUNT + 1):
        made.append(make(spec, number))
        if number % ROUND == 0:
            spent.append(time.process_time())
    wall, cpu = time.perf_counter() - wall, spent[-1] - spent[0]
    best = min(after - before for before, after in pairwise(spent))
    rate = COUNT / cpu
    figures = {
        "certificates": COUNT,
        "distinct": len({one.sha256 for one in made}),
        "milliseconds of CPU each": round(1000 * cpu / COUNT, 1),
        f"milliseconds of CPU each, best {ROUND}": round(1000 * best / ROUND, 1),
        "per second of wall time": round(COUNT / wall, 1),
        "first one, seconds of wall time": round(cold, 2),
        "kilobytes each": round(sum(len(one.pdf) for one in made) / COUNT / 1024),
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    report("certificate", connection.vendor, figures, [Bar("per CPU second", round(rate, 1), LEAST_PER_SECOND, True)])


if __name__ == "__main__":
    main()
