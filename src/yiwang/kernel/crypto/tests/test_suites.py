import hashlib
import hmac
import shutil
import subprocess
from pathlib import Path

import gmssl_pyx
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.kernel.crypto import sm2
from yiwang.kernel.crypto.digests import sm3_hex
from yiwang.kernel.crypto.suites import INTERNATIONAL, NATIONAL, SUITES, Sm4Gcm, Suite, suite_marked, suite_named
from yiwang.kernel.crypto.tests import reference

# GM/T 0003.5-2012 (GB/T 32918.5-2017), annex A.2
PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
MESSAGE = b"message digest"
R = 0xF5A03B06_48D2C463_0EEAC513_E1BB81A1_5944DA38_27D5B741_43AC7EAC_EEE720B3
S = 0xB1B6AA29_DF212FD8_763182BC_0D421CA1_BB9038FD_1F7F42D4_840B69C4_85BBC1AA
# GB/T 32905-2016, annex A
SM3 = {
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
}
# RFC 8998, appendix A.1
GCM_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
GCM_NONCE = bytes.fromhex("00001234567800000000ABCD")
GCM_CONTEXT = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
GCM_PLAIN = bytes.fromhex("".join(sign * 16 for sign in "ABCDEFEA"))
GCM_BOX = bytes.fromhex(
    "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
    "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
    "83DE3541E4C2B58177E065A9BF7B62EC"
)


@pytest.mark.parametrize("data", SM3)
def test_sm3_gives_the_examples_of_the_standard(data: bytes) -> None:
    assert sm3_hex(data) == SM3[data]


def test_sm4_gives_the_examples_of_the_standard() -> None:
    zero_nonce_block = gmssl_pyx.sm4_ctr_encrypt(GCM_KEY, GCM_KEY, bytes(16))  # one block of SM4 itself: E(key, key)
    assert zero_nonce_block.hex() == "681edf34d206965e86b3e94f536e4246"  # GB/T 32907-2016, annex A.1
    assert Sm4Gcm(GCM_KEY).encrypt(GCM_NONCE, GCM_PLAIN, GCM_CONTEXT) == GCM_BOX
    assert Sm4Gcm(GCM_KEY).decrypt(GCM_NONCE, GCM_BOX, GCM_CONTEXT) == GCM_PLAIN


def test_sm2_gives_the_example_of_the_standard() -> None:
    signature = reference.der_of(R, S)
    assert sm2.public_of(PRIVATE) == PUBLIC
    assert sm2.verify(PUBLIC, MESSAGE, signature)
    assert reference.holds(PUBLIC, MESSAGE, signature)
    assert not sm2.verify(PUBLIC, MESSAGE + b"s", signature)


def test_aes_gcm_gives_the_example_of_its_authors() -> None:
    box = INTERNATIONAL.cipher(bytes(32)).encrypt(bytes(12), bytes(16), b"")  # test case 14
    assert box.hex() == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"


def test_ed25519_gives_the_example_of_rfc_8032() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    assert INTERNATIONAL.sign(seed, b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
        "24655141438e7a100b"
    )


def test_hkdf_gives_the_example_of_rfc_5869() -> None:
    salt, info = bytes(range(13)), bytes.fromhex("f0f1f2f3f4f5f6f7f8f9")
    assert INTERNATIONAL.derive(b"\x0b" * 22, info, 42, salt).hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.binary(min_size=16, max_size=16), st.binary(min_size=12, max_size=12))
def test_sm3_and_sm4_agree_with_a_second_library(data: bytes, key: bytes, nonce: bytes) -> None:
    assert NATIONAL.tag(key, data) == gmssl_pyx.sm3_hmac(key, data)
    assert bytes.fromhex(sm3_hex(data)) == gmssl_pyx.sm3_hash(data)
    if data:
        box, tag = gmssl_pyx.sm4_gcm_encrypt(key, nonce, b"here", data)
        assert Sm4Gcm(key).encrypt(nonce, data, b"here") == box + tag


@settings(max_examples=12, deadline=None)
@given(st.binary(min_size=sm2.SEED, max_size=sm2.SEED), st.binary(max_size=200))
def test_sm2_agrees_with_the_letter_of_the_standard(seed: bytes, data: bytes) -> None:
    private = sm2.private_of(seed)
    public = sm2.public_of(private)
    point = reference.times(int.from_bytes(private, "big"), reference.G)
    assert point is not None
    assert public == point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")
    signature = sm2.sign(private, data)
    assert reference.holds(public, data, signature)
    assert sm2.verify(public, data, signature)


@pytest.mark.parametrize("scalar", [1, 2, 3, sm2.N - 2])
def test_the_least_and_the_greatest_keys_have_the_right_point(scalar: int) -> None:
    point = reference.times(scalar, reference.G)
    assert point is not None
    assert int.from_bytes(sm2.public_of(scalar.to_bytes(32, "big"))[:32], "big") == point[0]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="NO `openssl` COMMAND: SM2 is not compared with OpenSSL")
def test_openssl_takes_our_sm2_signatures(tmp_path: Path) -> None:
    point = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004") + PUBLIC
    for name, content in (("key", point), ("data", MESSAGE), ("signature", sm2.sign(PRIVATE, MESSAGE))):
        (tmp_path / name).write_bytes(content)
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -in data -sigfile signature -rawin -digest sm3"
    words = [*command.split(), "-pkeyopt", "distid:1234567812345678"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert "Signature Verified Successfully" in done.stdout, done.stderr
    (tmp_path / "data").write_bytes(MESSAGE + b"s")
    assert subprocess.run(words, cwd=tmp_path, capture_output=True).returncode != 0


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
@pytest.mark.parametrize("signature", [b"", b"\x30", b"\x30\x06\x02\x01\x00\x02\x01\x00", bytes(64), b"\xff" * 5000])
def test_what_is_no_signature_never_verifies(suite: Suite, signature: bytes) -> None:
    assert not suite.verify(b"7" * suite.seed_bytes, b"data", signature)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_a_box_that_was_cut_does_not_open(suite: Suite) -> None:
    cipher = suite.cipher(b"k" * suite.key_bytes)
    box = cipher.encrypt(bytes(12), b"plain", b"here")
    for length in range(len(box)):
        with pytest.raises(InvalidTag):
            cipher.decrypt(bytes(12), box[:length], b"here")


def test_tags_of_the_two_suites_are_those_of_their_standards() -> None:
    assert INTERNATIONAL.tag(b"k", b"d") == hmac.new(b"k", b"d", hashlib.sha256).digest()
    assert INTERNATIONAL.tag(b"k", b"d") != NATIONAL.tag(b"k", b"d")


def test_suites_are_found_by_name_and_by_mark() -> None:
    assert [suite_named(suite.name) for suite in SUITES] == [suite_marked(suite.mark) for suite in SUITES]
