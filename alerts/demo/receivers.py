"""Who was served, counted where messages arrive: at the sandbox's push service and mail server, and in the inboxes.

The ledger is not asked. For the inbox the receiver is the inbox itself: its rows, and a sample read as people read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
from sqlalchemy import Engine, func, select

from notifiers.tables import inbox, notice, recipient
from notifiers.transactions import reading

SAMPLE = 50  # inboxes read over HTTP

Counts = dict[str, int]  # receiver's name of a subscription -> how often it got the notice


def at_sandbox(control_url: str, channel: str, incident: str, kinds: Sequence[str]) -> Counts:
    """What the sandbox got of an incident on one channel, over all `kinds` of notice of one version."""
    counts: Counts = {}
    for kind in kinds:
        asked = {"channel": channel, "incident": incident, "kind": kind}
        answer = httpx.get(f"{control_url}/control/received", params=asked, timeout=60.0)
        answer.raise_for_status()
        for row in answer.json():
            for name, number in row["counts"].items():
                counts[name] = counts.get(name, 0) + number
    return counts


def undecryptable(control_url: str) -> int:
    """How many pushes arrived that nobody could read."""
    answer = httpx.get(f"{control_url}/control/counts", timeout=60.0)
    answer.raise_for_status()
    return int(answer.json()["web_push"]["undecryptable"])


def at_inboxes(engine: Engine, incident: str, kinds: Sequence[str]) -> Counts:
    """How many notices of these kinds lie in each inbox, by public id."""
    query = (
        select(recipient.c.public_id, func.count())
        .join(inbox, inbox.c.recipient_id == recipient.c.id)
        .join(notice, notice.c.id == inbox.c.notice_id)
        .where(notice.c.incident == incident, notice.c.kind.in_(kinds))
        .group_by(recipient.c.public_id)
    )
    with reading(engine) as connection:
        return {public_id: int(number) for public_id, number in connection.execute(query)}


def sampled_inboxes(
    read: Callable[[str, str], list[dict[str, Any]]], tokens: Mapping[str, str], counted: Counts, incident: str
) -> bool:
    """Whether a sample of inboxes, read over HTTP with their owners' tokens, holds the notice just where it was counted."""
    for public_id in list(tokens)[:SAMPLE]:
        seen = any(item["token"] == incident for item in read(public_id, tokens[public_id]))
        if seen != (public_id in counted):
            return False
    return True
