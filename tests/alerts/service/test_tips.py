"""What people saw reaches the agency of the alert, and nobody else; it is gone 30 days after the end."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from cast import BOTH

from alerts import console_tables, tables, tips
from alerts.errors import NotFound, Over, TooOften
from alerts.schedule import Schedule
from alerts.service import end
from alerts.service import tips as service
from alerts.tip_box import Said
from notifiers.vault import KeyGone

pytestmark = BOTH

SAID = Said("A silver car with the child in it", "Exit 12", "at three", "+1 303 555 0199", -104.99, 39.74, "es")
CLIENT = "198.51.100.7"


@pytest.fixture
def alert(in_force):
    return in_force()


@pytest.fixture
def send(house, alert):
    """One more tip; each of a form of its own unless said."""
    forms = iter(range(10_000))

    def sent(said=SAID, *, form=None, client=CLIENT, token=None):
        key = form or str(next(forms)).encode()
        return service.send(house.services, token or alert.token, said, form=key, client=client)

    return sent


def test_the_agency_reads_what_was_sent_and_that_it_did_is_logged(house, alert, send):
    reference = send()
    found = service.look(house.services, house.approver, alert.id)
    assert [(one.row.reference, one.said) for one in found.found] == [(reference, SAID)]
    [opened] = [row for row in house.rows(tables.audit) if row.action == "open tips"]
    assert (opened.actor, json.loads(opened.detail)["tips"]) == (f"officer:{house.approver.id}", 1)


def test_nobody_of_another_agency_finds_them(house, alert, send):
    reference = send()
    for act in (service.look, service.counted):
        with pytest.raises(NotFound):
            act(house.services, house.stranger, alert.id)
    with pytest.raises(NotFound):
        service.mark_read(house.services, house.stranger, alert.id, reference)


def test_nothing_of_it_is_in_a_row_or_in_the_log_of_acts(house, alert, send):
    send()
    service.look(house.services, house.submitter, alert.id)
    rows = repr([house.rows(table) for table in tables.metadata.tables.values()]).encode()
    for secret in (SAID.what, SAID.contact, "-104.99", CLIENT, "198.51.100"):
        assert secret.encode() not in rows
    assert b"open tips" in rows


def test_no_file_of_the_house_holds_a_word_of_it_while_its_agency_reads_it(house, alert, send):
    send()
    files = [path for path in house.services.settings.data.rglob("*") if path.is_file()]
    held = b"".join(path.read_bytes() for path in files)
    assert (
        alert.token.encode() in held or house.services.engine.dialect.name != "sqlite"
    )  # the store itself was searched
    assert SAID.what.encode() not in held
    assert SAID.contact.encode() not in held
    assert service.look(house.services, house.submitter, alert.id).found[0].said == SAID


def test_what_is_sent_twice_by_one_form_is_one(house, alert, send):
    first = send(form=b"form")
    assert send(form=b"form") == first
    assert service.counted(house.services, house.submitter, alert.id).all == 1


def test_the_newest_come_first_and_the_first_who_read_one_stays(house, alert, send):
    old, new = send(), send()
    service.mark_read(house.services, house.submitter, alert.id, old)
    service.mark_read(house.services, house.approver, alert.id, old)
    found = service.look(house.services, house.submitter, alert.id)
    assert [(one.row.reference, one.row.read_by) for one in found.found] == [(new, None), (old, "Submitter")]
    left = service.look(house.services, house.submitter, alert.id, unread=True)
    assert [one.row.reference for one in left.found] == [new]
    assert (left.counted.all, left.counted.unread) == (2, 1)


def test_a_network_that_sends_too_much_waits_and_no_other_does(house, send):
    for _ in range(tips.A_NETWORK):
        send()
    with pytest.raises(TooOften) as refused:
        send(client="198.51.100.99")  # of the same /24
    assert 0 < refused.value.wait_s <= 3600
    send(client="203.0.113.5")
    house.clock.pass_time(hours=1)
    send()


def test_an_alert_takes_no_more_than_its_share_of_an_hour(send, monkeypatch):
    monkeypatch.setattr(tips, "AN_ALERT", 3)
    for n in range(3):
        send(client=f"203.0.{n}.1")
    with pytest.raises(TooOften):
        send(client="203.0.9.1")


def test_an_alert_that_is_over_or_is_none_takes_nothing(house, alert, send):
    with pytest.raises(NotFound):
        send(token="none")
    end.cancel(house.services, house.submitter, alert.id)
    with pytest.raises(Over):
        send()
    assert house.rows(console_tables.tip) == []


def test_they_are_kept_for_30_days_after_the_end_and_then_no_copy_opens(house, alert, send):
    send()
    [copied] = house.rows(console_tables.tip)  # as a backup or a free page would hold it
    key = tips.key_name(copied.incident_id)
    end.cancel(house.services, house.submitter, alert.id)
    house.clock.pass_time(days=29, hours=23)
    assert service.forget_due(house.services) == 0
    found = service.look(house.services, house.submitter, alert.id)
    assert found.found[0].said == SAID
    assert found.goes_at - house.clock() < timedelta(hours=1)
    house.clock.pass_time(hours=1)
    Schedule(house.services).forget_tips()
    assert house.rows(console_tables.tip) == []
    with pytest.raises(KeyGone):
        house.services.vault.open(key, copied.sealed)


def test_a_server_that_died_between_the_key_and_the_rows_is_followed_by_one_that_ends_it(house, alert, send):
    send()
    end.cancel(house.services, house.submitter, alert.id)
    house.clock.pass_time(days=30)
    house.services.vault.destroy(tips.key_name(house.rows(console_tables.tip)[0].incident_id))
    assert service.look(house.services, house.submitter, alert.id).found[0].said is None
    assert service.forget_due(house.services) == 1
    assert house.rows(console_tables.tip) == []


def test_what_comes_after_the_key_directory_was_lost_can_be_read_again(house, alert, send):
    send()
    house.services.vault.destroy(f"tips-agency-{house.submitter.agency.id}")
    send()
    send()
    found = service.look(house.services, house.submitter, alert.id).found
    assert [one.said for one in found] == [SAID, SAID, None]
    assert len([row for row in house.rows(console_tables.tip_key) if row.retired_at is None]) == 1


def test_of_the_network_nothing_is_left_after_an_hour(house, send):
    send()
    assert len(house.rows(console_tables.tip_sent)) == 1
    house.clock.pass_time(hours=1)
    service.forget_due(house.services)
    assert house.rows(console_tables.tip_sent) == []
