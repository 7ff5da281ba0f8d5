"""Personal data as strangers may see it."""


def mask_name(name: str) -> str:
    """林志远 → 林**; a firm keeps its first four and last two characters."""
    if len(name) <= 4:
        return name[:1] + "*" * (len(name) - 1)
    return name[:4] + "*" * max(1, len(name) - 6) + name[-2:]


def mask_id(number: str) -> str:
    """First three and last two characters stay."""
    if len(number) < 8:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 5) + number[-2:]


def mask_phone(number: str) -> str:
    """13800002607 → 138****2607."""
    if len(number) < 8:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]
