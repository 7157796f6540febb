"""A recent feed as IPAWS serves it (`alerts` around many CAP messages) -> entries, each message taken out whole.

Each message bears its own XML signature; `markup.apart` keeps it true.
"""

from __future__ import annotations

from lxml import etree

from alerts.feeds_in.gathering import Gathering
from alerts.feeds_in.markup import ALERTS, entry_of

ROOTS = frozenset({"{http://gov.fema.ipaws.services/feed}alerts"})


def read(root: etree._Element, gathering: Gathering) -> None:
    """All messages, in order; what else stands there is a problem."""
    for number, one in enumerate(root.iterchildren("*"), 1):
        place = f"/alerts/*[{number}]"
        if gathering.full(place):
            break
        if one.tag in ALERTS:
            gathering.add(entry_of(one, place))
        else:
            gathering.wrong("entry-unknown", place, "this is no CAP message")
