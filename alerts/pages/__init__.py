"""The pages: server-rendered, no build step, nothing from anyone else; whole without script.

    the public       public.py        the start, /a/{token}, its photos and card, static files
                     public_page.py   the alert page as text (pure); card.py the picture of a shared link
                     subscribe.py     subscribing, the inbox of a browser, leaving; towns.py a town by its name
    the officer      signin.py        one-time links
                     console.py       list, one alert, decisions; alert_view.py its words (pure)
                     console_form.py  new, edit, update, enlarge; posted.py the form as it arrives, in memory
                     form_page.py     the form shown again with every fault beside its field
                     record_form.py   the form's fields as data; record_entry.py form to record and back (pure)
                     area_page.py     the area's fields, map and people; area_form.py fields to area (pure)
    the operator     operations.py    every notice on its way; delivery.py its words and numbers (pure)
                     dead_letters.py  what did not arrive, and sending it again

    memo.py    the last second's pages, for a crowd
    render.py  templates, static files, Content-Security-Policy     frame.py  what all inner pages share
    map/       the area as one inline SVG                           words.py  our own words by language

`mount` adds them all to an application that has `state.services` (see `alerts.api.app`).
"""

from __future__ import annotations

from fastapi import FastAPI

from alerts.pages import (
    area_page,
    console,
    console_form,
    counted,
    dead_letters,
    frame,
    operations,
    public,
    signin,
    subscribe,
)
from alerts.pages.memo import Memo
from alerts.services import Services

__all__ = ["mount"]


def mount(app: FastAPI, services: Services, *, push_key: str | None = None) -> None:
    """Add the pages. `push_key` is the public key that browsers subscribe with (RFC 8292); None turns push off.

    A sandbox has none: its only push service is its own, which no browser can subscribe to.
    """
    app.state.services = services
    app.state.push_key = None if services.settings.sandbox else push_key
    app.state.html_error = frame.error_page
    app.state.memo = Memo()
    rooms = (public, counted, signin, subscribe, area_page, console_form, console, operations, dead_letters)
    for room in rooms:
        app.include_router(room.router)
