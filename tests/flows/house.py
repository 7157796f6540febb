"""A data directory before any server runs on it: an agency, the cast with their keys, people at exact points."""

from __future__ import annotations

import secrets
import shutil
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cast import DENVER

CONSENT = ("test", "I agree.")


def free_ports(count: int) -> list[int]:
    """Below those that the system gives to clients: what is free now is not taken by a connection a moment later."""
    found: list[int] = []
    while len(found) < count:
        port = 15_000 + secrets.randbelow(17_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found += [port] if port not in found else []
    return found


@dataclass(frozen=True)
class Member:
    """One person: what the receivers call each of its subscriptions, and its own key to the API."""

    public_id: str
    token: str = field(repr=False)
    push: str
    email: str

    @property
    def key(self) -> str:
        return f"{self.public_id}.{self.token}"


class House:
    """A sandbox data directory in the making; `people` and the cast's `keys` are what a test knows of it."""

    def __init__(self, directory: Path, template: Path, database_url: str = "") -> None:
        from alerts.database import make_engine, settle_mode
        from alerts.settings import Settings
        from notifiers.vault import Vault

        self.data = directory / "data"
        self.data.mkdir(parents=True)
        self.settings = Settings(data=self.data, database_url=database_url)
        if not database_url:
            shutil.copy(template, self.data / "lookout.db")
        self.port, self.push_port, self.smtp_port = free_ports(3)
        self.engine = make_engine(self.settings.engine_url)
        settle_mode(self.engine, self.settings)
        self.vault = Vault(self.data / "keys")
        self.keys: dict[str, str] = {}
        self.people: list[Member] = []
        self._cast()

    @property
    def variables(self) -> dict[str, str]:
        """What the command must be told to find the database."""
        url = self.settings.database_url
        return {"LOOKOUT_DATABASE_URL": url} if url else {}

    def enrol(
        self, count: int, channels: Sequence[str] = ("web_push",), *, at: tuple[float, float] = DENVER
    ) -> list[Member]:
        """So many partners' people at one exact point, each with a subscription on each of `channels`."""
        from geo import store as positions
        from notifiers import addresses, subscriptions
        from notifiers.subscriptions import Enrolment, NewSubscription
        from notifiers.transactions import writing

        now, first = datetime.now(UTC), len(self.people)
        people = [
            Enrolment(
                "partner", True, "tests",
                tuple(NewSubscription(name, self._address(name, n), "en", *CONSENT, now, now) for name in channels),
            )
            for n in range(first, first + count)
        ]  # fmt: skip
        with writing(self.engine) as connection:
            done = subscriptions.enrol(connection, people, secret=addresses.secret(self.vault), now=now)
            positions.place(connection, [positions.Position(one.recipient_id, *at) for one in done], now)
        added = [
            Member(one.public_id, one.token, f"person-{n}", f"person-{n}@people.example")
            for n, one in enumerate(done, first)
        ]
        self.people += added
        return added

    def _address(self, channel: str, number: int) -> dict[str, str]:
        from notifiers.sandbox.keys import Keys, load_secret

        if channel == "web_push":
            base_url = f"http://127.0.0.1:{self.push_port}"
            return Keys(load_secret(self.data)).make_subscription(base_url, f"person-{number}")
        if channel == "fcm":
            return {"token": f"device-token:person-{number}"}
        return {"email": f"person-{number}@people.example"} if channel == "email" else {}

    def _cast(self) -> None:
        from alerts import agencies
        from alerts.agencies import OFFICER, OPERATOR
        from geo.places import Gazetteer
        from notifiers.transactions import writing

        now = datetime.now(UTC)
        home = Gazetteer.load().get("008000")
        row = {"code": "CBI", "name": "Colorado Example", "sender": "cbi@agency.example", "programme": "us-amber"}
        with writing(self.engine) as connection:
            agency = agencies.add_agency(connection, **row, jurisdiction=home, now=now)
            for who, of in (("submitter", agency), ("approver", agency), ("operator", None)):
                roles = OFFICER if of else OPERATOR
                person = agencies.add_officer(connection, name=who.capitalize(), roles=roles, agency=of, now=now)
                self.keys[who] = agencies.issue_key(connection, person.id, now)
