"""The contracts of pyproject.toml hold, and each can be broken: it is shown an import that it forbids."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

LINT = "from importlinter.cli import lint_imports_command as lint; lint()"
UPWARD = {
    "tiers": ("kernel/org/models.py", "yiwang.ui"),
    "kernel": ("kernel/ledger/models.py", "yiwang.kernel.org.models"),
    "modules": ("modules/one/rules.py", "yiwang.modules.two.rules"),
    "surfaces": ("sites/desk/apps.py", "yiwang.modules.one.rules"),
    "sites": ("sites/desk/apps.py", "yiwang.sites.hall.apps"),
}
SIDEWAYS = [
    ("kernel", "kernel/forms/models.py", "yiwang.kernel.registers.models"),
    ("kernel", "kernel/outputs/models.py", "yiwang.kernel.notify.models"),
    ("tiers", "modules/one/rules.py", "yiwang.adapters.mail.rules"),
    ("tiers", "modules/one/rules.py", "yiwang.sites.hall.apps"),
    ("sites", "sites/identity/apps.py", "yiwang.sites.hall.apps"),
]
CASES = [(contract, *case) for contract, case in UPWARD.items()] + SIDEWAYS


def lint(source: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    words = ["--no-cache", "--no-logo", "--config", str(ROOT / "pyproject.toml")]
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    environ = {"PYTHONPATH": str(source), "NO_COLOR": "1", "COLUMNS": "200"}
    command = [sys.executable, "-c", LINT, *words, *chosen]
    return subprocess.run(command, env=environ, cwd=source, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of the tree without their code, and two modules and an adapter beside them."""
    source = tmp_path_factory.mktemp("skeleton")
    folders = [path.relative_to(ROOT / "src").parent for path in (ROOT / "src" / "yiwang").rglob("__init__.py")]
    more = [Path("yiwang/modules/one"), Path("yiwang/modules/two"), Path("yiwang/adapters/mail")]
    for folder in [*(folder for folder in folders if len(folder.parts) <= 3), *more]:
        (source / folder).mkdir(parents=True, exist_ok=True)
        names = ("__init__.py", "apps.py", "models.py", "rules.py") if len(folder.parts) == 3 else ("__init__.py",)
        for name in names:
            (source / folder / name).touch()
    return source


def test_contracts_hold() -> None:
    done = lint(ROOT / "src")
    assert done.returncode == 0, done.stdout + done.stderr


def test_skeleton_keeps_every_contract(skeleton: Path) -> None:
    done = lint(skeleton)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("contract", "path", "target"), CASES)
def test_forbidden_import_is_found(tmp_path: Path, skeleton: Path, contract: str, path: str, target: str) -> None:
    source = shutil.copytree(skeleton, tmp_path / "src")
    (source / "yiwang" / path).write_text(f"import {target}\n", "utf-8")
    done = lint(source, contract)
    assert done.returncode == 1, done.stdout + done.stderr
    assert target in done.stdout


def test_package_outside_every_layer_is_found(tmp_path: Path, skeleton: Path) -> None:
    source = shutil.copytree(skeleton, tmp_path / "src")
    (source / "yiwang/kernel/astrology").mkdir()
    (source / "yiwang/kernel/astrology/__init__.py").touch()
    assert lint(source, "kernel").returncode == 1
