"""What can go wrong with an alert, as one tree. Errors carry data; `alerts.api.problem` alone knows HTTP statuses.

LookoutError
├── NotSignedIn            nobody proved who they are
├── NotAllowed             somebody did, and may not
│   └── FourEyes           who submitted or edited a message may not approve it
├── NotFound               there is no such thing, or it is not theirs to see
├── Conflict               it was right once, and something else happened first
│   ├── WrongState         this event has no place in the state the message is in
│   ├── StaleContent       the content approved is not the content that is stored
│   ├── OpenProposal       another message of the incident waits for its decision
│   └── Over               the incident has ended: nothing can be added to it
├── TooOften               not before `wait_s` seconds have passed
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


class NotFound(LookoutError):
    """There is no such thing, or it is not for whoever asks."""


class Conflict(LookoutError):
    """It was right once, and something else happened first."""


class WrongState(Conflict):
    """The event has no place in the state the message is in."""


class StaleContent(Conflict):
    """What is approved is not what is stored: it was edited, or its area is another."""


class OpenProposal(Conflict):
    """Another message of the incident waits for its decision."""


class Over(Conflict):
    """The incident has ended, or the message's time ran out."""


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
