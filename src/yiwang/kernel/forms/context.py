"""What a form must know from outside to be judged: day, code tables, places, prefill, files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from yiwang.kernel.forms.codes import CodeTable
from yiwang.kernel.forms.definition import FormDef, Json


@dataclass(frozen=True, slots=True)
class Attached:
    """A file put into a slot, as far as the form cares; `url` opens it, `digest` binds it to the evidence."""

    id: int
    slot: str
    name: str
    size: int
    mime: str = ""
    url: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Context:
    """Plain facts for one judgement of one form.

    `divisions` holds code and name of every place that may be chosen (county and township under the bureau's own
    division); `prefill` what the records already know; `given` the figures set by province or bureau;
    `attachments` the files of this draft or subject, in their order.
    """

    today: date
    codes: Mapping[str, CodeTable] = field(default_factory=dict)
    divisions: Mapping[str, str] = field(default_factory=dict)
    prefill: Mapping[str, Json] = field(default_factory=dict)
    given: Mapping[str, str | Decimal | bool] = field(default_factory=dict)
    attachments: tuple[Attached, ...] = ()

    def in_slot(self, slot: str) -> tuple[Attached, ...]:
        """Files lying in a slot."""
        return tuple(one for one in self.attachments if one.slot == slot)

    def parameter(self, form: FormDef, key: str) -> str | Decimal | bool:
        """The figure in force: the bureau's own, else the default of the definition."""
        return self.given.get(key, form.parameters[key].value)

    def prefilled(self, path: str) -> Json:
        """The value under a dotted path of the prefill, None when there is none."""
        value: Json = dict(self.prefill)
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value
