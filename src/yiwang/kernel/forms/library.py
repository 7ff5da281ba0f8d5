"""Definitions and code tables on disk, read once per process."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from yiwang.kernel.forms.codes import CodeTable, load_codes
from yiwang.kernel.forms.definition import FormDef
from yiwang.kernel.forms.loader import load_form
from yiwang.kernel.forms.refusals import DefinitionRefused
from yiwang.kernel.forms.yaml_marks import refuse

CODES = "codes"
MATERIALS = "materials.yaml"


def code_tables() -> Mapping[str, CodeTable]:
    """Every code table under `definitions/codes/` by key. Raises DefinitionRefused for a broken one."""
    return _tables(Path(settings.DEFINITIONS))


@lru_cache(maxsize=8)
def _tables(root: Path) -> Mapping[str, CodeTable]:
    found: dict[str, CodeTable] = {}
    for path in sorted((root / CODES).rglob("*.yaml")):
        name = str(path.relative_to(root))
        text = path.read_text("utf-8")
        if not _is_table(text):
            continue
        table = load_codes(text, name)
        if f"{CODES}/{table.key}.yaml" != name:
            raise refuse(name, 1, "key", _("“{key}”和文件名不合").format(key=table.key), _("key 写成文件夹/文件名"))
        found[table.key] = table
    return found


def _is_table(text: str) -> bool:
    """Whether a file holds codes; others (divisions, calendars) may lie beside them."""
    return "\ncodes:" in text


def form_in(folder: str, name: str = "form") -> FormDef:
    """A form of a folder under `definitions/`, with its materials where `form.yaml` asks for them.

    Cases use the published version in their own table instead; this reads the file for tools and tests.
    Raises DefinitionRefused.
    """
    root = Path(settings.DEFINITIONS)
    path, slots = root / folder / f"{name}.yaml", root / folder / MATERIALS
    materials = slots.read_text("utf-8") if name == "form" and slots.exists() else ""
    file = f"{folder}/{name}.yaml"
    form = load_form(path.read_text("utf-8"), file, materials=materials, materials_file=f"{folder}/{MATERIALS}")
    verify(form, file)
    return form


def verify(form: FormDef, file: str) -> None:
    """Refuse a form whose fields name code tables that do not exist. Raises DefinitionRefused."""
    tables = code_tables()
    for step in form.steps:
        for one in step.fields():
            if one.codes and one.codes not in tables:
                known = "、".join(sorted(tables))
                wrong = _("没有“{codes}”这个代码表").format(codes=one.codes)
                raise refuse(file, one.line, f"{one.key}.codes", wrong, _("现有：{known}").format(known=known))


def tables_of(form: FormDef) -> Mapping[str, CodeTable]:
    """The code tables a form uses. Raises DefinitionRefused when one is missing."""
    tables = code_tables()
    missing = [key for key in form.codes if key not in tables]
    if missing:
        raise DefinitionRefused(message=_("缺少代码表：{names}").format(names="、".join(missing)))
    return {key: tables[key] for key in form.codes}


def forget() -> None:
    """Read the files anew; for tests and after an import of definitions."""
    _tables.cache_clear()
