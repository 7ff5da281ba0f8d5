import polib
from django.core.management.base import BaseCommand

from yiwang.project.checks.findings import ROOT
from yiwang.project.checks.messages import Message, messages
from yiwang.project.checks.translations import ENGLISH


class Command(BaseCommand):
    """Brings the English catalogue up to the texts of the tree; what is translated stays."""

    help = "Add texts that are missing from the English catalogue, take out those that nothing shows any more."
    requires_system_checks = []

    def handle(self, *args: object, **options: object) -> None:
        """Write the catalogue, sorted by text, and tell what is still to be translated."""
        old = polib.pofile(str(ENGLISH)) if ENGLISH.exists() else polib.POFile()
        held = {(entry.msgctxt or "", entry.msgid): entry for entry in old}
        new = polib.POFile(wrapwidth=110)
        new.metadata = {
            "Content-Type": "text/plain; charset=UTF-8",
            "Language": "en",
            "Plural-Forms": "nplurals=2; plural=(n != 1);",
        }
        places: dict[tuple[str, str], list[Message]] = {}
        for message in messages():
            places.setdefault(message.key, []).append(message)
        for key in sorted(places):
            new.append(_entry(places[key], held.get(key)))
        ENGLISH.parent.mkdir(parents=True, exist_ok=True)
        new.save(str(ENGLISH))
        open_ones = len([entry for entry in new if not entry.translated()])
        self.stdout.write(f"{len(new)} texts, {open_ones} still to be translated: {ENGLISH.relative_to(ROOT)}")


def _entry(found: list[Message], held: polib.POEntry | None) -> polib.POEntry:
    first = found[0]
    entry = polib.POEntry(msgid=first.text, msgctxt=first.context or None)
    entry.occurrences = [(str(path), "") for path in sorted({str(message.path.relative_to(ROOT)) for message in found})]
    if first.plural:
        entry.msgid_plural = first.plural
        entry.msgstr_plural = dict(held.msgstr_plural) if held and held.msgstr_plural else {0: "", 1: ""}
    elif held:
        entry.msgstr = held.msgstr
    if held:
        entry.comment, entry.tcomment, entry.flags = held.comment, held.tcomment, held.flags
    return entry
