"""Every rule of the tree holds, and every rule can fail: each is shown a planted fault."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture import keys, kinds, names, sizes, words
from tests.architecture.tree import Tree

Rule = Callable[[Tree], Iterator[str]]
TYPES = words.keys_of_definitions()


def business_in_kernel(tree: Tree) -> Iterator[str]:
    """With the keys that are in the tree today."""
    return words.business_in_kernel(tree, TYPES or {"fishing"})


@dataclass(frozen=True)
class Fault:
    """A file that breaks a rule, and the same file mended."""

    rule: Rule
    path: str
    broken: str
    mended: str


COLUMN = "    c{} = models.IntegerField()\n"
FAULTS = [
    Fault(sizes.long_files, "kernel/a/rules.py", "x = 1\n" * 401, "x = 1\n" * 400),
    Fault(
        sizes.long_functions, "kernel/a/rules.py", "def f():\n" + "    x = 1\n" * 50, "def f():\n" + "    x = 1\n" * 49
    ),
    Fault(sizes.long_modules, "modules/a/rules.py", "x = 1\n" * 2501, "x = 1\n" * 2500),
    Fault(
        sizes.wide_nouns,
        "kernel/cases/models.py",
        "class Case(models.Model):\n" + "".join(COLUMN.format(n) for n in range(20)),
        "class Case(models.Model):\n" + "".join(COLUMN.format(n) for n in range(19)),
    ),
    Fault(
        sizes.wide_nouns,
        "kernel/ledger/models.py",
        "class Subject(models.Model):\n    id = models.BigAutoField(primary_key=True)\n"
        + "".join(COLUMN.format(n) for n in range(8)),
        "class Subject(models.Model):\n    id = models.BigAutoField(primary_key=True)\n"
        + "".join(COLUMN.format(n) for n in range(7)),
    ),
    Fault(names.unexpected_files, "modules/a/sums.py", "", ""),
    Fault(names.unexpected_files, "kernel/a/sums.py", "", ""),
    Fault(names.vague_names, "kernel/a/date_utils.py", "", ""),
    Fault(
        kinds.loose_actions,
        "kernel/a/actions.py",
        "def do_it(actor, *, what): ...",
        "def do_it(*, actor, what): ...",
    ),
    Fault(kinds.loose_actions, "kernel/a/actions.py", "def do_it(*, what, actor): ...", "def _do(what): ..."),
    Fault(
        kinds.open_actions,
        "kernel/a/actions.py",
        "@transaction.atomic\ndef do_it(*, actor): ...",
        "@transaction.atomic(durable=True)\ndef do_it(*, actor): ...",
    ),
    Fault(
        kinds.chained_actions,
        "kernel/a/actions.py",
        "def do_it(*, actor): do_more(actor=actor)\ndef do_more(*, actor): ...",
        "def do_it(*, actor): _more(actor)\ndef _more(actor): ...",
    ),
    Fault(
        kinds.chained_actions,
        "kernel/a/actions.py",
        "from yiwang.kernel.b.actions import do_more",
        "from yiwang.kernel.b.services import do_more",
    ),
    Fault(
        kinds.hidden_actions,
        "kernel/a/decisions.py",
        "@transaction.atomic(durable=True)\ndef do_it(*, actor): ...",
        "def do_it(actor): ...",
    ),
    Fault(kinds.writing_views, "sites/a/views.py", "def f(case): case.save()", "def f(case): show(case)"),
    Fault(kinds.writing_views, "sites/a/views/b.py", "Case.objects.create(x=1)", "Case.objects.filter(x=1)"),
    Fault(kinds.writing_queries, "kernel/a/queries.py", "Case.objects.filter(x=1).update(y=2)", "seen.update({1})"),
    Fault(
        kinds.stepping_views,
        "sites/a/views.py",
        "from yiwang.kernel.a.services import lock",
        "from yiwang.kernel.a.actions import do_it",
    ),
    Fault(kinds.impure_rules, "kernel/a/rules.py", "from django.db import models", "from decimal import Decimal"),
    Fault(kinds.impure_rules, "kernel/a/rules.py", "from django.conf import settings", "from datetime import date"),
    Fault(
        kinds.impure_rules,
        "kernel/a/rules.py",
        "from yiwang.kernel.base.moments import today",
        "from yiwang.kernel.base.refusals import Refusal",
    ),
    Fault(kinds.impure_rules, "kernel/a/rules.py", "from yiwang.kernel.a.models import Case", "import re"),
    Fault(
        kinds.long_jobs,
        "kernel/a/tasks.py",
        "@job('x')\ndef f(ref):\n" + "    x = 1\n" * 6,
        "@job('x')\ndef f(ref):\n    '''Doc.'''\n" + "    x = 1\n" * 5,
    ),
    Fault(
        kinds.signals,
        "kernel/a/reactions.py",
        "from django.db.models.signals import post_save",
        "from yiwang.kernel.ledger.reactions import reaction",
    ),
    Fault(kinds.signals, "sites/a/apps.py", "from django.dispatch import receiver", "import re"),
    Fault(
        business_in_kernel,
        "kernel/a/rules.py",
        f"# as in {min(TYPES, default='fishing')}",
        "# as in any bureau",
    ),
    Fault(words.other_clocks, "kernel/a/services.py", "x = datetime.now(UTC)", "x = now()"),
    Fault(words.other_clocks, "kernel/a/services.py", "x = timezone.now()", "x = moments.now()"),
    Fault(words.other_clocks, "kernel/a/services.py", "x = timezone.localdate()", "x = timezone.localdate(then)"),
    Fault(words.silenced_tools, "kernel/a/services.py", "import os  # no" + "qa", "import os  # for the path"),
    Fault(words.silenced_tools, "kernel/a/services.py", "x = 1  # type: " + "ignore", "x = 1  # type: int"),
    Fault(words.late_imports, "kernel/a/services.py", "def f():\n    import os", "import os"),
    Fault(words.late_imports, "kernel/a/apps.py", "def f():\n    import os", "def ready(self):\n    import os"),
    Fault(
        keys.upward_keys,
        "kernel/ledger/models.py",
        "unit = models.ForeignKey('org.Unit', on_delete=models.PROTECT)",
        "kind = models.ForeignKey('jobs.Job', on_delete=models.PROTECT)",
    ),
    Fault(
        keys.upward_keys,
        "kernel/forms/models.py",
        "entry = models.OneToOneField(to='registers.Entry', on_delete=models.PROTECT)",
        "entry = models.OneToOneField(to='org.Unit', on_delete=models.PROTECT)",
    ),
]
RULES = sorted(
    {fault.rule for fault in FAULTS} | {names.missing_readmes, names.unexpected_folders}, key=lambda rule: rule.__name__
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Rule) -> None:
    findings = list(rule(Tree()))
    assert not findings, f"{rule.__doc__}\n" + "\n".join(findings)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.rule.__name__}-{fault.path}")
def test_rule_finds_its_fault(tmp_path: Path, fault: Fault) -> None:
    assert list(fault.rule(_planted(tmp_path, fault.path, fault.broken)))


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if fault.mended], ids=lambda fault: f"{fault.rule.__name__}-{fault.path}"
)
def test_rule_is_content_with_the_mended_file(tmp_path: Path, fault: Fault) -> None:
    assert list(fault.rule(_planted(tmp_path, fault.path, fault.mended))) == []


def test_noun_listed_in_the_readme_of_a_kernel_package_may_stand(tmp_path: Path) -> None:
    tree = _planted(tmp_path, "kernel/a/sums.py", "")
    tree.root.joinpath("kernel/a/README.md").write_text("`sums.py` adds up.", "utf-8")
    assert list(names.unexpected_files(tree)) == []


def test_noun_listed_in_the_readme_of_a_module_may_not_stand(tmp_path: Path) -> None:
    tree = _planted(tmp_path, "modules/a/sums.py", "")
    tree.root.joinpath("modules/a/README.md").write_text("`sums.py` adds up.", "utf-8")
    assert list(names.unexpected_files(tree))


def test_package_without_a_readme_and_with_a_strange_folder_is_found(tmp_path: Path) -> None:
    tree = _planted(tmp_path, "kernel/a/deep/sums.py", "")
    assert list(names.missing_readmes(tree))
    assert list(names.unexpected_folders(tree))


def test_every_package_stands_in_a_layer() -> None:
    packages = [".".join(path.relative_to(Tree().root).parts) for path in Tree().packages()]
    assert packages
    assert [package for package in packages if keys.level(package) < 0] == []


def _planted(folder: Path, path: str, text: str) -> Tree:
    """A tree with the packages a planted file may point to, and the file."""
    root = folder / "yiwang"
    for package, label in (("kernel/jobs", "jobs"), ("kernel/org", "org"), ("kernel/registers", "registers")):
        root.joinpath(package).mkdir(parents=True)
        root.joinpath(package, "apps.py").write_text(f'class Config:\n    label = "{label}"\n', "utf-8")
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    root.joinpath(*Path(path).parts[:2], "__init__.py").touch()
    target.write_text(text, "utf-8")
    return Tree(root)
