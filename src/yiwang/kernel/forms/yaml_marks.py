"""Definition files read strictly: every refusal names file, line, key and remedy.

Scalars are taken as they are written (`0301` stays "0301", `no` stays "no"), so that a code can never turn
into a number. Unknown keys, duplicate keys, anchors, aliases and tags are refused.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

import yaml
from django.utils.translation import gettext as _
from yaml.events import CollectionEndEvent, CollectionStartEvent, Event
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from yiwang.kernel.forms.refusals import DefinitionRefused

LARGEST = 512 * 1024
DEEPEST = 12
LONGEST = 4_000
KEY = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
TAGS = re.compile(r"tag:yaml\.org,2002:(str|int|float|bool|null|map|seq|timestamp|merge|value)\Z")


def refuse(file: str, line: int, key: str, wrong: str, remedy: str) -> DefinitionRefused:
    """A refusal that names where the fault is and what to write instead."""
    message = _("{file} 第 {line} 行，{key}：{wrong}").format(file=file, line=line, key=key or "—", wrong=wrong)
    facts: dict[str, object] = {"file": file, "line": line, "key": key}
    return DefinitionRefused(message=message, remedy=remedy, field=key, facts=facts)


def read_definition(text: str, file: str) -> "Section":
    """The top mapping of a definition file. Raises DefinitionRefused."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        raise refuse(file, 1, "", _("文件太大"), _("定义文件不能超过 512 KB，请拆成几份"))
    _refuse_tricks(text, file)
    node = _composed(text, file)
    if not isinstance(node, MappingNode):
        raise refuse(file, 1, "", _("最外层不是“键: 值”的形式"), _("第一行写成 key: 名称 这样的键和值"))
    return Section.of(node, file, "", 0)


def _refuse_tricks(text: str, file: str) -> None:
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if getattr(event, "anchor", None):
                raise refuse(file, _line(event), "", _("用了锚点或别名（& 或 *）"), _("把内容照写一遍"))
            if depth > 2 * DEEPEST:
                raise refuse(file, _line(event), "", _("层次太深"), _("最多 {n} 层").format(n=DEEPEST))
    except yaml.YAMLError as error:
        raise _broken(error, file) from error


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _composed(text: str, file: str) -> Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise _broken(error, file) from error


def _broken(error: yaml.YAMLError, file: str) -> DefinitionRefused:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    wrong = _("不是合格的 YAML：{problem}").format(problem=getattr(error, "problem", None) or str(error)[:120])
    return refuse(file, line, "", wrong, _("检查缩进、冒号后的空格和引号"))


