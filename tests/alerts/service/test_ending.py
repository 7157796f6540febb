import pytest
from cast import BOTH, DENVER

from alerts import inbox, reading, tables
from alerts.errors import Conflict, NotFound, Over
from alerts.service import decide, end, repeating, submit
from alerts.service.drafting import read_document
from notifiers import notices, transactions
from notifiers.tables import batch, notice
from notifiers.vault import KeyGone

pytestmark = BOTH


def test_a_cancel_takes_one_person_and_no_area(house, in_force):
    left = in_force()
    done = end.cancel(house.services, house.submitter, left.id)
    assert done.state == "cancelled"
    assert [(row.kind, row.over) for row in house.rows(notice)] == [("alert", "cancelled"), ("cancel", None)]


def test_a_cancel_drops_all_that_waits(house, in_force):
    house.enrol([DENVER] * 3)
    left = in_force()
    end.cancel(house.services, house.approver, left.id)
    [waiting] = house.rows(batch)
    assert (waiting.n_dropped, waiting.state) == (3, "done")


def test_what_was_sealed_cannot_be_opened_after_the_end(house, in_force):
    left = in_force()
    [row] = house.rows(tables.incident)
    [message] = house.rows(tables.message)
    end.cancel(house.services, house.submitter, left.id)
    with pytest.raises(KeyGone):
        house.services.vault.open(row.key_name, message.sealed)
    with transactions.reading(house.services.engine) as connection, pytest.raises(KeyGone):
        notices.get(connection, house.services.vault, house.fanned_out[0])


def test_after_the_end_every_view_says_over_and_nothing_of_the_child(house, in_force):
    left = in_force()
    assert "Robin" in repr(reading.public_alert(house.services, left.token))
    end.cancel(house.services, house.submitter, left.id)
    public = reading.public_alert(house.services, left.token)
    view = reading.get_alert(house.services, house.submitter, left.id)
    assert (public.over, public.over_why, public.area, public.children) == (True, "cancelled", None, ())
    assert "Robin" not in repr((public, view, reading.list_alerts(house.services, house.submitter)))


def test_nothing_happens_to_an_alert_that_is_over(house, in_force, take, make_square):
    left = in_force()
    end.cancel(house.services, house.submitter, left.id)
    for act in (
        lambda: end.cancel(house.services, house.submitter, left.id),
        lambda: submit.update(house.services, house.submitter, left.id, take()),
        lambda: submit.enlarge(house.services, house.submitter, left.id, make_square(0.5)),
        lambda: submit.edit(house.services, house.submitter, left.id, take()),
    ):
        with pytest.raises(Over):
            act()


def test_what_was_cancelled_while_it_waited_is_not_approved(house, submitted):
    left = submitted()
    end.cancel(house.services, house.submitter, left.id)
    for act in (
        lambda: decide.approve(house.services, house.approver, left.id, left.content_hash),
        lambda: decide.return_(house.services, house.approver, left.id, "No."),
        lambda: decide.reject(house.services, house.approver, left.id, "No."),
    ):
        with pytest.raises(Conflict):
            act()


def test_a_stranger_cancels_nothing(house, in_force):
    left = in_force()
    with pytest.raises(NotFound):
        end.cancel(house.services, house.stranger, left.id)


def test_cancelling_what_nobody_was_told_of_sends_nothing(house, submitted):
    left = submitted()
    end.cancel(house.services, house.submitter, left.id)
    assert house.rows(notice) == []
    with pytest.raises(NotFound):
        reading.public_alert(house.services, left.token)


def test_an_alert_expires_by_itself(house, in_force):
    left = in_force()
    house.run_out()
    assert end.expire_due(house.services) == 1
    assert end.expire_due(house.services) == 0
    assert reading.get_alert(house.services, house.submitter, left.id).row.state == "expired"
    assert [row.over for row in house.rows(notice)] == ["expired", None]
    assert house.rows(tables.incident)[0].key_destroyed_at is not None


def test_an_expired_alert_reads_as_over_before_any_sweep(house, in_force):
    left = in_force()
    house.clock.pass_time(days=4)
    assert reading.public_alert(house.services, left.token).over


