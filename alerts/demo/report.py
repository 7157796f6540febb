"""`lookout demo --once`: plays the story to its end and says in one object whether everyone was served, each once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.demo import receivers, verdict
from alerts.demo.run import World, play_alert, play_end, told
from alerts.demo.show import Show
from alerts.demo.story import Notices, Sent
from alerts.demo.verdict import CHANNELS, Line
from geo import store as positions
from geo.index import RecipientIndex
from notifiers.eligibility import Audience, eligible
from notifiers.transactions import reading

BEGINNING = ("alert", "update")
END = ("cancel",)
Flags = NDArray[np.bool_]


def play_and_judge(world: World, show: Show, directory: Path) -> dict[str, Any]:
    """The report. Its top level and `channels` speak of the alert, `over` of the cancel that followed."""
    first, second = play_alert(world, show)
    inside = told(world)
    begun = _lines(world, first.token, BEGINNING, inside, world.story.delivery(second.id), _matched(world))
    sampled = receivers.sampled_inboxes(
        world.story.inbox, world.settled.roll.tokens, _got(world, "inbox", first.token, BEGINNING), first.token
    )
    paths = _save(world, first, second, directory)
    play_end(world, second, show)
    notices = world.story.delivery(second.id)
    ended = _lines(world, first.token, END, inside, notices, {name: line.expected for name, line in begun.items()})
    readable = receivers.undecryptable(world.control_url) == 0
    page = world.story.page(first.token)
    return {
        "ok": _ok(begun) and _ok(ended) and sampled and readable and page.status_code == 200,
        "population": len(world.settled.people),
        **verdict.as_json(verdict.total(begun)),
        "channels": {name: verdict.as_json(line) for name, line in begun.items()},
        "over": verdict.as_json(verdict.total(ended)),
        "people": {
            "matched": max(n["matched"] or 0 for n in notices if n["kind"] != "cancel"),
            "expected": int(inside.sum()),
        },
        **_times(notices),
        **paths,
    }


def _ok(lines: dict[str, Line]) -> bool:
    whole = verdict.total(lines)
    return whole.expected > 0 and all(line.ok for line in lines.values())


def _lines(
    world: World, token: str, kinds: tuple[str, ...], inside: Flags, notices: Notices, matched: dict[str, int]
) -> dict[str, Line]:
    lines = {}
    for channel in CHANNELS:
        expected = verdict.expected_names(world.settled.roll.rows[channel], inside)
        got = _got(world, channel, token, kinds)
        lines[channel] = verdict.judge(expected, got, matched.get(channel, 0), _tally(notices, channel, kinds))
    return lines


def _got(world: World, channel: str, token: str, kinds: tuple[str, ...]) -> receivers.Counts:
    if channel == "inbox":
        return receivers.at_inboxes(world.engine, token, kinds)
    return receivers.at_sandbox(world.control_url, channel, token, kinds)


def _tally(notices: Notices, channel: str, kinds: tuple[str, ...]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for notice in notices:
        for found in notice["channels"] if notice["kind"] in kinds else ():
            for name, count in found["tally"].items() if found["channel"] == channel else ():
                sums[name] = sums.get(name, 0) + count
    return sums


def _matched(world: World) -> dict[str, int]:
    """The subscriptions of the people whom the index finds in the enlarged area."""
    with reading(world.engine) as connection:
        placed = positions.load_all(connection)
        index = RecipientIndex.build(placed.ids, placed.lon, placed.lat, placed.radius_m)
        found = eligible(connection, index.within(world.wider), Audience(tests_only=True))
    counts = np.bincount(found.lane, minlength=len(found.lanes))
    sums: dict[str, int] = {}
    for (channel, _origin), count in zip(found.lanes, counts, strict=True):
        sums[channel] = sums.get(channel, 0) + int(count)
    return sums


def _times(notices: Notices) -> dict[str, float | None]:
    """Seconds from the first approval to the first and the last delivery of the alert (the enlarged area included)."""
    told = [notice for notice in notices if notice["kind"] in BEGINNING]
    approved_at = min(datetime.fromisoformat(notice["approved_at"]) for notice in told)
    channels = [channel for notice in told for channel in notice["channels"] if channel["first_sent_at"]]
    first = [datetime.fromisoformat(channel["first_sent_at"]) for channel in channels]
    last = [datetime.fromisoformat(channel["last_sent_at"]) for channel in channels]
    return {
        "first_delivery_s": round((min(first) - approved_at).total_seconds(), 3) if first else None,
        "last_delivery_s": round((max(last) - approved_at).total_seconds(), 3) if last else None,
    }


def _save(world: World, first: Sent, second: Sent, directory: Path) -> dict[str, str]:
    """The public page and the CAP XML while the alert is active, as files beside the data."""
    page, xml = directory / "alert.html", directory / "alert.cap.xml"
    page.write_bytes(world.story.page(first.token).content)
    xml.write_bytes(world.story.cap(second))
    return {"page": str(page), "cap": str(xml), "page_url": f"{world.base_url}/a/{first.token}"}
