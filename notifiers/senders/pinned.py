"""pyreqwest clients that reach one judged address each: how its connections are pinned.

The library has no resolver of one's own, but a client can be given the address of a name. So every origin has a client
that knows nothing but its own name, at the address that the guard judged. The judgement is renewed every PIN_S; while
the address is still among the name's, the client and its connections stay. Anything else is another client.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.http import Url
from pyreqwest.response import Response

from notifiers.clock import awake_s
from notifiers.guard import HTTPS_PORTS, Guard, Refused, Target, check_text, target_of
from notifiers.sender import Limits

PIN_S = 60.0
SURE_S = 1.0  # for how long an idle connection counts as standing: no receiver known closes so soon
QUICK_S = (
    0.5  # to make a connection, at first: for so long may pass unasked what was given to a connection that was gone
)
MAX_WAYS = 128  # clients kept; each takes about 0.25 MB and 5 ms to make, and anybody can invent origins
PING_EVERY_S, PING_TIMEOUT_S = 10.0, 5.0  # HTTP/2 has one connection for all: a dead one must be noticed


@dataclass(slots=True, eq=False)
class Way:
    """The way to one origin: a client pinned to `address`; `others` are judged as well, should that one not answer."""

    client: Client
    target: Target
    address: str
    others: tuple[str, ...]
    judged_s: float
    free: int = 0  # connections that stand idle, as far as their answers tell; a receiver may have closed some
    freed_s: float = 0.0
    multiplexed: bool = False  # HTTP/2: one connection for all
    patient: bool = False  # it takes longer than QUICK_S to connect there

    def takes_at_once(self) -> bool:
        """Whether a request will surely find a connection standing: one whose answer came SURE_S ago at most."""
        if self.multiplexed or self.patient or not self.free:
            return False
        sure = awake_s() - self.freed_s < SURE_S
        self.free = self.free - 1 if sure else 0
        return sure

    def answered(self, response: Response) -> None:
        """An answer was read to its end: its connection is free for the next."""
        if response.version.startswith("HTTP/2"):
            self.multiplexed = True
        elif (response.get_header("connection") or "").lower() != "close":
            self.free, self.freed_s = self.free + 1, awake_s()

    def doubted(self) -> None:
        """Something went wrong: nothing is known of its connections any more."""
        self.free = 0


class Ways:
    """The ways that are in use, by origin as it is written."""

    def __init__(self, guard: Guard, limits: Limits) -> None:
        self._guard = guard
        self._limits = limits
        self._ways: dict[str, Way] = {}
        self._judging: dict[str, asyncio.Task[Way]] = {}

    def known(self, url: str) -> Way | None:
        """The way to where `url` points if it was judged not long ago. Raises Refused."""
        check_text(url)
        way = self._ways.get(_written_origin(url))
        return way if way is not None and awake_s() - way.judged_s < PIN_S else None

    async def find(self, url: str) -> Way:
        """The way to where `url` points. Raises Refused, or OSError where its name has no address."""
        if (way := self.known(url)) is not None:
            return way
        origin = _written_origin(url)
        judging = self._judging.get(origin)
        if judging is None:
            judging = self._judging[origin] = asyncio.create_task(self._judge(origin, url))
            judging.add_done_callback(lambda done: self._judged(origin, done))
        return await asyncio.shield(judging)

    def turn(self, way: Way) -> bool:
        """The way's address took no connection: the next one is tried from now on. False where there is none."""
        origin = next((origin for origin, one in self._ways.items() if one is way), None)
        if origin is None:
            return True  # somebody else has turned already
        if not way.others:
            return False
        address, *rest = (*way.others, way.address)
        client = _pinned(way.target, address, self._limits)
        self._ways[origin] = Way(client, way.target, address, tuple(rest), way.judged_s)
        return True

    def wait_longer(self, way: Way) -> bool:
        """No connection was made in QUICK_S: from now on there is time for it. False where there was already."""
        if way.patient or self._limits.connect_timeout_s <= QUICK_S:
            return False
        origin = next((origin for origin, one in self._ways.items() if one is way), None)
        if origin is not None:
            client = _pinned(way.target, way.address, self._limits, patient=True)
            self._ways[origin] = Way(client, way.target, way.address, way.others, way.judged_s, patient=True)
        return True

    async def close(self) -> None:
        """Ends all connections."""
        ways, self._ways = self._ways, {}
        for way in ways.values():
            await way.client.close()

    async def _judge(self, origin: str, url: str) -> Way:
        self._guard.allow_url(url)
        _, target = target_of(url)
        pinning = self._guard.pin(target.host, target.port, ports=HTTPS_PORTS)
        addresses = await asyncio.wait_for(pinning, self._limits.connect_timeout_s)
        _same_target(origin, target)
        before = self._ways.pop(origin, None)
        way = _renewed(before, target, addresses, self._limits)
        if len(self._ways) >= MAX_WAYS:  # what was judged longest ago; its requests under way come to their end
            del self._ways[next(iter(self._ways))]
        self._ways[origin] = way
        return way

    def _judged(self, origin: str, done: asyncio.Task[Way]) -> None:
        del self._judging[origin]
        if not done.cancelled():
            done.exception()  # whoever waits for it is told; with nobody there it is not news


def _written_origin(url: str) -> str:
    """`url` up to its path: nothing after that has a say in where it goes."""
    end = url.find("/", len("https://"))
    return url if end < 0 else url[:end]


def _renewed(before: Way | None, target: Target, addresses: tuple[str, ...], limits: Limits) -> Way:
    """A way over these addresses: the one before, with its connections, if its address is still among them."""
    now_s = awake_s()
    if before is not None and before.address in addresses:
        others = tuple(address for address in addresses if address != before.address)
        return replace(before, others=others, judged_s=now_s)
    address, *others_ = addresses
    return Way(_pinned(target, address, limits), target, address, tuple(others_), now_s)


def _same_target(origin: str, target: Target) -> None:
    """The client's own parser must see the host that was judged: any other name would be resolved unjudged."""
    try:
        seen = Url(f"{origin}/")
    except ValueError:
        raise Refused("url_malformed") from None
    host = f"[{target.host}]" if ":" in target.host else target.host
    if (seen.scheme, seen.host_str, seen.port_or_known_default) != (target.scheme, host, target.port):
        raise Refused("url_malformed")


def _pinned(target: Target, address: str, limits: Limits, *, patient: bool = False) -> Client:
    wait, most = timedelta(seconds=limits.connect_timeout_s), limits.per_origin
    connect = wait if patient else min(wait, timedelta(seconds=QUICK_S))
    builder = (
        ClientBuilder()
        .user_agent("lookout")
        .follow_redirects(False)
        .referer(False)
        .no_proxy()
        .default_cookie_store(False)
        .gzip(False)
        .brotli(False)
        .zstd(False)
        .deflate(False)  # an answer is never unpacked: no bombs
        .https_only(target.scheme == "https")
        .resolve(target.host, address, target.port)
        .connect_timeout(connect)
        .max_connections(most)
        .pool_timeout(wait)
        .pool_max_idle_per_host(most)
        .pool_idle_timeout(timedelta(seconds=limits.idle_s))
        .http2(True)  # over TLS, if the receiver offers it
        .http2_keep_alive_interval(timedelta(seconds=PING_EVERY_S))
        .http2_keep_alive_timeout(timedelta(seconds=PING_TIMEOUT_S))
        .http2_adaptive_window(False)
    )
    return (builder.add_root_certificate_pem(limits.trust) if limits.trust else builder).build()
