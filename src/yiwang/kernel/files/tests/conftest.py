"""Every test of files has a store of its own, and a subject that two accounts see and one may change."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from yiwang.kernel.access import policies
from yiwang.kernel.access.principals import of_party
from yiwang.kernel.access.services import grant
from yiwang.kernel.base.moments import now
from yiwang.kernel.files.actions import ATTACH, DETACH
from yiwang.kernel.files.queries import READ
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.org.actors import Actor

OWNER = Actor(account=71, name="王玥珺", party=701)
READER = Actor(account=72, name="李燚", party=702)
STRANGER = Actor(account=73, name="赵堃", party=703)
VERBS = {OWNER.account: {READ, ATTACH, DETACH}, READER.account: {READ}}


@dataclass(frozen=True)
class ProbePolicy:
    """The owner may change, the reader may read."""

    def may(self, actor: Actor, verb: str, subject: Subject) -> bool:
        return verb in VERBS.get(actor.account, set())


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Path:
    """The folder of the store."""
    settings.FILES_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def subject(db: None, monkeypatch: pytest.MonkeyPatch) -> Subject:
    """Something that files hang on; a stranger does not see it."""
    monkeypatch.setitem(policies._policies, "probe", ProbePolicy())
    with transaction.atomic():
        made = create_subject("probe:file", unit=5)
        grant(made, [of_party(701), of_party(702)], state=0, at=now())
    return made
