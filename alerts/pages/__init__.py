"""The pages: server-rendered, no build step, nothing from anyone else; whole without script.

    the public       public.py        the start, /a/{token}, its photos and card, static files
                     public_page.py   the alert page as text (pure); card.py the picture of a shared link
                     saw.py           "I saw something"; saw_form.py its fields, stamp and map to tap on (pure)
                     mailbox.py       the button behind a confirmation's link
                     subscribe.py     subscribing, the inbox of a browser, leaving; towns.py a town by its name
                     settings.py      all that a subscriber chose on one page; own_places.py, when.py, leaving.py parts of
                     it; reader.py whose browser it is
    the officer      signin.py        passkeys, invitations; account.py one's own passkeys and keys, drills
                     neighbours.py    consents between agencies
                     console.py       list, one alert, decisions; alert_view.py its words (pure)
                     console_form.py  new, edit, update; console_area.py enlarge, shrink; console_correct.py one thing set right; posted.py the form as it arrives, in memory
                     console_tips.py  what people saw, opened and marked as read
                     kept_forms.py  a form that keeps itself, found again; who else is on the same alert
                     template_page.py  what an agency's alerts begin with
                     versions.py      every version; differences.py what changed, word by word (pure)
                     drill_report.py  how long each step of a drill took, for operators too
                     preview.py       page, SMS, card and poster before the approval
                     meanwhile.py     what happened to an alert since a form's page was shown
                     form_page.py     the form shown again with every fault beside its field
                     record_form.py   the form's fields as data; record_entry.py form to record and back (pure)
                     area_page.py     the area's fields, map and people; area_form.py fields to area (pure)
                     drawing.py       what the map to draw on shows: borders, places, the jurisdiction
    the operator     operations.py    every notice on its way, live; delivery.py its words and numbers (pure)
                     board_view.py    the whole screen: receivers, workers, self-tests (pure); feed.py one look for all
                     history.py       what became of alerts, CSV, reviews, the public's report; coverage.py the map
                     dead_letters.py  what did not arrive, and sending it again
                     tongues.py       which catalogues of our own words are on

    the administrator  administration.py  people, keys, agencies, by two; change_words.py what waits, in words (pure)

    removal.py a family asks for removal, an operator answers
    poster.py  the printable poster (PDF); poster_fonts.py its letters, cut by build_fonts.py
    lettering.py  words as pixels in every script, for card.py; isolating.py numbers inside Arabic lines (both pure)
    demo_doors.py  in a demo alone: a press signs in as one of the cast
    front.py   the layer before the router that answers alert pages from memory; rack.py what lies there, looked after
               every second; ready.py an answer as bytes
    feeds.py   feeds of others, for all who work here; feed_words.py their log in words (pure)

    memo.py    the last second's pages, for who comes past it
    render.py  templates, static files, Content-Security-Policy     frame.py  what all inner pages share
    map/       the area as one inline SVG                           words.py  our own words by language

`mount` adds them all to an application that has `state.services` (see `alerts.api.app`).
"""

from __future__ import annotations

from fastapi import FastAPI

from alerts.pages import (
    account,
    administration,
    area_page,
    console,
    console_area,
    console_correct,
    console_form,
    console_time,
    console_tips,
    counted,
    coverage,
    dead_letters,
    demo_doors,
    drawing,
    drill_report,
    feeds,
    frame,
    history,
    kept_forms,
    leaving,
    mailbox,
    neighbours,
    operations,
    own_places,
    preview,
    public,
    removal,
    saw,
    settings,
    signin,
    subscribe,
    template_page,
    tongues,
    versions,
    when,
)
from alerts.pages.front import Front
from alerts.pages.memo import Memo
from alerts.services import Services

__all__ = ["face", "mount"]


def face(app: FastAPI, services: Services) -> None:
    """Put the layer before the router that holds the alert pages ready, for a whole server: it looks from a thread."""
    app.add_middleware(Front, services=services)


def mount(app: FastAPI, services: Services, *, push_key: str | None = None) -> None:
    """Add the pages. `push_key` is the public key that browsers subscribe with (RFC 8292); None turns push off.

    A sandbox has none: its only push service is its own, which no browser can subscribe to.
    """
    app.state.services = services
    app.state.push_key = None if services.settings.sandbox else push_key
    app.state.html_error = frame.error_page
    app.state.memo = Memo()
    app.state.posters = Memo(kept_s=60.0)
    app.state.saw_maps = Memo(kept_s=10.0)
    rooms = (
        public,
        counted,
        signin,
        account,
        subscribe,
        mailbox,
        when,
        area_page,
        drawing,
        neighbours,
        kept_forms,
        template_page,
        console_form,
        console_area,
        console,
        operations,
    )
    for room in (
        *rooms,
        removal,
        saw,
        console_tips,
        dead_letters,
        demo_doors,
        history,
        coverage,
        administration,
        feeds,
        versions,
        preview,
        drill_report,
        tongues,
        leaving,
        own_places,
        settings,
        console_time,
        console_correct,
    ):
        app.include_router(room.router)
