"""Which machines what we tell may go to. An address that a name leads to is asked here too, each time. Pure."""

import ipaddress
from dataclasses import dataclass

_OF_ORGANISATIONS = [ipaddress.ip_network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]
_OTHERS_INSIDE = [ipaddress.ip_network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]
"""IPv6 that carries an IPv4 address of any kind within it."""


@dataclass(frozen=True)
class Reach:
    """Public addresses only, unless the agency's own network (``private``) or this machine (``loopback``) may be reached.

    Addresses of a link, to which clouds put their secrets, never.
    """

    private: bool = False
    loopback: bool = False

    def includes(self, address: str) -> bool:
        """Tell whether an IP address may be reached; ``False`` for what is none."""
        try:
            ip = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(ip, ipaddress.IPv6Address):
            ip = ip.ipv4_mapped or ip
        if ip.is_loopback:
            return self.loopback
        if any(ip in network for network in _OF_ORGANISATIONS):
            return self.private
        inside = any(ip in network for network in _OTHERS_INSIDE)
        return ip.is_global and not (inside or ip.is_multicast or ip.is_link_local or ip.is_reserved)
