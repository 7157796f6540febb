"""A real worker as a process of its own, to be killed: `worker_process.py URL DIRECTORY NAME COLLAPSES LEASE_S`.

Its channel is the smallest that is real: one HTTP POST to the subscription's endpoint, saying version and number.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import aiohttp

from alerts.database import make_engine
from notifiers import outcome
from notifiers.model import Outcome
from notifiers.vault import Vault
from notifiers.worker import Params, Worker


class Push:
    name = "push"
    concurrency = 64

    def __init__(self, collapses: bool) -> None:
        self.collapses = collapses
        self._session: aiohttp.ClientSession | None = None

    async def prepare(self, notice, subscriptions):
        self._session = self._session or aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5))
        return f"{notice.version}.{notice.number}.{notice.kind}"

    async def send(self, prepared, subscription) -> Outcome:
        try:
            async with self._session.post(subscription.address["endpoint"], data=prepared) as answer:
                return outcome.of_status(answer.status, answer.headers, None)
        except aiohttp.ClientConnectorError:
            return outcome.of_failure("refused", sent=False)
        except (aiohttp.ClientError, TimeoutError):
            return outcome.of_failure("reset", sent=True)

    def settle(self, connection, notice_id, sent, now) -> None:
        pass

    async def close(self) -> None:
        if self._session:
            await self._session.close()


async def main(url: str, directory: Path, name: str, collapses: bool, lease_s: float) -> None:
    engine = make_engine(url, worker=True)
    params = Params(window=64, lease_s=lease_s)
    worker = Worker(engine, Vault(directory / "keys"), {"push": Push(collapses)}, params, name=name)
    worker.stop_on_signals()
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4] == "collapses", float(sys.argv[5])))
