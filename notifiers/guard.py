"""Where a call may go: every outgoing URL and host is judged here, before a socket is opened.

`live` reaches only public addresses, over https, on the ports of the trade; `sandbox` reaches only the exact
(address, port) pairs of its own receivers. A name is resolved once, every address it has is judged, and the
connection goes to the judged addresses (pinned): a name that answers differently a moment later changes nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from yarl import URL

MAX_URL = 2048  # characters; no push service known comes near
_HOST = re.compile(r"[0-9a-z:]([0-9a-z.:_-]{0,251}[0-9a-z.:])?")  # colons: addresses only, see `literal`

HTTPS_PORTS = frozenset({443})
SMTP_PORTS = frozenset({25, 465, 587})

# IANA special-purpose registries (RFC 6890 and successors), beside what `is_global` of this Python knows.
_REFUSED = tuple(
    (ipaddress.ip_network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier_nat"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link_local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "special"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "special"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::/96", "reserved"),
        ("::ffff:0:0/96", "mapped"),
        ("64:ff9b:1::/48", "special"),
        ("100::/64", "special"),
        ("2001::/23", "special"),  # Teredo, ORCHID, benchmarking: tunnels whose far end nobody judged
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "tunnel"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link_local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Mode(StrEnum):
    """What a data directory is, for good."""

    LIVE = "live"
    SANDBOX = "sandbox"


class Refused(Exception):
    """The call may not be made. `reason` is a short machine word, never the URL: that may be somebody's secret."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"outgoing call refused: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL points at: `host` is a lower-case ASCII name or an address without brackets."""

    scheme: str
    host: str
    port: int


Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of `host`, each once, in the system's order of preference. OSError where there is none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_text(url: str) -> None:
    """Refused for text that parsers could disagree about, or that is no request's: too long, blanks, a fragment."""
    if len(url) > MAX_URL:
        raise Refused("url_too_long")
    # No blanks, no controls, no backslash: what parsers disagree about. Once a push, and no pattern is as quick.
    if not url or not (url.isascii() and url.isprintable()) or " " in url or "\\" in url:
        raise Refused("url_characters")
    if "#" in url:
        raise Refused("url_fragment")


def target_of(url: str) -> tuple[URL, Target]:
    """The parsed URL exactly as it will be requested, and its target. Refused for what is no plain http(s) URL."""
    check_text(url)
    try:
        parsed = URL(url, encoded=True)
        host, port, userinfo = parsed.raw_host, parsed.port, parsed.raw_user is not None or "@" in parsed.raw_authority
    except ValueError:
        raise Refused("url_malformed") from None
    if parsed.scheme not in {"http", "https"} or not host or port is None:
        raise Refused("url_malformed")
    if userinfo:
        raise Refused("url_userinfo")
    return parsed, Target(parsed.scheme, host.lower(), port)


@lru_cache(maxsize=4096)
def refused_address(address: str) -> str | None:
    """Why no call of a live Lookout may go to `address` (IPv4 or IPv6 as text); None for a public one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "malformed"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id is not None:
            return "link_local"
        if ip in _NAT64:  # the translator speaks for an IPv4 address: that one is judged
            return refused_address(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    for network, reason in _REFUSED:
        if ip.version == network.version and ip in network:
            return reason
    return None if ip.is_global else "special"


def literal(host: str) -> str | None:
    """`host` as the canonical text of an address, or None for a name. Refused for the old numeric spellings."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    last = host.rstrip(".").rpartition(".")[2]
    if last.isdigit() or last.startswith("0x") or ":" in host:  # 127.1, 2130706433, 0x7f.1: names end in a letter
        raise Refused("host_malformed")
    return None


@dataclass(frozen=True)
class Guard:
    """Judges targets for one mode. `receivers` are the sandbox's own (address, port) pairs; live has none."""

    mode: Mode
    receivers: frozenset[tuple[str, int]] = frozenset()
    resolve: Resolve = field(default=system_resolve, repr=False)

    def __post_init__(self) -> None:
        if self.mode is Mode.LIVE and self.receivers:
            raise ValueError("a live guard has no receivers of its own")

    def allow_url(self, url: str) -> URL:
        """The parsed URL, when it may be called as far as can be said without resolving; Refused otherwise."""
        parsed, target = target_of(url)
        if self.mode is Mode.LIVE and target.scheme != "https":
            raise Refused("not_https")
        self.allow(target.host, target.port, ports=HTTPS_PORTS)
        return parsed

    def allow(self, host: str, port: int, *, ports: frozenset[int]) -> None:
        """Judge what host and port say by themselves: `ports` is the live mode's list of allowed ones."""
        if not _HOST.fullmatch(host):
            raise Refused("host_malformed")
        if self.mode is Mode.SANDBOX:
            if (host, port) not in self.receivers:
                raise Refused("not_a_sandbox_receiver")
            return
        if port not in ports:
            raise Refused("port")
        address = literal(host)
        if address is not None and (reason := refused_address(address)):
            raise Refused(f"address_{reason}")

    async def pin(self, host: str, port: int, *, ports: frozenset[int]) -> tuple[str, ...]:
        """The judged addresses to connect to. One bad address among them refuses the name: it is not to be trusted.

        Raises Refused, or OSError where the name has no address.
        """
        self.allow(host, port, ports=ports)
        if (address := literal(host)) is not None:
            return (address,)
        addresses = tuple(await self.resolve(host, port))
        for address in addresses:
            self._judge_resolved(address, port)
        if not addresses:
            raise OSError("the name has no address")
        return addresses

    def _judge_resolved(self, address: str, port: int) -> None:
        if self.mode is Mode.LIVE and (reason := refused_address(address)):
            raise Refused(f"address_{reason}")
        if self.mode is Mode.SANDBOX and (address, port) not in self.receivers:
            raise Refused("not_a_sandbox_receiver")
