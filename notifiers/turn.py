"""The database side of a worker: one short transaction tells the ledger what happened and takes what is next.

Runs in the worker's database thread. All claims of a worker are told in one commit, so that a synchronous commit is
paid once for half a window of sends and not once for each batch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from notifiers import keyings, ledger, notices, refusals, subscriptions
from notifiers.channels.base import Channel
from notifiers.channels.web_push_crypto import Keying
from notifiers.clock import awake_s, database_now
from notifiers.job import Job
from notifiers.ledger import Claim, Progress, Standing, Telling, Turn, Want
from notifiers.model import Notice, Outcome, Subscription
from notifiers.origins import Allowance, Known, Report
from notifiers.transactions import Lock, again_if_crossed, delivering, reading, shared, writing
from notifiers.vault import Damaged, KeyGone, Vault

log = structlog.get_logger()

SEARCH_EVERY_S = 1.0  # while there is other work: a lease lasts many times as long

Done = tuple[Job, Turn, Progress]


@dataclass(frozen=True, slots=True)
class Told:
    """After a turn: how each job stands (None: lost), the new claims, and when it was certain that they all stand.

    `known`: how the origins stand for all workers; `trials`: those to which a single send of this turn goes. `starting`:
    whom to send to, as they are now, by id: who has left meanwhile is not among them.
    """

    confirmed_s: float
    progress: tuple[Progress | None, ...]
    claims: tuple[Claim, ...]
    known: Mapping[str, Known]
    trials: frozenset[str]
    starting: Mapping[int, Subscription]


class Desk:
    """What a worker does at the database; `channels` are those it serves."""

    def __init__(self, engine: Engine, vault: Vault, channels: Mapping[str, Channel]) -> None:
        self._engine = engine
        self._vault = vault
        self._channels = channels
        self._served = {name: channel.collapses for name, channel in channels.items()}
        self._rng = Random()
        self._allowance = Allowance()
        self._cipher = keyings.cipher(vault)
        self._round = keyings.Round(0)
        self._searched_s = -math.inf  # when leases that ran out were last looked for

    def something_to_do(self, wants: Sequence[Want]) -> bool:
        """Whether a turn would find work; takes no lock."""
        with reading(self._engine) as connection:
            return ledger.stirring(connection) and any(ledger.claimable(connection, want) for want in wants)

    def tell(self, told: Sequence[tuple[Job, Turn]], wants: Sequence[Want], reports: Mapping[str, Report]) -> Told:
        """Tells the ledger about the jobs and claims what is wanted, all of it in one commit or none."""
        return again_if_crossed(lambda: self._tell(told, wants, reports))

    def _tell(self, told: Sequence[tuple[Job, Turn]], wants: Sequence[Want], reports: Mapping[str, Report]) -> Told:
        """In the order of locks (`transactions`): the gates of all, origins, batches, who is gone, what was delivered."""
        with self._allowance.kept(), delivering(self._engine) as connection:
            gates = {job.claim.notice_id for job, _ in told}
            shared(connection, Lock.NOTICE, gates)
            confirmed_s = awake_s()  # the locks are held: what is read from here on is how it is
            now = database_now(connection)
            known = self._allowance.open_turn(connection, _needs(told), reports, now)
            progress = self._checkpoint(connection, told, now)
            if (wants and not told) or confirmed_s - self._searched_s > SEARCH_EVERY_S:
                self._searched_s = confirmed_s
                ledger.takeover(connection, self._served)
            found = (ledger.claim_some(connection, want, self._allowance.ration, gates) for want in wants)
            claims = tuple(claim for some in found for claim in some)
            trials = self._allowance.close_turn(connection)
            done = [(job, turn, one) for (job, turn), one in zip(told, progress, strict=True) if one is not None]
            self._retire(connection, done)
            self._settle(connection, done)
            starts = _starting(told, progress, claims)
            starting = self._keyed(connection, starts, subscriptions.load(connection, list(starts)))
        claimed = {claim.origin: Known() for claim in claims}  # what may be claimed is open
        return Told(confirmed_s, progress, claims, claimed | known, trials, {one.id: one for one in starting})

    def make_keyings(self) -> bool:
        """Makes some ahead, while nothing else is to do; whether more are to be made."""
        with reading(self._engine) as connection:
            generation = keyings.standing(connection)
            over = not self._round.left and awake_s() - self._round.begun_s > keyings.AGAIN_S
            if over or generation != self._round.generation:
                self._round = keyings.begin(connection, generation, self._rng, awake_s())
            wanted, after = keyings.missing(connection, self._round)
        made = keyings.make(self._cipher, wanted)
        if made:
            with delivering(self._engine) as connection:
                keyings.keep(connection, generation, made)
        self._round = after
        return bool(after.left)

    def _keyed(
        self, connection: Connection, starts: Mapping[int, int], found: Sequence[Subscription]
    ) -> list[Subscription]:
        """With the keyings that were made ahead for their notice."""
        by_notice: dict[int, dict[int, Mapping[str, str]]] = {}
        for one in found:
            if one.channel in keyings.CHANNELS:
                by_notice.setdefault(starts[one.id], {})[one.id] = one.address
        made: dict[int, Keying] = {}
        for notice_id, addresses in by_notice.items():
            generation = keyings.taken_by(connection, notice_id)
            if generation is not None:
                made |= keyings.load(connection, self._cipher, generation, addresses)
        return [replace(one, keying=made.get(one.id)) for one in found] if made else list(found)

    def confirm(self, claims: Sequence[Claim], known: Sequence[int]) -> tuple[float, dict[int, Standing], set[int]]:
        """When this was asked, how the claims stand (lost ones are not named), and which known notices are over."""
        asked_s = awake_s()
        with reading(self._engine) as connection:
            return asked_s, ledger.confirm(connection, claims), notices.ended(connection, known)

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

    def _checkpoint(
        self, connection: Connection, told: Sequence[tuple[Job, Turn]], now: datetime
    ) -> tuple[Progress | None, ...]:
        """All jobs at once. What they do not use of what they were given goes back."""
        at, tellings = datetime.now(UTC), list[Telling]()
        for job, turn in told:
            room = self._allowance.ration(connection, _lane(job), turn.room, now)
            tellings.append(Telling(job.claim, replace(turn, room=room, at=at), job.channel.collapses))
        progress = ledger.checkpoints(connection, tellings, self._rng)
        for (job, _), telling, one in zip(told, tellings, progress, strict=True):
            self._allowance.give_back(_lane(job), telling.turn.room - (len(one.starts) if one else 0))
        return tuple(progress)

    def _retire(self, connection: Connection, done: Sequence[Done]) -> None:
        """Who is gone, and who was refused often enough, is not contacted again; who left by their answer leaves."""
        retired: dict[str, list[int]] = {}
        left: list[int] = []
        for job, turn, progress in done:
            outcomes = {one.position: one.outcome for one in turn.settled}
            for position in progress.gone:
                retired.setdefault(outcomes[position].reason, []).append(job.subscriptions[position].id)
            left += [job.subscriptions[position].id for position in progress.gone if outcomes[position].left]
            for id_, why in _refused(connection, job, progress, outcomes).items():
                retired.setdefault(why, []).append(id_)
        now = datetime.now(UTC)
        for why, ids in retired.items():
            subscriptions.retire(connection, ids, why, now)
        subscriptions.unsubscribe(connection, left, now)

    @staticmethod
    def _settle(connection: Connection, done: Sequence[Done]) -> None:
        reached: list[int] = []
        for job, _, progress in done:
            if progress.sent:
                sent = [job.subscriptions[position] for position in progress.sent]
                job.channel.settle(connection, job.claim.notice_id, sent, datetime.now(UTC))
                reached += [one.id for one in sent]
        if reached:
            refusals.reached(connection, reached)


def _refused(connection: Connection, job: Job, progress: Progress, outcomes: Mapping[int, Outcome]) -> dict[int, str]:
    """Those whom one more refusal retires, and why."""
    refused = {
        job.subscriptions[position].id: outcomes[position].reason
        for position in progress.refused
        if refusals.counts(outcomes[position].reason)
    }
    if not refused:
        return {}
    over = refusals.count(connection, list(refused), job.claim.notice_id, database_now(connection))
    return {id_: f"refused {refused[id_]}" for id_ in over}


def _needs(told: Sequence[tuple[Job, Turn]]) -> dict[tuple[str, str], int]:
    """How many tokens the jobs can use, by channel and origin."""
    needs: dict[tuple[str, str], int] = {}
    for job, turn in told:
        needs[_lane(job)] = needs.get(_lane(job), 0) + turn.room
    return needs


def _lane(job: Job) -> tuple[str, str]:
    return job.claim.channel, job.claim.origin


def _starting(
    told: Sequence[tuple[Job, Turn]], progress: Sequence[Progress | None], claims: Sequence[Claim]
) -> dict[int, int]:
    """The subscriptions of all positions that may start now, and for which notice."""
    granted = [(job.claim, one.starts) for (job, _), one in zip(told, progress, strict=True) if one is not None]
    granted += [(claim, claim.starts) for claim in claims]
    return {id_: claim.notice_id for claim, starts in granted if starts for id_ in claim.ids[list(starts)].tolist()}
