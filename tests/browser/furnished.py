"""A house in which every page has something to show: alerts that wait, run, changed and ended, people, feeds, failures.

`names` fill the places of an address; `base` is where it is served, as a whole server faces the public.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import feeding
from cast import DENVER, FIXTURES, House, record

from alerts import agencies, doors, history, removals
from alerts.api.access import COOKIE
from alerts.doors import Doors
from alerts.pages.words import NAMES
from alerts.pulse import Sample
from alerts.service import decide, end, submit, templates
from alerts.service import tips as saw
from alerts.service.drafting import read_document
from notifiers import addresses, ledger
from notifiers.clock import database_now
from notifiers.latency import BUCKETS, Latency
from notifiers.model import Outcome, Result
from notifiers.tables import origin, subscription
from notifiers.transactions import writing

LON, LAT = DENVER


@dataclass
class Furnished:
    """The house, the parts of addresses, and what was mailed."""

    house: House
    base: str
    names: dict[str, str] = field(default_factory=dict)
    mailed: list[str] = field(default_factory=list)

    def session(self, who: str) -> dict[str, str]:
        """The cookie of somebody who is signed in, as a browser keeps it."""
        with writing(self.house.services.engine) as connection:
            person = getattr(self.house, who)
            token = agencies.open_session(connection, person.id, self.house.clock(), 8 * 3600, how="test")
        return {"name": COOKIE, "value": token, "url": self.base, "sameSite": "Strict"}


@contextmanager
def furnished(house: House) -> Iterator[Furnished]:
    """Served, with everything in it."""
    mailed: list[str] = []

    def mail(to: str, subject: str, words: str, language: str) -> Outcome:
        mailed.append(words)
        return Outcome(Result.SENT)

    house.services = replace(house.services, mail=mail)
    with served(house) as base:
        found = Furnished(house, base, mailed=mailed)
        _alerts(found)
        _people(found)
        _operations(found)
        yield found


@contextmanager
def served(house: House) -> Iterator[str]:
    """The house on a port of its own; the address."""
    from alerts import pages, web
    from alerts.api.app import create_app

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        house.services = replace(house.services, settings=replace(house.services.settings, port=port))
        app = create_app(house.services)
        pages.mount(app, house.services)
        pages.face(app, house.services)
        with web.in_thread(app, listening):
            yield f"http://127.0.0.1:{port}"


def written(house: House, **changes: Any) -> Any:
    """A record as the submitter's document."""
    return read_document(house.services, house.submitter, json.dumps(record(**changes)).encode(), "application/json")


def in_force(house: House, **changes: Any) -> Any:
    """Submitted and approved."""
    left = submit.submit(house.services, house.submitter, written(house, **changes))
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


def _alerts(found: Furnished) -> None:
    """One with a photo in every language, in force and changed; one that waits; one in Arabic that is over."""
    house, names = found.house, found.names
    house.enrol([DENVER, (LON + 0.3, LAT)] * 6, "email")
    house.enrol([DENVER] * 25, "inbox")
    photos = json.loads((FIXTURES / "alerts" / "demo.json").read_text())["photos"]
    first = in_force(house, photos=photos, texts={tag: {} for tag in NAMES})
    _refuse(house)
    east = {"circles": [{"lon": LON + 0.1, "lat": LAT, "radius_m": 20_000}]}
    later = written(house, photos=photos, texts={tag: {} for tag in NAMES}, area=east, case_number="EX-2")
    later = submit.update(house.services, house.submitter, first.id, later)
    waits = submit.submit(house.services, house.submitter, written(house, case_number="EX-3"))
    over = in_force(house, case_number="EX-4", languages=["en", "ar"], texts=None)
    end.cancel(house.services, house.submitter, over.id)
    names |= {"alert": first.id, "token": first.token, "later": later.id, "waits": waits.id}
    names |= {"ended": over.id, "over": over.token}


def _refuse(house: House) -> None:
    """The e-mails of the first alert did not all arrive."""
    ends = [Outcome(Result.REFUSED, "550 5.7.1")] * 4 + [Outcome(Result.IN_DOUBT, "timeout"), Outcome(Result.SENT)]
    with writing(house.services.engine) as connection:
        held = ledger.claim(connection, ledger.Want("anna", ("email",), 10, 60))
        late = database_now(connection) + timedelta(seconds=11)
        settled = [ledger.Settled(position, outcome, late) for position, outcome in enumerate(ends)]
        ledger.checkpoint(connection, held, ledger.Turn(settled), collapses=False, rng=None)


def _people(found: Furnished) -> None:
    """Who saw something, and what an agency begins with; the link that an e-mail leaves by."""
    house, names = found.house, found.names
    for n in range(2):
        said = saw.Said("A silver car", "Exit 12", lon=LON + n / 10, lat=LAT)
        names["reference"] = saw.send(house.services, names["token"], said, form=bytes([n]), client="203.0.113.9")
    names["template"] = templates.add(house.services, house.submitter, "Night desk", {"contact.name": "Tip line"})
    one = next(row for row in house.rows(subscription) if row.channel == "email")
    names["unsubscribe"] = addresses.make_unsubscribe_token(addresses.secret(house.services.vault), one.id)
    with writing(house.services.engine) as connection:
        names["link"] = agencies.issue_sign_in_link(connection, house.submitter.id, house.clock(), 900)


def _operations(found: Furnished) -> None:
    """Two administrators, a feed and what it brought, numbers, a receiver that rests, the demo's doors."""
    house = found.house
    feeds = feeding.make(house)
    house.ada, house.ben = feeds.ada, feeds.ben  # type: ignore[attr-defined]
    source = feeds.add()
    feeds.take(source, feeds.sign(feeding.cap(house.clock())))
    for seconds in range(4):
        counts = (0,) * 9 + (seconds * 50,) + (0,) * (BUCKETS - 10)
        sample = Sample(house.clock() + timedelta(seconds=seconds * 5), {(1, "inbox"): Latency(counts)}, 12)
        house.services.pulse.add(sample)
    with writing(house.services.engine) as connection:
        resting = {"rests": 1, "why": "timeout", "closed_until": house.clock() + timedelta(hours=1)}
        connection.execute(origin.update().where(origin.c.channel == "email").values(**resting))
        own = {"asked": "The photo elsewhere", "contact": "", "now": house.clock(), "within": timedelta(hours=72)}
        past, mine = (
            history.find(connection, found.names["over"]),
            {"officer_id": house.operator.id, "now": house.clock()},
        )
        assert past
        history.keep_review(connection, past, "found_safe", "led", **mine)
        found.names["status"] = removals.add(connection, house.services.vault, incident=found.names["over"], **own)
    doors.write(house.services.settings.data, Doors({role: getattr(house, role).name for role in doors.ROLES}, "x"))


def confirmation(found: Furnished) -> str:
    """The path that was mailed last."""
    return re.findall(r"/confirm/[0-9a-f]+", found.mailed[-1])[0]
