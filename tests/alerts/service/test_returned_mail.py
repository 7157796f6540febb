"""From what a mail server returns to what the ledger knows, on a house with a real send in it."""

from __future__ import annotations

from random import Random

import pytest
from cast import DENVER
from click.testing import CliRunner
from returned import arf, dsn
from sqlalchemy import insert

from alerts import receipts
from alerts.cli import main
from alerts.receipts import Taken
from geo import tables as places
from notifiers import addresses, ledger
from notifiers.ledger import Settled, Turn, Want
from notifiers.model import Outcome, Result
from notifiers.receipts import Seals, seals
from notifiers.tables import exception, left, recipient, subscription
from notifiers.transactions import reading, writing

SENT = Outcome(Result.SENT, "250")


@pytest.fixture
def seal(house, in_force):
    """Of an e-mail that was sent."""
    house.enrol([DENVER], channel="email")
    in_force()
    services = house.services
    with writing(services.engine) as connection:
        claim = ledger.claim(connection, Want("anna", ("email",), 8, 60.0))
        turn = Turn([Settled(0, SENT, services.clock())])
        ledger.checkpoint(connection, claim, turn, collapses=True, rng=Random(1))
    return seals(services.vault).seal(claim.batch_id, 0)


def take(house, mail):
    return receipts.take_mail(house.services.engine, house.services.vault, mail, house.clock())


def tally(house):
    with reading(house.services.engine) as connection:
        return ledger.tally(connection, house.fanned_out[0])["email"]


def test_a_bounce_after_sent_is_gone_and_the_address_is_not_written_to_again(house, seal):
    assert take(house, dsn(seal=seal)) is Taken.RECORDED
    assert take(house, dsn(seal=seal)) is Taken.UNCHANGED
    assert (tally(house).sent, tally(house).gone) == (0, 1)
    assert [row.retired_why for row in house.rows(subscription)] == ["5.1.1"]
    assert [(row.result, row.reason) for row in house.rows(exception)] == [("gone", "5.1.1")]


def test_a_delay_changes_nothing(house, seal):
    assert take(house, dsn("delayed", "4.4.1", seal)) is Taken.UNREADABLE
    assert tally(house).sent == 1


def test_whoever_complains_leaves_for_good(house, seal):
    assert take(house, arf(seal=seal)) is Taken.LEFT
    assert take(house, arf(seal=seal)) is Taken.UNCHANGED
    assert house.rows(subscription) == house.rows(recipient) == house.rows(places.position) == []
    assert [row.channel for row in house.rows(left)] == ["email"]


def test_a_complaint_that_only_has_the_link_to_leave_is_heard(house, seal):
    [one] = house.rows(subscription)
    token = addresses.make_unsubscribe_token(addresses.secret(house.services.vault), one.id)
    assert take(house, arf(seal="redacted", token="f" * 40)) is Taken.FORGED
    assert take(house, arf(seal="redacted", token=token)) is Taken.LEFT
    assert house.rows(subscription) == []


def test_a_complaint_ends_one_subscription_not_the_others(house, seal):
    [one] = house.rows(subscription)
    other = one._asdict() | {"id": 77, "channel": "inbox", "address_hash": b"i"}
    with writing(house.services.engine) as connection:
        connection.execute(insert(subscription).values(**other))
    take(house, arf(seal=seal))
    assert [row.channel for row in house.rows(subscription)] == ["inbox"]


@pytest.mark.parametrize("make", [dsn, arf])
def test_a_seal_of_another_house_is_forged(house, seal, make):
    foreign = Seals(bytes(64)).seal(1, 0)
    assert take(house, make(seal=foreign)) is Taken.FORGED
    assert tally(house).sent == 1


def test_the_command_reads_one_mail_from_a_pipe(house, seal):
    called = lookout(house, "bounces", input=dsn(seal=seal))
    assert (called.exit_code, called.output) == (0, "1 recorded\n")
    assert tally(house).gone == 1


def test_the_command_reads_a_maildir_and_keeps_only_what_it_did_not_understand(house, seal, tmp_path):
    new = tmp_path / "Maildir" / "new"
    new.mkdir(parents=True)
    (new / "1.a").write_bytes(dsn(seal=seal))
    (new / "2.b").write_bytes(b"\xff\xfenot a mail")
    called = lookout(house, "bounces", "--maildir", str(new.parent))
    assert sorted(called.output.strip().split(", ")) == ["1 recorded", "1 unreadable"]
    assert (list(new.iterdir()), [path.name for path in (new.parent / "cur").iterdir()]) == ([], ["2.b:2,S"])
    assert lookout(house, "bounces", "--maildir", str(new.parent)).output == "nothing new\n"


def test_a_pipe_is_asked_to_come_again_when_the_database_is_away(house, seal):
    house.services.engine.dispose()
    (house.services.settings.data / "lookout.db").write_bytes(b"not a database" * 99)
    assert lookout(house, "bounces", input=dsn(seal=seal)).exit_code == 75


def lookout(house, *arguments, **more):
    data = ["--data", str(house.services.settings.data), "--mode", "sandbox"]
    return CliRunner().invoke(main, [*arguments, *data], **more)
