"""The suite keeps what production enforces: an action inside an action is a fault, in every kind of test."""

import pytest
from django.db import transaction


@transaction.atomic(durable=True)
def action() -> str:
    return "done"


@pytest.mark.django_db
def test_action_stands_alone_in_a_rolled_back_test() -> None:
    assert action() == "done"
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        action()


@pytest.mark.django_db(transaction=True)
def test_action_stands_alone_in_a_committing_test() -> None:
    assert action() == "done"
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        action()
