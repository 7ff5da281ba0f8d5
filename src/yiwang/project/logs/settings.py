"""Where log lines go: to people at the terminal in plain words, to files or the journal as JSON."""

from pathlib import Path

from yiwang.project.logs.lines import OF_REQUESTS

WAYS = ("files", "console", "off")


def logging_of(way: str, folder: Path, days: int) -> dict[str, object]:
    """Django's LOGGING. `files`: a file a day in `folder`, faults besides at the terminal.

    `console`: everything as JSON to the terminal or journal; `off`: faults at the terminal only.
    Raises ValueError for any other way.
    """
    if way not in WAYS:
        raise ValueError(f"request_log is one of {', '.join(WAYS)}, not {way!r}")
    files = {"class": "yiwang.project.logs.days.DayFiles", "formatter": "json", "folder": str(folder), "days": days}
    console = {"class": "logging.StreamHandler", "formatter": "json" if way == "console" else "plain"}
    faults = ["console", "files"] if way == "files" else ["console"]
    requests = [way] if way != "off" else []
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {"()": "yiwang.project.logs.lines.JsonLines"},
        },
        "handlers": {"console": console, **({"files": files} if way == "files" else {})},
        "root": {"handlers": faults, "level": "WARNING"},
        "loggers": {
            "django": {"handlers": faults, "level": "WARNING", "propagate": False},
            "django.request": {"level": "ERROR"},  # a page that is not there is no fault
            OF_REQUESTS: {"handlers": requests, "level": "INFO" if requests else "ERROR", "propagate": False},
        },
    }
