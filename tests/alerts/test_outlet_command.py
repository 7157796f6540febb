import pytest
from cast import DENVER
from click.testing import CliRunner

from alerts import outlet_rows
from alerts.cli import main
from alerts.outlet_rows import Outlet
from notifiers import addresses, subscriptions
from notifiers.subscriptions import Enrolment, NewSubscription
from notifiers.tables import batch, recipient, subscription
from notifiers.transactions import writing

CHAT = "slack://TokenA/TokenB/TokenC"


@pytest.fixture
def lookout(tmp_path, monkeypatch):
    monkeypatch.setenv("LOOKOUT_MQTT_HOST", "127.0.0.1")

    def run(*arguments):
        return CliRunner().invoke(main, ["outlet", *arguments, "--data", str(tmp_path / "d"), "--mode", "sandbox"])

    return run


def test_an_outlet_is_added_listed_and_revoked(lookout):
    added = lookout("add", "--channel", "mqtt", "--to", "city/signs", "--at", "-104.99,39.74", "--radius-m", "500")
    assert (added.exit_code, added.output) == (0, "outlet 1 is added\n")
    assert "mqtt" in lookout("list").output
    assert lookout("revoke", "1").exit_code == 0
    assert lookout("list").output == ""


def test_an_operator_may_bring_back_what_was_revoked(lookout):
    add = ("add", "--channel", "mqtt", "--to", "city/signs", "--at", "-104.99,39.74")
    lookout(*add)
    lookout("revoke", "1")
    assert lookout(*add).output == "outlet 2 is added\n"


def test_where_an_outlet_leads_is_never_listed(lookout):
    lookout("add", "--channel", "apprise", "--to", CHAT, "--at", "-104.99,39.74")
    assert "Token" not in lookout("list").output


@pytest.mark.parametrize(
    "wrong",
    [
        ("--channel", "mqtt", "--to", "#", "--at", "0,0"),
        ("--channel", "apprise", "--to", "file:///etc/passwd", "--at", "0,0"),
        ("--channel", "apprise", "--to", f"{CHAT}?verify=no", "--at", "0,0"),
        ("--channel", "mqtt", "--to", "a", "--at", "39.74,-104.99"),
        ("--channel", "mqtt", "--to", "a", "--at", "here"),
        ("--channel", "mqtt", "--to", "a", "--at", "0,0", "--language", "xx"),
        ("--channel", "email", "--to", "a", "--at", "0,0"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(lookout, wrong):
    refused = lookout("add", *wrong)
    assert refused.exit_code == 2
    assert lookout("list").output == ""


def test_an_outlet_is_found_on_the_map_like_anybody(house, in_force_in_denver):
    outlet = Outlet("mqtt", "city/signs", *DENVER, 500.0, "en", test=True)
    with writing(house.services.engine) as connection:
        number = outlet_rows.add(connection, outlet, addresses.secret(house.services.vault), house.clock())
    in_force_in_denver()
    assert [(row.channel, row.size) for row in house.rows(batch)] == [("mqtt", 1)]
    assert [row.id for row in house.rows(subscription)] == [number]


@pytest.mark.parametrize("channel", ["mqtt", "apprise"])
@pytest.mark.parametrize("kind", ["public", "partner"])
def test_nobody_but_an_operator_enrols_what_others_see(house, channel, kind):
    now = house.clock()
    new = NewSubscription(channel, {addresses.NAMED_BY[channel]: "x"}, "en", "test", "I agree.", now, now)
    with writing(house.services.engine) as connection:
        [done] = subscriptions.enrol(connection, [Enrolment(kind, True, "", (new,))], secret=b"s" * 64, now=now)
    assert (done.recipient_id, done.refused[0].reason) == (None, "address")
    assert house.rows(recipient) == []


@pytest.fixture
def in_force_in_denver(house, make_record):
    """An alert for the square around Denver, approved; the plate is on its notice."""
    import json

    from alerts.service import decide, submit
    from alerts.service.arrivals import follow
    from alerts.service.drafting import read_document
    from notifiers import notices
    from notifiers.transactions import reading

    def approve():
        follow(house.services)
        body = json.dumps(make_record()).encode()
        document = read_document(house.services, house.submitter, body, "application/json")
        alert = submit.submit(house.services, house.submitter, document)
        done = decide.approve(house.services, house.approver, alert.id, alert.content_hash)
        with reading(house.services.engine) as connection:
            said = notices.get(connection, house.services.vault, done.notice_id)
        assert said.plate == ", ".join(f"{v['plate']} ({v['plate_region']})" for v in make_record()["vehicles"])

    return approve
