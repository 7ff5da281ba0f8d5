"""SM2 by the letter of GB/T 32918.2, slow and independent of the platform's own code: only for comparison."""

import hashlib

P = int("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF", 16)
A = P - 3
B = int("28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93", 16)
N = int("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123", 16)
G = (
    int("32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7", 16),
    int("BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0", 16),
)
Point = tuple[int, int] | None


def added(one: Point, other: Point) -> Point:
    """Sum of two points; None is the point at infinity."""
    if one is None or other is None:
        return other if one is None else one
    if one[0] == other[0] and (one[1] + other[1]) % P == 0:
        return None
    if one == other:
        slope = (3 * one[0] * one[0] + A) * pow(2 * one[1], -1, P) % P
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def times(scalar: int, point: Point) -> Point:
    """A multiple of a point, from the highest bit down."""
    found: Point = None
    for bit in f"{scalar:b}":
        found = added(found, found)
        found = added(found, point) if bit == "1" else found
    return found


def sm3(data: bytes) -> bytes:
    """SM3 of OpenSSL, where Python's own hashlib knows it."""
    return hashlib.new("sm3", data).digest()


def numbers_of(signature: bytes) -> tuple[int, int]:
    """r and s of a DER signature."""
    length = signature[3]
    return int.from_bytes(signature[4 : 4 + length], "big"), int.from_bytes(signature[6 + length :], "big")


def der_of(r: int, s: int) -> bytes:
    """A DER signature of r and s."""
    body = b"".join(b"\x02" + bytes([len(part)]) + part for part in (_whole(r), _whole(s)))
    return b"\x30" + bytes([len(body)]) + body


def _whole(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def holds(public: bytes, data: bytes, signature: bytes, name: bytes = b"1234567812345678") -> bool:
    """Section 7.1: whether the signature over the data is right."""
    r, s = numbers_of(signature)
    x, y = int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big")
    words = [number.to_bytes(32, "big") for number in (A, B, *G, x, y)]
    identity = sm3(len(name * 8).to_bytes(2, "big") + name + b"".join(words))
    digest = int.from_bytes(sm3(identity + data), "big")
    if not (0 < r < N and 0 < s < N and (r + s) % N):
        return False
    point = added(times(s, G), times((r + s) % N, (x, y)))
    return point is not None and (digest + point[0]) % N == r