def test_a_proposal_that_runs_out_leaves_the_alert_in_force(house, in_force, take):
    left = in_force()
    soon = (house.clock() + (house.rows(notice)[0].expires_at - house.clock()) / 2).isoformat()
    new = submit.update(house.services, house.submitter, left.id, take(expires_at=soon))
    house.run_out(new.id)
    assert end.expire_due(house.services) == 1
    assert reading.get_alert(house.services, house.submitter, new.id).row.state == "expired"
    assert not reading.public_alert(house.services, left.token).over


def test_a_crash_after_the_cancel_is_mended_by_the_sweep(house, in_force, monkeypatch):
    left = in_force()
    monkeypatch.setattr(end, "destroy_keys", lambda _services: 0)
    end.cancel(house.services, house.submitter, left.id)
    monkeypatch.undo()
    assert end.destroy_keys(house.services) == 1
    assert end.destroy_keys(house.services) == 0


def test_the_notice_that_it_is_over_says_nothing_of_the_child(house, in_force):
    left = in_force()
    end.cancel(house.services, house.submitter, left.id)
    over = house.rows(notice)[-1]
    assert over.key_name is None
    assert b"Robin" not in over.sealed


def test_an_inbox_forgets_the_child_when_it_is_over(house, in_force):
    [one] = house.enrol([DENVER])
    left = in_force()
    deliver_to_inbox(house)
    [item] = inbox.read(house.services, one.recipient_id)
    assert "Robin" in item.text.headline
    end.cancel(house.services, house.submitter, left.id)
    [item] = inbox.read(house.services, one.recipient_id)
    assert item.over
    assert "Robin" not in repr(item)


def test_a_cap_cancel_ends_the_alert_it_refers_to(house, make_cap):
    alert = submit.submit(house.services, house.submitter, make_cap("Alert"))
    decide.approve(house.services, house.approver, alert.id, alert.content_hash)
    done = submit.submit(house.services, house.submitter, make_cap("Cancel"))
    again = submit.submit(house.services, house.submitter, make_cap("Cancel"))
    assert (done.kind, done.state, done.replayed) == ("cancel", "cancelled", False)
    assert again.replayed


def deliver_to_inbox(house) -> None:
    from sqlalchemy import insert

    from notifiers.tables import inbox as rows
    from notifiers.tables import subscription

    [one] = house.rows(subscription)
    with transactions.writing(house.services.engine) as connection:
        for row in house.rows(notice):
            values = {"recipient_id": one.recipient_id, "subscription_id": one.id, "notice_id": row.id}
            connection.execute(insert(rows).values(arrived_at=house.clock(), **values))


@pytest.fixture
def make_cap(house):
    fixed = house.clock().strftime("%Y-%m-%dT%H:%M:%S+00:00")

    def make(kind: str):
        head = f"<identifier>id-{kind}</identifier><sender>cbi@agency.example</sender><sent>{{}}</sent>"
        refers = f"<references>cbi@agency.example,id-Alert,{fixed}</references>" if kind != "Alert" else ""
        info = (
            "<info><category>Rescue</category><event>Child Abduction Emergency</event><urgency>Immediate</urgency>"
            "<severity>Severe</severity><certainty>Likely</certainty><headline>Exercise</headline>"
            "<description>An exercise.</description><area><areaDesc>Denver</areaDesc><geocode><valueName>SAME"
            "</valueName><value>008031</value></geocode></area></info>"
        )
        body = (
            f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">{head.format(fixed)}<status>Exercise</status>'
            f"<msgType>{kind}</msgType><scope>Public</scope>{refers}{info if kind != 'Cancel' else ''}</alert>"
        )
        return read_document(house.services, house.submitter, body.encode(), "application/cap+xml")

    return make


def test_what_is_over_is_brought_back_by_nobody(house, submitted, in_force, take, make_square):
    identity = {"identifier": "case-1", "sent_at": house.clock().isoformat()}
    left = in_force(**identity)
    end.cancel(house.services, house.submitter, left.id)
    before = len(house.rows(notice))
    assert submitted(**identity).replayed
    for attempt in (
        lambda: decide.approve(house.services, house.approver, left.id, left.content_hash),
        lambda: submit.edit(house.services, house.submitter, left.id, take()),
        lambda: submit.update(house.services, house.submitter, left.id, take()),
        lambda: submit.enlarge(house.services, house.submitter, left.id, make_square(0.4)),
        lambda: repeating.repeat(house.services, house.submitter, left.id),
    ):
        with pytest.raises(Over):
            attempt()
    assert len(house.rows(notice)) == before
