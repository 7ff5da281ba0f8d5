"""Lines reach a real receiver in order, wait for one that is away, and are never left out."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from pytest_django import Settings

from yiwang.adapters.syslog.models import SentDay
from yiwang.adapters.syslog.queries import waiting
from yiwang.adapters.syslog.rules import LONGEST, Line, counted, message, receiver_of
from yiwang.adapters.syslog.sending import send_waiting
from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.ledger.access_log import Access, log_access
from yiwang.kernel.ledger.models import AccessEntry

MESSAGE = re.compile(
    rb"<(108|110)>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00 [\x21-\x7e]{1,255} yiwang - [\x21-\x7e]{1,32} "
    rb'\[access@32473( [a-z]+="([^"\\\]\x00-\x1f]|\\["\\\]])*")+\]( \{[\x20-\x7e]*\})?'
)


@dataclass
class LogServer:
    """A receiver on this machine that keeps what it was sent; `deaf` ones hang up without reading."""

    way: str
    port: int = 0
    deaf: bool = False
    got: list[bytes] = field(default_factory=list)

    @contextmanager
    def up(self) -> Iterator[None]:
        """Listen while the block lasts."""
        kind = socket.SOCK_STREAM if self.way == "tcp" else socket.SOCK_DGRAM
        with socket.socket(socket.AF_INET, kind) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(("127.0.0.1", self.port))
            self.port = door.getsockname()[1]
            door.settimeout(0.05)
            if self.way == "tcp":
                door.listen()
            stop = threading.Event()
            thread = threading.Thread(target=self._serve, args=(door, stop))
            thread.start()
            try:
                yield
            finally:
                stop.set()
                thread.join()

    def _serve(self, door: socket.socket, stop: threading.Event) -> None:
        while True:
            try:
                if self.way == "udp":
                    self.got.append(door.recv(65536))
                    continue
                line, _peer = door.accept()
            except TimeoutError:
                if stop.is_set():
                    return
                continue
            with line:
                if not self.deaf:
                    self.got += split(b"".join(iter(lambda line=line: line.recv(4096), b"")))  # type: ignore[misc]


def split(stream: bytes) -> list[bytes]:
    """Messages of a stream with counted octets."""
    found = []
    while stream:
        length, _, rest = stream.partition(b" ")
        found.append(rest[: int(length)])
        stream = rest[int(length) :]
    return found


def write(count: int) -> None:
    for number in range(count):
        access = Access("sign_in", 7, success=number % 2 == 0, name="廖金生", address="192.0.2.1", facts={"n": number})
        log_access(access)


def numbers(server: LogServer) -> list[int]:
    return [int(re.findall(rb' seq="(\d+)"', one)[0]) for one in server.got]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["tcp", "udp"])
def test_lines_come_in_order_once_and_without_names(settings: Settings, way: str) -> None:
    server = LogServer(way)
    write(5)
    with server.up():
        settings.SYSLOG = f"{way}://127.0.0.1:{server.port}"
        assert send_waiting() == 5
        assert send_waiting() == 0
        write(2)
        assert send_waiting() == 2
    assert numbers(server) == [1, 2, 3, 4, 5, 6, 7]
    assert all(MESSAGE.fullmatch(one) for one in server.got), server.got
    assert "廖金生".encode() not in b"".join(server.got)
    assert bytes(AccessEntry.objects.get(seq=7).hash).hex().encode() in server.got[-1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["tcp", "udp"])
def test_receiver_that_was_away_gets_everything_afterwards(settings: Settings, way: str) -> None:
    server = LogServer(way)
    with server.up():
        settings.SYSLOG = f"{way}://127.0.0.1:{server.port}"
        write(2)
        send_waiting()
    write(3)
    assert send_waiting() == 0  # away
    assert waiting() == 3
    with server.up():
        assert send_waiting() == 3
    assert numbers(server) == [1, 2, 3, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_receiver_that_hangs_up_without_reading_has_taken_nothing(settings: Settings) -> None:
    server = LogServer("tcp", deaf=True)
    write(400)
    with server.up():
        settings.SYSLOG = f"tcp://127.0.0.1:{server.port}"
        assert send_waiting() == 0
        assert not SentDay.objects.exists()
        server.deaf = False
        assert send_waiting() == 400
    assert numbers(server) == list(range(1, 401))


@pytest.mark.django_db(transaction=True)
def test_line_that_came_late_into_an_older_day_is_sent_too(settings: Settings) -> None:
    server, yesterday = LogServer("tcp"), now() - timedelta(days=1)
    with server.up():
        settings.SYSLOG = f"tcp://127.0.0.1:{server.port}"
        write(1)
        send_waiting()
        with as_of(yesterday):
            write(1)
        assert send_waiting() == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_unless_set(settings: Settings) -> None:
    settings.SYSLOG = ""
    write(1)
    assert send_waiting() == 0
    assert waiting() == 1


@pytest.mark.parametrize("address", ["host", "http://host", "udp://", "tcp://host/path", "tcp://host:x", "udp:host"])
def test_wrong_receivers_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        receiver_of(address)


texts = st.text(max_size=60)


@hypothesis(max_examples=40, deadline=None)
@given(verb=texts, address=texts, host=texts, facts=st.dictionaries(texts, texts, max_size=5))
def test_whatever_stands_in_a_line_it_is_one_whole_message(
    verb: str, address: str, host: str, facts: dict[str, str]
) -> None:
    moment = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    line = Line(date(2026, 11, 22).isoformat(), 1, moment, verb, 7, True, None, address, facts, "ab" * 32)
    made = message(line, host, 32473)
    assert len(made) <= LONGEST
    assert MESSAGE.fullmatch(made), made
    assert split(counted([made, made])) == [made, made]
