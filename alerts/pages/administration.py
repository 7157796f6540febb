"""The administrators' page: what waits for a second person, people, keys, agencies and their jurisdictions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response, UploadFile
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from alerts import keyring, roster, tip_box, tip_keys
from alerts.agencies import Officer, Role, Use
from alerts.api.access import ADMINISTRATOR, GatedRoute, Given, RowId, SignedIn, rule
from alerts.changes import Kind
from alerts.errors import Conflict, LookoutError, NotAllowed, Refused
from alerts.model import Problem
from alerts.pages import change_words, frame, render
from alerts.programme import PROGRAMMES
from alerts.service import administer
from alerts.services import Services
from alerts.strict_json import NotJson, loads
from geo.places import Gazetteer, UnknownPlace
from geo.shapes import Shape, ShapeFault, read_geojson
from notifiers.transactions import reading

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

Name = Annotated[str, Form(max_length=200)]
Roles = Annotated[list[Role], Form()]
Whose = Annotated[int, Form()]  # an agency; 0: the house
_WAITS = "It waits for another administrator."
_DONE = "Done."


class KeyForm(BaseModel):
    """What a key is for."""

    name: str = Field(max_length=64)
    officer_id: int
    use: Use
    days: int
    roles: list[Role] = []


class DrawnForm(BaseModel):
    """A jurisdiction: codes of counties and states, a file of GeoJSON, or both."""

    places: str = Field("", max_length=20_000)
    drawn: UploadFile | None = None


class AgencyForm(DrawnForm):
    """An agency."""

    code: str = Field(max_length=32)
    name: str = Field(max_length=200)
    sender: str = Field(max_length=200)
    programme: str = Field(max_length=32)


class JurisdictionForm(DrawnForm):
    """Whose jurisdiction it is to be."""

    agency: int


@router.get("/administration")
@rule(ADMINISTRATOR)
def show(services: Given, officer: SignedIn) -> Response:
    """All within this administrator's reach."""
    return _page(services, officer)


@router.post("/administration/people")
@rule(ADMINISTRATOR)
def add_person(services: Given, officer: SignedIn, name: Name, agency: Whose, roles: Roles = []) -> Response:  # noqa: B006 the framework copies it
    """Propose somebody new."""
    return _propose(services, officer, Kind.PERSON, agency, {"name": name.strip(), "roles": sorted(roles)})


@router.post("/administration/people/{officer_id}/roles")
@rule(ADMINISTRATOR)
def change_roles(officer_id: RowId, services: Given, officer: SignedIn, roles: Roles = []) -> Response:  # noqa: B006 the framework copies it
    """Propose what somebody may do from now on."""
    content = {"officer_id": officer_id, "roles": sorted(roles)}
    return _propose(services, officer, Kind.ROLES, _agency_of(services, officer, officer_id), content)


@router.post("/administration/people/{officer_id}/link")
@rule(ADMINISTRATOR)
def invite_again(officer_id: RowId, services: Given, officer: SignedIn) -> Response:
    """Propose a new invitation for somebody who has no passkey left."""
    content = {"officer_id": officer_id}
    return _propose(services, officer, Kind.LINK, _agency_of(services, officer, officer_id), content)


@router.post("/administration/people/{officer_id}/disable")
@rule(ADMINISTRATOR)
def disable(officer_id: RowId, services: Given, officer: SignedIn) -> Response:
    """At once, and alone."""
    try:
        administer.disable(services, officer, officer_id)
    except Conflict as fault:
        return _page(services, officer, stray=[str(fault)])
    return RedirectResponse("/administration", 303)


@router.post("/administration/keys")
@rule(ADMINISTRATOR)
def add_key(services: Given, officer: SignedIn, asked: Annotated[KeyForm, Form()]) -> Response:
    """Propose a key for somebody."""
    content = asked.model_dump(mode="json") | {"roles": sorted(asked.roles), "name": asked.name.strip()}
    return _propose(services, officer, Kind.KEY, _agency_of(services, officer, asked.officer_id), content)


@router.post("/administration/keys/{key_id}/revoke")
@rule(ADMINISTRATOR)
def revoke_key(key_id: RowId, services: Given, officer: SignedIn) -> Response:
    """At once, and alone."""
    administer.revoke_key(services, officer, key_id)
    return RedirectResponse("/administration", 303)


@router.post("/administration/machine")
@rule(ADMINISTRATOR)
def allow_command(services: Given, officer: SignedIn, words: Annotated[str, Form(max_length=1000)]) -> Response:
    """Propose that one command be given on the machine: what makes keys there takes two people as well."""
    content = {"words": words.strip().removeprefix("lookout ")}
    return _propose(services, officer, Kind.MACHINE, 0, content)


@router.post("/administration/agencies")
@rule(ADMINISTRATOR)
def add_agency(services: Given, officer: SignedIn, asked: Annotated[AgencyForm, Form()]) -> Response:
    """Propose an agency with its jurisdiction."""
    own = {name: getattr(asked, name).strip() for name in ("code", "name", "sender", "programme")}
    return _propose_shape(services, officer, Kind.AGENCY, 0, asked, own)


@router.post("/administration/jurisdiction")
@rule(ADMINISTRATOR)
def change_jurisdiction(services: Given, officer: SignedIn, asked: Annotated[JurisdictionForm, Form()]) -> Response:
    """Propose where an agency may alert from now on."""
    return _propose_shape(services, officer, Kind.JURISDICTION, asked.agency, asked, {})


