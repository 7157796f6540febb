"""A worker: takes batches from the ledger, sends, tells the ledger. Any number of them, in any number of processes.

May be killed at any statement: what it had in flight, at most its window, is all that is unknowable (see `ledger`).
A send starts only if within the last second it was certain that lease and notice stand, on a clock that goes on while
the machine sleeps; so a worker that was paused, or that cannot reach the database, falls silent by itself.
"""

from __future__ import annotations

import asyncio
import math
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from notifiers import keyings
from notifiers.channels.base import Channel, awaits_receipts
from notifiers.clock import awake_s
from notifiers.job import Job, Use, share
from notifiers.ledger import Standing, Want
from notifiers.limits import first_room
from notifiers.model import Notice, Outcome, Result, Subscription
from notifiers.params import Params
from notifiers.receipts import Seals, seals
from notifiers.sending import Sending
from notifiers.turn import Desk, Told
from notifiers.vault import Vault

__all__ = ["Params", "Worker"]

log = structlog.get_logger()
T = TypeVar("T")


class Worker:
    """`run` until `stop`. `channels` by name; `name` tells workers apart in the ledger and must be unique."""

    def __init__(
        self, engine: Engine, vault: Vault, channels: Mapping[str, Channel], params: Params, *, name: str
    ) -> None:
        self._desk = Desk(engine, vault, channels)
        self._channels = channels
        self._params = params
        self._name = name
        reported = [name for name, channel in channels.items() if awaits_receipts(channel)]
        self._seals: dict[str, Seals] = dict.fromkeys(reported, seals(vault)) if reported else {}
        self._jobs: list[Job] = []
        self._said: dict[int, Notice] = {}
        self._sending = Sending(channels, params, self._nudge)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._at_desk = asyncio.Lock()  # what the database said is applied before it is asked again
        self._wake = asyncio.Event()
        self._stop_s: float | None = None
        self._told_s = awake_s()
        self._ahead_s = awake_s() if any(name in keyings.CHANNELS for name in channels) else math.inf
        self._in_vain_s: dict[str, float] = {}  # when a channel was last asked for work and had none

    def stop(self) -> None:
        """Starts nothing any more, lets what is under way end, gives the rest back; then `run` returns."""
        self._stop_s = self._stop_s or awake_s()
        self._sending.fall_silent()
        self._wake.set()

    def stop_on_signals(self) -> None:
        """SIGTERM and SIGINT stop it. To be called inside the running loop of the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.stop)

    async def run(self) -> None:
        """Works until stopped."""
        log.info("worker_started", worker=self._name, channels=sorted(self._channels))
        confirming = asyncio.create_task(self._confirm_always())
        try:
            while self._stop_s is None or (self._jobs and self._stopping_s < 2 * self._params.drain_s):
                await self._round()
        finally:
            confirming.cancel()
            await asyncio.gather(confirming, return_exceptions=True)
            await self._sending.close()
            self._thread.shutdown()
        log.info("worker_stopped", worker=self._name)

    async def _round(self) -> None:
        """Waits until there is something to tell or to take, and has one turn at the ledger."""
        if self._stopping_s > self._params.drain_s:
            self._sending.cut_off()
        try:
            if await self._due():
                await self._turn()
            elif not self._jobs and self._ahead_s <= awake_s():
                more = await self._ask(self._desk.make_keyings)
                self._ahead_s = awake_s() + (0.0 if more else self._params.ahead_every_s)
        except SQLAlchemyError as error:  # locked for too long, disk full: nothing is forgotten, sends fall silent
            log.warning("ledger_unreachable", worker=self._name, error=type(error).__name__)
            await asyncio.sleep(self._params.checkpoint_every_s)

    async def _due(self) -> bool:
        """Whether there is something to tell, or a sign of life is due, or there is work to take."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self._rest_s)
        self._wake.clear()
        if self._pending or (self._jobs and awake_s() - self._told_s > self._params.alive_every_s):
            return True
        wants = self._wants(self._shares()[1])
        return bool(wants) and await self._ask(self._desk.something_to_do, wants)

    async def _turn(self) -> None:
        async with self._at_desk:
            jobs = list(self._jobs)
            rooms, left = self._shares()
            now_s = awake_s()
            told = [(job, job.turn(self._room(job, room, now_s), now_s)) for job, room in zip(jobs, rooms, strict=True)]
            reports = self._sending.reports()
            wants = self._wants(left)
            after = await self._ask(self._desk.tell, told, wants, reports)
            self._told_s = awake_s()
            self._remember(wants, after)
            self._sending.told(reports, after.known, after.trials)
            for job, turn in told:
                job.told(turn)
            await self._apply(jobs, after)

    async def _apply(self, jobs: Sequence[Job], after: Told) -> None:
        """Lost and finished jobs go; what may be started is started."""
        grants: list[tuple[Job, Sequence[int]]] = []
        for job, progress in zip(jobs, after.progress, strict=True):
            if progress is None or not progress.open:
                self._leave(job, lost=progress is None)
                continue
            job.standing, job.confirmed_s = progress.standing, after.confirmed_s
            grants.append((job, progress.starts))
        for claim in after.claims:
            channel, said = self._channels[claim.channel], await self._notice(claim.notice_id)
            job = Job(claim, channel, said, after.confirmed_s, self._seals.get(claim.channel))
            self._jobs.append(job)
            grants.append((job, claim.starts))
        for job, starts in grants:
            self._grant(job, starts, after.starting)

    def _grant(self, job: Job, starts: Sequence[int], found: Mapping[int, Subscription]) -> None:
        """Starts what may start. All of it stands as in flight already, so all of it has to come to an end."""
        gone = job.grant(starts, found)
        if job.said is None:
            job.returned.extend(starts)
        else:
            for position in gone:
                job.settle(position, Outcome(Result.DROPPED, "left"), datetime.now(UTC))
            here = [position for position in starts if position in job.subscriptions]
            if here:
                self._sending.start(job, job.said, here)
        self._nudge()

    async def _confirm_always(self) -> None:
        while True:
            await asyncio.sleep(self._params.confirm_every_s)
            try:
                async with self._at_desk:
                    await self._confirm()
            except SQLAlchemyError as error:
                log.warning("ledger_unreachable", worker=self._name, error=type(error).__name__)

    async def _confirm(self) -> None:
        """Makes sure of all claims; forgets what was said by notices that are over."""
        if not self._jobs and not self._said:
            return
        claims = [job.claim for job in self._jobs]
        asked_s, standings, over = await self._ask(self._desk.confirm, claims, list(self._said))
        for notice_id in over:
            del self._said[notice_id]
        for job in list(self._jobs):
            standing = standings.get(job.claim.batch_id)
            if standing is None:
                self._leave(job, lost=True)
            else:
                job.standing, job.confirmed_s = standing, asked_s

    async def _notice(self, notice_id: int) -> Notice | None:
        if notice_id not in self._said:
            said = await self._ask(self._desk.open_notice, notice_id)
            if said is None:
                return None
            self._said[notice_id] = said
        return self._said[notice_id]

    def _leave(self, job: Job, *, lost: bool) -> None:
        """No more of it starts here. A lost one belongs to another: what is under way has no place to be told."""
        job.standing = Standing.OVER
        self._jobs.remove(job)
        if lost:
            log.warning("claim_lost", worker=self._name, batch_id=job.claim.batch_id, open=len(job.open))

    def _shares(self) -> tuple[list[int], int]:
        """How many more each job may start, and what is left of the window for new ones."""
        idle_channels = len(self._channels) - len({job.claim.channel for job in self._jobs})
        uses = [Use(job.claim.origin, job.still_open()) for job in self._jobs]
        return share(self._params.window, uses, idle_channels, self._sending.room)

    def _wants(self, room: int) -> list[Want]:
        """What to ask for: the channels with the fewest jobs first, as far as there is room."""
        if self._stop_s is not None:
            return []
        most = self._params.claims_per_channel
        counts = {name: sum(job.claim.channel == name for job in self._jobs) for name in self._channels}
        free = [name for name in sorted(counts, key=counts.__getitem__) if counts[name] < most and self._worth(name)]
        part = room // len(free) if free else 0
        if not part:
            return []
        left, full, jobs = self._origins()
        lease_s, newcomer = self._params.lease_s, first_room(self._params.window)
        bounds = {name: max(1, min(most - counts[name], part // newcomer)) for name in free}
        per_origin = self._params.claims_per_origin
        return [
            Want(self._name, (name,), part, lease_s, full, left, newcomer, bounds[name], per_origin, jobs)
            for name in free
        ]

    def _worth(self, channel: str) -> bool:
        """Whether to ask for work there: while there is other work, a channel without any is not asked at every turn."""
        rested = awake_s() - self._in_vain_s.get(channel, -math.inf) >= self._params.idle_s
        return rested or not self._jobs or any(job.claim.channel == channel for job in self._jobs)

    def _remember(self, wants: Sequence[Want], after: Told) -> None:
        found = {claim.channel for claim in after.claims}
        for want in wants:
            self._in_vain_s |= dict.fromkeys(set(want.channels) - found, self._told_s)

    def _origins(self) -> tuple[dict[str, int], tuple[str, ...], Mapping[str, int]]:
        """What the origins of our jobs may start beside what is open, those that may have no further job, the jobs of each."""
        jobs = Counter(job.claim.origin for job in self._jobs)
        most = {origin: self._sending.room(origin) for origin in (*jobs, *self._sending.known())}
        for job in self._jobs:
            most[job.claim.origin] -= job.still_open()
        per_origin = self._params.claims_per_origin
        return most, tuple(origin for origin, left in most.items() if left <= 0 or jobs[origin] >= per_origin), jobs

    def _room(self, job: Job, room: int, now_s: float) -> int:
        """Nothing more for a job that could not start it."""
        return 0 if job.rests_until_s > now_s or job.said is None or self._stop_s is not None else room

    @property
    def _stopping_s(self) -> float:
        """For how long it has been told to stop."""
        return 0.0 if self._stop_s is None else awake_s() - self._stop_s

    @property
    def _rest_s(self) -> float:
        """Until it looks for work again, if nothing wakes it."""
        if self._pending:
            return self._params.checkpoint_every_s
        ahead = not self._jobs and self._ahead_s <= awake_s()
        return self._params.ahead_rest_s if ahead else self._params.idle_s

    @property
    def _pending(self) -> int:
        return sum(job.pending for job in self._jobs)

    def _nudge(self) -> None:
        """Half a window is told at a time, or what there is once nothing is under way: a turn costs much the same."""
        pending = self._pending
        if pending >= self._params.window // 2 or pending >= sum(len(job.open) for job in self._jobs):
            self._wake.set()

    async def _ask(self, function: Callable[..., T], *arguments: Any) -> T:
        """In the one thread that speaks to the database."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: function(*arguments))
