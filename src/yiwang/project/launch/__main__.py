"""`./run`: reads the command line."""

import argparse
import os
import sys
from tomllib import TOMLDecodeError

from yiwang.project.launch import environment
from yiwang.project.launch.bench import bench
from yiwang.project.launch.check import check
from yiwang.project.launch.places import Places, Stop, become, data_folder
from yiwang.project.launch.suite import suite
from yiwang.project.launch.up import up
from yiwang.project.node_file import WrongSetting


def main(words: list[str]) -> int:
    """Run one command; returns the exit status."""
    options, rest = _parser().parse_known_args(words)
    if rest and options.command in ("up", "check"):
        _parser().error(f"unknown: {' '.join(rest)}")
    try:
        return {"up": lambda: up(options), "check": check}.get(
            options.command, lambda: _passing(options.command, rest)
        )()
    except (Stop, WrongSetting, TOMLDecodeError) as stop:
        print(f"\n{stop}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130


def _passing(command: str, rest: list[str]) -> int:
    """Commands that take the words of another program as they are."""
    if command == "test":
        return suite(rest)
    if command == "bench":
        return bench(rest)
    data, rest = (rest[1], rest[2:]) if rest[:1] == ["--data"] and len(rest) > 1 else (None, rest)
    places = Places(environment.ready(), data_folder(data))
    become(places.manage(*rest), places.environ())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("./run", description="Yiwang 一网: the only entry.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    node = commands.add_parser("up", help="bring the node up: web server and worker", allow_abbrev=False)
    node.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets other machines in; behind nginx leave it")
    node.add_argument("--port", type=int, default=8000)
    node.add_argument("--data", metavar="DIR", help="data folder (default: data in the tree, or YIWANG_DATA)")
    node.add_argument(
        "--database", metavar="URL", help="postgresql://user:password@host/name; remembered in the folder"
    )
    node.add_argument("--no-demo", dest="demo", action="store_false", help="an empty node, for real use")
    for name, text in (
        ("test", "every test on both engines; or the words of pytest"),
        ("check", "format, lint, types, layers, migrations, templates, translations, links"),
        ("bench", "NAME [--database URL]: one named benchmark"),
        ("manage", "[--data DIR] COMMAND: Django's command line on a node; alone, the list of commands"),
    ):
        commands.add_parser(name, help=text, add_help=False, prefix_chars="\0", allow_abbrev=False)
    return parser


if __name__ == "__main__":
    if os.name != "posix":
        sys.exit("Yiwang runs on Linux.")
    sys.exit(main(sys.argv[1:]))
