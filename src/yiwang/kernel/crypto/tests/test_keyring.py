import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from yiwang.kernel.crypto.digests import digest, sha256_hex, sm3_hex
from yiwang.kernel.crypto.keyring import (
    BoxAltered,
    Keyring,
    KeyringError,
    KeyUnknown,
    SuiteUnknown,
    keyring,
    make_keyring,
)

KEYS = {"k1": b"1" * 32, "k2": b"2" * 32}
RING, NATIONAL_RING = Keyring("k2", KEYS), Keyring("k2~gm", KEYS)
RINGS = st.sampled_from([RING, NATIONAL_RING])
# Made by version 0.1.0, before boxes could name a suite: key k1, context "here"
OLD_BOX = bytes.fromhex("6b312e7d9f60606dbb5f525b238ede0fe7d6d37396e54b47b3783f28f811e595f2fe541f01")
OLD_SIGNATURE = bytes.fromhex(
    "1c414726ee5f3c0da9782774e1019e0b07916a02bea4a2e57f28d0dc91d7f2b106a71f3e7c178126aa9156dece967fb03781514db2d729e6dd1971bbda818903"
)
OLD_TAG = "c38eb0a0f9b57646d56dfc76a1ab6ba2db02e37457f4c4b88902145996d38e71"


def test_digests_of_the_standards() -> None:
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sm3_hex(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    with pytest.raises(ValueError, match="md5"):
        digest("md5", b"abc")


@given(RINGS, RINGS, st.binary(max_size=300), st.binary(max_size=40))
def test_what_was_sealed_opens_in_its_context_only(maker: Keyring, opener: Keyring, plain: bytes, here: bytes) -> None:
    box = maker.seal(plain, here)
    assert opener.unseal(box, here) == plain
    with pytest.raises(BoxAltered):
        opener.unseal(box, here + b"x")


@given(RINGS, st.integers(0, 60), st.integers(0, 7))
def test_any_flipped_bit_is_noticed(ring: Keyring, place: int, bit: int) -> None:
    box = bytearray(ring.seal(b"a secret that matters", b"here"))
    box[place % len(box)] ^= 1 << bit
    with pytest.raises(KeyringError):
        ring.unseal(bytes(box), b"here")


@given(RINGS, st.integers(0, 60))
def test_a_box_that_was_cut_is_refused(ring: Keyring, length: int) -> None:
    box = ring.seal(b"a secret that matters", b"here")
    with pytest.raises(KeyringError):
        ring.unseal(box[: length % len(box)], b"here")


@pytest.mark.parametrize("ring", [RING, NATIONAL_RING], ids=["international", "national"])
def test_refusals_are_named(ring: Keyring) -> None:
    box = ring.seal(b"x", b"here")
    with pytest.raises(KeyUnknown):
        Keyring("k1", {"k1": b"1" * 32}).unseal(box, b"here")
    with pytest.raises(BoxAltered):
        Keyring("k2", {"k2": b"9" * 32}).unseal(box, b"here")
    with pytest.raises(SuiteUnknown):
        ring.unseal(b"k2~xx." + box.partition(b".")[2], b"here")
    other = b"k2." if box.startswith(b"k2~") else b"k2~gm."
    with pytest.raises(BoxAltered):
        ring.unseal(other + box.partition(b".")[2], b"here")


def test_what_an_earlier_version_made_still_opens_verifies_and_is_found() -> None:
    for current in ("k1", "k2", "k1~gm"):
        ring = Keyring(current, KEYS, "k1")
        assert ring.unseal(OLD_BOX, b"here") == "秘密".encode()
        assert ring.verify(b"root", OLD_SIGNATURE, "k1")
        assert ring.tag("party.id", b"360725").hex() == OLD_TAG


@given(st.binary(max_size=100))
def test_either_suite_verifies_what_the_other_signed(data: bytes) -> None:
    for maker, other in ((RING, NATIONAL_RING), (NATIONAL_RING, RING)):
        signature = maker.sign(data)
        assert other.verify(data, signature, maker.current)
        assert not other.verify(data, signature, other.current)
        assert not other.verify(data + b"x", signature, maker.current)


def test_tags_that_tables_are_searched_by_outlive_a_change_of_key_and_suite() -> None:
    tags = {Keyring(current, KEYS, "k1").tag("party.id", b"x") for current in ("k1", "k2", "k2~gm")}
    assert len(tags) == 1
    assert NATIONAL_RING.tag("party.id", b"x", "k2") != NATIONAL_RING.tag("party.id", b"x", "k2~gm")


def test_the_suite_is_a_setting_of_the_node(settings: Settings, tmp_path: Path) -> None:
    settings.KEYRING = tmp_path / "keyring.json"
    make_keyring(settings.KEYRING)
    box, found = keyring().seal(b"x", b"c"), keyring().tag("party.id", b"x")
    assert box.startswith(b"k1.")
    settings.CRYPTO_SUITE = "national"
    assert keyring().current == "k1~gm"
    assert keyring().seal(b"x", b"c").startswith(b"k1~gm.")
    assert keyring().unseal(box, b"c") == b"x"
    assert keyring().tag("party.id", b"x") == found
    settings.CRYPTO_SUITE = "homegrown"
    with pytest.raises(SuiteUnknown, match="national"):
        keyring()


def test_a_ring_made_in_national_cryptography_searches_by_sm3(settings: Settings, tmp_path: Path) -> None:
    settings.KEYRING, settings.CRYPTO_SUITE = tmp_path / "keyring.json", "national"
    make_keyring(settings.KEYRING)
    assert keyring().index == "k1~gm"


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