@router.post("/administration/live")
@rule(ADMINISTRATOR)
def go_live(services: Given, officer: SignedIn, agency: Whose) -> Response:
    """Propose that an agency may send real alerts."""
    return _propose(services, officer, Kind.LIVE, agency, {})


@router.post("/administration/tip-key")
@rule(ADMINISTRATOR)
def change_tip_key(services: Given, officer: SignedIn, public: Annotated[str, Form(max_length=2000)] = "") -> Response:
    """Propose to whom tips for one's own agency are encrypted: a public key in PEM; empty: one that the house makes."""
    try:
        key = tip_box.read_public(public).hex() if public.strip() else None
    except tip_box.NotATipKey as fault:
        return _page(services, officer, stray=[str(fault)])
    return _propose(services, officer, Kind.TIP_KEY, officer.agency.id if officer.agency else 0, {"public": key})


@router.post("/administration/changes/{change_id}/confirm")
@rule(ADMINISTRATOR)
def confirm(
    change_id: str, services: Given, officer: SignedIn, content_hash: Annotated[str, Form(max_length=64)]
) -> Response:
    """Exactly what was on the page."""
    try:
        done = administer.confirm(services, officer, change_id, content_hash)
    except (Conflict, NotAllowed, Refused) as fault:
        return _page(services, officer, stray=_said(fault))
    return _page(services, officer, done=_DONE, link=done.link)


@router.post("/administration/changes/{change_id}/decline")
@rule(ADMINISTRATOR)
def decline(change_id: str, services: Given, officer: SignedIn) -> Response:
    """No, or taken back."""
    try:
        administer.decline(services, officer, change_id)
    except Conflict as fault:
        return _page(services, officer, stray=[str(fault)])
    return RedirectResponse("/administration", 303)


def _propose(services: Services, officer: Officer, kind: Kind, agency: int, content: dict[str, Any]) -> Response:
    try:
        done = administer.propose(services, officer, kind, agency or None, content)
    except (Conflict, NotAllowed, Refused) as fault:
        return _page(services, officer, stray=_said(fault))
    return _page(services, officer, done=_DONE if done.confirmed else _WAITS, link=done.link)


def _propose_shape(  # one argument for each part of it
    services: Services, officer: Officer, kind: Kind, agency: int, asked: DrawnForm, own: dict[str, Any]
) -> Response:
    try:
        jurisdiction = _read(services.gazetteer, asked.places, asked.drawn).to_geojson()
    except Refused as fault:
        return _page(services, officer, stray=_said(fault))
    return _propose(services, officer, kind, agency, own | {"jurisdiction": jurisdiction})


def _said(fault: LookoutError) -> list[str]:
    return [one.message for one in fault.problems] or [str(fault)]


def _agency_of(services: Services, by: Officer, officer_id: int) -> int:
    found = administer.person(services, by, officer_id)
    return found.agency.id if found.agency else 0


def _read(gazetteer: Gazetteer, places: str, drawn: UploadFile | None) -> Shape:
    """Counties and states by their codes, and a file of GeoJSON; their union. Refused with every fault."""
    faults, shapes = [], []
    for code in places.replace(",", " ").split():
        try:
            shapes.append(gazetteer.get(code))
        except UnknownPlace as unknown:
            faults.append(Problem.error("places.unknown", "/places", str(unknown)))
    if drawn is not None and (body := drawn.file.read()):
        try:
            found = loads(body)
            shapes.append(read_geojson(found if isinstance(found, dict) else {}).shape)
        except NotJson as fault:
            faults.append(Problem.error("drawn.json", "/drawn", str(fault)))
        except ShapeFault as fault:
            faults += [Problem.error(f"drawn.{one.type}", f"/drawn{one.path}", one.message) for one in fault.faults]
    if faults:
        raise Refused(faults)
    try:
        return Shape().union(*shapes)
    except ShapeFault as tangle:
        raise Refused([Problem.error(f"drawn.{one.type}", "/drawn", one.message) for one in tangle.faults]) from None


def _page(services: Services, officer: Officer, **more: Any) -> Response:
    scope = officer.agency.id if officer.agency else None
    with reading(services.engine) as connection:
        people = roster.list_people(connection, scope)
        keys = keyring.list_all(connection, scope)
        found = [one for one in roster.list_agencies(connection) if scope in (None, one.id)]
        tip_key = tip_keys.find(connection, scope) if scope else None
    waiting = administer.list_changes(services, officer)
    shown = {
        "people": people,
        "keys": keys,
        "agencies": found,
        "waiting": [change_words.put(services.gazetteer, one, people, found) for one in waiting],
        "of_house": officer.agency is None,
        "roles": list(Role),
        "programmes": list(PROGRAMMES.values()),
        "me": officer,
        "tip_key": tip_box.fingerprint(tip_key.public) if tip_key and not tip_key.ours else None,
        "stray": more.get("stray", ()),
        "done": more.get("done"),
        "link": services.settings.base_url + link if (link := more.get("link")) else None,
    }
    values = frame.values(services, officer, "/administration", "Administration", **shown)
    return render.page("administration.html", status=409 if shown["stray"] else 200, **values)
