"""Pictures of every page, from a demo of a few people: `make pictures` writes docs/pictures/ anew.

`--look DIR` takes each page at 320, 390 and 1280 px, light, dark and in forced colours instead, to be looked at; and says
which are wider than the screen.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alerts.demo.run import World
    from alerts.demo.story import Sent
    from alerts.demo.world import Person

OUT = Path(__file__).parent.parent / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PEOPLE = 3_000
DESK, PHONE, NARROW = (1280, 800), (390, 844), (320, 700)
MOST_BYTES = 150_000
LOOKS = [
    (f"{width}-{scheme}{'-forced' if forced else ''}", (width, height), scheme, forced)
    for width, height in (NARROW, PHONE, DESK)
    for scheme, forced in (("light", False), ("dark", False), ("light", True))
]


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: its picture's name, path, who looks, at which size; `press` opens what is folded."""

    name: str
    path: str
    who: str = ""
    size: tuple[int, int] = DESK
    press: str = ""
    scheme: str = "light"
    form: dict[str, str] = field(default_factory=dict)


def open_pages() -> list[Shot]:
    """What anyone may see, alert or none."""
    return [
        Shot("start", "/"),
        Shot("subscribe", "/subscribe", size=PHONE),
        Shot("subscribe-map", "/subscribe", size=PHONE, press="text=Choose on a map"),
        Shot("settings", "/inbox/settings", "reader", PHONE),
        Shot("places", "/inbox/places", "reader", PHONE),
        Shot("why", "/inbox/why", "reader", PHONE),
        Shot("signin", "/signin", size=PHONE),
    ]


def during(sent: Sent) -> list[Shot]:
    """While the alert is in force."""
    return [
        Shot("alert", f"/a/{sent.token}", size=PHONE),
        Shot("alert-desk", f"/a/{sent.token}"),
        Shot("alert-arabic", f"/a/{sent.token}?lang=ar", size=PHONE),
        Shot("console", "/console", "submitter"),
        Shot("console-alert", f"/console/alerts/{sent.id}", "submitter"),
        Shot("console-new", "/console/new", "submitter"),
        Shot("account", "/account", "submitter"),
        Shot("neighbours", "/console/consents", "approver"),
        Shot("operations", "/operations", "operator"),
        Shot("operations-dark", "/operations", "operator", scheme="dark"),
        Shot("operations-phone", "/operations", "operator", PHONE),
        Shot("operations-recall", "/operations", "operator", press="text=Recall the alert …"),
        Shot("coverage", "/operations/coverage", "operator"),
        Shot("dead-letters", "/operations/notices/1/dead-letters", "operator", PHONE),
        Shot("feeds", "/feeds", "operator"),
        Shot("removal", f"/a/{sent.token}/removal", size=PHONE),
        Shot("saw", f"/a/{sent.token}/saw", size=PHONE),
        Shot("versions", f"/console/alerts/{sent.id}/versions", "submitter"),
        Shot("preview", f"/console/alerts/{sent.id}/preview", "submitter"),
        Shot("drill", f"/console/alerts/{sent.id}/drill", "submitter"),
        Shot("templates", "/console/templates", "submitter"),
        Shot("tips", f"/console/alerts/{sent.id}/tips", "submitter"),
        Shot("languages", "/operations/languages", "operator"),
        Shot("correct", f"/console/alerts/{sent.id}", "submitter", PHONE, press="text=Correct one thing"),
        Shot("demo", "/"),
    ]


def after(sent: Sent) -> list[Shot]:
    """When it is over."""
    return [
        Shot("over", f"/a/{sent.token}", size=PHONE),
        Shot("history", "/operations/history", "operator"),
        Shot("review", f"/operations/history/{sent.token}", "operator", PHONE),
        Shot("transparency", "/transparency", size=PHONE),
    ]


