"""Whether an address is within ranges of addresses."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network


def is_within(address: str, networks: Sequence[str]) -> bool:
    """Whether `address` is in one of the CIDR ranges; an address that is none is in no range.

    IPv4 addresses that come as IPv6 (::ffff:10.0.0.1, RFC 4291, 2.5.5.2) are the IPv4 addresses they are.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in ip_network(each) for each in networks)
