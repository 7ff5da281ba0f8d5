"""The locks name every library of pyproject.toml in a version it allows, each with its hashes, and no registry."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from yiwang.project.checks.findings import ROOT, at, conclude

PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;]+)", re.IGNORECASE)


def pins(lock: Path) -> dict[str, str]:
    """Library and version, for every line of a lock."""
    found = (PIN.match(line) for line in lock.read_text("utf-8").splitlines())
    return {canonicalize_name(match.group(1)): match.group(2) for match in found if match}


def unpinned(wanted: list[str], lock: Path) -> Iterator[str]:
    """Libraries that the lock lacks, or has in a version that pyproject.toml does not allow."""
    held = pins(lock)
    for line in wanted:
        requirement = Requirement(line)
        version = held.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            yield at(lock, 1, f"{line} is not locked (found: {version}); see docs/how-to/change-a-dependency.md")


def unhashed(lock: Path) -> Iterator[str]:
    """Lines without a hash, and lines that name a registry or another address."""
    for number, block in enumerate(re.split(r"\n(?! )", lock.read_text("utf-8").strip()), 1):
        if PIN.match(block) and "--hash=sha256:" not in block:
            yield at(lock, number, f"no hash: {block.splitlines()[0]}")
        if "://" in block or "-index" in block:
            yield at(lock, number, f"an address: {block.splitlines()[0]}")


def apart(runtime: Path, development: Path) -> Iterator[str]:
    """Libraries that the two locks hold in different versions."""
    held = pins(development)
    for name, version in pins(runtime).items():
        if held.get(name) != version:
            yield at(development, 1, f"{name} is {held.get(name)} here and {version} in {runtime.name}")


def all_findings(root: Path = ROOT) -> Iterator[str]:
    """Everything."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    runtime, development = root / "requirements.lock", root / "requirements-dev.lock"
    yield from unpinned(project["project"]["dependencies"], runtime)
    yield from unpinned(project["dependency-groups"]["dev"], development)
    for lock in (runtime, development):
        yield from unhashed(lock)
    yield from apart(runtime, development)


if __name__ == "__main__":
    sys.exit(conclude(all_findings()))
