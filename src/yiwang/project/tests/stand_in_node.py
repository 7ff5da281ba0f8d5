"""A node of two stand-in programs, for tests of the supervisor: `web` starts a child of its own, `worker` does not."""

import os
import sys
from pathlib import Path

from yiwang.project.launch.service import Service
from yiwang.project.launch.supervisor import Supervisor, watched_parent

NOTE = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1], sys.argv[2] + '.' + str(os.getpid())).touch();"
CHILD = NOTE + "time.sleep(600)"
TIE = "from yiwang.project.launch.lifeline import tie_to_parent; tie_to_parent();"
PARENT = NOTE + "import subprocess; subprocess.Popen([sys.executable, '-c', sys.argv[3], sys.argv[1], 'child']).wait()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"


def main(folder: str, way: str) -> int:
    """Run until ended; every program leaves a file named after its process id in `folder`."""
    parent = watched_parent()
    environ = {**os.environ, "YIWANG_SUPERVISED": "1"}
    manner = STUBBORN if way == "stubborn" else ""
    web = [sys.executable, "-c", manner + PARENT, folder, "web", manner + TIE + CHILD]
    worker = [sys.executable, "-c", manner + CHILD, folder, "worker"]
    Path(folder, f"supervisor.{os.getpid()}").touch()
    services = [Service("web", web, environ), Service("worker", worker, environ)]
    return Supervisor(services, parent).run(lambda: None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