@dataclass
class Section:
    """One mapping of the file; every key is taken once, and `done()` refuses what nobody took."""

    file: str
    path: str
    line: int
    nodes: dict[str, Node]
    lines: dict[str, int]
    depth: int = 0
    taken: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, node: MappingNode, file: str, path: str, depth: int) -> "Section":
        """Wrap a mapping node. Raises DefinitionRefused for duplicate or odd keys and for depth."""
        line = node.start_mark.line + 1
        if depth > DEEPEST:
            raise refuse(file, line, path, _("层次太深"), _("最多 {n} 层").format(n=DEEPEST))
        section = cls(file, path, line, {}, {}, depth)
        for key, value in node.value:
            section._put(key, value)
        return section

    def _put(self, key: Node, value: Node) -> None:
        line = key.start_mark.line + 1
        name = key.value if isinstance(key, ScalarNode) else ""
        if not name or name == "<<" or not TAGS.match(key.tag) or not TAGS.match(value.tag):
            raise refuse(self.file, line, self.at(str(name)), _("键或类型标记不能用"), _("键用字母写，不用 ! 和 <<"))
        if name in self.nodes:
            first = self.lines[name]
            wrong = _("写了两次，第一次在第 {line} 行").format(line=first)
            raise refuse(self.file, line, self.at(name), wrong, _("删去其中一个"))
        self.nodes[name], self.lines[name] = value, line

    def at(self, key: str) -> str:
        """The whole path of a key, for messages."""
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def error(self, key: str, wrong: str, remedy: str) -> DefinitionRefused:
        """A refusal pointing at `key` of this section."""
        return refuse(self.file, self.lines.get(key, self.line), self.at(key), wrong, remedy)

    def has(self, key: str) -> bool:
        """Whether the key is written with a value."""
        node = self.nodes.get(key)
        return node is not None and not _is_null(node)

    def keys(self) -> tuple[str, ...]:
        """All keys in the order of the file."""
        return tuple(self.nodes)

    def __iter__(self) -> Iterator[str]:
        """All keys in the order of the file."""
        return iter(self.nodes)

    def text(self, key: str, default: str | None = None, *, most: int = LONGEST) -> str:
        """A scalar as written, trimmed. Without a default the key is required."""
        if not self._present(key, default is None):
            return default or ""
        return self._scalar(key, self.nodes[key], most)

    def name(self, key: str, default: str | None = None) -> str:
        """A machine name: small letters, digits, underscore."""
        value = self.text(key, default)
        if value and not KEY.match(value):
            wrong = _("“{value}”不是名字").format(value=value)
            raise self.error(key, wrong, _("用小写字母开头，只用小写字母、数字和下划线"))
        return value

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """One of `allowed`."""
        value = self.text(key, default)
        if value and value not in allowed:
            remedy = _("只能写：{list}").format(list="、".join(allowed)) + _nearest(value, allowed)
            raise self.error(key, _("“{value}”不认识").format(value=value), remedy)
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """true or false."""
        if not self._present(key, False):
            return default
        return self.choice(key, ("true", "false")) == "true"

    def integer(self, key: str, default: int | None = None) -> int:
        """A whole number; without a default the key is required."""
        if not self._present(key, default is None):
            return default or 0
        value = self.text(key)
        if not re.fullmatch(r"-?[0-9]{1,12}", value):
            raise self.error(key, _("“{value}”不是整数").format(value=value), _("只写数字"))
        return int(value)

    def decimal(self, key: str) -> Decimal | None:
        """A decimal number, None when the key is missing."""
        if not self._present(key, False):
            return None
        try:
            number = Decimal(self.text(key))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise self.error(key, _("“{value}”不是数").format(value=self.text(key)), _("只写数字和小数点"))
        return number

    def day(self, key: str) -> date | None:
        """A date as 2026-11-21, None when the key is missing."""
        if not self._present(key, False):
            return None
        try:
            return date.fromisoformat(self.text(key))
        except ValueError:
            raise self.error(key, _("不是日期"), _("写成 2026-11-21 的样子")) from None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of scalars; a single scalar counts as a list of one."""
        if not self._present(key, False):
            return ()
        node = self.nodes[key]
        items = node.value if isinstance(node, SequenceNode) else [node]
        return tuple(self._scalar(key, item, LONGEST) for item in items)

    def section(self, key: str) -> "Section | None":
        """The mapping under `key`, None when missing."""
        if not self._present(key, False):
            return None
        return self._mapping(key, self.nodes[key], self.at(key))

    def sections(self, key: str, *, most: int, required: bool = False) -> list["Section"]:
        """The mappings listed under `key`, at most `most`."""
        if not self._present(key, required):
            return []
        node = self.nodes[key]
        if not isinstance(node, SequenceNode) or len(node.value) > most or (required and not node.value):
            raise self.error(key, _("应当是一列条目"), _("每条以“- ”开头，至多 {most} 条").format(most=most))
        return [self._mapping(key, item, f"{self.at(key)}[{n}]") for n, item in enumerate(node.value, 1)]

    def done(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self.nodes:
            if key not in self.taken:
                remedy = _("删去它，或者改成：{list}").format(list="、".join(sorted(self.taken)))
                raise self.error(key, _("不认识这个键"), remedy + _nearest(key, tuple(self.taken)))

    def _present(self, key: str, required: bool) -> bool:
        self.taken.add(key)
        if self.has(key):
            return True
        if required:
            raise self.error(key, _("没有写"), _("补上 {key}: …").format(key=key))
        return False

    def _scalar(self, key: str, node: Node, most: int) -> str:
        if not isinstance(node, ScalarNode):
            raise self.error(key, _("这里只能写一个值"), _("去掉下面的缩进内容或方括号"))
        value = str(node.value).strip()
        if len(value) > most:
            raise self.error(key, _("太长"), _("至多 {most} 个字").format(most=most))
        return value

    def _mapping(self, key: str, node: Node, path: str) -> "Section":
        if not isinstance(node, MappingNode):
            raise self.error(key, _("这里应当是“键: 值”"), _("换行缩进，写成 键: 值"))
        return Section.of(node, self.file, path, self.depth + 1)


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.tag.endswith(":null")


def _nearest(value: str, allowed: tuple[str, ...]) -> str:
    found = difflib.get_close_matches(value, allowed, n=1)
    return _("。是不是想写 {word}").format(word=found[0]) if found else ""
