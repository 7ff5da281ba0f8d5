"""Codes of administrative divisions (GB/T 2260, GB/T 10114)."""

PROVINCE, CITY, COUNTY, TOWNSHIP, VILLAGE = 2, 3, 4, 5, 6
LENGTHS = {2: PROVINCE, 4: CITY, 6: COUNTY, 9: TOWNSHIP, 12: VILLAGE}


def parent_code(code: str) -> str:
    """Code of the division above: 360725104 → 360725; empty for a province."""
    shorter = [length for length in LENGTHS if length < len(code)]
    return code[: max(shorter)] if shorter else ""
