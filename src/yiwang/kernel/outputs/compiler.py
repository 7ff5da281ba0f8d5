"""Typst, loaded at first use and kept: fonts are read once per process, documents are compiled one at a time.

Data reaches a template only as JSON text in `sys.inputs`, never as source. A template is a text of a definition; what
it imports is looked for in the definitions folder and nowhere else.
"""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from yiwang.kernel.outputs.fonts import choose, folders, hint
from yiwang.kernel.outputs.refusals import CharactersMissing, DocumentFailed

if TYPE_CHECKING:
    import typst

STANDARD: "list[typst.PDFStandard]" = ["a-2b"]
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_NO_GLYPH = re.compile(r'the text `"([^"]*)"` could not be displayed')


@dataclass
class Engine:
    """A compiler with its fonts."""

    compiler: "typst.Compiler"
    families: dict[str, list[str]]
    busy: threading.Lock


@cache
def engine() -> Engine:
    """The compiler of this process. Raises FontsMissing (and looks again next time)."""
    library = import_module("typst")  # 100 MB: only a process that makes documents carries them
    fonts: typst.Fonts = library.Fonts(True, False, [str(path) for path in folders()])
    families = choose(fonts.families())
    compiler: typst.Compiler = library.Compiler(root=str(root()), font_paths=fonts, ignore_system_fonts=True)
    return Engine(compiler, families, threading.Lock())


def root() -> Path:
    """The only folder a template can import from."""
    return Path(settings.DEFINITIONS).resolve()


def compile_pdf(source: str, data: Mapping[str, object], moment: datetime) -> bytes:
    """PDF/A-2b of the text of a template and its data; equal input gives equal bytes.

    Raises FontsMissing, CharactersMissing naming the text, DocumentFailed with what Typst says.
    """
    made = engine()
    inputs = {"data": json.dumps(data, ensure_ascii=False), "fonts": json.dumps(made.families, ensure_ascii=False)}
    try:
        with made.busy:
            pdf = made.compiler.compile(
                input=source.encode(),
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=STANDARD,
                timestamp=int(moment.timestamp()),
            )
    except RuntimeError as error:
        raise _refusal(str(error)) from error
    if not isinstance(pdf, bytes):
        raise DocumentFailed()
    return pdf


def _refusal(text: str) -> CharactersMissing | DocumentFailed:
    if found := _NO_GLYPH.search(text):
        hole = _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), found[1])
        remedy = _("缺“%(text)s”，请安装字体：%(command)s") % {"text": hole, "command": hint()}
        return CharactersMissing(remedy=remedy, facts={"text": hole})
    return DocumentFailed(facts={"typst": text[:500]})
