"""What happens once the first page answers: the operator is told where everything is, then errands run in turn."""

from argparse import Namespace
from pathlib import Path

from yiwang.project.launch.addresses import EVERYWHERE, address, answer
from yiwang.project.launch.places import ROOT, Places, say
from yiwang.project.launch.service import Service
from yiwang.project.launch.supervisor import Supervisor
from yiwang.project.node_file import NodeFile

SURFACES = (("网上办事 Service hall", "/"), ("工作台 Staff desk", "/desk/"), ("证照核验 Verification", "/verify/"))
ACCOUNTS = "demo-accounts.txt"  # written by `manage demo`, mode 0600
OFFICERS = (("system", "系统管理员"), ("security", "安全保密管理员"), ("audit", "安全审计员"))
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
TRIED = "fonts-tried"
GIVE_UP = 4  # crashes of the web server before it ever answered


class Greeting:
    """Waits for the first page, greets, and runs the errands one after another."""

    def __init__(self, places: Places, options: Namespace, supervisor: Supervisor, web: Service) -> None:
        self.places, self.options, self.supervisor, self.web = places, options, supervisor, web
        self.answered = self.failed = self.accounts_shown = False
        self.errands: list[Service] = []

    def beat(self) -> None:
        """Called twice a second by the supervisor."""
        if not self.answered:
            self._look_for_first_page()
        elif self.errands:
            self._follow(self.errands[0])

    def _look_for_first_page(self) -> None:
        status = answer(self.options.host, self.options.port)
        if status and status < 500:
            self.answered = True
            self._greet()
        elif status and not self.failed:
            self.failed = True
            say(f"The home page answers with error {status}; what went wrong is above.")
        elif self.web.crashes >= GIVE_UP:
            say("The web server cannot start; its own words are above.")
            self.supervisor.give_up()

    def _greet(self) -> None:
        say(f"\nYiwang 一网 is up. Data: {self.places.data}   Ctrl-C ends it.")
        for name, path in SURFACES:
            say(f"  {name:<24} {address(self.options.host, self.options.port)}{path}")
        if self.options.host in EVERYWHERE:
            say(f"  From other machines:     {self.places.origin}")
        if self.options.demo:
            self._send(errands(self.places))
        else:
            say(set_up(self.places.data))

    def _send(self, errands: list[Service]) -> None:
        self.errands = errands
        if errands:
            self.supervisor.services.append(errands[0])

    def _follow(self, errand: Service) -> None:
        if errand.name == "demo":
            self._show_accounts()
        if errand.done:
            if errand.name == "demo":
                say(f"The demonstration is {'not complete; see above' if errand.failed else 'complete'}.")
            if errand.name == "install_fonts":
                (self.places.data / TRIED).touch()  # once: a machine without network is not asked at every start
            self._send(self.errands[1:])

    def _show_accounts(self) -> None:
        path = self.places.data / ACCOUNTS
        if not self.accounts_shown and path.exists():
            self.accounts_shown = True
            say(f"\nDemonstration accounts (kept in {path}):\n{path.read_text('utf-8').rstrip()}\n")


def errands(places: Places) -> list[Service]:
    """The demonstration, and fonts for its documents: before it on a machine without Chinese fonts, else after it."""
    demo = [_errand(places, "demo")]
    say("  The demonstration data is being made; the home page shows how far it is.")
    tried = (places.data / TRIED).exists()
    if tried or not NodeFile(places.data / "settings.toml").value("fetch_fonts", True):
        return demo
    fonts = [_errand(places, "install_fonts")]
    return demo + fonts if has_fonts() else fonts + demo


def has_fonts(folders: tuple[Path, ...] = FONT_FOLDERS) -> bool:
    """Whether Chinese text can be set at all."""
    return any(path for folder in folders for path in folder.rglob("*CJK*"))


def set_up(data: Path) -> str:
    """What an operator does on an empty node."""
    manage = "./run manage" if data == ROOT / "data" else f"./run manage --data {data}"
    officers = [f"  {manage} make_account NAME --officer {kind:<9} ({name})" for kind, name in OFFICERS]
    return "\n".join(["\nTo set up, three persons, each password told once:", *officers, f"  {manage} install_fonts"])


def _errand(places: Places, command: str) -> Service:
    return Service(command, places.manage(command), places.supervised(), once=True, nice=10)
