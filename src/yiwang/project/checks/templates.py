"""Templates compile, name only pages and static files that exist, carry nothing that the policy refuses, and escape."""

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import django
from django.contrib.staticfiles import finders
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.urls import URLResolver, get_resolver

from yiwang.project.checks.findings import CODE, at, conclude, line_of

# Templates that hand out markup made elsewhere, each with the reason why that markup is safe.
UNESCAPED: dict[str, str] = {}

RULES = (
    (re.compile(r"<[a-z][^>{}]*?\sstyle\s*=", re.IGNORECASE), "style attribute: the policy refuses it, use a class"),
    (re.compile(r"<style\b", re.IGNORECASE), "inline style sheet: the policy refuses it"),
    (re.compile(r"<[a-z][^>]*?\son[a-z]+\s*=\s*[\"']", re.IGNORECASE), "inline event handler: the policy refuses it"),
    (re.compile(r"javascript:", re.IGNORECASE), "javascript: address"),
    (re.compile(r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*application/(?:ld\+)?json)", re.IGNORECASE), "inline script"),
    (re.compile(r"<a\b[^>]*target=[\"']_blank[\"'](?![^>]*noopener)", re.IGNORECASE), "_blank without rel=noopener"),
    (re.compile(r"<img\b(?![^>]*\balt\s*=)", re.IGNORECASE), "image without alt"),
)
STATIC = re.compile(r"{%\s*static\s+[\"']([^\"']+)[\"']")
ADDRESS = re.compile(r"{%\s*url\s+[\"']([^\"']+)[\"']")
ESCAPING = re.compile(r"\|\s*safe(?:seq)?\b|{%\s*autoescape\s+off")
COMMENT = re.compile(r"{#.*?#}|{%\s*comment\b.*?{%\s*endcomment\s*%}|<!--.*?-->", re.DOTALL)


def templates(folder: Path = CODE) -> Iterator[tuple[Path, str]]:
    """Every template with the name it is loaded by."""
    for base in sorted(folder.rglob("templates")):
        for path in sorted(base.rglob("*")):
            if path.is_file():
                yield path, str(path.relative_to(base))


def uncompiled(path: Path, name: str) -> Iterator[str]:
    """What the template engine says of a template that does not compile."""
    try:
        get_template(name)
    except TemplateSyntaxError as error:
        token = getattr(error, "token", None)
        yield at(path, token.lineno if token else 1, str(error))


def missing(path: Path, name: str) -> Iterator[str]:
    """Static files and pages that a template names and that are not there: an error 500 in production only."""
    text = _bare(path)
    for match in STATIC.finditer(text):
        if finders.find(match.group(1)) is None:
            yield at(path, line_of(text, match.start()), f"no such static file: {match.group(1)}")
    for match in ADDRESS.finditer(text):
        if match.group(1) not in page_names():
            yield at(path, line_of(text, match.start()), f"no such page: {match.group(1)}")


@cache
def page_names() -> frozenset[str]:
    """The names of all pages, with their namespaces."""
    return frozenset(_names(get_resolver(), ""))


def _names(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _names(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        elif entry.name:
            yield prefix + entry.name


def _bare(path: Path) -> str:
    """The template without its comments, every line in its place."""
    return COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), path.read_text("utf-8"))


def refused(path: Path, name: str) -> Iterator[str]:
    """Places that the policy of the surface or the reader of a screen would suffer from."""
    text = _bare(path)
    for pattern, finding in RULES:
        yield from (at(path, line_of(text, match.start()), finding) for match in pattern.finditer(text))
    if name not in UNESCAPED:
        for match in ESCAPING.finditer(text):
            yield at(path, line_of(text, match.start()), "escaping switched off; list the template with its reason")


def main() -> int:
    """Check all."""
    django.setup()
    checks = (uncompiled, missing, refused)
    return conclude(finding for path, name in templates() for check in checks for finding in check(path, name))


if __name__ == "__main__":
    sys.exit(main())
