"""The world of the desk's tests."""

import pytest
from django.core.management import call_command

from yiwang.sites.desk.tests.world import World, build


@pytest.fixture
def world(db: None) -> World:
    """Divisions, calendar, shipped types, units and people."""
    call_command("load_divisions", verbosity=0)
    call_command("load_calendar", "--packaged", verbosity=0)
    call_command("load_definitions", verbosity=0)
    return build()
