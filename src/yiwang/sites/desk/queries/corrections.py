"""The check list for the one notice of corrections: every material, then every question that was asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yiwang.kernel.forms.definition import FieldDef, FormDef
from yiwang.kernel.forms.rules import holds, is_required

Seen = dict[str, object]


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One thing that may have to be put right; `said` is what the clerk typed about it."""

    key: str
    label: str
    hint: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class CheckList:
    """Materials stand open, questions of the form behind a fold."""

    materials: tuple[CheckLine, ...]
    fields: tuple[CheckLine, ...]

    @property
    def lines(self) -> tuple[CheckLine, ...]:
        """All of them, in the order of the notice."""
        return self.materials + self.fields


def check_list(form: FormDef, seen: Seen, present: Collection[str], said: Mapping[str, str]) -> CheckList:
    """Only what this application was asked for; required materials that are missing are marked."""
    asked = [one for step in form.steps for one in step.fields() if holds(one.when, seen) and one.kind != "confirm"]
    return CheckList(
        materials=tuple(_line(one, seen, present, said) for one in asked if one.slot),
        fields=tuple(_line(one, seen, present, said) for one in asked if not one.slot),
    )


def _line(one: FieldDef, seen: Seen, present: Collection[str], said: Mapping[str, str]) -> CheckLine:
    missing = one.slot is not None and one.key not in present and is_required(one, seen)
    return CheckLine(one.key, one.bare_label, _("没有交") if missing else "", said.get(one.key, ""))


def correction_items(lines: tuple[CheckLine, ...], chosen: Collection[str]) -> tuple[str, ...]:
    """The sentences of the notice, in the order of the list; a line counts when ticked or written on."""
    return tuple(_sentence(line) for line in lines if line.key in chosen or line.said)


def _sentence(line: CheckLine) -> str:
    words = line.said or (_("没有交，请补交") if line.hint else _("请更正"))
    return f"{line.label}：{words}"
