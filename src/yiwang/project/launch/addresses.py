"""Where a node listens, where it is reached, and whether it answers."""

import os
import socket
from functools import partial
from pathlib import Path

from yiwang.project.launch.places import Stop
from yiwang.project.node_file import NodeFile

EVERYWHERE = ("0.0.0.0", "::", "")


def address(host: str, port: int) -> str:
    """The address to type into a browser on this machine."""
    return f"http://{_near(host)}:{port}"


def origin_of(data: Path, host: str, port: int) -> str:
    """The address printed on papers and in QR codes: what the operator set, else where phones reach this machine."""
    wish = os.environ.get("YIWANG_ORIGIN") or NodeFile(data / "settings.toml").value("public_origin", "")
    return wish or f"http://{outward() if host in EVERYWHERE else host}:{port}"


def outward() -> str:
    """This machine's address in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        found: str = line.getsockname()[0]
    return found


def require_port(host: str, port: int) -> None:
    """Raises Stop when somebody else listens there, or the address is not this machine's."""
    try:
        family, kind, number, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, number) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(where)
    except OSError as error:
        raise Stop(f"{host}:{port} cannot be used: {error.strerror}. Choose: ./run up --port {port + 1}") from error


def answer(host: str, port: int) -> int:
    """Status of the home page, asked with no library but sockets; 0 when nobody answers."""
    where = _near(host)
    try:
        with socket.create_connection((where, port), timeout=10) as line:
            line.sendall(f"GET / HTTP/1.1\r\nHost: {where}:{port}\r\nConnection: close\r\n\r\n".encode())
            words = b"".join(iter(partial(line.recv, 4096), b"")).split(b" ", 2)
    except OSError:
        return 0
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0


def _near(host: str) -> str:
    return "127.0.0.1" if host in EVERYWHERE else host
