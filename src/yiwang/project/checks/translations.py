"""Every text shown to people has its English, with the same placeholders; none is empty, fuzzy or left over."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import polib

from yiwang.project.catalogues import SOURCE
from yiwang.project.checks.findings import at, conclude
from yiwang.project.checks.messages import HAN, Message, messages, untranslatable
from yiwang.project.checks.templates import templates

ENGLISH = SOURCE / "en" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|{(\w*)}|%[sd]")


def untranslated(found: list[Message], catalogue: polib.POFile) -> Iterator[str]:
    """Texts without English."""
    held = {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue if not entry.obsolete}
    for message in found:
        entry = held.get(message.key)
        if entry is None:
            yield at(message.path, message.line, f"not in the English catalogue: {message.text!r}")
        elif not entry.translated():
            yield at(message.path, message.line, f"no English, or a fuzzy one: {message.text!r}")


def unlike(catalogue: polib.POFile, path: Path = ENGLISH) -> Iterator[str]:
    """English with other placeholders than the Chinese, or that is Chinese still."""
    for entry in catalogue:
        for english in [entry.msgstr, *entry.msgstr_plural.values()]:
            if english and _placeholders(english) != _placeholders(entry.msgid):
                yield at(path, entry.linenum or 1, f"other placeholders than in {entry.msgid!r}: {english!r}")
            if HAN.search(english) and not entry.comment:
                yield at(path, entry.linenum or 1, f"English with Chinese in it (a comment may say why): {english!r}")


def left_over(found: list[Message], catalogue: polib.POFile, path: Path = ENGLISH) -> Iterator[str]:
    """Entries that nothing shows any more."""
    keys = {message.key for message in found}
    for entry in catalogue:
        if not entry.obsolete and (entry.msgctxt or "", entry.msgid) not in keys:
            yield at(path, entry.linenum or 1, f"nothing shows this any more: {entry.msgid!r}")


def outside() -> Iterator[str]:
    """Chinese in templates that gettext never sees."""
    for path, _ in templates():
        yield from (at(path, line, f"outside every translation tag: {text}") for line, text in untranslatable(path))


def all_findings() -> Iterator[str]:
    """Everything."""
    found = list(messages())
    catalogue = polib.pofile(str(ENGLISH)) if ENGLISH.exists() else polib.POFile()
    yield from untranslated(found, catalogue)
    yield from unlike(catalogue)
    yield from left_over(found, catalogue)
    yield from outside()


def _placeholders(text: str) -> set[str]:
    return {match.group() for match in PLACEHOLDER.finditer(text)}


def main() -> int:
    """Check all."""
    django.setup()
    return conclude(all_findings())


if __name__ == "__main__":
    sys.exit(main())
