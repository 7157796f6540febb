"""An incident as a chain of messages, and the events that may happen to it. What they do is said in `alerts.lifecycle`.

At most one message is in force (active) and at most one is open (draft, pending approval, returned or lapsed).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts import errors
from notifiers.model import Kind

REQUEST_LIVES = timedelta(minutes=15)  # how long an approval is waited for: what was true may be true no more


class State(StrEnum):
    """Where a message stands. `updated` was in force until a later message took its place, `lapsed` waited too long."""

    DRAFT = "draft"
    PENDING = "pending approval"
    RETURNED = "returned"
    LAPSED = "lapsed"
    ACTIVE = "active"
    UPDATED = "updated"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


OPEN = frozenset({State.DRAFT, State.PENDING, State.RETURNED, State.LAPSED})
ENDED = frozenset({State.CANCELLED, State.EXPIRED})


@dataclass(frozen=True, slots=True)
class Content:
    """What an approval is bound to, and what it was given on: `reach` counts the recipients inside the area."""

    content_hash: str
    area_digest: str
    reach: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an incident. `authors` are the ids of the officers who wrote, edited or submitted any part of it,
    in an earlier message too; `asked_at` is when a second person was last asked for.
    """

    number: int
    kind: Kind
    version: int
    state: State
    content: Content
    authors: frozenset[int]
    decided_by: int | None = None
    decided_at: datetime | None = None
    asked_at: datetime | None = None

    @property
    def lapses_at(self) -> datetime | None:
        """When it no longer waits for a second person; None for what does not wait."""
        return self.asked_at + REQUEST_LIVES if self.asked_at and self.state is State.PENDING else None


@dataclass(frozen=True, slots=True)
class Incident:
    """The chain of messages of one case, oldest first."""

    messages: tuple[Message, ...] = ()

    @property
    def in_force(self) -> Message | None:
        return next((m for m in self.messages if m.state is State.ACTIVE), None)

    @property
    def open(self) -> Message | None:
        """The message that waits for a decision, if any."""
        return next((m for m in self.messages if m.state in OPEN), None)

    @property
    def over(self) -> bool:
        """Whether nothing of it is in force and nothing can come into force any more."""
        return bool(self.messages) and self.in_force is None and self.open is None

    @property
    def next_number(self) -> int:
        return max((m.number for m in self.messages), default=0) + 1

    @property
    def next_version(self) -> int:
        """The version of the next thing people are told: also that of the notice which says that it is over."""
        told = (m.version for m in self.messages if m.state is not State.REJECTED)
        return max(told, default=0) + 1

    @property
    def tag(self) -> str:
        """32 hex digits that change with everything that happens to it: what a change is bound to (If-Match)."""
        said = [_words(message) for message in self.messages]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]

    def get(self, number: int) -> Message:
        """The message with this number; NotFound."""
        for message in self.messages:
            if message.number == number:
                return message
        raise errors.NotFound("no such message")


def _words(message: Message) -> list[object]:
    """What of a message is not the passing of time or of people: the reach changes by itself."""
    content = message.content
    times = [at and at.isoformat() for at in (content.expires_at, message.decided_at, message.asked_at)]
    who = [sorted(message.authors), message.decided_by]
    return [message.number, message.version, message.state.value, content.content_hash, content.area_digest, times, who]


@dataclass(frozen=True, slots=True)
class Submit:
    """A first message, or with `kind` UPDATE a new version of the one in force. `draft` keeps it with its author.

    `goes_on`: it says no word that the one in force does not say, so whoever wrote that one is an author of this one.
    `co_authors`: officers whose unsubmitted words stand in it.
    """

    officer: int
    content: Content
    kind: Kind = Kind.ALERT
    draft: bool = False
    goes_on: bool = False
    co_authors: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Enlarge:
    """The message in force with an area that covers the old one: a new number of the same version. Its words go on."""

    officer: int
    content: Content


@dataclass(frozen=True, slots=True)
class Repeat:
    """The message in force again, word for word: the next version, in force at once at one officer's word."""

    officer: int
    content: Content


@dataclass(frozen=True, slots=True)
class Reduce:
    """The message in force with less: fewer words, a smaller area, less time. In force at once at one officer's word.

    `grows` is what `alerts.growth` found: whatever grows needs the second person.
    """

    officer: int
    content: Content
    grows: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Edit:
    """Other content for an open message; its author joins those who may not approve it. `goes_on`, `co_authors` as in `Submit`.

    `unasked`: nobody asks for its approval: whatever was asked for, it is a draft again (a feed changed its words).
    """

    officer: int
    number: int
    content: Content
    draft: bool = False
    goes_on: bool = False
    unasked: bool = False
    co_authors: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Ask:
    """A second person is asked for (again), for the content as it is; who asks submits it, and may not approve it."""

    officer: int
    number: int


@dataclass(frozen=True, slots=True)
class Approve:
    """A second person's yes to exactly this content, on this area and this reach."""

    officer: int
    number: int
    content_hash: str
    area_digest: str
    reach: int


@dataclass(frozen=True, slots=True)
class Return:
    """Back to its author, to be changed."""

    officer: int
    number: int


@dataclass(frozen=True, slots=True)
class Reject:
    """No, for good."""

    officer: int
    number: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """The child is found, or it was wrong: everything of the incident ends, at one person's word."""

    officer: int


@dataclass(frozen=True, slots=True)
class Expire:
    """Time passed: acts on whatever has expired by now, and changes nothing otherwise."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """Time passed: acts on what has waited for its approval too long, and changes nothing otherwise."""


Event = Submit | Enlarge | Repeat | Reduce | Edit | Ask | Approve | Return | Reject | Cancel | Expire | Lapse
