"""What can go wrong with an alert, as one tree. Errors carry data; `alerts.api.problem` alone knows HTTP statuses.

LookoutError
├── NotSignedIn            nobody proved who they are
├── NotAllowed             somebody did, and may not
│   ├── FourEyes           who submitted or edited a message may not approve it
│   └── NeedsSecond        it adds a recipient, a word or time: one person alone may not
├── NotFound               there is no such thing, or it is not theirs to see
├── Conflict               it was right once, and something else happened first
│   ├── WrongState         this event has no place in the state the message is in
│   ├── StaleContent       the content approved is not the content that is stored
│   ├── Lapsed             nobody approved it in time
│   ├── StillRunning       the same request is being answered
│   ├── OpenProposal       another message of the incident waits for its decision
│   └── Over               the incident has ended: nothing can be added to it
├── Unconditional          a change that does not say what state it is meant for (RFC 6585 section 3)
├── Changed                a change that was meant for another state than this one; `tag` is of this one
├── TooOften               not before `wait_s` seconds have passed
├── KeyReused              an Idempotency-Key that came with another request before
└── Refused                the document is wrong: `problems` names every fault
    ├── Malformed          it is not JSON, XML, UTF-8 at all
    ├── TooLarge           it is over a limit that is checked before it is read
    └── WrongType          its content type is none that is read here
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.model import Problem


class LookoutError(Exception):
    """The root: the text is for people and holds nothing of a child."""

    problems: tuple[Problem, ...] = ()


class NotSignedIn(LookoutError):
    """Nobody proved who they are."""


class NotAllowed(LookoutError):
    """Whoever asks may not do this."""


class FourEyes(NotAllowed):
    """Nobody approves what they submitted or edited."""


class NeedsSecond(NotAllowed):
    """It would tell more people, or more, or for longer: that needs another officer's approval."""


class NotFound(LookoutError):
    """There is no such thing, or it is not for whoever asks."""


class Conflict(LookoutError):
    """It was right once, and something else happened first."""


class WrongState(Conflict):
    """The event has no place in the state the message is in."""


class StaleContent(Conflict):
    """What is approved is not what is stored: it was edited, or its area is another."""


class Lapsed(Conflict):
    """The request for an approval lived its time."""


class StillRunning(Conflict):
    """The same request (Idempotency-Key) came before and is not answered yet."""


class OpenProposal(Conflict):
    """Another message of the incident waits for its decision."""


class Over(Conflict):
    """The incident has ended, or the message's time ran out."""


class KeyReused(LookoutError):
    """The Idempotency-Key belongs to another request."""


class Unconditional(LookoutError):
    """A change of what exists must say which state of it was seen (If-Match)."""


class Changed(LookoutError):
    """It is not any more as it was seen; `tag` is the entity-tag of how it is."""

    def __init__(self, tag: str) -> None:
        super().__init__("it was changed since you looked at it; look again")
        self.tag = tag


class TooOften(LookoutError):
    """It was asked for too often; it may be asked again after `wait_s` seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("this was asked for too often; try again later")
        self.wait_s = wait_s


class Refused(LookoutError):
    """The document is wrong; every fault is in `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems[:1]))
        self.problems = tuple(problems)


class Malformed(Refused):
    """It is not a document of its kind at all: no JSON, no XML, no UTF-8."""


class TooLarge(Refused):
    """It is over a limit that is checked before it is read."""


class WrongType(Refused):
    """Its content type is none that is read here."""
