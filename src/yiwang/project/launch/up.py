"""`./run up`: environment, database, web server and worker, then the demonstration data."""

import fcntl
import os
from argparse import Namespace
from pathlib import Path
from typing import TextIO

from yiwang.project.launch import environment
from yiwang.project.launch.addresses import origin_of, require_port
from yiwang.project.launch.greeting import Greeting
from yiwang.project.launch.lifeline import run_tied
from yiwang.project.launch.places import ROOT, Places, Stop, data_folder, make_secret_key, write_secret
from yiwang.project.launch.service import Service
from yiwang.project.launch.supervisor import Supervisor, watched_parent
from yiwang.project.node_file import NodeFile


def up(options: Namespace) -> int:
    """Bring the node up and keep it up. Idempotent; raises Stop when it cannot."""
    parent = watched_parent()
    os.umask(0o077)
    require_port(options.host, options.port)
    python, data = environment.ready(), data_folder(options.data)
    places = Places(python, data, origin_of(data, options.host, options.port), options.database or "")
    with _only_one(places.data):
        make_secret_key(places.data)
        _prepare(places)
        if places.database:  # remembered once it is known to work
            write_secret(places.data / "database_url", places.database)
        return _serve(places, options, parent)


def _serve(places: Places, options: Namespace, parent: int) -> int:
    web = _web(places, options.host, options.port)
    worker = Service("worker", places.manage("run_worker"), places.supervised())
    supervisor = Supervisor([web, worker], parent)
    greeting = Greeting(places, options, supervisor, web)
    return supervisor.run(greeting.beat)


def _web(places: Places, host: str, port: int) -> Service:
    wish = NodeFile(places.data / "settings.toml")
    workers, threads = wish.value("web_workers", 1), wish.value("web_threads", 8)
    kind = wish.value("web_interface", "wsgi")
    program = [str(places.python), "-m", "granian", "--interface", kind, "--no-ws", "--log-level", "error"]
    size = ["--workers", str(workers), "--blocking-threads", str(threads if kind == "wsgi" else 1)]
    care = ["--respawn-failed-workers", "--workers-kill-timeout", "4", "--backpressure", "64"]
    where = ["--host", host, "--port", str(port)]
    target = "yiwang.project.wsgi:application" if kind == "wsgi" else "yiwang.project.asgi:application"
    return Service("web", [*program, *size, *care, *where, target], places.supervised())


def _prepare(places: Places) -> None:
    if run_tied(places.manage("prepare"), places.supervised(), ROOT):
        raise Stop("The node could not be prepared; see above.")


def _only_one(data: Path) -> TextIO:
    """Hold the data folder; a second node on it is refused."""
    lock = open(data / "lock", "w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise Stop(f"A node is already running on {data}. End it, or use another: ./run up --data DIR") from error
    return lock