class Photographer:
    """A browser, a context a person; `look` is where to put every size instead of the one."""

    def __init__(self, base: str, out: Path, *, look: bool, only: str = "") -> None:
        from playwright.sync_api import sync_playwright

        self._base, self._out, self._look, self._only = base, out, look, only
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        self._pages: dict[str, Any] = {}
        out.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        self._browser.close()
        self._playwright.stop()

    def let_in(self, who: str, person: Person) -> None:
        """Signed in once by their link."""
        page = self._page(who)
        page.goto(self._base + person.sign_in_path)
        page.click("main button")

    def sign_up(self, who: str, town: str) -> None:
        """A subscriber, known by their browser alone."""
        page = self._page(who)
        page.goto(self._base + "/subscribe")
        page.fill("[name=place]", town)
        page.check("#consent")
        page.click("button.go")

    def take(self, shots: list[Shot]) -> None:
        for shot in shots:
            if any(part in shot.name for part in self._only.split(",")):
                self._open(shot)

    def _page(self, who: str) -> Any:
        if who not in self._pages:
            context = self._browser.new_context(service_workers="block", timezone_id="America/Denver", locale="en-US")
            self._pages[who] = context.new_page()
        return self._pages[who]

    def _open(self, shot: Shot) -> None:
        page = self._page(shot.who)
        looks = LOOKS if self._look else [("", shot.size, shot.scheme, False)]
        for name, (width, height), scheme, forced in looks:
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme, forced_colors="active" if forced else "none")
            page.goto(self._base + shot.path)
            page.wait_for_timeout(1500 if shot.path == "/operations" else 300)
            if shot.press:
                page.locator(shot.press).first.click()
                page.wait_for_timeout(300)
            wide = page.evaluate("document.documentElement.scrollWidth") - width
            self._write(page, f"{shot.name}{f'-{name}' if name else ''}")
            print(f"{shot.name} {name}{f': {wide} px too wide' if wide > 0 else ''}", flush=True)

    def _write(self, page: Any, name: str) -> None:
        from PIL import Image

        seen = Image.open(io.BytesIO(page.screenshot(full_page=self._look)))
        target = self._out / f"{name}.webp"
        for quality in (80, 60, 40):
            seen.save(target, quality=quality, method=6)
            if target.stat().st_size <= MOST_BYTES:
                return


@contextmanager
def demo() -> Iterator[World]:
    """A small demo of its own."""
    from alerts import logs
    from alerts.demo.run import make_room, running
    from alerts.demo.server import Server
    from alerts.demo.stamp import stamp
    from alerts.listening import listen
    from alerts.services import utc_now

    logs.configure("text", "error")
    with listen("127.0.0.1", 0) as listening, closing(Server(listening)) as server:
        base = listening.getsockname()[:2]
        listening.close()
        now = utc_now()
        with tempfile.TemporaryDirectory(prefix="lookout-pictures-", ignore_cleanup_errors=True) as directory:
            make_room(Path(directory))
            with running(server, stamp(None, now), PEOPLE, Path(directory), base, now) as world:
                yield world


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--look", type=Path, help="every size and scheme into this directory, instead of docs/pictures")
    asked.add_argument("--only", default="", help="pages whose name holds one of these, by commas")
    told = asked.parse_args()
    with demo() as world:
        photographer = Photographer(world.base_url, told.look or OUT, look=told.look is not None, only=told.only)
        with closing(photographer):
            _tour(world, photographer)


def _tour(world: World, photographer: Photographer) -> None:
    from alerts.demo import canaries
    from alerts.demo.run import play_alert, play_end
    from alerts.demo.show import Show

    canaries.enrol(world.settings, world.engine)
    show = Show(quiet=True)
    for who in ("submitter", "approver", "operator"):
        photographer.let_in(who, getattr(world.settled.cast, who))
    photographer.sign_up("reader", "Denver, CO")
    photographer.take(open_pages())
    _, sent = play_alert(world, show)
    photographer.take(during(sent))
    play_end(world, sent, show)
    photographer.take(after(sent))


if __name__ == "__main__":
    main()
