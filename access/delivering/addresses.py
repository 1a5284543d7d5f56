"""Which network addresses the portal may call: public ones. Everything else is refused before a connection is opened.

An address that carries another one inside (mapped, translated, tunnelled) is judged by the one inside.
Source: the IANA registries of special-purpose addresses for IPv4 and IPv6, and OWASP on server-side request forgery.
"""

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

# What `is_global` of one Python version or another lets through, and what only looks public.
REFUSED: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade translation; Alibaba's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's platform service
        "169.254.0.0/16",  # link-local; metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/128",
        "::1/128",
        "64:ff9b:1::/48",  # translation for local use: what is inside is nobody's business to guess
        "100::/64",
        "2001::/23",  # Teredo, ORCHID and other assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",  # unique local; Amazon's metadata
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
# Even an allowed name must not lead here: no server of anybody's stands behind a link-local address.
NEVER = tuple(ip_network(text) for text in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32"))
TRANSLATED = ip_network("64:ff9b::/96")
COMPATIBLE = ip_network("::/96")


def reason_not_to_call(text: str) -> str:
    """Why this address is not called; empty for a public one.

    `private_address` for anything not public, `bad_address` for what is no address, a scope included.
    """
    address = _read(text)
    if address is None:
        return "bad_address"
    if not address.is_global or _is_in(address, REFUSED):
        return "private_address"
    return ""


def is_never_called(text: str) -> bool:
    """Whether the address is refused even where an administrator allowed the name behind it."""
    address = _read(text)
    return address is None or _is_in(address, NEVER) or address.is_multicast


def _read(text: str) -> Address | None:
    """The address that is really reached; None for no address. A scope (`fe80::1%eth0`) is never public."""
    if "%" in text:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address if isinstance(address, IPv4Address) else _inner(address)


def _inner(address: IPv6Address) -> Address:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in COMPATIBLE and int(address) > 0xFFFF:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_in(address: Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(network.version == address.version and address in network for network in networks)
