"""`lookout tips`: an agency that holds its own key reads what nobody else can, the server neither."""

from __future__ import annotations

import json
import re
import stat

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from alerts import agencies, houses, passkeys, tip_box, tip_keys
from alerts.agencies import Role
from alerts.changes import Kind
from alerts.cli import main
from alerts.console_tables import tip, tip_key
from alerts.errors import FourEyes, NotAllowed, Refused
from alerts.service import administer, decide, submit
from alerts.service import tips as service
from alerts.service.drafting import read_document
from alerts.tip_box import Said
from notifiers.transactions import reading, writing

SAID = Said("A silver car", "Exit 12", contact="+1 303 555 0199", lon=-104.9, lat=39.7)


def lookout(*words):
    return CliRunner().invoke(main, ["tips", *map(str, words)])


@pytest.fixture
def own_key(tmp_path):
    """The file of the private key, and the public one in PEM."""
    file = tmp_path / "tips.pem"
    return file, lookout("keygen", file).stdout


@pytest.fixture
def alert(house, make_record):
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


@pytest.fixture
def administrators(house):
    """Two of the submitter's agency, and one of the house."""

    def come_in(name, agency):
        with writing(house.services.engine) as connection:
            person = agencies.add_officer(
                connection, name=name, roles={Role.ADMINISTER}, agency=agency, now=house.clock()
            )
            own = {"credential_id": name.encode(), "public_key": b"k", "sign_count": 0, "name": "x"}
            passkeys.add(connection, person.id, now=house.clock(), **own)
            houses.note_second(connection, house.clock())
        return person

    come_in("Dee", None)
    return come_in("Ada", house.submitter.agency), come_in("Ben", house.submitter.agency), come_in("Cleo", None)


@pytest.fixture
def registered(house, own_key, administrators):
    """The agency's own key counts."""
    ada, ben, _ = administrators
    content = {"public": tip_box.read_public(own_key[1]).hex()}
    made = administer.propose(house.services, ada, Kind.TIP_KEY, ada.agency.id, content)
    [waiting] = administer.list_changes(house.services, ben)
    with pytest.raises(FourEyes):
        administer.confirm(house.services, ada, made.change_id, waiting.content_hash)
    administer.confirm(house.services, ben, made.change_id, waiting.content_hash)


def send(house, alert, form):
    return service.send(house.services, alert.token, SAID, form=form, client="203.0.113.9")


def test_the_server_cannot_open_what_the_agency_opens_with_its_own_key(
    house, client, tmp_path, alert, own_key, registered
):
    reference = send(house, alert, b"1")
    answer = client.get(f"/v1/alerts/{alert.id}/tips", headers=house.headers("submitter"))
    assert answer.json()["tips"][0]["said"] is None
    export = tmp_path / "export.json"
    export.write_text(answer.text)
    opened = lookout("open", "--key", own_key[0], export)
    [one] = json.loads(opened.stdout)["tips"]
    assert (opened.exit_code, one["reference"], one["said"]["what"]) == (0, reference, "A silver car")
    with reading(house.services.engine) as connection:
        assert tip_keys.private_keys(connection, house.services.vault, house.submitter.agency.id) == {}


def test_what_came_before_the_key_opens_as_before_and_what_comes_after_it_was_given_back_too(
    house, alert, own_key, administrators
):
    ada = administrators[0].agency.id
    for form, key in ((b"1", None), (b"2", tip_box.read_public(own_key[1])), (b"3", None)):
        with writing(house.services.engine) as connection:
            tip_keys.change(connection, house.services.vault, ada, key, house.clock())
        send(house, alert, form)
    found = service.look(house.services, house.submitter, alert.id).found
    assert [one.said is not None for one in found] == [True, False, True]
    assert found[1].box is not None


def test_only_the_agencys_own_administrators_choose_who_reads(house, administrators):
    _, _, of_the_house = administrators
    with pytest.raises(NotAllowed):
        administer.propose(house.services, of_the_house, Kind.TIP_KEY, house.submitter.agency.id, {"public": None})


@pytest.mark.parametrize("weak", ["00", "00" * 32])  # too short; of low order
def test_a_key_that_nothing_can_be_encrypted_to_is_refused(house, administrators, weak):
    ada = administrators[0]
    with pytest.raises(Refused):
        administer.propose(house.services, ada, Kind.TIP_KEY, ada.agency.id, {"public": weak})


def test_the_private_key_is_for_its_owner_alone_and_never_written_over(own_key):
    file, public = own_key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert tip_box.read_public(public)
    before = file.read_bytes()
    assert lookout("keygen", file).exit_code == 2
    assert file.read_bytes() == before


def test_another_key_opens_nothing_and_what_is_no_export_is_refused(
    house, client, tmp_path, alert, own_key, registered
):
    send(house, alert, b"1")
    export, other = tmp_path / "export.json", tmp_path / "other.pem"
    export.write_text(client.get(f"/v1/alerts/{alert.id}/tips", headers=house.headers("submitter")).text)
    lookout("keygen", other)
    assert lookout("open", "--key", other, export).exit_code == 1
    export.write_text("[]")
    assert lookout("open", "--key", own_key[0], export).exit_code == 2


def test_an_agencys_administrators_do_it_on_their_page(house, own_key, administrators, app):
    from fastapi.testclient import TestClient

    from alerts import pages
    from alerts.api.access import COOKIE

    pages.mount(app, house.services)
    with writing(house.services.engine) as connection:
        sessions = [
            agencies.open_session(connection, one.id, house.clock(), 3600, how="test") for one in administrators[:2]
        ]
    origin = "http://127.0.0.1:8000"
    ada, ben = (
        TestClient(app, base_url=origin, headers={"origin": origin, "accept": "text/html"}, cookies={COOKIE: one})
        for one in sessions
    )
    assert "no public key in PEM" in ada.post("/administration/tip-key", data={"public": "x"}).text
    assert "waits for another" in ada.post("/administration/tip-key", data={"public": own_key[1]}).text
    page = ben.get("/administration").text
    told = tip_box.fingerprint(tip_box.read_public(own_key[1]))
    assert f"its own key {told}" in page
    [action] = re.findall(r'action="(/administration/changes/[^"]+/confirm[^"]*)"', page)
    [content_hash] = re.findall(r'name="content_hash" value="(\w+)"', page)
    ben.post(action, data={"content_hash": content_hash})
    assert f"<code>{told}</code>" in ben.get("/administration").text


def test_no_tip_is_lost_by_a_change_of_keys(house, alert, registered):
    send(house, alert, b"1")
    with reading(house.services.engine) as connection:
        [key] = connection.execute(select(tip_key).where(tip_key.c.retired_at.is_(None))).all()
        [row] = connection.execute(select(tip)).all()
    assert row.key_id == key.id
