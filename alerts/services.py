"""What the service functions work with: made once in `alerts.main`, passed to everything, replaced piece by piece in tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from alerts.lately import Lately
from alerts.pulse import Pulse
from alerts.settings import Settings
from notifiers.attention import Counts
from notifiers.catalogues import ENGLISH, Spoken
from notifiers.labels import Labels
from notifiers.model import Outcome

if TYPE_CHECKING:
    from geo.index import RecipientIndex
    from geo.places import Gazetteer
    from geo.watch import Watch
    from notifiers.vault import Vault


def utc_now() -> datetime:
    return datetime.now(UTC)


def later(notice_id: int) -> None:
    """No fan-out in this process: the notice stays queued until the server's sweep finds it."""


def later_for(notice_id: int, recipient_ids: Sequence[int]) -> None:
    """No arrivals in this process."""


@dataclass(frozen=True, slots=True)
class Services:
    """`fan_out(notice id)` is called after the commit that queued the notice; `arrivals(notice id, recipient ids)`
    after people came into the area of an open notice. Both may return before the work is done: the rows say what is
    still to do. `clock` returns an aware UTC time.
    """

    settings: Settings
    engine: Engine
    vault: Vault
    index: RecipientIndex
    watch: Watch
    gazetteer: Gazetteer
    fan_out: Callable[[int], None] = later
    arrivals: Callable[[int, Sequence[int]], None] = later_for
    clock: Callable[[], datetime] = utc_now
    push: Callable[[Mapping[str, str], bytes], Outcome] | None = (
        None  # sends (address, payload) now; None: no test is sent
    )
    text: Callable[[str, str], Outcome] | None = None  # sends (number, words) now as an SMS; None: there is no gateway
    mail: Callable[[str, str, str, str], Outcome] | None = (
        None  # sends (mailbox, subject, words, language) now; None: there is no relay
    )
    labels: Labels = field(default_factory=Labels)  # of everybody on `index`: what they may be told by
    counts: Counts = field(default_factory=Counts)  # of looks at public pages, not written yet
    pulse: Pulse = field(default_factory=Pulse)  # how fast sending went lately
    speaks: Lately[Spoken] = field(default_factory=lambda: Lately(frozenset({ENGLISH})))  # `service.languages.spoken`
    following: threading.Lock = field(default_factory=threading.Lock)  # held while `index` takes in changes
