"""One small number a recipient, kept in the map itself, so that a reach is counted there without asking the database.

A label stands for a combination: whether the recipient takes part in tests, which classes of alerts they refuse, and
the (channel, language) of each subscription that may be used, by the rule of `eligibility`. People share few combinations, so 16 bits are enough for
all but a hostile few: who comes when every code is given is BEYOND, and asked for by name. Everybody is UNKNOWN until
their label was read; a count that meets one of these says so instead of guessing.

Who changes a subscription touches its recipient in the same transaction (`geo.store.touch`), so every server's map
hears of it together with the moves and the label is read anew: it is as current as the map. A label is read and put
on the map under one lock, so that an older reading never overwrites a newer one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Engine, and_, func, literal, select

from geo.shapes import Shape
from notifiers import eligibility
from notifiers.combinations import Combination, Combinations
from notifiers.eligibility import USABLE, Audience, Ids, Reach, among, first_of
from notifiers.tables import recipient, refused_class, subscription
from notifiers.transactions import reading

UNKNOWN, BEYOND = 0, 0xFFFF
BLOCK = 4_000  # recipients read at a time, so that nobody waits long for the lock
REST_S = 0.002  # between two blocks of a whole reading: it is never urgent
_REMEMBERED = 100_000  # spellings
_GONE = (False, None, None)  # the spelling of who has left
_WAY, _NEXT = "\x1f", "\x1e"  # between channel and language, and between two subscriptions

Codes = NDArray[np.uint16]
Spelling = tuple[
    bool, str | None, str | None
]  # test, refused classes, ways: a combination as the database tells it, in no order


class Map(Protocol):
    """What is asked of the map (`geo.RecipientIndex`)."""

    def within(self, area: Shape) -> Ids:
        """The recipients whose stored region touches the area, each once."""

    def label(self, ids: Ids, codes: Codes) -> None:
        """Labels these recipients; each keeps its label wherever it moves, until it leaves the map."""

    def count_by_label(self, area: Shape) -> NDArray[np.int64]:
        """How many of `within` have each label."""


class Labels:
    """The labels of one map. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._combinations = Combinations(BEYOND)
        self._spelt: dict[Spelling, int] = {}
        self._beyond: set[int] = set()
        self._complete = False

    @property
    def complete(self) -> bool:
        """Whether everybody's label was read once. What stands on a restored map is of another life until then."""
        return self._complete

    def reach(self, connection: Connection, index: Map, area: Shape, audience: Audience) -> Reach | None:
        """Whom the area reaches as the map has it; None if not everybody's label there was read yet."""
        if not self._complete:
            return None
        counts = index.count_by_label(area)
        if counts[UNKNOWN : UNKNOWN + 1].any():
            return None
        found = self._combinations.reach(counts[:BEYOND], audience)
        if not counts[BEYOND:].any():
            return found
        with self._lock:
            beyond = np.fromiter(self._beyond, np.uint32, len(self._beyond))
        ids = np.intersect1d(index.within(area), beyond)
        return found + eligibility.reach(connection, ids, audience)

    def read(self, engine: Engine, index: Map, recipient_ids: Iterable[int] | Ids) -> None:
        """The labels of these, as the database has them now, onto the map."""
        ids = np.unique(np.asarray(list(recipient_ids), np.uint32))
        for start in range(0, len(ids), BLOCK):
            some = ids[start : start + BLOCK]
            self._read(engine, index, among(recipient.c.id, some), some)

    def read_all(self, engine: Engine, index: Map) -> None:
        """Everybody's label, block by block with a rest in between; whoever comes meanwhile is read by who sees them."""
        with reading(engine) as connection:
            last = connection.scalar(select(func.max(recipient.c.id))) or 0
        for low in range(1, last + 1, BLOCK):
            self._read(engine, index, recipient.c.id.between(low, min(low + BLOCK - 1, last)))
            time.sleep(REST_S)
        self._complete = True

    def _read(self, engine: Engine, index: Map, these: ColumnElement[bool], only: Ids | None = None) -> None:
        """The transaction begins under the lock: what it sees is newer than whatever was read before."""
        with self._lock:
            with reading(engine) as connection:
                cursor: Any = connection.execute(_spelling.where(these)).cursor
                rows: list[tuple[int, bool, str | None, str | None]] = cursor.fetchall()
            ids = np.array([row[0] for row in rows], np.uint32)
            codes = np.array([self._code((bool(test), refused, ways)) for _, test, refused, ways in rows], np.uint16)
            if only is not None:  # a range holds others too, and who has left has no row
                here = np.isin(ids, only)
                gone = np.setdiff1d(only, ids)
                ids = np.concatenate([ids[here], gone])
                codes = np.concatenate([codes[here], np.full(len(gone), self._code(_GONE), np.uint16)])
            self._note_beyond(ids, codes)
            index.label(ids, codes)

    def _code(self, spelling: Spelling) -> int:
        code = self._spelt.get(spelling)
        if code is None:
            if len(self._spelt) >= _REMEMBERED:
                self._spelt.clear()
            code = self._spelt[spelling] = self._combinations.code(_read_out(*spelling))
        return code

    def _note_beyond(self, ids: Ids, codes: Codes) -> None:
        if self._beyond:
            self._beyond.difference_update(ids.tolist())
        self._beyond.update(ids[codes == BEYOND].tolist())


def _read_out(test: bool, refused: str | None, ways: str | None) -> Combination:
    """The combination of a spelling."""
    found = sorted(tuple(way.split(_WAY, 1)) for way in ways.split(_NEXT)) if ways else []
    classes = frozenset(refused.split(_NEXT)) if refused else frozenset()
    return test, classes, tuple((channel, first_of(languages)) for channel, languages in found)


_way = subscription.c.channel + literal(_WAY) + subscription.c.language
_refused = (
    select(func.aggregate_strings(refused_class.c.alert_class, _NEXT))
    .where(refused_class.c.recipient_id == recipient.c.id)
    .scalar_subquery()
)
_spelling = (
    select(recipient.c.id, recipient.c.test, _refused, func.aggregate_strings(_way, _NEXT))
    .outerjoin(subscription, and_(subscription.c.recipient_id == recipient.c.id, *USABLE))
    .group_by(recipient.c.id)
)
