"""The author that stands in the ledger where no person acts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlatformAuthor:
    """The platform itself 系统: account 0, no post."""

    account: int = 0
    post: int = 0


PLATFORM = PlatformAuthor()
