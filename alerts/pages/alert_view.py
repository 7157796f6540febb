"""An alert as an officer reads it: pure, from AlertView to what the templates show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.incident import State
from alerts.model import Severity
from alerts.pages import phone
from alerts.pages.looks import CHANNELS
from alerts.pages.public_page import in_lines, photos_of
from alerts.pages.render import number
from alerts.pages.words import moment, name_of, words
from alerts.reports import AlertRow, AlertView, AreaChange, Sleepers
from notifiers.catalogues import ALL
from notifiers.eligibility import Reach

STATES: Mapping[str, tuple[str, str]] = {  # words, style
    State.DRAFT: ("Draft", ""),
    State.PENDING: ("Waiting for approval", "pending"),
    State.RETURNED: ("Returned", "held"),
    State.LAPSED: ("Lapsed: nobody approved it in time", "held"),
    State.ACTIVE: ("Active", "active"),
    State.UPDATED: ("Replaced by an update", ""),
    State.CANCELLED: ("Over: cancelled", ""),
    State.EXPIRED: ("Over: expired", ""),
    State.REJECTED: ("Rejected", ""),
}
KINDS: Mapping[str, str] = {"alert": "Alert", "update": "Update", "cancel": "Cancel"}
WAITING = (State.PENDING, State.RETURNED, State.LAPSED, State.DRAFT)


@dataclass(frozen=True, slots=True)
class Line:
    """One alert in a list."""

    id: str
    headline: str
    title: str
    words: str
    style: str
    reference: str
    agency: str
    status: str
    version: int
    people: str
    created_at: datetime


def line(row: AlertRow) -> Line:
    """A row as the lists show it; one whose child is forgotten is named by its reference."""
    said, style = STATES.get(row.state, (row.state, ""))
    headline = row.headline or f"Alert {row.reference}"
    title = f"{KINDS.get(row.kind, row.kind)}, version {row.version}, message {row.number}"
    return Line(
        row.id,
        headline,
        title,
        said,
        style,
        row.reference,
        row.agency,
        row.status,
        row.version,
        people(row.reach),
        row.created_at,
    )


def groups(rows: Sequence[AlertRow]) -> list[tuple[str, list[Line], str]]:
    """The list of alerts: what waits for somebody first, then what is in force, then what is over."""
    waiting = [line(row) for row in rows if row.state in WAITING]
    active = [line(row) for row in rows if row.state == State.ACTIVE]
    over = [line(row) for row in rows if row.state not in (*WAITING, State.ACTIVE)]
    return [
        ("Waiting", waiting, ""),
        ("Active", active, "No alert is active."),
        ("Over", over, ""),
    ]


def people(count: int) -> str:
    """A number of people in words that can stand in a sentence."""
    return "nobody" if count == 0 else "one person" if count == 1 else f"{number(count)} people"


def by_channel(reach: Reach | None) -> list[tuple[str, int]]:
    """How the people of an area are reached, the most used way first."""
    found = reach.by_channel if reach else {}
    return [(CHANNELS.get(key, key), n) for key, n in sorted(found.items(), key=lambda item: -item[1])]


def by_language(reach: Reach | None) -> list[tuple[str, int]]:
    found = reach.by_language if reach else {}
    return [(name_of(key), n) for key, n in sorted(found.items(), key=lambda item: -item[1])]


def sentence(view: AlertView, reach: Reach | None) -> str:
    """What an approval does, with the number of people: the sentence beside the button."""
    row, count = view.row, reach.recipients if reach else view.row.reach
    place = f" in {view.public.area_name}" if view.public and view.public.area_name else ""
    drill = "" if row.status == "Actual" else ", all enrolled for tests"
    if count == 0:
        return f"Nobody{place} would be told now. Whoever comes into the area later is told then."
    if enlarges(view):
        return f"The larger area holds {people(count)}{drill}. Whoever was told already is not told again."
    ways = "; ".join(f"{name} {number(n)}" for name, n in by_channel(reach))
    what = "The new version goes" if row.version > 1 else "It goes"
    return f"{what} to {people(count)}{place}{drill}, at once{f' ({ways})' if ways else ''}."


def sleep_lines(sleepers: Sleepers | None) -> list[str]:
    """What quiet hours do to an approval given now."""
    if sleepers is None:
        return []
    lines = []
    if sleepers.later:
        until = f", the last at {moment(sleepers.last_at)}" if sleepers.last_at else ""
        lines.append(
            f"In their quiet hours now: {people(sleepers.later)}. It waits silently in their inbox and is told when "
            f"these end{until}, if it still holds then."
        )
    if sleepers.woken and sleepers.within_m:
        near = f"within {number(round(sleepers.within_m / 1000))} km of where the child was last seen"
        lines.append(f"Woken in their quiet hours: {people(sleepers.woken)}, {near}; the danger is imminent.")
    return lines


def change_lines(change: AreaChange | None) -> list[str]:
    """What the approval does to those told before and to others: newly covered, inside still, inside no longer."""
    if change is None:
        return []
    still = "told the new version" if change.tells_again else "not told again"
    outside = "told so in words of their own" if change.tells_outside else "not told of it"
    lines = [
        f"Newly covered: {people(change.newly)}.",
        f"Told before and still inside: {people(change.still)}, {still}.",
    ]
    if change.outside:
        lines.append(f"Told before and no longer inside: {people(change.outside)}, {outside}.")
    return lines + _outlet_lines(change)


def _outlet_lines(change: AreaChange) -> list[str]:
    """Of signs, posts and webhooks: an enlargement goes to all of them inside, also to those told before."""
    lines = []
    if change.outlets:
        again = f", {number(change.outlets_again)} of them again" if change.outlets_again else ""
        lines.append(f"Signs, posts and webhooks told: {number(change.outlets)}{again}.")
    if change.outlets_outside:
        told = "sent the update itself" if change.tells_outside else "not told of it"
        lines.append(f"Signs, posts and webhooks no longer inside: {number(change.outlets_outside)}, {told}.")
    return lines


def enlarges(view: AlertView) -> bool:
    """Whether it is the same version on a larger area."""
    return any(one.version == view.row.version and one.number < view.row.number for one in view.history)


def button(view: AlertView, reach: Reach | None) -> str:
    """The words on the button that approves: everybody who is told by it."""
    count = reach.recipients if reach else view.row.reach
    if view.change and view.change.tells_outside:
        count += view.change.outside
    if count == 0:
        return "Approve"
    return f"Approve for {people(count)}" if enlarges(view) else f"Approve and tell {people(count)}"


def values(view: AlertView, reach: Reach | None) -> dict[str, Any]:
    """All that console_alert.html shows of the alert itself."""
    shown = line(view.row)
    public = view.public
    return {
        "view": view,
        "at": f"/console/alerts/{view.row.id}",
        "headline": shown.headline,
        "state_words": shown.words,
        "style": shown.style,
        "kind_words": KINDS.get(view.row.kind, view.row.kind),
        "exercise": view.row.status != "Actual",
        "over": view.area is None,
        "is_public": any(one.state in (State.ACTIVE, State.UPDATED) for one in view.history)
        or view.row.state in (State.ACTIVE, State.UPDATED),
        "approve_words": button(view, reach),
        "people_count": reach.recipients if reach else view.row.reach,
        "approve_sentence": sentence(view, reach),
        "change": [*change_lines(view.change), *sleep_lines(view.sleepers)],
        "problems": [problem for problem in view.problems if problem.severity is not Severity.ADVICE],
        "reach": [*by_channel(reach), *by_language(reach)],
        "photos": photos_of(public, words("en", ALL), f"/console/alerts/{view.row.id}") if public else [],
        "texts": [(tag, name_of(tag), text) for tag, text in public.texts.items()] if public else [],
        "screens": phone.screens(public.texts) if public else [],
        "lined": bool(public and public.texts) and not in_lines(public, next(iter(public.texts.values())))
        if public
        else False,
        "history": [line(row) for row in view.history],
    }
