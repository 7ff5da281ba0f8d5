"""Digests: SHA-256 by default, SM3 where a node works in national cryptography 国密."""

import hashlib

from cryptography.hazmat.primitives import hashes


def sha256_hex(data: bytes) -> str:
    """SHA-256 as lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def sm3_hex(data: bytes) -> str:
    """SM3 (GB/T 32905) as lower-case hexadecimal."""
    return _sm3(data).hex()


def digest(algorithm: str, data: bytes) -> bytes:
    """Digest by name. Raises ValueError for an unknown name."""
    if algorithm == "sha256":
        return hashlib.sha256(data).digest()
    if algorithm == "sm3":
        return _sm3(data)
    raise ValueError(f"unknown digest {algorithm!r}")


def _sm3(data: bytes) -> bytes:
    state = hashes.Hash(hashes.SM3())
    state.update(data)
    return state.finalize()
