import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.crypto.digests import digest, sha256_hex, sm3_hex
from yiwang.kernel.crypto.keyring import Keyring, KeyringError, keyring, make_keyring

RING = Keyring("k2", {"k1": b"1" * 32, "k2": b"2" * 32})


def test_digests_of_the_standards() -> None:
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sm3_hex(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    with pytest.raises(ValueError, match="md5"):
        digest("md5", b"abc")


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_what_was_sealed_opens_in_its_context_only(plain: bytes, context: bytes) -> None:
    box = RING.seal(plain, context)
    assert RING.unseal(box, context) == plain
    with pytest.raises(KeyringError):
        RING.unseal(box, context + b"x")


@given(st.integers(0, 60))
def test_any_flipped_bit_is_noticed(place: int) -> None:
    box = bytearray(RING.seal(b"a secret that matters", b"here"))
    box[place % len(box)] ^= 1
    with pytest.raises(KeyringError):
        RING.unseal(bytes(box), b"here")


def test_old_keys_still_open_and_verify() -> None:
    old = Keyring("k1", RING.secrets)
    assert RING.unseal(old.seal(b"x", b"c"), b"c") == b"x"
    assert RING.verify(b"data", old.sign(b"data"), "k1")
    assert not RING.verify(b"data", old.sign(b"data"), "k2")
    assert not RING.verify(b"data", old.sign(b"data"), "k9")


def test_tags_differ_by_purpose() -> None:
    assert RING.tag("a", b"x") != RING.tag("b", b"x")


def test_ring_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keyring.json"
    make_keyring(path)
    before = path.read_bytes()
    make_keyring(path)
    assert path.read_bytes() == before
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{}", '{"current": "k1", "keys": {"k1": 5}}'])
def test_damaged_ring_is_named(tmp_path: Path, settings: object, text: str) -> None:
    path = tmp_path / "keyring.json"
    path.write_text(text)
    settings.KEYRING = path  # type: ignore[attr-defined]
    with pytest.raises(KeyringError, match=r"keyring\.json"):
        keyring()


def test_missing_ring_is_named(tmp_path: Path, settings: object) -> None:
    settings.KEYRING = tmp_path / "gone.json"  # type: ignore[attr-defined]
    with pytest.raises(KeyringError, match="missing"):
        keyring()
