"""Before an approval: the public page, SMS, the share card and the poster, by the very code that will make them.

For officers of the agency alone; none of these addresses answers anyone else, and nothing here is kept.
"""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from alerts import reading
from alerts.agencies import Officer
from alerts.api.access import OFFICER, GatedRoute, Given, SignedIn, rule
from alerts.errors import NotFound
from alerts.pages import alert_view, card, frame, phone, poster, public_page, render
from alerts.pages.map import around
from alerts.pages.public_page import Reader
from alerts.pages.words import direction, name_of
from alerts.reports import AlertView, PublicAlert
from alerts.service.languages import spoken
from alerts.services import Services
from notifiers.channels import gsm, sms
from notifiers.model import Kind, Notice

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
_FRESH = {"cache-control": "no-store"}
# The page as it will be, shown inside ours: no script runs in it and no form leaves it.
_SHEET = (
    public_page.policy().replace("frame-ancestors 'none'", "frame-ancestors 'self'") + "; sandbox allow-same-origin"
)
_FRAME = render.policy() + "; frame-src 'self'"


@router.get("/console/alerts/{alert_id}/preview")
@rule(OFFICER)
def show(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """All that people will get, on one page."""
    view, said = _said(services, officer, alert_id)
    shown = {
        "at": f"/console/alerts/{alert_id}",
        "exercise": view.row.status != "Actual",
        "languages": [(tag, name_of(tag)) for tag in said.texts],
        "screens": phone.screens(said.texts),
        "messages": [_message(services, view, said, tag) for tag in said.texts],
        "kind_words": alert_view.KINDS.get(view.row.kind, view.row.kind),
        "version": view.row.version,
    }
    values = frame.values(services, officer, "", "Preview", **shown)
    return render.page("preview.html", headers={"content-security-policy": _FRAME}, **values)


@router.get("/console/alerts/{alert_id}/preview/page")
@rule(OFFICER)
def sheet(alert_id: str, services: Given, officer: SignedIn, lang: str | None = None) -> Response:
    """The public page, with its photos from the console's own addresses."""
    view, said = _said(services, officer, alert_id)
    here, near = services.settings.base_url, around(services.gazetteer)
    written = public_page.write(
        said, Reader(lang, spoken=spoken(services)), now=services.clock(), base_url=here, around=near
    )
    own = _SCRIPT.sub("", written).replace(f"/a/{view.token}/photo/", f"/console/alerts/{alert_id}/photo/")
    return HTMLResponse(own, headers=_FRESH | {"content-security-policy": _SHEET, "referrer-policy": "no-referrer"})


@router.get("/console/alerts/{alert_id}/preview/card.jpg")
@rule(OFFICER)
def share_card(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """The picture that a shared link will show."""
    _, said = _said(services, officer, alert_id)
    return Response(
        card.draw(said, _portrait(services, officer, alert_id, said), spoken(services)),
        media_type="image/jpeg",
        headers=_FRESH,
    )


@router.get("/console/alerts/{alert_id}/preview/poster-{size}.pdf")
@rule(OFFICER)
def print_poster(alert_id: str, size: str, services: Given, officer: SignedIn, lang: str | None = None) -> Response:
    """The poster, a4 or letter."""
    if size not in poster.SIZES:
        raise NotFound("no such poster")
    view, said = _said(services, officer, alert_id)
    asked = poster.Asked(size, lang, _page_url(services, view), services.clock(), spoken(services))
    content = poster.draw(said, _portrait(services, officer, alert_id, said), asked)
    named = {"content-disposition": f'inline; filename="preview-{size}.pdf"'}
    return Response(content, media_type="application/pdf", headers=_FRESH | named)


def _said(services: Services, officer: Officer, alert_id: str) -> tuple[AlertView, PublicAlert]:
    view = reading.get_alert(services, officer, alert_id)
    if view.public is None:
        raise NotFound("the alert is over, and what it said is gone")
    return view, view.public


def _portrait(services: Services, officer: Officer, alert_id: str, said: PublicAlert) -> bytes | None:
    return reading.officer_photo(services, officer, alert_id, 1, "full", "jpg") if said.photos else None


def _page_url(services: Services, view: AlertView) -> str:
    return f"{services.settings.base_url}{view.row.page_path}"


def _message(services: Services, view: AlertView, said: PublicAlert, tag: str) -> dict[str, Any]:
    """The SMS of one language, cut as it will be, with what it takes."""
    plates = [
        f"{one.plate} ({one.plate_state})" if one.plate_state else one.plate for one in said.vehicles if one.plate
    ]
    notice = Notice(
        incident=view.token,
        version=view.row.version,
        number=view.row.number,
        kind=Kind(view.row.kind),
        status=view.row.status,
        sent_at=said.sent_at,
        expires_at=said.expires_at,
        sender_name=said.agency,
        page_url=_page_url(services, view),
        texts=said.texts,
        plate=", ".join(plates),
        spoken=spoken(services),
    )
    text = sms.words(notice, tag)
    size = gsm.measure(text)
    alphabet = "GSM-7" if size.alphabet is gsm.Alphabet.GSM7 else "UCS-2"
    return {
        "language": tag,
        "name": name_of(tag),
        "direction": direction(tag),
        "text": text,
        "takes": f"{len(text)} characters, {alphabet}, {size.segments} {'segment' if size.segments == 1 else 'segments'}",
    }
