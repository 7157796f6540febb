"""Phones: confirmed by a code before anything is sent to them, and heard when they write back.

Nothing of a number is stored until its code was typed, but a keyed hash for a day. Whoever writes STOP leaves at once, in
whatever language; the address stays known as left, so that no import brings it back. Only its owner can come back: by a
code again, with consent recorded anew.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from alerts import phone_codes
from alerts.errors import Conflict, Refused, TooOften
from alerts.model import Problem
from alerts.replies import Asked, asked
from alerts.service.arrivals import follow
from alerts.service.languages import spoken
from alerts.services import Services
from geo import store as positions
from notifiers import addresses, departures, subscriptions
from notifiers.catalogues import ENGLISH, catalogue, nearest
from notifiers.channels.twilio import PHONE
from notifiers.model import Result
from notifiers.tables import subscription
from notifiers.transactions import reading, writing

NO_PHONE = Problem.error(
    "phone.form", "/phone", "a number is written as + and its country's code, such as +13035550123"
)
UNREACHABLE = Problem.error("phone.unreachable", "/phone", "no message can be sent to this number")
WRONG_CODE = Problem.error(
    "phone.code", "/phone_code", "this is not the code that was sent, or it is too old; ask again"
)


def send_code(services: Services, phone: str, language: str, client: str) -> None:
    """A code to this number; whether it is signed up already is told to nobody.

    Raises Refused for what is no number or cannot be reached, TooOften, Conflict where no SMS can be sent now.
    """
    if not PHONE.fullmatch(phone):
        raise Refused([NO_PHONE])
    if services.text is None:
        raise Conflict("text messages are not sent here; choose push or the inbox")
    now, secret = services.clock(), addresses.secret(services.vault)
    who, code = phone_codes.asking(secret, phone, client), phone_codes.make_code()
    with writing(services.engine) as connection:
        wait_s = phone_codes.wait_s(connection, who, now)
        if not wait_s:
            phone_codes.add(connection, who, phone_codes.hash_code(secret, phone, code), now)
    if wait_s:
        raise TooOften(wait_s)
    said = catalogue(nearest(language, spoken(services))).said
    outcome = services.text(phone, said["phone_code"].format(code=code))
    if outcome.result in {Result.GONE, Result.REFUSED}:
        raise Refused([UNREACHABLE])
    if outcome.result not in {Result.SENT, Result.IN_DOUBT}:
        raise Conflict("no code could be sent just now; try again in a minute")


def prove(services: Services, phone: str, code: str) -> None:
    """That who signs up holds this phone. Refused for a wrong, old or used code; five tries a code, each committed."""
    if not PHONE.fullmatch(phone):
        raise Refused([NO_PHONE])
    secret, now = addresses.secret(services.vault), services.clock()
    with writing(services.engine) as connection:
        phone_hash = addresses.keyed_hash(secret, "sms", phone)
        good = phone_codes.use(connection, phone_hash, phone_codes.hash_code(secret, phone, code), now)
    if not good:
        raise Refused([WRONG_CODE])


def come_back(connection: Connection, secret: bytes, phone: str) -> None:
    """A proven number may be enrolled though it had left: its owner asks, and agrees anew."""
    subscriptions.come_back(connection, "sms", addresses.keyed_hash(secret, "sms", phone))


def hear(services: Services, phone: str, text: str) -> str | None:
    """What a phone wrote to us: STOP is obeyed, and told once. What to answer, if anything."""
    if not PHONE.fullmatch(phone):
        return None
    meant, said = asked(text), catalogue(nearest(_language_of(services, phone), spoken(services))).said
    if meant is None or (meant is Asked.STOP and not _stop(services, phone, services.clock())):
        return None
    return said[f"sms_{meant.value}"].format(url=services.settings.base_url)


def _language_of(services: Services, phone: str) -> str:
    """The one that this number's alerts come in; English for a number that we do not know."""
    phone_hash = addresses.keyed_hash(addresses.secret(services.vault), "sms", phone)
    chosen = select(subscription.c.language).where(
        subscription.c.channel == "sms", subscription.c.address_hash == phone_hash
    )
    with reading(services.engine) as connection:
        return connection.scalar(chosen) or ENGLISH


def _stop(services: Services, phone: str, now: datetime) -> bool:
    """Whether this is the first STOP of a number. One that we do not know stays out as well: no import brings it in."""
    phone_hash = addresses.keyed_hash(addresses.secret(services.vault), "sms", phone)
    with writing(services.engine) as connection:
        known = subscriptions.find(connection, "sms", phone_hash)
        if known is None:
            return subscriptions.stay_away(connection, "sms", phone_hash, now)
        departures.note(connection, subscription_id=known, now=now)
        gone = subscriptions.leave(connection, subscription_id=known, now=now)
        if gone is not None:
            positions.forget(connection, [gone])
    follow(services)
    return True
