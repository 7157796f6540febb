"""The public pages of all alerts as bytes that lie ready: a crowd costs one look at the database a second, no more.

The look is a thread's; whoever asks is answered from memory, also when the database is away. What is over there is
over here within LOOK_EVERY_S and the time of one look. Who could not look for UNSURE_S says so on the page: a copy
that cannot be checked never claims to be active. At its expiry, and when its key is gone, an alert is over without
anybody being asked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from alerts import reading, released
from alerts.pages import card, public_page
from alerts.pages.map import around
from alerts.pages.public_page import Reader
from alerts.pages.ready import KEPT_BY_NOBODY, Ready, make, make_page
from alerts.pages.words import choose
from alerts.reports import PublicAlert
from alerts.service import languages
from alerts.services import Services
from notifiers import share_tokens

log = structlog.get_logger()

LOOK_EVERY_S = 1.0
BUSY_S = 0.5  # of drawing in one look
NEVER = -1  # the minute of what is shown and was not drawn for what it is now
UNSURE_S = 3.0  # with a look's own second under the five in which everything says that it is over
OVER_KEPT = timedelta(days=2)  # what ended before lies ready no longer: the router answers
PHOTO_TYPES = {"jpg": "image/jpeg", "webp": "image/webp", "avif": "image/avif"}
TEXT = "text/plain; charset=utf-8"
Pages = Mapping[str, tuple[Ready, Ready]]  # by language, plain and compressed


@dataclass(frozen=True, slots=True)
class Sheets:
    """One alert as it lies ready in one state: its pages by language, and its files by name."""

    pages: Pages
    files: Mapping[str, Ready]

    def find(self, name: str, asked: str | None, accept: str, *, packed: bool) -> Ready | None:
        """The page for the empty name, in the language that suits; a file; None for what is not here."""
        return self.files.get(name) if name else self.pages[choose(self.pages, asked, accept)][packed]


@dataclass(frozen=True, slots=True)
class Case:
    """One alert: by which key and until when it lives, and its sheets while it does, while nobody knows, and after."""

    key_name: str
    number: int | None  # of the message in force; None: it is over
    over: Sheets
    expires_at: datetime | None = None
    told: Mapping[str, PublicAlert] = field(default_factory=dict)  # by language
    pictures: Mapping[str, Ready] = field(default_factory=dict)
    active: Sheets | None = None
    unsure: Sheets | None = None
    minute: int = 0  # in which it was drawn last


def _known(before: Case | None, key_name: str, number: int | None) -> Case | None:
    """What can be shown before anything is read: what has not changed, and of what has ended that it is over."""
    if before is None or before.number == number:
        return before
    return Case(key_name, None, before.over, minute=NEVER) if number is None else None


class Rack:
    """All cases of now. `look` is one thread's; `find` is anybody's, and asks nothing but memory."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        self._services, self._clock = services, clock
        self._https = services.settings.https
        self._cases: Mapping[str, Case] = {}
        self._looked_at = float("-inf")
        self._spoken = languages.spoken(services)
        self._over = threading.Event()

    def run(self) -> None:
        """Looks until `stop`."""
        while not self._over.is_set():
            self.try_to_look()
            self._over.wait(LOOK_EVERY_S)

    def stop(self) -> None:
        self._over.set()

    def try_to_look(self) -> None:
        """A look; when it fails, what can be known without the database: what has run out, which keys are gone."""
        try:
            self.look()
        except Exception as error:  # noqa: BLE001 whatever it is, the next look comes in a second
            log.warning("pages_not_checked", error=type(error).__name__)
            self._cases = {token: self._without_asking(case) for token, case in self._cases.items()}

    def look(self) -> None:
        """The cases of now. What is known at once is shown at once: who is over is over before anything is drawn. Then
        what changed is read and drawn, and each minute the pages say how long ago; what that takes longer than BUSY_S is
        left to the next looks, so that drawing never makes the others unsure. Until it is drawn the router answers.
        """
        started, now = self._clock(), self._services.clock()
        standing = reading.public_now(self._services, now - OVER_KEPT)
        keys = set(self._services.vault.names())
        spoken = languages.spoken(self._services)
        if spoken != self._spoken:
            self._cases, self._spoken = {}, spoken
        wanted = {token: (key, number if key in keys else None) for token, (key, number) in standing.items()}
        self._show({token: _known(self._cases.get(token), *one) for token, one in wanted.items()})
        self._looked_at = started
        self._draw(wanted, int(now.timestamp() // 60))

    def _draw(self, wanted: Mapping[str, tuple[str, int | None]], minute: int) -> None:
        """What is new or ended, then what is of an earlier minute; each is shown when it is ready. One in any case, so
        that it comes to an end.
        """
        until_s = self._clock() + BUSY_S
        new = [token for token in wanted if token not in self._cases or self._cases[token].minute == NEVER]
        old = [token for token, case in self._cases.items() if case.active is not None and case.minute != minute]
        for token in [*new, *old]:
            known = self._cases.get(token)
            again = known is not None and known.minute != NEVER
            drawn = self._redrawn(known, minute) if known and again else self._case(token, *wanted[token], minute)
            self._show({**self._cases, token: drawn})
            if self._clock() >= until_s:
                return

    def _show(self, cases: Mapping[str, Case | None]) -> None:
        self._cases = {token: case for token, case in cases.items() if case is not None}

    def find(self, token: str, name: str, asked: str | None, accept: str, *, packed: bool) -> Ready | None:
        """What lies ready of an alert under this name; None: the router has to answer."""
        case = self._cases.get(token)
        if case is None:
            return None
        return self._sheets(case).find(name, asked, accept, packed=packed)

    def _sheets(self, case: Case) -> Sheets:
        if case.active is None or case.unsure is None or self._run_out(case):
            return case.over
        if self._clock() - self._looked_at < UNSURE_S:
            return case.active
        return case.unsure

    def _run_out(self, case: Case) -> bool:
        return case.expires_at is not None and case.expires_at <= self._services.clock()

    def _without_asking(self, case: Case) -> Case:
        lives = case.number is not None and not self._run_out(case) and self._services.vault.exists(case.key_name)
        return case if lives else Case(case.key_name, None, case.over)

    def _case(self, token: str, key_name: str, number: int | None, minute: int) -> Case | None:
        """None where it cannot be drawn: then the router tries, and says why not."""
        try:
            return self._made(token, key_name, number, minute)
        except Exception as error:  # noqa: BLE001 one alert must not keep the others from being looked at
            log.warning("page_not_ready", error=type(error).__name__)
            return None

    def _made(self, token: str, key_name: str, number: int | None, minute: int) -> Case:
        found = reading.public_alert(self._services, token)
        if found.over or number is None:
            now = self._services.clock()
            return Case(
                key_name, None, self._drawn_over(found if found.over else released.ended(found, "cancelled", now))
            )
        told = {tag: reading.public_alert(self._services, token, language=tag) for tag in found.texts}
        if any(one.over for one in told.values()):
            raise LookupError("it ended while it was read")
        over = self._drawn_over(released.ended(found, "expired", self._services.clock()))
        made = Case(key_name, number, over, found.expires_at, told, self._pictures(found))
        return self._redrawn(made, minute)

    def _redrawn(self, case: Case, minute: int) -> Case:
        """The pages of an active case, which say how long ago it was sent."""
        active, unsure = (self._drawn(case, unsure=unsure) for unsure in (False, True))
        return replace(case, active=active, unsure=unsure, minute=minute)

    def _drawn(self, case: Case, *, unsure: bool) -> Sheets:
        state = public_page.state_of(next(iter(case.told.values())), unsure=unsure)
        pages = {tag: self._page(alert, tag, unsure=unsure) for tag, alert in case.told.items()}
        return Sheets(pages, dict(case.pictures) | {"state": self._file(state.encode(), TEXT)})

    def _drawn_over(self, alert: PublicAlert) -> Sheets:
        files = {
            "state": self._file(public_page.state_of(alert).encode(), TEXT),
            "card.jpg": self._card(alert, None),
        }
        return Sheets({tag: self._page(alert, tag) for tag in public_page.over_in(alert, self._spoken)}, files)

    def _page(self, alert: PublicAlert, language: str, *, unsure: bool = False) -> tuple[Ready, Ready]:
        services, now = self._services, self._services.clock()
        mark = share_tokens.mint_for_all(share_tokens.secret_of(services.vault), alert.token, now)
        text = public_page.write(
            alert,
            Reader(language, spoken=self._spoken),
            now=now,
            base_url=services.settings.base_url,
            around=around(services.gazetteer),
            unsure=unsure,
            mark=mark,
        )
        return make_page(text, public_page.policy(), https=self._https)

    def _pictures(self, alert: PublicAlert) -> dict[str, Ready]:
        """Every photo in every size and form, and the card that a shared link shows."""
        found = {}
        for photo in alert.photos:
            forms = [form for form in PHOTO_TYPES if form != "avif" or photo.avif]
            for size, form in ((size, form) for size in reading.SIZES for form in forms):
                content = reading.public_photo(self._services, alert.token, photo.number, size, form)
                name = f"{photo.number}{'' if size == 'small' else '-full'}.{form}"
                found[f"photo/{name}"] = self._file(content, PHOTO_TYPES[form])
        portrait = found.get("photo/1-full.jpg")
        return found | {"card.jpg": self._card(alert, portrait.content if portrait else None)}

    def _card(self, alert: PublicAlert, portrait: bytes | None) -> Ready:
        return self._file(card.draw(alert, portrait, self._spoken), "image/jpeg", card.KEPT)

    def _file(self, content: bytes, kind: str, also: Mapping[str, str] | None = None) -> Ready:
        return make(content, kind, KEPT_BY_NOBODY | dict(also or {}), https=self._https)
