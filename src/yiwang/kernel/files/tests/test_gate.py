import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from pytest_django import Settings

from yiwang.kernel.files.gate import BodyGate, WsgiGate

LIMIT = 1000


@pytest.fixture(autouse=True)
def limit(settings: Settings) -> None:
    settings.FILES_MAX_REQUEST = LIMIT


class Inner:
    """An application that reads the whole body and answers with its length, and gives up like Django when cut off."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        total = 0
        while True:
            self.asked += 1
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            total += len(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(total).encode()})


def talk(pieces: Iterable[bytes], *, announced: str | None = None) -> tuple[int, bytes, int]:
    waiting = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[dict[str, Any]] = []
    inner = Inner()

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-length", announced.encode())] if announced else []
    asyncio.run(BodyGate(inner)({"type": "http", "headers": headers}, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return sent[0]["status"], sent[1]["body"], inner.asked


def test_a_body_within_the_limit_passes() -> None:
    assert talk([b"x" * 500, b"x" * 500], announced="1000") == (200, b"1000", 3)


def test_an_announced_body_is_refused_unread() -> None:
    status, body, asked = talk([b"x" * 10], announced=str(500 << 20))
    assert (status, asked) == (413, 0)
    assert "太大" in body.decode()


@pytest.mark.parametrize("announced", [None, "5", "-1", "abc"])
def test_an_unannounced_body_is_refused_at_the_limit(announced: str | None) -> None:
    status, _body, asked = talk([b"x" * 400] * 100, announced=announced)
    assert (status, asked) == (413, 3)


def test_wsgi_refuses_by_length_and_passes_the_rest() -> None:
    calls: list[str] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        calls.append(environ.get("CONTENT_LENGTH", ""))
        return [b"ok"]

    said: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], info: object = None, /) -> Callable[[bytes], object]:
        said.append(status)
        return bytes.decode

    gate = WsgiGate(app)
    for length in ("1000", "", "abc"):
        assert gate({"CONTENT_LENGTH": length}, start) == [b"ok"]
    (body,) = gate({"CONTENT_LENGTH": "1001"}, start)
    assert "太大" in body.decode()
    assert said == ["413 Content Too Large"]
    assert calls == ["1000", "", "abc"]
