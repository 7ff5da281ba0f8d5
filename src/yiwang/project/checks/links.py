"""Links, pictures, headings and paths named in the Markdown of the tree lead somewhere."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from yiwang.project.checks.findings import ROOT, at, conclude, line_of

UNSEEN = {".venv", ".git", "node_modules", "data"}
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
NAMED = re.compile(r"`((?:src|docs|tests|bench|definitions|deploy|\.ci)/[\w./-]+)`")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
FOREIGN = re.compile(r"^[a-z][a-z0-9+.-]*:|^//", re.IGNORECASE)


def pages(folder: Path = ROOT) -> Iterator[Path]:
    """Every Markdown file of the tree."""
    return (path for path in sorted(folder.rglob("*.md")) if not UNSEEN & set(path.relative_to(folder).parts))


def dead(path: Path, root: Path = ROOT) -> Iterator[str]:
    """Links of one page that lead nowhere."""
    text = FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), path.read_text("utf-8"))
    for match in LINK.finditer(text):
        if not FOREIGN.match(match.group(1)) and not _leads(path, unquote(match.group(1)), root):
            yield at(path, line_of(text, match.start()), f"leads nowhere: {match.group(1)}")
    for match in NAMED.finditer(text):
        if not any((base / match.group(1)).exists() for base in (root, path.parent)):
            yield at(path, line_of(text, match.start()), f"no such path: {match.group(1)}")


def anchors(text: str) -> set[str]:
    """The names its headings are linked by."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}


def _leads(page: Path, link: str, root: Path) -> bool:
    where, _, anchor = link.partition("#")
    base = root if where.startswith("/") else page.parent
    target = (base / where.lstrip("/")).resolve() if where else page
    if not target.exists():
        return False
    return not anchor or target.suffix != ".md" or anchor.lower() in anchors(target.read_text("utf-8"))


def main() -> int:
    """Check all."""
    return conclude(finding for path in pages() for finding in dead(path))


if __name__ == "__main__":
    sys.exit(main())
