"""The shipped files of `deploy/`: systemd accepts the units, nginx the site, and a real node answers behind it."""

import http.client
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.node.running import ROOT, RunningNode, free_port, wait_until
from yiwang.kernel.base.moments import now
from yiwang.kernel.files.limits import MIB, request_bytes

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
EXPOSURE = 2.5  # of systemd's ten
MAIN = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/yiwang.conf;
}}
"""


def program(name: str) -> str:
    """The program, or the test is left out, loudly."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not found:
        pytest.skip(f"!!!! {name} is NOT installed here: the shipped file was not tried (apt-get install -y {name})")
    return found


@pytest.mark.parametrize("unit", UNITS, ids=[unit.name for unit in UNITS])
def test_systemd_takes_the_unit_and_finds_it_closed(unit: Path, tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    copy = tmp_path / unit.name
    text = unit.read_text("utf-8").replace("/opt/yiwang/.venv/bin/python", sys.executable)
    copy.write_text(text.replace("/opt/yiwang", str(ROOT)), "utf-8")
    done = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    words = [analyze, "security", "--offline=true", "--no-pager", str(copy)]
    judged = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    found = re.search(r"exposure level for \S+: ([\d.]+)", judged)
    assert found is not None, judged
    assert float(found[1]) <= EXPOSURE


def test_units_and_site_name_the_same_address_and_limits() -> None:
    site = (DEPLOY / "nginx" / "yiwang.conf").read_text("utf-8")
    web = (DEPLOY / "systemd" / "yiwang-web.service").read_text("utf-8")
    assert "server 127.0.0.1:8000;" in site
    assert "--host 127.0.0.1 --port 8000" in web
    (size,) = re.findall(r"client_max_body_size (\d+)m;", site)
    assert int(size) * MIB == request_bytes()


def test_site_is_taken_and_a_node_answers_behind_it(tmp_path: Path) -> None:
    nginx = program("nginx")
    data = tmp_path / "data"
    data.mkdir()
    own = 'fetch_fonts = false\ntrusted_proxies = ["127.0.0.1"]\nhttps_only = true\n'
    (data / "settings.toml").write_text(own, "utf-8")
    node = RunningNode(data, "--no-demo")
    try:
        node.wait_for_page()
        with site(nginx, tmp_path, node.port) as (plain, secure):
            answer = ask(secure, "/")
            assert answer.status == 200
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "nginx/" not in answer.headers["Server"]
            called = answer.headers["X-Request-ID"]
            assert f'"request": "{called}"' in logged(data)  # nginx's name of the request is the node's
            for path in ("/metrics", "/health/ready", "/health/live"):
                assert ask(secure, path).status == 404
                assert node.status(path) in (200, 503)
            assert ask(secure, "/", method="POST", length=101 * MIB).status == 413
            assert ask(plain, "/desk/", tls=False).headers["Location"].startswith("https://")
            static = re.findall(r'href="(/static/[^"]+\.css)"', answer.read().decode())[0]
            assert ask(secure, static).headers["X-Cache"] == "MISS"
            assert ask(secure, static).headers["X-Cache"] == "HIT"
    finally:
        node.end()


def logged(data: Path) -> str:
    """The lines of the node about requests."""
    return "".join(path.read_text("utf-8") for path in (data / "logs").glob("*.jsonl"))


@contextmanager
def site(nginx: str, folder: Path, node: int) -> Iterator[tuple[int, int]]:
    """The shipped site in front of a node, on ports of its own: the plain one and the secure one."""
    plain, secure, home = free_port(), free_port(), folder / "nginx"
    home.mkdir()
    certificate(home)
    text = (DEPLOY / "nginx" / "yiwang.conf").read_text("utf-8")
    for shipped, ours in {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "127.0.0.1:8000": f"127.0.0.1:{node}",
        "/etc/ssl/yiwang": str(home),
        "/var/log/nginx": str(home),
        "/var/lib/nginx": str(home),
    }.items():
        assert shipped in text, shipped
        text = text.replace(shipped, ours)
    (home / "yiwang.conf").write_text(text, "utf-8")
    main = home / "nginx.conf"
    main.write_text(MAIN.format(folder=home, user="user root;" if os.getuid() == 0 else ""), "utf-8")
    tried = subprocess.run([nginx, "-t", "-c", str(main)], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    process = subprocess.Popen([nginx, "-c", str(main)])
    try:
        wait_until(lambda: answers(secure), 10, "nginx")
        yield plain, secure
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int) -> bool:
    """Whether somebody speaks TLS there."""
    try:
        return ask(port, "/").status > 0
    except OSError:
        return False


def ask(port: int, path: str, method: str = "GET", length: int = 0, tls: bool = True) -> http.client.HTTPResponse:
    """One request under the name of the site; with `length`, one that announces so many bytes and sends none."""
    context = ssl._create_unverified_context()
    kind = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    line = kind if tls else http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.putrequest(method, path, skip_host=True)
    line.putheader("Host", "ban.example.gov.cn")
    if length:
        line.putheader("Content-Length", str(length))
    line.endheaders()
    return line.getresponse()


def certificate(folder: Path) -> None:
    """A certificate for a day, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ban.example.gov.cn")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(int(time.time())).not_valid_before(now()).not_valid_after(now() + timedelta(days=1))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(key.private_bytes(*plain))
    (folder / "fullchain.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
