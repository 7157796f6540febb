"""What a channel is tested on: the channel, and the real receiver that it sends to. How to make one: see `contract`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import ClassVar

from sqlalchemy import create_engine

from notifiers.channels.base import Channel
from notifiers.model import Notice, Subscription

RETRY_AFTER_S = 17
ADDRESS_SHOWN = 5  # a member of an address that is shorter says nothing of anybody ("en", "1")


class How(Enum):
    """How a receiver misbehaves. It stays so until it is told otherwise; None: it behaves."""

    DOWN = "nobody listens: the connection is refused"
    RESET = "takes the request whole, then breaks the connection"
    SILENT = "takes the request whole and never answers"
    GONE = "says that this address is no more"
    REFUSING = "says that this message is not wanted as it is"
    OURS = "says that we may not (our key, our log-in)"
    LATER = "asks to come again later"
    LATER_AT = f"asks to come again in {RETRY_AFTER_S} seconds"


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message at the receiver. `number`: of the subscription; `text`: all that can be read there, decoded;
    `key`: what the receiver knows a repeat by (Topic, Message-ID, collapse key), "" if by nothing.
    """

    number: int
    text: str
    key: str = ""


class Bench(ABC):
    """A channel, and the real receiver that it sends to."""

    name: ClassVar[str]
    lasting: ClassVar[bool] = False
    cannot: ClassVar[Mapping[str, str]] = {}
    channel: Channel

    @abstractmethod
    async def open(self, directory: Path) -> None:
        """Starts the receiver (its files, if any, in `directory`) and makes `self.channel`."""

    @abstractmethod
    async def close(self) -> None:
        """Ends the receiver. The channel is closed already."""

    @abstractmethod
    def address(self, number: int) -> Mapping[str, str]:
        """The address of subscription `number`, another for each."""

    @abstractmethod
    def bad_addresses(self) -> Sequence[Mapping[str, str]]:
        """Addresses that nothing may leave to: members missing, malformed, with line ends."""

    @abstractmethod
    async def misbehave(self, how: How | None) -> None:
        """From now on the receiver does so. Those of `cannot` are never asked for."""

    @abstractmethod
    async def arrived(self) -> Sequence[Arrived]:
        """All that the receiver took, in its order; what a broken answer belonged to counts as taken."""

    def subscription(self, number: int, language: str = "en") -> Subscription:
        return Subscription(number, number, self.name, self.name, self.address(number), language)

    def words(self, notice: Notice, tag: str) -> Sequence[str]:
        """What somebody who reads `tag` finds at the receiver, at least."""
        return [notice.texts[tag].headline]

    def settle(self, notice: Notice, sent: Sequence[Subscription]) -> None:
        """What the ledger does in the checkpoint's transaction with what is recorded as sent."""
        with create_engine("sqlite://").begin() as connection:
            self.channel.settle(connection, 1, sent, datetime.now(UTC))

    def secrets(self, subscription: Subscription) -> Sequence[str]:
        """What no log and no reason may hold: the address, and secrets of the channel's own."""
        return [said for said in subscription.address.values() if len(said) >= ADDRESS_SHOWN]
