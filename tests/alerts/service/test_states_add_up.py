"""What `/metrics` and operations show adds up at every scrape, whatever a worker commits meanwhile."""

from __future__ import annotations

import asyncio
import re

from cast import DENVER

from alerts import metrics
from alerts.service import end, operate
from notifiers.channels.inbox import Inbox
from notifiers.worker import Params, Worker

PEOPLE = 900
SETTLED = ("sent", "gone", "refused", "gave_up", "dropped", "in_doubt")


def scraped(services) -> dict[str, float]:
    """Sums over all labels but the one that tells parts apart."""
    found: dict[str, float] = {}
    for line in metrics.expose(services).decode().splitlines():
        if match := re.fullmatch(r'(lookout_\w+)\{channel="inbox"(?:,(?:outcome|state|why)="(\w+)")?\} ([\d.]+)', line):
            found[f"{match[1]}.{match[2] or ''}"] = float(match[3])
    return found


def adds_up(services) -> int:
    """One scrape and one look at operations; how many were settled."""
    seen = scraped(services)
    parts = [seen[f"lookout_sends_total.{name}"] for name in SETTLED]
    opened = seen["lookout_sends_open.waiting"] + seen["lookout_sends_open.in_flight"]
    assert seen["lookout_sends_planned_total."] == sum(parts) + opened >= PEOPLE
    dropped = sum(value for name, value in seen.items() if name.startswith("lookout_drops_total"))
    assert dropped == seen["lookout_sends_total.dropped"]
    view = next(one for one in operate.operations(services) if one.kind == "alert")
    counts = view.total
    assert counts.planned == PEOPLE == counts.open + sum(getattr(counts, name) for name in SETTLED)
    assert sum(view.dropped_why.values()) == counts.dropped
    return int(sum(parts))


async def test_the_states_add_up_at_every_scrape_while_workers_send_and_the_alert_ends(house, in_force):
    house.enrol([DENVER] * PEOPLE)
    alert, services, seen = in_force(), house.services, set()
    params = Params(window=8, checkpoint_every_s=0.01, idle_s=0.01)
    worker = Worker(services.engine, services.vault, {"inbox": Inbox()}, params, name="anna")
    running = asyncio.create_task(worker.run())
    for scrape in range(40):
        seen.add(await asyncio.to_thread(adds_up, services))
        if scrape == 25:
            await asyncio.to_thread(end.cancel, services, house.submitter, alert.id)
    worker.stop()
    await running
    assert len(seen) > 5  # it was scraped in the middle of it
    assert adds_up(services) >= PEOPLE
