"""The node's own file of settings, `settings.toml` in its data folder: every value has the type of its default."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T", str, int, bool, float, list[str])


class WrongSetting(Exception):
    """A value in `settings.toml` has another type than the platform expects."""


class NodeFile:
    """Reads `settings.toml` once; a missing file means every default holds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.values: dict[str, Any] = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
        self.asked: set[str] = set()

    def value(self, name: str, default: T) -> T:
        """The value of `name`, else `default`. Raises WrongSetting for a value of another type."""
        self.asked.add(name)
        found: T = self.values.get(name, default)
        if type(found) is not type(default):
            raise WrongSetting(f"{self.path}: {name} must be {type(default).__name__}, not {type(found).__name__}")
        return found

    def unknown(self) -> list[str]:
        """Names in the file that nothing asked for: misspelt, or of another version."""
        return sorted(set(self.values) - self.asked)
