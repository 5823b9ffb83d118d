"""Where a request comes from."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

IPV6_PREFIX = 64  # what a provider gives to one customer; within it anybody has as many addresses as they like


def client_address(request: HttpRequest) -> str | None:
    """The address of the caller, None if there is none (a UNIX socket).

    X-Forwarded-For counts only as far as our own proxies wrote it (TRUSTED_PROXIES): whoever calls can put anything
    in front of that.
    """
    proxies = settings.TRUSTED_PROXIES
    forwarded = [part for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    believed = _parsed(forwarded[-proxies]) if proxies and len(forwarded) >= proxies else None
    address = believed or _parsed(request.META.get("REMOTE_ADDR") or "")
    return str(address) if address else None


def network(address: str | None) -> str | None:
    """What belongs to one party, as an address: an IPv4 address itself, the /64 of an IPv6 address."""
    parsed = _parsed(address or "")
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, IPV6_PREFIX), strict=False).network_address)
    return str(parsed) if parsed else None


def party(request: HttpRequest) -> str:
    """Whose failures are counted together: the caller's network. Callers without an address are one party."""
    return network(client_address(request)) or str(IPv6Address(0))


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write them: with a port, in brackets, with a zone, or as IPv4 within IPv6."""
    host = text.strip().strip('"')
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
