"""The database side of a worker: one short transaction tells the ledger what happened and takes what is next.

Runs in the worker's database thread. All claims of a worker are told in one commit, so that a synchronous commit is
paid once for half a window of sends and not once for each batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from notifiers import ledger, notices, subscriptions
from notifiers.channels.base import Channel
from notifiers.clock import awake_s
from notifiers.job import Job
from notifiers.ledger import Claim, Progress, Standing, Turn, Want
from notifiers.model import Notice, Subscription
from notifiers.transactions import Lock, again_if_crossed, delivering, reading, shared, writing
from notifiers.vault import Damaged, KeyGone, Vault

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Told:
    """After a turn: how each job stands (None: lost), the new claims, and when it was certain that they all stand."""

    confirmed_s: float
    progress: tuple[Progress | None, ...]
    claims: tuple[Claim, ...]


class Desk:
    """What a worker does at the database; `channels` are those it serves."""

    def __init__(self, engine: Engine, vault: Vault, channels: Mapping[str, Channel]) -> None:
        self._engine = engine
        self._vault = vault
        self._channels = channels
        self._collapses = {name: channel.collapses for name, channel in channels.items()}
        self._rng = Random()

    def something_to_do(self, wants: Sequence[Want]) -> bool:
        """Whether a turn would find work; takes no lock."""
        with reading(self._engine) as connection:
            return ledger.stirring(connection) and any(ledger.claimable(connection, want) for want in wants)

    def tell(self, told: Sequence[tuple[Job, Turn]], wants: Sequence[Want]) -> Told:
        """Tells the ledger about the jobs and claims what is wanted, all of it in one commit or none."""
        return again_if_crossed(lambda: self._tell(told, wants))

    def _tell(self, told: Sequence[tuple[Job, Turn]], wants: Sequence[Want]) -> Told:
        """In the order of locks (`transactions`): the gates of all, batches, then who is gone, then what was delivered."""
        with delivering(self._engine) as connection:
            shared(connection, Lock.NOTICE, [job.claim.notice_id for job, _ in told])
            confirmed_s = awake_s()  # the locks are held: what is read from here on is how it is
            progress = tuple(
                ledger.checkpoint(connection, job.claim, turn, collapses=job.channel.collapses, rng=self._rng)
                for job, turn in told
            )
            if wants:
                ledger.takeover(connection, self._collapses)
            claims = tuple(found for want in wants if (found := ledger.claim(connection, want)) is not None)
            done = [(job, turn, one) for (job, turn), one in zip(told, progress, strict=True) if one is not None]
            self._retire(connection, done)
            self._settle(connection, done)
        return Told(confirmed_s, progress, claims)

    def confirm(self, claims: Sequence[Claim], known: Sequence[int]) -> tuple[float, dict[int, Standing], set[int]]:
        """When this was asked, how the claims stand (lost ones are not named), and which known notices are over."""
        asked_s = awake_s()
        with reading(self._engine) as connection:
            return asked_s, ledger.confirm(connection, claims), notices.ended(connection, known)

    def load(self, ids: Sequence[int]) -> dict[int, Subscription] | None:
        """Whom to send to, as they are now: who has left meanwhile is not among them. None if it cannot be read."""
        try:
            with reading(self._engine) as connection:
                return {one.id: one for one in subscriptions.load(connection, ids)}
        except SQLAlchemyError as error:
            log.warning("subscriptions_unreadable", error=type(error).__name__)
            return None

    def open_notice(self, notice_id: int) -> Notice | None:
        """What to say; None if it cannot be opened now. One whose key is gone is held, unless it is over anyway."""
        try:
            with reading(self._engine) as connection:
                return notices.get(connection, self._vault, notice_id)
        except (KeyGone, Damaged):
            log.warning("notice_closed", notice_id=notice_id)
            with suppress(SQLAlchemyError), writing(self._engine) as connection:
                notices.hold(connection, notice_id, "It cannot be opened: its key is gone or does not fit.")
        except SQLAlchemyError as error:
            log.warning("notice_unreadable", notice_id=notice_id, error=type(error).__name__)
        return None

    def _retire(self, connection: Connection, done: Sequence[tuple[Job, Turn, Progress]]) -> None:
        gone: dict[str, list[int]] = {}
        for job, turn, progress in done:
            reasons = {one.position: one.outcome.reason for one in turn.settled}
            for position in progress.gone:
                gone.setdefault(reasons[position], []).append(job.subscriptions[position].id)
        for why, ids in gone.items():
            subscriptions.retire(connection, ids, why, datetime.now(UTC))

    def _settle(self, connection: Connection, done: Sequence[tuple[Job, Turn, Progress]]) -> None:
        for job, _, progress in done:
            if progress.sent:
                sent = [job.subscriptions[position] for position in progress.sent]
                job.channel.settle(connection, job.claim.notice_id, sent, datetime.now(UTC))
