"""What a file is, by its first bytes, whatever its name says."""

from functools import cache

import magic

from yiwang.kernel.files import LIBMAGIC

HEAD = 64 * 1024


@cache
def _sniffer() -> magic.Magic:
    return magic.Magic(mime=True, magic_file=str(LIBMAGIC.joinpath("magic.mgc")))


def sniff(head: bytes) -> str:
    """The media type of a file that starts with `head` (up to 64 KiB are looked at)."""
    return str(_sniffer().from_buffer(head[:HEAD]))
