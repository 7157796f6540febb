"""The operator's page of what did not arrive: by reason, channel and origin; and sending it again, after a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from alerts.agencies import Officer
from alerts.api.access import OPERATOR, GatedRoute, Given, RowId, SignedIn, rule
from alerts.errors import Conflict
from alerts.pages import frame, render
from alerts.pages.delivery import KINDS, REASONS
from alerts.pages.looks import CHANNELS
from alerts.pages.render import number
from alerts.service import operate
from alerts.services import Services
from notifiers.ledger import DeadLetters
from notifiers.notices import NoticeStatus

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

RESULTS = {"refused": "Refused", "gave_up": "Given up", "gone": "Gone", "in_doubt": "In doubt"}
WHY_NOT = {"gone": "it is no more", "in_doubt": "may have arrived"}
Word = Annotated[str, Field(max_length=255)]


@dataclass(frozen=True, slots=True)
class Line:
    """One group as the table shows it; `ask` leads to the question, None where it cannot be sent again."""

    reason: str
    result: str
    channel: str
    origin: str
    count: str
    ask: str | None
    why_not: str


@dataclass(frozen=True, slots=True)
class Question:
    """Send these again?"""

    count: str
    words: str
    fields: tuple[tuple[str, str], ...]
    back: str


class Asked(BaseModel):
    """What to show: a part of the reason, the channel, a part of the origin; `ask` whether to send these again."""

    reason: Word = ""
    channel: Word = ""
    origin: Word = ""
    ask: bool = False
    done: Annotated[int, Field(ge=0)] | None = None


@router.get("/operations/notices/{notice_id}/dead-letters")
@rule(OPERATOR)
def show(notice_id: RowId, services: Given, operator: SignedIn, asked: Annotated[Asked, Query()]) -> Response:
    """All that ended without arriving, or what of it is asked for."""
    return _page(services, operator, notice_id, asked)


@router.post("/operations/notices/{notice_id}/requeue")
@rule(OPERATOR)
def requeue(notice_id: RowId, services: Given, operator: SignedIn, asked: Annotated[Asked, Form()]) -> Response:
    """They wait again; pressed twice, the second finds nothing left."""
    try:
        count = operate.requeue(services, operator, notice_id, asked.reason, channel=asked.channel, origin=asked.origin)
    except Conflict as fault:
        return _page(services, operator, notice_id, Asked(), fault=f"This was not done: {fault}.")
    return RedirectResponse(f"{_at(notice_id)}?done={count}", 303)


def _page(services: Services, operator: Officer, notice_id: int, asked: Asked, *, fault: str = "") -> Response:
    chosen = {"reason": asked.reason, "channel": asked.channel, "origin": asked.origin}
    notice, found = operate.dead_letters(services, notice_id, **chosen)
    live = notice.over is None and notice.expires_at > services.clock()
    values = {
        "at": _at(notice_id),
        "reference": f"{KINDS.get(notice.kind, notice.kind)}, version {notice.version} · {notice.incident[:8]}",
        "lines": [line(notice, one, live=live) for one in found],
        "total": number(sum(one.count for one in found)),
        "asked": chosen,
        "channels": [("", "All channels"), *CHANNELS.items()],
        "live": live,
        "said": said(asked.done),
        "stray": [fault] if fault else [],
        "question": question(notice, found, chosen) if asked.ask and live else None,
    }
    shown = frame.values(services, operator, "/operations", "What did not arrive", **values)
    return render.page("dead_letters.html", status=409 if fault else 200, **shown)


def said(done: int | None) -> str | None:
    """What came of the button that was pressed."""
    if done is None:
        return None
    return f"{number(done)} wait to be sent again." if done else "There was nothing left to send again."


def line(notice: NoticeStatus, one: DeadLetters, *, live: bool) -> Line:
    """A group in words."""
    chosen = urlencode({"reason": one.reason, "channel": one.channel, "origin": one.origin, "ask": "1"})
    return Line(
        REASONS.get(one.reason, one.reason) or "no reason given",
        RESULTS.get(one.result, one.result),
        CHANNELS.get(one.channel, one.channel),
        one.origin,
        number(one.count),
        f"{_at(notice.id)}?{chosen}" if one.again and live else None,
        WHY_NOT.get(one.result, "the alert is over"),
    )


def question(notice: NoticeStatus, found: Sequence[DeadLetters], asked: Mapping[str, str]) -> Question | None:
    """What is asked before the one group that is shown is sent again; None unless it is one that can be."""
    same = (asked.get("reason"), asked.get("channel"), asked.get("origin"))
    again = [one for one in found if one.again and (one.reason, one.channel, one.origin) == same]
    if not again:
        return None
    one, count = again[0], sum(one.count for one in again)
    words = f"{CHANNELS.get(one.channel, one.channel)}, {one.origin}: {REASONS.get(one.reason, one.reason)}"
    fields = (("reason", one.reason), ("channel", one.channel), ("origin", one.origin))
    return Question(number(count), words, fields, _at(notice.id))


def _at(notice_id: int) -> str:
    return f"/operations/notices/{notice_id}/dead-letters"
