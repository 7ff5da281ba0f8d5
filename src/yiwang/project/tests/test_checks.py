"""Each check finds its fault and is content with the mended file."""

from pathlib import Path

import polib
import pytest
from pytest_django import Settings

from yiwang.project.checks import links, locks, messages, templates, translations

REFUSED = [
    ('<p style="color: red">x</p>', "style attribute"),
    ("<style>p { color: red }</style>", "inline style sheet"),
    ('<button onclick="f()">x</button>', "inline event handler"),
    ('<a href="javascript:f()">x</a>', "javascript: address"),
    ("<script>f()</script>", "inline script"),
    ('<a href="/x" target="_blank">x</a>', "_blank"),
    ('<img src="/x.png">', "image without alt"),
    ("{{ text|safe }}", "escaping switched off"),
    ("{% autoescape off %}{{ text }}{% endautoescape %}", "escaping switched off"),
]
ACCEPTED = [
    '<p class="red">x</p>',
    '<script src="/static/x.js" defer></script>',
    '<script type="application/json">{}</script>',
    "{# <style> and |safe in a comment #}",
    '<img src="/x.png" alt="">',
    '<a href="/x" target="_blank" rel="noopener">x</a>',
]


def page(folder: Path, text: str, name: str = "page.html") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(("text", "finding"), REFUSED)
def test_refused_markup_is_found_with_its_line(tmp_path: Path, text: str, finding: str) -> None:
    (found,) = templates.refused(page(tmp_path, f"<p>\n{text}\n</p>"), "page.html")
    assert ":2: " in found
    assert finding in found


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted_markup_is_not_found(tmp_path: Path, text: str) -> None:
    assert list(templates.refused(page(tmp_path, text), "page.html")) == []


def test_template_that_does_not_compile_is_found(tmp_path: Path, settings: Settings) -> None:
    base = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [str(tmp_path)]}
    settings.TEMPLATES = [base]
    path = page(tmp_path, "{% if %}")
    assert list(templates.uncompiled(path, "page.html"))
    page(tmp_path, "{% if x %}{% endif %}")
    assert list(templates.uncompiled(path, "page.html")) == []


def test_missing_static_files_and_pages_are_found(tmp_path: Path) -> None:
    good = "{% static 'ui/tokens.css' %}\n{# {% url 'no:where' %} #}\n"
    assert list(templates.missing(page(tmp_path, good), "page.html")) == []
    bad = "{% static 'ui/none.css' %}\n{% url 'no:where' pk=1 %}\n"
    found = list(templates.missing(page(tmp_path, bad), "page.html"))
    assert [":1: " in found[0], ":2: " in found[1], len(found)] == [True, True, 2]
    assert "identity:sign_in" in templates.page_names()


PYTHON = """
from django.utils.translation import gettext_lazy as _, ngettext
name = _("单位") + _("两"
    "段")
some = ngettext("%d 件", "%d 件们", 2)
other = print("不是")
"""
TEMPLATE = """{% load i18n %}
{% translate "提交" %}{# 注释 #}
{% blocktranslate trimmed with n=count %}
  共 {{ n }} 件
{% endblocktranslate %}
{% include "x.html" with title=_("标题") %}
"""


def test_texts_of_python_are_read_by_its_syntax(tmp_path: Path) -> None:
    found = [(message.text, message.plural) for message in messages.of_python(page(tmp_path, PYTHON, "a.py"))]
    assert sorted(found) == sorted([("单位", ""), ("两段", ""), ("%d 件", "%d 件们")])


def test_texts_of_templates_are_read_as_django_reads_them(tmp_path: Path) -> None:
    found = {message.text for message in messages.of_template(page(tmp_path, TEMPLATE))}
    assert found == {"提交", "共 %(n)s 件", "标题"}


def test_chinese_outside_translation_tags_is_found(tmp_path: Path) -> None:
    assert list(messages.untranslatable(page(tmp_path, TEMPLATE))) == []
    assert list(messages.untranslatable(page(tmp_path, TEMPLATE + "漏了"))) == [(7, "漏了")]


def test_faults_of_a_catalogue(tmp_path: Path) -> None:
    found = list(messages.of_python(page(tmp_path, PYTHON, "a.py")))
    catalogue = polib.POFile()
    catalogue.append(polib.POEntry(msgid="单位", msgstr="Unit", flags=["fuzzy"]))
    catalogue.append(polib.POEntry(msgid="没有了", msgstr="Gone"))
    catalogue.append(polib.POEntry(msgid="共 %(n)s 件", msgstr="%(m)s cases in 全部"))
    words = "\n".join(translations.untranslated(found, catalogue))
    assert "fuzzy one: '单位'" in words
    assert "not in the English catalogue: '两段'" in words
    assert "'没有了'" in "\n".join(translations.left_over(found, catalogue, tmp_path))
    assert len(list(translations.unlike(catalogue, tmp_path))) == 2


def test_complete_catalogue_has_no_faults(tmp_path: Path) -> None:
    found = list(messages.of_python(page(tmp_path, PYTHON, "a.py")))
    catalogue = polib.POFile()
    for message in found:
        plural = {0: "one", 1: "some"} if message.plural else {}
        entry = polib.POEntry(msgid=message.text, msgid_plural=message.plural, msgstr_plural=plural)
        entry.msgstr = "" if plural else "English"
        catalogue.append(entry)
    assert list(translations.untranslated(found, catalogue)) == []
    assert list(translations.left_over(found, catalogue, tmp_path)) == []


def test_dead_links_and_paths_are_found(tmp_path: Path) -> None:
    page(tmp_path, "# One heading\n", "docs/other.md")
    good = "[a](docs/other.md) [b](docs/other.md#one-heading) [c](https://x.test/y) `docs/other.md`\n"
    assert list(links.dead(page(tmp_path, good, "README.md"), tmp_path)) == []
    bad = "[a](docs/none.md)\n[b](docs/other.md#no-heading)\n`src/none.py`\n![p](none.png)\n```\n[x](none)\n```\n"
    found = list(links.dead(page(tmp_path, bad, "README.md"), tmp_path))
    assert len(found) == 4


LOCK = "django==5.2.19 \\\n    --hash=sha256:aa\npolib==1.2.0 \\\n    --hash=sha256:bb\n"


def project(folder: Path, runtime: str = LOCK, development: str = LOCK) -> Path:
    page(
        folder,
        '[project]\ndependencies = ["django>=5.2,<5.3"]\n[dependency-groups]\ndev = ["polib~=1.2"]\n',
        "pyproject.toml",
    )
    page(folder, runtime, "requirements.lock")
    page(folder, development, "requirements-dev.lock")
    return folder


def test_sound_locks_have_no_faults(tmp_path: Path) -> None:
    assert list(locks.all_findings(project(tmp_path))) == []


@pytest.mark.parametrize(
    ("runtime", "finding"),
    [
        (LOCK.replace("5.2.19", "5.3.1"), "is not locked"),
        (LOCK.replace("django", "flask"), "is not locked"),
        (LOCK.replace("    --hash=sha256:aa\n", ""), "no hash"),
        ("--index-url https://x.test/simple\n" + LOCK, "an address"),
        (LOCK.replace("1.2.0", "1.2.1"), "here and"),
    ],
)
def test_faulty_locks_are_found(tmp_path: Path, runtime: str, finding: str) -> None:
    assert finding in "\n".join(locks.all_findings(project(tmp_path, runtime)))
