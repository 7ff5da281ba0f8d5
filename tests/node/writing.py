"""Cases written through the real actions beside a running node, and the count of what a restored node has lost of them.

`python -m tests.node.writing write LIST` writes until it is ended; `… check LIST` prints what is missing.
"""

import hashlib
import json
import sys
from pathlib import Path

import django

django.setup()

from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.tests.world import County, found_county
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.files.services import open_stream
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.ledger.verification import verify_chain


def write(out: Path) -> None:
    """A county, then one application after the other; a line for each that was committed."""
    found_county()
    county, number = County(), 0
    with out.open("a", encoding="utf-8") as lines:
        while True:
            number += 1
            case = county.file(number)
            files = Attachment.objects.filter(subject=case).values_list("pk", "blob__sha256")
            entries = Entry.objects.filter(subject=case).count()
            print(json.dumps({"case": case, "entries": entries, "files": list(files)}), file=lines, flush=True)


def check(lines: list[str]) -> list[str]:
    """What is missing of the cases in these lines: cases, entries of their chains, files that do not open."""
    lost = []
    for told in map(json.loads, lines):
        found = Case.objects.filter(pk=told["case"]).select_related("subject").first()
        if found is None:
            lost.append(f"case {told['case']}")
            continue
        entries = list(Entry.objects.filter(subject=found.subject).order_by("seq"))
        if len(entries) < told["entries"] or list(verify_chain(found.subject, entries)):
            lost.append(f"entries of {told['case']}")
        lost += [f"file {pk} of {told['case']}" for pk, sha256 in told["files"] if digest_of(pk) != sha256]
    return lost


def digest_of(attachment: int) -> str:
    """SHA-256 of a file as it opens; empty when it is not there."""
    found = Attachment.objects.filter(pk=attachment).select_related("blob").first()
    if found is None:
        return ""
    with open_stream(found.blob) as stream:
        return hashlib.sha256(stream.read()).hexdigest()


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]))
    else:
        sys.stdout.write(json.dumps(check(Path(sys.argv[2]).read_text("utf-8").splitlines())) + "\n")
