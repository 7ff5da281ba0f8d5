"""Texts shown to people: read from Python by its syntax, from templates by Django's own reader."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

from yiwang.project.checks.findings import CODE
from yiwang.project.checks.templates import COMMENT, templates

PLAIN = {"gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
NAMES = PLAIN | PLURAL | CONTEXT
CALL = re.compile(
    r"\b(_|gettext|ngettext|pgettext)\(((?:\s*u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s*,?)+)", re.DOTALL
)
LITERAL = re.compile(r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", re.DOTALL)
TAG = re.compile(r"{%-?.*?%}|{{.*?}}", re.DOTALL)
BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
HAN = re.compile(r"[\u3400-\u9fff]+")
OWN_NAMES = {"中文", "简体中文", "繁體中文"}  # a language is always called by its own name


@dataclass(frozen=True, order=True)
class Message:
    """One text and where it stands."""

    text: str
    plural: str
    context: str
    path: Path
    line: int

    @property
    def key(self) -> tuple[str, str]:
        """What a catalogue knows it by."""
        return self.context, self.text


def messages(folder: Path = CODE) -> Iterator[Message]:
    """Every text that gettext is asked for, in Python and in templates."""
    for path in sorted(folder.rglob("*.py")):
        if not {"tests", "migrations", "__pycache__"} & set(path.parts):
            yield from of_python(path)
    for path, _ in templates(folder):
        yield from of_template(path)


def of_python(path: Path) -> Iterator[Message]:
    """Texts of one Python file; `_` counts under whatever name gettext was imported."""
    module = ast.parse(path.read_text("utf-8"), str(path))
    names = dict(_imported(module))
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            words: list[object] = [word.value if isinstance(word, ast.Constant) else None for word in node.args]
            yield from _message(names[node.func.id], words, path, node.lineno)


def of_template(path: Path) -> Iterator[Message]:
    """Texts of one template: translate, blocktranslate and _() in arguments."""
    for match in CALL.finditer(templatize(path.read_text("utf-8"), origin=str(path))):
        kind = "gettext" if match.group(1) == "_" else match.group(1)
        words: list[object] = [ast.literal_eval(literal) for literal in LITERAL.findall(match.group(2))]
        yield from _message(kind, words, path, match.string.count("\n", 0, match.start()) + 1)


def untranslatable(path: Path) -> Iterator[tuple[int, str]]:
    """Chinese in a template that stands outside every translation tag."""
    text = path.read_text("utf-8")
    for pattern in (COMMENT, BLOCK, TAG):
        text = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    for match in HAN.finditer(text):
        if match.group() not in OWN_NAMES:
            yield text.count("\n", 0, match.start()) + 1, match.group()


def _imported(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            for name in node.names:
                if name.name in NAMES or name.asname == "_" or name.name == "_":
                    yield name.asname or name.name, name.name if name.name in NAMES else "gettext"


def _message(kind: str, words: list[object], path: Path, line: int) -> Iterator[Message]:
    texts = [word for word in words if isinstance(word, str)]
    if kind in PLURAL and len(texts) >= 2:
        yield Message(texts[0], texts[1], "", path, line)
    elif kind in CONTEXT and len(texts) >= 2:
        yield Message(texts[1], "", texts[0], path, line)
    elif kind in PLAIN and texts and texts[0]:
        yield Message(texts[0], "", "", path, line)
