"""Draws the app's icons from `static/icon.svg`, by Chromium: `python -m alerts.pages.build_icons` after the drawing changed.

A maskable icon (W3C Web App Manifest, section on safe zones) and Apple's fill their square: systems cut the corners.
"""

from __future__ import annotations

from pathlib import Path

ROOM = Path(__file__).parent / "static"
CHROMIUM = "/usr/bin/chromium"
ICONS = {
    "icon-192.png": (192, False),
    "icon-512.png": (512, False),
    "icon-maskable.png": (512, True),
    "icon-apple.png": (180, True),
}


def drawn(svg: str, size: int, *, full: bool) -> str:
    """The drawing as a page of its own; `full`: without round corners."""
    whole = svg.replace(' rx="14"', "") if full else svg
    style = f"<style>*{{margin:0}}svg{{display:block;width:{size}px;height:{size}px}}</style>"
    return f"<!doctype html>{style}{whole}"


def main() -> None:
    from playwright.sync_api import sync_playwright

    svg = (ROOM / "icon.svg").read_text()
    with sync_playwright() as found:
        browser = found.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name, (size, full) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(drawn(svg, size, full=full))
            page.screenshot(path=ROOM / name, omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
