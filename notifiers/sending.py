"""The sends of a worker: started one by one under the crash rule, bounded by channel and by origin.

What came of each is put down in its job; the worker tells the ledger. What it shows of an origin is put down in its
gate and in a report for all other workers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import structlog

from notifiers.channels.base import Channel
from notifiers.clock import awake_s
from notifiers.job import Job
from notifiers.limits import Gate, asked_s, gate
from notifiers.model import Notice, Outcome, Result
from notifiers.origins import Known, Report
from notifiers.params import Params
from notifiers.policies import policy_of
from notifiers.still import STOPPED as REASON
from notifiers.still import Still, still

STOPPED = Outcome(Result.UNSENT, REASON)  # it waited for its connection until it was not allowed any more

log = structlog.get_logger()


class Send(NamedTuple):
    """One position of a job, and what its channel prepared for the window that it is in."""

    job: Job
    prepared: Any
    still: Still
    position: int


@dataclass(slots=True, eq=False)
class Lane:
    """What waits to be sent to one origin of a channel, and how many sends are under way; `most` at a time."""

    most: int
    busy: int = 0
    waiting: deque[Send] = field(default_factory=deque)


class Sending:
    """`nudge` is called whenever something of a job has come to an end."""

    def __init__(self, channels: Mapping[str, Channel], params: Params, nudge: Callable[[], None]) -> None:
        self._channels = channels
        self._params = params
        self._nudge = nudge
        self._gates: dict[str, Gate] = {}
        self._reports: dict[str, Report] = {}
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._silent = False

    def start(self, job: Job, said: Notice, positions: Sequence[int]) -> None:
        """Sends to these positions of a job as soon as it may; returns at once."""
        self._spawn(self._send_window(job, said, positions))

    def fall_silent(self) -> None:
        """From now on nothing starts; what is under way ends by itself."""
        self._silent = True

    def cut_off(self) -> None:
        """What is still under way is broken off: it is in doubt. What waits never starts."""
        for lane in self._lanes.values():
            waiting, lane.waiting = lane.waiting, deque()
            for one in waiting:
                self._give_back(one.job, [one.position])
        for task in self._tasks:
            task.cancel()

    def room(self, origin: str) -> int:
        """How many sends may be in flight to an origin: what it has earned (`notifiers.limits`)."""
        return self._gate(origin).room(awake_s())

    def known(self) -> Collection[str]:
        """The origins that anything was ever sent to."""
        return self._gates.keys()

    def reports(self) -> dict[str, Report]:
        """What other workers have to know of origins."""
        return dict(self._reports)

    def told(self, reports: Mapping[str, Report], known: Mapping[str, Known], trials: Collection[str]) -> None:
        """The reports are committed; `known` is what all know now, `trials` where one send of ours may try."""
        now_s = awake_s()
        for origin, report in reports.items():
            if self._reports.get(origin) is report:
                del self._reports[origin]
        for origin, one in known.items():
            if origin not in self._reports:  # what came up meanwhile is newer
                before = self._gate(origin)
                tries = origin in trials
                self._gates[origin] = before.trial() if tries else before.told(one.rests, one.closed_s, now_s)

    async def close(self) -> None:
        """Breaks off what is left and closes the channels."""
        self.cut_off()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for channel in self._channels.values():
            await channel.close()

    async def _send_window(self, job: Job, said: Notice, positions: Sequence[int]) -> None:
        try:
            prepared = await job.channel.prepare(said, [job.subscriptions[position] for position in positions])
        except asyncio.CancelledError:
            self._give_back(job, positions)
        except Exception as error:  # noqa: BLE001  # whatever a channel does, the rest of the worker goes on
            log.warning("prepare_failed", notice_id=job.claim.notice_id, error=type(error).__name__)
            job.rests_until_s = awake_s() + self._params.lease_s
            self._give_back(job, positions)
        else:
            lane = self._lane(job)
            may = partial(self._certain, job)
            lane.waiting.extend(Send(job, prepared, may, position) for position in positions)
            for _ in range(min(len(positions), lane.most - lane.busy)):
                lane.busy += 1
                self._spawn(self._serve(lane))

    async def _serve(self, lane: Lane) -> None:
        """One after the other until nothing waits. A task for each send would cost as much as some sends do."""
        try:
            while lane.waiting:
                await self._send_one(lane.waiting.popleft())
        finally:
            lane.busy -= 1

    async def _send_one(self, one: Send) -> None:
        """One position: returned if it never started, else settled. Once started, only an answer makes it certain."""
        job, outcome = one.job, STOPPED
        try:
            if self._may_start(job):
                still.set(one.still)
                outcome = await job.channel.send(one.prepared, job.subscriptions[one.position])
        except asyncio.CancelledError:
            outcome = Outcome(Result.IN_DOUBT, "stopped")
        except Exception as error:  # noqa: BLE001  # a channel must not raise; if it does, it may have sent
            log.warning("send_failed", channel=job.claim.channel, error=type(error).__name__)
            outcome = Outcome(Result.IN_DOUBT, "error")
        if outcome == STOPPED:
            self._give_back(job, [one.position])
            return
        self._learn(job, outcome)
        job.settle(one.position, outcome, datetime.now(UTC))
        self._nudge()

    def _may_start(self, job: Job) -> bool:
        """Whether a send may start this very moment: asked last, after every wait."""
        gate = self._gate(job.claim.origin)
        return self._certain(job) and (gate.closed_until_s == 0 or gate.wait_s(awake_s()) == 0)

    def _certain(self, job: Job) -> bool:
        return not self._silent and job.certain(awake_s(), self._params.fresh_s)

    def _lane(self, job: Job) -> Lane:
        """Lanes are an origin's own: one that does not answer keeps no other waiting. The window bounds their sum."""
        key = (job.claim.channel, job.claim.origin)
        if key not in self._lanes:
            self._lanes[key] = Lane(min(job.channel.concurrency, policy_of(job.claim.channel).connections))
        return self._lanes[key]

    def _gate(self, origin: str) -> Gate:
        if origin not in self._gates:
            self._gates[origin] = gate(self._params.window)
        return self._gates[origin]

    def _learn(self, job: Job, outcome: Outcome) -> None:
        origin = job.claim.origin
        before = self._gate(origin)
        after = before.after(outcome, awake_s())
        if after is before:
            return
        self._gates[origin] = after
        if after.rests > before.rests:
            self._reports[origin] = Report(asked_s(outcome), outcome.reason, before.probing)
        elif before.rests and not after.rests:
            self._reports[origin] = Report(None)
        if after.alarms > before.alarms:
            log.error("origin_refuses_us", channel=job.claim.channel, reason=outcome.reason)
        elif after.rests > before.rests:
            log.warning("origin_rests", channel=job.claim.channel, rests=after.rests, reason=outcome.reason)

    def _give_back(self, job: Job, positions: Sequence[int]) -> None:
        job.returned.extend(positions)
        self._nudge()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
