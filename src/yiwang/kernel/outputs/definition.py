"""Definitions of outputs: `outputs.yaml` of an item says which documents it makes, from which template and values.

Errors name file, line and key.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from yiwang.kernel.outputs.binding import faults_of, paths_of
from yiwang.kernel.outputs.refusals import DefinitionError

QR = ("", "verify", "track")
SOURCES = frozenset({"form", "case", "party", "unit", "entry", "decision", "lists"})
FILE = "outputs.yaml"
FORBIDDEN = re.compile(r"\b(?:eval|read|plugin)\s*\(|\"@")
TEXT_KEYS = ("title", "template", "slot", "number", "seal", "qr")


@dataclass(frozen=True)
class OutputSpec:
    """One document of an item: its template, patterns of its fields, which must not be empty, seal line and QR code.

    `source` is the text of the template, `seal` None for none, else the line below the star (empty for the plain
    official seal). `lists` names the lists of the context that the template prints whole.
    """

    key: str
    title: str
    template: str
    source: str
    slot: str
    number: str = ""
    seal: str | None = None
    qr: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    lists: tuple[str, ...] = ()


def parse_outputs(files: Mapping[str, str], folder: str = "") -> dict[str, OutputSpec]:
    """Every output of an item by key, from the texts of its definition files; none without `outputs.yaml`.

    Raises DefinitionError naming file, line and key; also for templates that would run data, read files or fetch code.
    """
    return _Reader(files, folder).read() if FILE in files else {}


def item_outputs(item: str) -> dict[str, OutputSpec]:
    """The outputs of an item as it lies in its folder below the definitions."""
    folder = Path(settings.DEFINITIONS) / item
    files = {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.suffix in (".yaml", ".typ")}
    return parse_outputs(files, f"{item}/")


def seal_lines() -> list[str]:
    """Every line below the star that a shipped definition asks for, the plain official seal first."""
    items = sorted(path.parent.relative_to(settings.DEFINITIONS) for path in Path(settings.DEFINITIONS).rglob(FILE))
    specs = [spec for item in items for spec in item_outputs(str(item)).values()]
    return sorted({spec.seal for spec in specs if spec.seal is not None})


class _Reader:
    def __init__(self, files: Mapping[str, str], folder: str) -> None:
        self._files = files
        self._folder = folder

    def read(self) -> dict[str, OutputSpec]:
        top = self._root()
        return {key: self._spec(key, node) for key, node in self._pairs(top)}

    def _root(self) -> yaml.Node:
        try:
            node = yaml.compose(self._files[FILE], Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise self._error(line, "", str(error.problem)) from error
        if node is None:
            raise self._error(1, "", _("文件是空的"))
        return node

    def _spec(self, key: str, node: yaml.Node) -> OutputSpec:
        parts = dict(self._pairs(node))
        for name, part in parts.items():
            if name not in (*TEXT_KEYS, "fields", "required", "lists"):
                raise self._error(part.start_mark.line + 1, f"{key}.{name}", _("没有这个键"))
        texts = {name: self._text(parts[name], f"{key}.{name}") for name in TEXT_KEYS if name in parts}
        fields = self._fields(parts.get("fields"), key)
        template = texts.get("template", "")
        spec = OutputSpec(
            key=key,
            title=texts.get("title", ""),
            template=template,
            source=self._source(template, key, node),
            slot=texts.get("slot", key),
            number=texts.get("number", ""),
            seal=texts.get("seal"),
            qr=texts.get("qr", ""),
            fields=fields,
            required=frozenset(self._names(parts.get("required"), f"{key}.required", fields)),
            lists=tuple(self._list(parts.get("lists"), f"{key}.lists")),
        )
        self._check(spec, node)
        return spec

    def _check(self, spec: OutputSpec, node: yaml.Node) -> None:
        line = node.start_mark.line + 1
        if not spec.title:
            raise self._error(line, f"{spec.key}.title", _("缺少"))
        if spec.qr not in QR:
            raise self._error(line, f"{spec.key}.qr", _("只能是 verify 或 track"))
        self._check_pattern(spec.number, line, f"{spec.key}.number")

    def _source(self, template: str, key: str, node: yaml.Node) -> str:
        source = self._files.get(template, "") if template.endswith(".typ") else ""
        if not source:
            raise self._error(node.start_mark.line + 1, f"{key}.template", _("模板文件不存在"))
        for number, line in enumerate(source.splitlines(), 1):
            if found := FORBIDDEN.search(line):
                raise self._error(number, found[0], _("模板里不能用"), file=template)
        return source

    def _fields(self, node: yaml.Node | None, key: str) -> dict[str, str]:
        found = {}
        for name, part in self._pairs(node) if node else ():
            place = f"{key}.fields.{name}"
            found[name] = self._text(part, place)
            self._check_pattern(found[name], part.start_mark.line + 1, place)
        return found

    def _check_pattern(self, pattern: str, line: int, place: str) -> None:
        if faults := faults_of(pattern):
            raise self._error(line, place, _("不认识 %(faults)s") % {"faults": " ".join(faults)})
        unknown = sorted({path for path in paths_of(pattern) if path.partition(".")[0] not in SOURCES})
        if unknown:
            raise self._error(line, place, _("没有这个来源：%(paths)s") % {"paths": "、".join(unknown)})

    def _names(self, node: yaml.Node | None, place: str, fields: Mapping[str, str]) -> list[str]:
        names = self._list(node, place)
        for name in names:
            if node is not None and name not in fields:
                raise self._error(node.start_mark.line + 1, place, _("fields 里没有 %(name)s") % {"name": name})
        return names

    def _list(self, node: yaml.Node | None, place: str) -> list[str]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise self._error(node.start_mark.line + 1, place, _("应当是列表"))
        return [self._text(part, place) for part in node.value]

    def _text(self, node: yaml.Node, place: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(node.start_mark.line + 1, place, _("应当是文字"))
        return str(node.value)

    def _pairs(self, node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise self._error(node.start_mark.line + 1, "", _("应当是“键: 值”"))
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise self._error(key.start_mark.line + 1, str(key.value), _("重复的键"))
            seen.add(key.value)
            yield str(key.value), value

    def _error(self, line: int, key: str, what: str, *, file: str = FILE) -> DefinitionError:
        words = {"file": self._folder + file, "line": line, "key": key or "-", "what": what}
        message = _("%(file)s 第 %(line)s 行，%(key)s：%(what)s") % words
        return DefinitionError(message, facts={"file": words["file"], "line": line, "key": key})
