"""Chinese fonts for documents: which there are, which to use for which part, how to get some.

Families are settings (`OUTPUT_FONTS`: part to list of families, tried in order), so that a bureau can put its licensed
faces first; folders are looked through in this order: setting `OUTPUT_FONT_PATHS`, `fonts/` in the data folder, TeX's
Fandol fonts, the system's own.
"""

import logging
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from yiwang.kernel.outputs.refusals import FontsMissing

log = logging.getLogger(__name__)

TEX_FANDOL = Path("/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol")
ANY = (
    *("Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN", "SimSun", "NSimSun", "Songti SC"),
    *("Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC"),
    *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "AR PL UMing CN", "Droid Sans Fallback"),
)
PARTS: dict[str, tuple[str, ...]] = {
    "title": ("FZXiaoBiaoSong-B05S", "方正小标宋简体", "FandolSong"),
    "song": ("FandolSong",),
    "fang": ("FangSong_GB2312", "仿宋_GB2312", "FandolFang R", "FandolFang", "FangSong"),
    "kai": ("KaiTi_GB2312", "楷体_GB2312", "FandolKai", "LXGW WenKai", "KaiTi", "AR PL UKai CN"),
    "hei": ("SimHei", "FandolHei", "Noto Sans CJK SC", "Source Han Sans SC"),
}


@dataclass(frozen=True)
class Package:
    """A package of the distribution that holds fonts, and which of its files are wanted."""

    name: str
    files: tuple[str, ...]
    proof: str


NOTO = Package("fonts-noto-cjk", ("NotoSerifCJK-", "NotoSansCJK-"), "NotoSerifCJK-Regular.ttc")
FANDOL = Package(
    "texlive-lang-chinese", ("FandolFang-", "FandolHei-", "FandolKai-", "FandolSong-"), "FandolFang-Regular.otf"
)
HINTS = {
    "debian": "apt install fonts-noto-cjk",
    "ubuntu": "apt install fonts-noto-cjk",
    "fedora": "dnf install google-noto-serif-cjk-fonts google-noto-sans-cjk-fonts",
    "rhel": "dnf install google-noto-serif-cjk-ttc-fonts google-noto-sans-cjk-ttc-fonts",
    "arch": "pacman -S noto-fonts-cjk",
    "alpine": "apk add font-noto-cjk",
}


def data_folder() -> Path:
    """Where fonts of this node lie: setting `FONTS_ROOT`, else `fonts` beside the files."""
    return Path(getattr(settings, "FONTS_ROOT", "") or Path(settings.FILES_ROOT).parent / "fonts")


def folders() -> list[Path]:
    """Folders to look through besides the system's own, first come first."""
    named = [Path(path) for path in getattr(settings, "OUTPUT_FONT_PATHS", ())]
    return [path for path in (*named, data_folder(), TEX_FANDOL) if path.is_dir()]


def choose(families: Iterable[str]) -> dict[str, list[str]]:
    """Families to use for each part, of those there are. Raises FontsMissing when no Chinese one is among them."""
    there = set(families)
    parts = PARTS | {part: tuple(names) for part, names in _wishes().items()}
    chosen = {part: [name for name in dict.fromkeys((*names, *ANY)) if name in there] for part, names in parts.items()}
    if not all(chosen.values()):
        raise FontsMissing(remedy=_("请安装字体：%(command)s") % {"command": hint()})
    return chosen


def _wishes() -> Mapping[str, Iterable[str]]:
    wishes: Mapping[str, Iterable[str]] = getattr(settings, "OUTPUT_FONTS", {})
    return wishes


def hint() -> str:
    """The command that installs Chinese fonts on this distribution."""
    try:
        about = platform.freedesktop_os_release()
    except OSError:
        about = {}
    ids = [about.get("ID", ""), *about.get("ID_LIKE", "").split()]
    return next((HINTS[name] for name in ids if name in HINTS), HINTS["debian"])


def install(folder: Path) -> list[str]:
    """Unpack Noto CJK and Fandol out of the distribution's packages into `folder`; needs no root, installs nothing.

    Returns the packages that are there afterwards. Never raises: without network documents are refused, not the start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [package.name for package in (NOTO, FANDOL) if _has(package, folder) or _unpacked(package, folder)]


def seen() -> list[str]:
    """Packages of Chinese fonts, and folders of the node's own, whose files are there; reads no font."""
    known = [package.name for package in (NOTO, FANDOL) if _has(package, data_folder())]
    named = [Path(path) for path in getattr(settings, "OUTPUT_FONT_PATHS", ())]
    return known + [str(path) for path in named if path.is_dir() and any(path.iterdir())]


def _has(package: Package, folder: Path) -> bool:
    return (folder / package.proof).exists() or any(
        path.exists() for path in (TEX_FANDOL / package.proof, Path("/usr/share/fonts/opentype/noto") / package.proof)
    )


def _unpacked(package: Package, folder: Path) -> bool:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return False
    try:
        with tempfile.TemporaryDirectory() as scratch:
            _extract(_downloaded(package, Path(scratch)), package, folder)
    except (OSError, subprocess.SubprocessError, tarfile.TarError, StopIteration) as error:
        log.warning("fonts of %s could not be fetched: %s", package.name, error)
    return (folder / package.proof).exists()


def _downloaded(package: Package, scratch: Path) -> Path:
    command = ["apt-get", "download", "-q", package.name]
    subprocess.run(command, cwd=scratch, check=True, capture_output=True, timeout=300, stdin=subprocess.DEVNULL)
    return next(scratch.glob("*.deb"))


def _extract(archive: Path, package: Package, folder: Path) -> None:
    command = ["dpkg-deb", "--fsys-tarfile", str(archive)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as unpacking,
        tarfile.open(fileobj=unpacking.stdout, mode="r|") as members,
    ):
        for member in members:
            name = Path(member.name).name
            source = members.extractfile(member) if member.isfile() and name.startswith(package.files) else None
            if source is not None:
                _keep(source, folder / name)


def _keep(source: IO[bytes], target: Path) -> None:
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        shutil.copyfileobj(source, file)
    part.replace(target)
