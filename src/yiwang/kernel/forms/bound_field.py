"""One question bound to what was typed, ready for a template: names, ids, values, errors, choices, conditions."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from yiwang.kernel.forms.answers import options_of, size
from yiwang.kernel.forms.browser import condition_json
from yiwang.kernel.forms.context import Attached, Context
from yiwang.kernel.forms.definition import FieldDef, Json, Option
from yiwang.kernel.forms.figures import in_mu, plain
from yiwang.kernel.forms.kinds import show
from yiwang.kernel.forms.places import COUNTY
from yiwang.kernel.forms.shapes import PARTS, as_parts, as_text, as_texts
from yiwang.kernel.forms.texts import printable
from yiwang.kernel.forms.words import ID_KINDS

RADIO_LIMIT = 6
INPUTMODES = {"integer": "numeric", "decimal": "decimal", "phone": "tel"}
PICTURES = {"jpg": "image/jpeg", "png": "image/png", "heic": "image/heic", "tif": "image/tiff", "bmp": "image/bmp"}
AUTOCOMPLETE = {"phone": "tel"}


def html_id(path: str) -> str:
    """The id of an input, which error links point at."""
    return f"f-{path}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One option as it stands on the page."""

    value: str
    label: str
    hint: str
    id: str
    is_chosen: bool
    parent: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Options under one heading; the heading may be empty."""

    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class BoundField:
    """One question on the page, with everything its template needs."""

    definition: FieldDef
    path: str
    raw: Json
    context: Context
    errors: tuple[str, ...] = ()
    is_required: bool = True
    is_conditional: bool = False
    is_exempt: bool = False
    names_here: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Name of the input."""
        return self.path

    @property
    def key(self) -> str:
        """Key in the definition."""
        return self.definition.key

    @property
    def kind(self) -> str:
        """Kind in the definition."""
        return self.definition.kind

    @property
    def id(self) -> str:
        """Id of the input, or of the box around several."""
        return html_id(self.path)

    @property
    def label(self) -> str:
        """The question."""
        return self.definition.label

    @property
    def template(self) -> str:
        """The fragment that draws the input."""
        return f"forms/inputs/{self.shape}.html"

    @property
    def shape(self) -> str:
        """How the input looks; the name of a template in `forms/inputs/`."""
        if self.definition.readonly or self.kind == "computed":
            return self.kind if self.kind == "computed" else "fixed"
        shapes = {
            "longtext": "lines",
            "date": "day",
            "choices": "checks",
            "confirm": "tick",
            "division": "place",
            "person_id": "identity",
            "point": "point",
            "files": "files",
        }
        return shapes.get(self.kind) or self._choosing()

    def _choosing(self) -> str:
        if self.kind == "code" and self.definition.other:
            return "suggest"
        if self.kind not in ("choice", "code", "boolean"):
            return "line"
        few = self.kind == "boolean" or len(options_of(self.definition, self.context)) <= RADIO_LIMIT
        return self.definition.look or ("radio" if few else "select")

    @property
    def is_group(self) -> bool:
        """Whether several inputs share the question (fieldset and legend)."""
        return self.shape in ("radio", "checks", "place", "identity", "point")

    @property
    def value(self) -> str:
        """What was typed, without characters a page may not hold; codes among suggestions in words."""
        text = printable(as_text(self.raw))
        table = self.context.codes.get(self.definition.codes) if self.shape == "suggest" else None
        return table.labels.get(text, text) if table else text

    @property
    def shown(self) -> str:
        """A read-only value in words."""
        return show(self.definition, self.raw, self.context)

    @property
    def parts(self) -> dict[str, str]:
        """What was typed into each input of a composed field."""
        typed = as_parts(self.raw)
        return {part: printable(typed.get(part, "")) for part in PARTS.get(self.kind, ())}

    @property
    def describedby(self) -> str:
        """Ids of hint, error and remark, for the input."""
        ids = [f"{self.id}-hint"] if self.has_hint else []
        ids += [f"{self.id}-err"] if self.errors else []
        ids += [f"{self.id}-mu"] if self.definition.also else []
        return " ".join(ids)

    @property
    def has_hint(self) -> bool:
        """Whether a line of help stands under the question."""
        return bool(self.definition.hint or self.slot_line)

    @property
    def may_be_optional(self) -> bool:
        """Whether the page says, or may come to say, that no answer is due."""
        asks = self.shape not in ("tick", "fixed", "computed") and not self.is_exempt
        return asks and (not self.is_required or bool(self.required_when))

    @property
    def slot_line(self) -> str:
        """What may be put into the slot: formats, size, number."""
        slot = self.definition.slot
        if slot is None:
            return ""
        limit = _("{formats}，每份不超过 {size}，最多 {most} 份")
        return limit.format(formats="、".join(slot.formats).upper(), size=size(slot.largest), most=slot.most)

    @property
    def inputmode(self) -> str:
        """Which keyboard a phone shows."""
        return INPUTMODES.get(self.kind, "text")

    @property
    def autocomplete(self) -> str:
        """What the browser may fill in."""
        return AUTOCOMPLETE.get(self.kind, "off")

    @property
    def maxlength(self) -> int:
        """Longest text the input takes; 0 for no limit."""
        return {"text": self.definition.bounds.longest, "longtext": 0, "realty_unit": 40}.get(self.kind, 60)

    @property
    def choice_groups(self) -> tuple[ChoiceGroup, ...]:
        """Options with the chosen ones marked, under their headings."""
        chosen = set(as_texts(self.raw))
        options = options_of(self.definition, self.context)
        return _grouped(self._choice(number, option, chosen) for number, option in enumerate(options))

    def _choice(self, number: int, option: Option, chosen: set[str]) -> tuple[str, Choice]:
        anchor = self.id if number == 0 else f"{self.id}-{number}"
        return option.group, Choice(option.value, option.label, option.hint, anchor, option.value in chosen)

    @property
    def id_kinds(self) -> tuple[Choice, ...]:
        """Kinds of identity papers."""
        kinds, chosen = self.definition.id_kinds or tuple(ID_KINDS), self.parts.get("kind", "")
        return tuple(Choice(kind, str(ID_KINDS[kind]), "", "", kind == chosen) for kind in kinds)

    @property
    def counties(self) -> tuple[Choice, ...]:
        """Counties to choose from; empty when there is only one."""
        found = [(code, name) for code, name in self.context.divisions.items() if len(code) == COUNTY]
        chosen = self.parts["county"] or self.parts["township"][:COUNTY]
        return tuple(Choice(c, name, "", "", c == chosen) for c, name in found) if len(found) > 1 else ()

    @property
    def townships(self) -> tuple[ChoiceGroup, ...]:
        """Townships under their counties."""
        names, chosen = self.context.divisions, self.parts["township"]
        found = [(code, name) for code, name in names.items() if len(code) > COUNTY]
        heads = {code[:COUNTY] for code, _name in found}
        return _grouped(
            (names.get(c[:COUNTY], "") if len(heads) > 1 else "", Choice(c, name, "", "", c == chosen, c[:COUNTY]))
            for c, name in found
        )

    @property
    def files(self) -> tuple[Attached, ...]:
        """Files lying in the slot."""
        return self.context.in_slot(self.key)

    @property
    def accept(self) -> str:
        """What the file chooser offers; pictures by type, so that a phone offers its camera too."""
        formats = self.definition.slot.formats if self.definition.slot else ()
        return ",".join(PICTURES.get(one, f".{one}") for one in formats)

    @property
    def is_prefilled(self) -> bool:
        """Whether what stands here was taken from the records and not typed."""
        known = self.context.prefilled(self.definition.prefill) if self.definition.prefill else None
        if self.definition.readonly or known in (None, "", {}):
            return False
        return as_parts(self.raw) == as_parts(known) if self.kind in PARTS else self.raw == known

    @property
    def mu(self) -> str:
        """Hectares in mu, for the remark under the input."""
        text = in_mu(self.value) if self.definition.also == "mu" else ""
        return _("合 {mu}").format(mu=text) if text else _("1 公顷 = 15 亩")

    @property
    def earliest(self) -> str:
        """First day allowed."""
        bound = self.definition.bounds.earliest
        return bound.on(self.context.today).isoformat() if bound else ""

    @property
    def latest(self) -> str:
        """Last day allowed."""
        bound = self.definition.bounds.latest
        return bound.on(self.context.today).isoformat() if bound else ""

    @property
    def least(self) -> str:
        """Smallest number allowed."""
        return plain(self.definition.bounds.minimum) if self.definition.bounds.minimum is not None else ""

    @property
    def most(self) -> str:
        """Largest number allowed."""
        return plain(self.definition.bounds.maximum) if self.definition.bounds.maximum is not None else ""

    @property
    def when(self) -> str:
        """The condition for the browser, where it depends on this page."""
        return condition_json(self.definition.when, self.names_here)

    @property
    def formula(self) -> str:
        """How the browser works out a computed value."""
        return condition_json(self.definition.value, self.names_here)

    @property
    def required_when(self) -> str:
        """When an answer is due, for the browser."""
        return condition_json(self.definition.required_when, self.names_here)


def _grouped(found: Iterable[tuple[str, Choice]]) -> tuple[ChoiceGroup, ...]:
    return tuple(
        ChoiceGroup(head, tuple(one for _h, one in some)) for head, some in groupby(found, lambda pair: pair[0])
    )
