"""Who may ask how the node is: addresses of the setting `monitor_addresses`, loopback by default."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

from yiwang.ui.acting import address_of


def is_monitor(request: HttpRequest) -> bool:
    """Whether the request comes from such an address.

    Never when a proxy that is not trusted has passed it on: behind one, every stranger seems to come from loopback.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if request.META.get("HTTP_X_FORWARDED_FOR") and direct not in settings.TRUSTED_PROXIES:
        return False
    try:
        address = ip_address(address_of(request))
    except ValueError:
        return False
    return any(address in ip_network(one, strict=False) for one in settings.MONITOR_ADDRESSES)
