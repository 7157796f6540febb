"""The sends of a worker: started one by one under the crash rule, bounded by channel and by origin.

What came of each is put down in its job; the worker tells the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from notifiers.channels.base import Channel
from notifiers.clock import awake_s
from notifiers.job import Job
from notifiers.limits import Gate, gate
from notifiers.model import Notice, Outcome, Result
from notifiers.params import Params
from notifiers.still import STOPPED as REASON
from notifiers.still import still

STOPPED = Outcome(Result.UNSENT, REASON)  # it waited for its connection until it was not allowed any more

log = structlog.get_logger()


class Sending:
    """`nudge(job)` is called whenever something of a job has come to an end."""

    def __init__(self, channels: Mapping[str, Channel], params: Params, nudge: Callable[[Job], None]) -> None:
        self._channels = channels
        self._params = params
        self._nudge = nudge
        self._gates: dict[str, Gate] = {}
        self._slots = {name: asyncio.Semaphore(channel.concurrency) for name, channel in channels.items()}
        self._tasks: set[asyncio.Task[None]] = set()
        self._silent = False

    def start(self, job: Job, said: Notice, positions: Sequence[int]) -> None:
        """Sends to these positions of a job as soon as it may; returns at once."""
        self._spawn(self._send_window(job, said, positions))

    def fall_silent(self) -> None:
        """From now on nothing starts; what is under way ends by itself."""
        self._silent = True

    def cut_off(self) -> None:
        """What is still under way is broken off: it is in doubt."""
        for task in self._tasks:
            task.cancel()

    def resting(self) -> tuple[str, ...]:
        """The origins to which nothing may start for a while."""
        now_s = awake_s()
        return tuple(key for key, one in self._gates.items() if one.wait_s(now_s) > self._params.patience_s)

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
            job.again_at = datetime.now(UTC) + timedelta(seconds=self._params.lease_s)
            self._give_back(job, positions)
        else:
            for position in positions:
                self._spawn(self._send_one(job, prepared, position))

    async def _send_one(self, job: Job, prepared: Any, position: int) -> None:
        """One position: returned if it never started, else settled. Once started, only an answer makes it certain."""
        started = False
        try:
            still.set(lambda: self._certain(job))
            async with self._slots[job.claim.channel]:
                started = await self._may_start(job)
                if started:
                    outcome = await job.channel.send(prepared, job.subscriptions[position])
        except asyncio.CancelledError:
            outcome = Outcome(Result.IN_DOUBT, "stopped")
        except Exception as error:  # noqa: BLE001  # a channel must not raise; if it does, it may have sent
            log.warning("send_failed", channel=job.claim.channel, error=type(error).__name__)
            outcome = Outcome(Result.IN_DOUBT, "error")
        if not started or outcome == STOPPED:
            self._give_back(job, [position])
            return
        self._learn(job, outcome)
        job.settle(position, outcome, datetime.now(UTC))
        self._nudge(job)

    async def _may_start(self, job: Job) -> bool:
        """Whether a send may start this very moment: asked last, after every wait, and again after waiting."""
        while self._certain(job):
            now_s = awake_s()
            limit = self._gates.get(job.claim.origin) or gate(self._params.rate_per_s, self._params.burst, now_s)
            wait_s = limit.wait_s(now_s)
            if wait_s == 0:
                self._gates[job.claim.origin] = limit.take(now_s)
                return True
            if wait_s > self._params.patience_s:
                job.again_at = datetime.now(UTC) + timedelta(seconds=wait_s)
                return False
            await asyncio.sleep(wait_s)
        return False

    def _certain(self, job: Job) -> bool:
        return not self._silent and job.certain(awake_s(), self._params.fresh_s)

    def _learn(self, job: Job, outcome: Outcome) -> None:
        before = self._gates[job.claim.origin]
        after = before.after(outcome, awake_s())
        self._gates[job.claim.origin] = after
        if after.alarms > before.alarms:
            log.error("origin_refuses_us", channel=job.claim.channel, reason=outcome.reason)
        elif after.rests > before.rests:
            log.warning("origin_rests", channel=job.claim.channel, rests=after.rests, reason=outcome.reason)

    def _give_back(self, job: Job, positions: Sequence[int]) -> None:
        job.returned.extend(positions)
        self._nudge(job)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
