"""Raw answers as the names and values a browser would post."""

from yiwang.kernel.forms.definition import Json, Raw, StepDef


def posted(step: StepDef, raw: Raw) -> dict[str, str | list[str]]:
    """What the page of a step would send for these answers."""
    names: dict[str, str | list[str]] = {}
    for group in step.groups:
        if group.rows:
            rows = raw.get(group.key)
            for number, row in enumerate(rows if isinstance(rows, list) else []):
                if isinstance(row, dict):
                    for key, value in row.items():
                        _put(names, f"{group.key}-{number}-{key}", value)
            continue
        for one in group.fields:
            _put(names, one.key, raw.get(one.key))
    return names


def _put(names: dict[str, str | list[str]], name: str, value: Json) -> None:
    if isinstance(value, dict):
        for part, text in value.items():
            _put(names, f"{name}-{part}", text)
    elif isinstance(value, list):
        names[name] = [str(one) for one in value]
    elif value is not None:
        names[name] = str(value)
