"""A node of its own without demonstration data: sign-in needs an empty one, and codes shown on the page."""

from collections.abc import Iterator

import pytest

from tests.node.running import RunningNode


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """Shows telephone codes on the page, as no gateway is connected."""
    data = tmp_path_factory.mktemp("identity") / "data"
    data.mkdir(mode=0o700)
    wanted = 'fetch_fonts = false\nidentity_show_codes = true\nface_bureau = "青山县林业局"\n'
    (data / "settings.toml").write_text(wanted, "utf-8")
    running = RunningNode(data, "--no-demo")
    running.wait_for_page(120)
    yield running
    running.end()
