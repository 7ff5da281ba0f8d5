"""A subject under lock, a head who may extend, and limits as a licence has them."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from yiwang.kernel.clock.limits import Basis, Extension, Limit, Unit
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.org.actors import Actor, HeldPost

LAW = Basis("行政许可法", "第四十二条")
KINDS = ("hearing", "appraisal", "expert_review")
STATUTORY = Limit(
    name="statutory",
    amount=20,
    unit=Unit.WORKING_DAY,
    start_event="case.accepted",
    basis=LAW,
    pausable_by=KINDS,
    extension=Extension(10, "director", LAW),
)
PROMISED = Limit("promised", 10, Unit.WORKING_DAY, "case.accepted", Basis("承诺"), pausable_by=("hearing",))
STEP = Limit("step", 3, Unit.WORKING_DAY, "step.opened", Basis("内部规定"), title="核查时限")
DIRECTOR = Actor(7, "局长", post=70, person=700, posts=(HeldPost(70, "director", "局长", 1, "林业局", "0001", 1),))
CLERK = Actor(8, "经办人", post=80, person=800, posts=(HeldPost(80, "clerk", "经办", 1, "林业局", "0001", 0),))


@pytest.fixture
def subject(db: None) -> Iterator[Subject]:
    """A subject held by this transaction."""
    with transaction.atomic():
        yield create_subject("case:example", unit=1)
