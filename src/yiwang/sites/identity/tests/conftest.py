import pytest
from django.test import Client

from yiwang.sites.identity.tests.people import Browser


@pytest.fixture
def browser() -> Browser:
    return Browser(Client())
