"""Lines about requests: whole, short, without names or numbers of cases, and never in a request's way."""

import json
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from tests import browsing
from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.org.models import Account
from yiwang.project.logs.days import DayFiles
from yiwang.project.logs.lines import OF_REQUESTS, JsonLines
from yiwang.project.logs.requests import RequestLog
from yiwang.project.logs.settings import logging_of


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the lines of the loggers go while the test runs."""
    handler = DayFiles(tmp_path / "logs", 190)
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in (OF_REQUESTS, "django.request", "yiwang.kernel")]
    kept = [(one, one.level, one.disabled) for one in loggers]
    for one in loggers:
        one.addHandler(handler)
        one.setLevel(logging.INFO)
        one.disabled = False
    yield tmp_path / "logs"
    for one, level, disabled in kept:
        one.removeHandler(handler)
        one.setLevel(level)
        one.disabled = disabled
    handler.close()


def lines(folder: Path) -> list[dict[str, object]]:
    return [
        json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]


@pytest.mark.django_db
def test_request_is_told_by_route_and_account_number(folder: Path) -> None:
    account = Account.objects.create(username="廖金生", officer="audit")
    answer = browsing.signed_in(account).get("/desk/cases/4711/?q=廖金生")
    told = [line for line in lines(folder) if line.get("route")][-1]
    assert set(told) == {"moment", "level", "request", "method", "route", "status", "ms", "queries", "account"}
    assert told["request"] == answer["X-Request-ID"]
    assert (told["method"], told["status"], told["account"]) == ("GET", answer.status_code, account.pk)
    assert datetime.fromisoformat(str(told["moment"])).utcoffset() == timedelta(hours=8)
    assert isinstance(told["queries"], int)
    assert told["queries"] > 0
    text = "".join(path.read_text("utf-8") for path in folder.iterdir())
    assert "4711" not in text
    assert "廖金生" not in text


@pytest.mark.django_db
def test_monitoring_fills_no_log(folder: Path, client: Client) -> None:
    client.get("/health/live")
    assert lines(folder) == []


def test_name_of_a_request_is_taken_from_a_trusted_proxy_only(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    log = RequestLog(lambda request: HttpResponse())

    def named(address: str, name: str) -> str:
        request: HttpRequest = RequestFactory().get("/", REMOTE_ADDR=address, HTTP_X_REQUEST_ID=name)
        request.resolver_match = None
        return str(log(request)["X-Request-ID"])

    assert named("10.0.0.1", "0123456789abcdef") == "0123456789abcdef"
    assert named("10.0.0.2", "0123456789abcdef") != "0123456789abcdef"
    assert named("10.0.0.1", 'x" injected') != 'x" injected'


def test_fault_is_told_with_its_trace_and_the_request_it_broke(folder: Path) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("yiwang.kernel.test").exception("it went wrong")
    (told,) = lines(folder)
    assert told["message"] == "it went wrong"
    assert "ValueError: broken" in str(told["trace"])


def test_a_line_is_one_line_whatever_is_in_it(folder: Path) -> None:
    logging.getLogger("yiwang.kernel.test").error("first\nsecond\u2028third\x00")
    assert len(lines(folder)) == 1


def test_many_at_once_tear_no_line(tmp_path: Path) -> None:
    handlers = [DayFiles(tmp_path, 9) for _process in range(4)]
    for handler in handlers:
        handler.setFormatter(JsonLines())

    def write(number: int) -> None:
        handlers[number % 4].emit(logging.makeLogRecord({"msg": "x" * 500, "name": "many", "levelname": "INFO"}))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(400)))
    assert [line["message"] for line in lines(tmp_path)] == ["x" * 500] * 400


def test_each_day_has_its_file_and_old_ones_go(tmp_path: Path) -> None:
    handler = DayFiles(tmp_path, 30)
    record = logging.makeLogRecord({"msg": "x", "name": "day"})
    for back in (31, 29, 0):
        with as_of(now() - timedelta(days=back)):
            handler.emit(record)
    (tmp_path / "notes.txt").write_text("kept", "utf-8")
    handler.emit(record)
    assert len(list(tmp_path.glob("*.jsonl"))) == 2
    assert (tmp_path / "notes.txt").exists()
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("*.jsonl")} == {0}


def test_log_that_cannot_be_written_breaks_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    DayFiles(tmp_path / "file" / "logs", 9).emit(logging.makeLogRecord({"msg": "x"}))
    assert "NotADirectoryError" in capsys.readouterr().err


def test_ways_of_logging() -> None:
    assert "files" in str(logging_of("files", Path("/x"), 9)["handlers"])
    assert "DayFiles" not in str(logging_of("console", Path("/x"), 9))
    with pytest.raises(ValueError, match="request_log"):
        logging_of("nowhere", Path("/x"), 9)


def test_no_file_is_opened_before_the_first_line(tmp_path: Path) -> None:
    DayFiles(tmp_path / "logs", 9)
    assert os.listdir(tmp_path) == []
