"""Settings of the test suite: a data folder and key of its own, quick password hashing, both databases by address."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "YIWANG_DATA" not in os.environ:
    os.environ["YIWANG_DATA"] = tempfile.mkdtemp(prefix="yiwang-test-")
    atexit.register(shutil.rmtree, os.environ["YIWANG_DATA"], ignore_errors=True)

# No two workers share a file: a worker of xdist inherits the folder of its parent and takes a room in it.
_data = Path(os.environ["YIWANG_DATA"])
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if _worker and _data.name != _worker:
    _data = _data / _worker
    os.environ["YIWANG_DATA"] = str(_data)
_data.mkdir(mode=0o700, parents=True, exist_ok=True)
os.environ.setdefault("YIWANG_SECRET_KEY", "for-tests-only-and-never-for-a-node")
os.environ["YIWANG_DATABASE_URL"] = os.environ.get("YIWANG_TEST_DATABASE_URL") or "sqlite:"

from yiwang.project.logs.settings import logging_of
from yiwang.project.settings.base import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True

LOGGING = logging_of("off", _data, 1)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # a file, as in production: locks and WAL are part of the test
    DATABASES["default"]["TEST"] = {"NAME": str(_data / "test.sqlite3")}
DIRECTORY_REFRESH = None
if DATABASES["default"]["ENGINE"].endswith("postgresql"):  # a test database need not outlive a power cut
    DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}
