"""Signed CAP in and out: only what was signed is read, what is old stays in the archive, what leaves bears our name."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from signing import MESSAGE, Keyed, keyed, sign
from sqlalchemy import select

from alerts import reading, signature_make
from alerts.errors import Lapsed, Over, Refused
from alerts.service import decide, submit
from alerts.service.drafting import read_document
from alerts.signature import verify
from alerts.signature_trust import Trust, fingerprint
from notifiers import notices
from notifiers.tables import notice
from notifiers.transactions import reading as looking

CAP = "application/cap+xml"


def message(at: datetime, *, kind: str = "Alert", identifier: str = "X-1", references: str = "") -> bytes:
    """An import around Denver, sent then."""
    said = MESSAGE.replace(b"2026-01-15T18:30:00-06:00", f"{at:%Y-%m-%dT%H:%M:%S}-00:00".encode())
    said = said.replace(b">Alert<", f">{kind}<".encode()).replace(b">Actual<", b">Exercise<")
    named = f"<scope>Public</scope><references>{references}</references>" if references else "<scope>Public</scope>"
    return said.replace(b"X-1", identifier.encode()).replace(b"<scope>Public</scope>", named.encode())


@pytest.fixture
def agency(house) -> Keyed:
    """Who is trusted here."""
    now = house.clock()
    own = keyed(since=now - timedelta(days=9), until=now + timedelta(days=9))
    folder = house.services.settings.trust_directory / "agency"
    folder.mkdir(parents=True)
    (folder / "agency.pem").write_bytes(own.pem)
    return own


def brought(house, body: bytes):
    return read_document(house.services, house.submitter, body, CAP)


def test_of_what_an_officer_brings_only_what_was_signed_is_read(house, agency):
    body = sign(message(house.clock()), agency).replace(b"<info>", b"<!-- evil --><info>")
    alert = brought(house, body).alert
    assert alert.signed_by.source == "agency"
    assert alert.infos[0].headline == "Missing child"
    left = submit.submit(house.services, house.submitter, brought(house, body))
    assert decide.approve(house.services, house.approver, left.id, left.content_hash).state == "active"


@pytest.mark.parametrize("forge", [lambda body: sign(body, keyed("Thief")), lambda body: sign(body, keyed(), uri=None)])
def test_a_signature_that_nobody_here_trusts_is_refused_whoever_brings_it(house, agency, forge):
    with pytest.raises(Refused) as caught:
        brought(house, forge(message(house.clock())))
    assert caught.value.problems[0].type.startswith("signature-")


def test_words_changed_under_a_true_signature_are_refused(house, agency):
    with pytest.raises(Refused):
        brought(house, sign(message(house.clock()), agency).replace(b"Missing", b"Evil"))


def test_certificates_that_cannot_be_read_stop_what_is_signed_and_nothing_else(house, agency, take):
    (house.services.settings.trust_directory / "agency" / "b.pem").write_bytes(b"no")
    with pytest.raises(Refused) as caught:
        brought(house, sign(message(house.clock()), agency))
    assert caught.value.problems[0].type == "signature-trust"
    assert take().alert.record
    assert brought(house, message(house.clock())).alert.signed_by is None


def test_an_old_message_is_kept_and_read_and_never_approved(house, agency):
    body = sign(message(house.clock() - timedelta(minutes=61)), agency)
    left = submit.submit(house.services, house.submitter, brought(house, body))
    assert "sent-archive" in {problem.type for problem in left.problems}
    view = reading.get_alert(house.services, house.approver, left.id)
    assert view.public.texts["en-US"].headline == "Missing child"
    assert "approve" not in view.actions
    with pytest.raises(Over):
        decide.approve(house.services, house.approver, left.id, left.content_hash)


def test_one_that_grows_old_while_it_waits_is_not_approved_either(house, agency):
    left = submit.submit(house.services, house.submitter, brought(house, sign(message(house.clock()), agency)))
    house.clock.pass_time(minutes=61)
    with pytest.raises(Lapsed):  # the request for its approval grows old sooner
        decide.approve(house.services, house.approver, left.id, left.content_hash)


def test_an_old_message_does_not_come_in_as_an_update_of_a_new_one(house, agency, in_force):
    left = in_force()
    old = brought(house, sign(message(house.clock() - timedelta(hours=2)), agency))
    with pytest.raises(Refused) as caught:
        submit.update(house.services, house.submitter, left.id, old)
    assert [problem.type for problem in caught.value.problems] == ["sent-archive"]


def test_a_cancel_under_a_dead_certificate_ends_nothing(house, agency):
    at = house.clock()
    left = submit.submit(house.services, house.submitter, brought(house, sign(message(at), agency)))
    refers = f"desk@agency.example,X-1,{at:%Y-%m-%dT%H:%M:%S}-00:00"
    cancel = sign(message(at, kind="Cancel", identifier="X-2", references=refers), agency)
    house.clock.pass_time(days=10)
    with pytest.raises(Refused) as caught:
        submit.submit(house.services, house.submitter, brought(house, cancel))
    assert "signature-archive" in {problem.type for problem in caught.value.problems}
    house.clock.pass_time(days=-10)
    assert submit.submit(house.services, house.submitter, brought(house, cancel)).kind == "cancel"
    assert left.id


def test_what_leaves_is_signed_by_the_house(house, in_force):
    left = in_force()
    seal = signature_make.load_or_make(house.services.settings.keys_directory, "")
    ours = Trust("ours", (seal.certificate,))
    shown = reading.cap_xml(house.services, house.submitter, left.id)
    assert shown == reading.cap_xml(house.services, house.submitter, left.id)
    with looking(house.services.engine) as connection:
        sent = notices.get(connection, house.services.vault, connection.scalar(select(notice.c.id)))
    for document in (shown, sent.cap_xml):
        assert verify(document, ours).by.fingerprint == fingerprint(seal.certificate)
