"""SM2 signatures (GB/T 32918.2, GM/T 0003.2) on the recommended curve (GB/T 32918.5), with the usual signer id.

Signing and verifying are the library's; only the public point of a derived key is worked out here, once per key.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

P = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
N = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
A = P - 3
GX = 0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7
GY = 0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0
LIBRARY = import_module("gmssl_pyx") if find_spec("gmssl_pyx") else None
"""None on machines it has no wheel for (2.1 has them for x86-64 only): such a node works in the other suite."""
SEED = 48
"""Bytes a private key is reduced from: 128 bits more than the order, so that no value is noticeably likelier."""

Point = tuple[int, int]


def private_of(seed: bytes) -> bytes:
    """A private key in [1, n − 2] from `SEED` derived bytes."""
    return (int.from_bytes(seed, "big") % (N - 2) + 1).to_bytes(32, "big")


@cache
def public_of(private: bytes) -> bytes:
    """The public point of a private key, x and y, 64 bytes."""
    found, power = None, (GX, GY)
    scalar = int.from_bytes(private, "big")
    while scalar:
        if scalar & 1:
            found = power if found is None else _sum(found, power)
        power, scalar = _sum(power, power), scalar >> 1
    if found is None:
        raise ValueError("an SM2 private key is never zero")
    return found[0].to_bytes(32, "big") + found[1].to_bytes(32, "big")


def _sum(one: Point, other: Point) -> Point:
    """Sum of two points, neither of them the other's negative (scalars stay below the order)."""
    if one == other:
        slope = (3 * one[0] * one[0] + A) * pow(2 * one[1], -1, P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P)
    x = (slope * slope - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def sign(private: bytes, data: bytes) -> bytes:
    """SM2 with SM3 over `data`, DER."""
    return bytes(_library().sm2_sign(private, public_of(private), data))


def verify(public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether the signature over `data` was made with the key of this public point."""
    library = _library()
    try:
        return bool(library.sm2_verify(public, data, signature))
    except library.GmsslInnerError:
        return False


def _library() -> ModuleType:
    if LIBRARY is None:
        raise ImportError("SM2 needs gmssl-pyx, which was not installed on this machine")
    return LIBRARY
