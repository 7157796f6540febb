"""Whether two alerts are about one event: pure, and careful. What is merged by mistake hides a child.

`same` needs proof: one message, or a reference within one sender, or two facts that agree in one place within two days,
with nothing that speaks against it. One fact alone, or one place at one time, is `perhaps`: an officer is shown it.
Sender and status are taken at their word: whether a source may speak for that sender was settled before.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from alerts.feeds_in.fingerprints import Fingerprint

WITHIN = timedelta(hours=48)  # between two sources' words on one event
AT_ONCE = timedelta(hours=6)  # two children taken in one place within this are rare enough to be looked at
PROVES = frozenset({"identity", "references"})
STRONG = frozenset({"ncic", "plate", "case_number", "story"})
PLACE, GUESS = "place", "guess"
_SETS = {"ncic": "ncic", "plate": "plates", "case_number": "case_numbers", "story": "stories"}


class Sameness(StrEnum):
    SAME = "same"
    PERHAPS = "perhaps"
    OTHER = "other"


def same_event(a: Fingerprint, b: Fingerprint) -> Sameness:
    """Whether they are about one event; the order does not matter."""
    if a.status != b.status:
        return Sameness.OTHER  # a test is never the event that it plays
    facts = why(a, b)
    if facts & PROVES:
        return Sameness.SAME
    if "foreign_reference" in facts:
        return Sameness.PERHAPS  # anybody can name another's message
    if not (a.child_abduction and b.child_abduction) or _apart(a, b) or abs(a.sent_at - b.sent_at) > WITHIN:
        return Sameness.OTHER
    told = facts - {PLACE}
    if PLACE in facts and len(told - {GUESS}) >= 2 and told & STRONG and not _contradict(a, b):
        return Sameness.SAME
    at_once = PLACE in facts and abs(a.sent_at - b.sent_at) <= AT_ONCE and not _contradict(a, b)
    return Sameness.PERHAPS if told or at_once else Sameness.OTHER


def why(a: Fingerprint, b: Fingerprint) -> frozenset[str]:
    """What the two have in common: identity, references, foreign_reference, place, ncic, plate, case_number, story, name
    (that a record says, and the other as well), guess (what may be a name in both texts).
    """
    found = {word for word, name in _SETS.items() if getattr(a, name) & getattr(b, name)}
    if a.names & (b.names | b.guesses) or b.names & a.guesses:
        found.add("name")
    elif a.guesses & b.guesses:
        found.add(GUESS)
    if a.identity == b.identity:
        found.add("identity")
    if a.identity in b.references or b.identity in a.references or a.references & b.references:
        found.add("references" if a.identity.sender == b.identity.sender else "foreign_reference")
    if _touch(a.cells, b.cells):
        found.add(PLACE)
    return frozenset(found)


def _apart(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether both say where, and it is not one place."""
    return bool(a.cells) and bool(b.cells) and not _touch(a.cells, b.cells)


def _touch(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a cell of one lies in a cell of the other: a geohash begins with that of every cell it lies in."""
    return _within(one, other) or _within(other, one)


def _within(inner: frozenset[str], outer: frozenset[str]) -> bool:
    return any(cell[:length] in outer for cell in inner for length in range(1, len(cell) + 1))


def _contradict(a: Fingerprint, b: Fingerprint) -> bool:
    """Both name the child's entry in the NCIC, and it is not one entry."""
    return bool(a.ncic) and bool(b.ncic) and not a.ncic & b.ncic
