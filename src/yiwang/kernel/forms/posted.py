"""Between names in HTML and raw input: `age`, `place-township`, `species-0-tenths`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yiwang.kernel.forms.definition import FieldDef, GroupDef, Json, Raw, StepDef
from yiwang.kernel.forms.shapes import PARTS, as_rows

Post = Mapping[str, Sequence[str]]
ADD, REMOVE = "_add", "_remove"
LONGEST_RAW = 20_000


@dataclass(frozen=True, slots=True)
class RowButton:
    """A press on “add a row” or “remove this row” without script."""

    group: str
    remove: int | None = None


def read_step(step: StepDef, post: Post) -> Raw:
    """What was typed on one page (`dict(request.POST.lists())`); names the page does not have are ignored.

    Files are not typed: they lie in their slots.
    """
    found: Raw = {}
    for group in step.groups:
        if group.rows:
            found[group.key] = _rows(group, post)
            continue
        for one in group.fields:
            if one.kind != "files" and not one.readonly:
                found[one.key] = _value(one, one.key, post)
    return found


def _value(one: FieldDef, name: str, post: Post) -> Json:
    if one.kind in PARTS:
        return {part: _last(f"{name}-{part}", post) for part in PARTS[one.kind]}
    if one.kind == "choices":
        return [*(text[:LONGEST_RAW] for text in post.get(name, ())[:200])]
    return _last(name, post)


def _last(name: str, post: Post) -> str:
    texts = post.get(name, ())
    return texts[-1][:LONGEST_RAW] if texts else ""


def _rows(group: GroupDef, post: Post) -> Json:
    most = group.rows.most if group.rows else 0
    pattern = re.compile(re.escape(group.key) + r"-([0-9]{1,3})-")
    numbers = sorted({int(found[1]) for name in post if (found := pattern.match(name))})[: most + 1]
    columns = [one for one in group.fields if not one.readonly]
    return [{one.key: _value(one, f"{group.key}-{n}-{one.key}", post) for one in columns} for n in numbers]


def row_button(step: StepDef, post: Post) -> RowButton | None:
    """The row button that was pressed, None when another was."""
    groups = {group.key for group in step.groups if group.rows and not group.rows.fixed}
    added, removed = _last(ADD, post), _last(REMOVE, post)
    if added in groups:
        return RowButton(added)
    group, _dash, number = removed.rpartition("-")
    if group in groups and number.isascii() and number.isdigit():
        return RowButton(group, int(number))
    return None


def press(raw: Raw, button: RowButton) -> Raw:
    """The input with one empty row more, or one row less."""
    rows = as_rows(raw.get(button.group))
    if button.remove is None:
        changed: list[Json] = [*rows, {}]
    else:
        changed = [row for number, row in enumerate(rows) if number != button.remove]
    return raw | {button.group: changed}
