"""A source of alerts of others for tests: made by two administrators, its messages signed by whom it trusts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from signing import MESSAGE, Keyed, keyed, sign

from alerts import agencies, feed_log, feed_sources, houses, passkeys
from alerts.agencies import Role
from alerts.changes import Kind
from alerts.feed_sources import Source
from alerts.service import administer, importing
from notifiers.transactions import reading, writing


def come_in(house: Any, name: str) -> Any:
    """An administrator of the house with a passkey."""
    now = house.clock()
    with writing(house.services.engine) as connection:
        person = agencies.add_officer(connection, name=name, roles={Role.ADMINISTER}, agency=None, now=now)
        own = {"credential_id": name.encode(), "public_key": b"k", "sign_count": 0, "name": "x"}
        passkeys.add(connection, person.id, now=now, **own)
        houses.note_second(connection, now)
    return person


def cap(at: datetime, *, kind: str = "Alert", identifier: str = "X-1", status: str = "Actual", **more: str) -> bytes:
    """An unsigned message around Denver, sent then; `of` is the message it refers to, `near` a circle elsewhere."""
    said = MESSAGE.replace(b"2026-01-15T18:30:00-06:00", _time(at).encode())
    said = said.replace(b">Alert<", f">{kind}<".encode()).replace(b">Actual<", f">{status}<".encode())
    scope = "<scope>Public</scope>" + (f"<references>{of}</references>" if (of := more.get("of")) else "")
    said = said.replace(b"X-1", identifier.encode()).replace(b"<scope>Public</scope>", scope.encode())
    expires = f"</certainty><expires>{_time(at + timedelta(hours=6))}</expires>"
    said = said.replace(b"</certainty>", expires.encode())
    said = said.replace(b"39.7,-105.0 10", more.get("near", "39.7,-105.0 10").encode())
    told = f"</headline><description>{more.get('words', WORDS)}</description>"
    return said.replace(b"</headline>", told.encode()).replace(b"Child Abduction Emergency", more.get("event", EVENT))


EVENT: Any = b"Child Abduction Emergency"
WORDS = "A girl of nine years, last seen near the river. Call the police with anything you have seen of her."


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}-00:00"


def reference(at: datetime, identifier: str = "X-1") -> str:
    return f"desk@agency.example,{identifier},{_time(at)}"


@dataclass
class Feeds:
    """The two administrators, and the key that signs."""

    house: Any
    ada: Any
    ben: Any
    key: Keyed

    def two(self, kind: Kind, agency_id: int, **content: Any) -> None:
        """Ada proposes, Ben confirms."""
        done = administer.propose(self.house.services, self.ada, kind, agency_id, content)
        [one] = [one for one in administer.list_changes(self.house.services, self.ben) if one.id == done.change_id]
        administer.confirm(self.house.services, self.ben, one.id, one.content_hash)

    def add(self, name: str = "IPAWS", *, url: str = "http://127.0.0.1:9/feed", **more: Any) -> Source:
        agency = more.pop("agency", self.house.submitter.agency)
        own = {"name": name, "url": url, "trust": "agency", "interval_s": 10, "longest_silence_s": None}
        self.two(Kind.FEED_SOURCE, agency.id, **(own | more))
        return self.get(name)

    def rule(self, source: Source, reach_cap: int = 100) -> Source:
        self.two(Kind.FEED_RULE, source.agency_id, source_id=source.id, reach_cap=reach_cap)
        return self.get(source.name)

    def get(self, name: str) -> Source:
        with reading(self.house.services.engine) as connection:
            found = feed_sources.find_name(connection, name)
        assert found
        return found

    def sign(self, body: bytes) -> bytes:
        return sign(body, self.key)

    def take(self, source: Source, body: bytes, **more: Any) -> Any:
        """What becomes of a message of this source."""
        services = self.house.services
        return importing.take(services, source, importing.entry_hash(services, body), body, **more)

    def log(self, source: Source) -> list[Any]:
        with reading(self.house.services.engine) as connection:
            return feed_log.list_source(connection, source.id)


def make(house: Any) -> Feeds:
    """Two administrators come in, and one signer is trusted."""
    now = house.clock()
    key = keyed(since=now - timedelta(days=9), until=now + timedelta(days=9))
    folder = house.services.settings.trust_directory / "agency"
    folder.mkdir(parents=True)
    (folder / "agency.pem").write_bytes(key.pem)
    return Feeds(house, come_in(house, "Ada"), come_in(house, "Ben"), key)
