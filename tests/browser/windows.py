"""One window of a real browser, for a story that is told in Chromium and in Firefox with the same words.

What is pressed is pressed with the pointer, at its place on the screen: what lies under something else is not pressed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Protocol

from firefox import Firefox
from pushing import until

# What shows this text (else: what this selector finds) and can be pressed; null: not there, or not to be seen.
FIND = """((wanted) => { const seen = (one) => one.checkVisibility() && one.getBoundingClientRect().right > 0;
  const all = [...document.querySelectorAll("a,button,summary")].filter(seen);
  return all.find((one) => one.textContent.replace(/\\s+/g, " ").includes(wanted))
    || (/^[#.\\[a-z]/.test(wanted) && [...document.querySelectorAll(wanted)].find(seen)) || null })"""
FILL = """((name, value) => { const one = document.getElementsByName(name)[0]; one.focus(); one.value = value;
  for (const what of ["input", "change"]) one.dispatchEvent(new Event(what, { bubbles: true })); })"""
READ = "document.body.innerText.replace(/\\s+/g, ' ')"


# In sight and where it was two frames ago; from then on the page knows whether this felt the press.
STILL = """(async (one) => { if (!one) return null;
  one.scrollIntoView({ block: "center", behavior: "instant" });
  const frame = () => new Promise(requestAnimationFrame), place = () => JSON.stringify(one.getBoundingClientRect());
  for (let before = ""; before !== place(); ) { before = place(); await frame(); await frame(); }
  window.pressed = "waiting";
  document.addEventListener("click", (event) => { window.pressed = one.contains(event.target) ? "felt" : "missed"; },
    { capture: true, once: true });
  return one })"""
FELT_S = 10.0


class Window(Protocol):
    """Somebody's own window: cookies are shared with nobody."""

    def open(self, url: str) -> None: ...

    def run(self, script: str) -> str:
        """The text that a script comes to."""
        ...

    def touch(self, wanted: str) -> bool:
        """Press what shows this text or has this selector. False: it is not there (yet)."""
        ...

    def close(self) -> None: ...


def press(window: Window, wanted: str) -> None:
    """As soon as it is there."""
    until(lambda: tried(lambda: window.touch(wanted)))


def press_folded(window: Window, fold: str, wanted: str) -> None:
    """What lies in something that is folded: unfolded again where a page took the place of another meanwhile."""
    until(lambda: tried(lambda: window.touch(wanted)) or (tried(lambda: window.touch(fold)) and False))


def fill(window: Window, fields: Mapping[str, str]) -> None:
    """Fields by name."""
    for name, value in fields.items():
        window.run(f"{FILL}({json.dumps(name)}, {json.dumps(value)}) || ''")


def reads(window: Window, text: str) -> bool:
    """Waits until the page says this."""
    return bool(until(lambda: tried(lambda: text in window.run(READ))))


def tried(what: Any) -> Any:
    """Nothing while one page takes another's place: each browser has its own words for that."""
    try:
        return what()
    except Exception:  # noqa: BLE001 see above
        return None


class ChromiumWindow:
    def __init__(self, browser: Any) -> None:
        self._context = browser.new_context(service_workers="block", permissions=["clipboard-write"])
        self._page = self._context.new_page()

    def open(self, url: str) -> None:
        self._page.goto(url)

    def run(self, script: str) -> str:
        return str(self._page.evaluate(script))

    def touch(self, wanted: str) -> bool:
        found = self._page.evaluate_handle(f"{FIND}({json.dumps(wanted)})").as_element()
        if found:
            found.click(timeout=5000)
        return found is not None

    def close(self) -> None:
        self._context.close()


class FirefoxWindow:
    def __init__(self, firefox: Firefox) -> None:
        self._firefox = firefox
        self._apart = firefox.ask("browser.createUserContext")["userContext"]
        self._page = firefox.ask("browsingContext.create", type="tab", userContext=self._apart)["context"]

    def open(self, url: str) -> None:
        self._firefox.ask("browsingContext.activate", context=self._page)  # a page that nobody sees asks for nothing
        self._firefox.ask("browsingContext.navigate", context=self._page, url=url, wait="complete")

    def run(self, script: str) -> str:
        return str(self._firefox.evaluate(self._page, script).get("value", ""))

    def touch(self, wanted: str) -> bool:
        self._firefox.ask("browsingContext.activate", context=self._page)
        found = self._firefox.evaluate(self._page, f"{STILL}({FIND}({json.dumps(wanted)}))")
        if found["type"] == "null":
            return False
        at = {
            "type": "pointerMove",
            "x": 0,
            "y": 0,
            "origin": {"type": "element", "element": {"sharedId": found["sharedId"]}},
        }
        presses = [at, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        pointer = {"type": "pointer", "id": "hand", "actions": presses}
        self._firefox.ask("input.performActions", context=self._page, actions=[pointer])
        return self._felt()

    def _felt(self) -> bool:
        """Whether what was pressed felt it. A page that gave way to the next has been pressed."""
        ends = time.monotonic() + FELT_S
        while (felt := tried(lambda: self.run("String(window.pressed)"))) == "waiting" and time.monotonic() < ends:
            time.sleep(0.02)
        return felt not in ("waiting", "missed")

    def close(self) -> None:
        self._firefox.ask("browser.removeUserContext", userContext=self._apart)
