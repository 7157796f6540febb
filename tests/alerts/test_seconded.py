"""What makes keys on the machine of a live house is allowed by two administrators first, word for word, and once."""

from __future__ import annotations

from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

from alerts import agencies, houses, passkeys
from alerts.agencies import Role
from alerts.changes import Kind
from alerts.cli import main
from alerts.commands.seconded import fingerprint, must_be_allowed
from alerts.errors import NotAllowed, Refused
from alerts.service import administer
from notifiers.transactions import writing

LIVE, SANDBOX = SimpleNamespace(sandbox=False), SimpleNamespace(sandbox=True)
WORDS = ("partner", "create", "Example App", "--days", 30)
SAID = "partner create 'Example App' --days 30"


@pytest.fixture
def pair(house):
    """Two administrators of the house, both with passkeys."""
    with writing(house.services.engine) as connection:
        both = [
            agencies.add_officer(connection, name=name, roles={Role.ADMINISTER}, agency=None, now=house.clock())
            for name in ("Ada", "Grace")
        ]
        for one in both:
            own = {"credential_id": one.name.encode(), "public_key": b"k", "sign_count": 0, "name": "x"}
            passkeys.add(connection, one.id, now=house.clock(), **own)
        houses.note_second(connection, house.clock())
    return both


def allow(house, pair, said=SAID):
    asked = administer.propose(house.services, pair[0], Kind.MACHINE, None, {"words": said})
    shown = administer.list_changes(house.services, pair[1])[0]
    administer.confirm(house.services, pair[1], asked.change_id, shown.content_hash)
    return asked.change_id


def give(house, change, *words, settings=LIVE):
    with writing(house.services.engine) as connection:
        must_be_allowed(connection, settings, change, *words)


def test_what_two_allowed_may_be_done_once(house, pair):
    change = allow(house, pair)
    give(house, change, *WORDS)
    with pytest.raises(click.UsageError):
        give(house, change, *WORDS)


def test_other_words_are_not_what_was_allowed(house, pair):
    with pytest.raises(click.UsageError, match="--days 90"):
        give(house, allow(house, pair), "partner", "create", "Example App", "--days", 90)


def test_what_one_asked_for_is_not_allowed_yet(house, pair):
    asked = administer.propose(house.services, pair[0], Kind.MACHINE, None, {"words": SAID})
    with pytest.raises(click.UsageError, match="two administrators"):
        give(house, asked.change_id, *WORDS)


def test_a_change_of_another_kind_allows_no_command(house, pair):
    asked = administer.propose(house.services, pair[0], Kind.PERSON, None, {"name": "Eve", "roles": ["operate"]})
    [shown] = administer.list_changes(house.services, pair[1])
    administer.confirm(house.services, pair[1], asked.change_id, shown.content_hash)
    with pytest.raises(click.UsageError):
        give(house, asked.change_id, *WORDS)


def test_only_the_house_s_administrators_allow_it_and_not_more_than_a_line(house, pair):
    with pytest.raises(NotAllowed):
        administer.propose(house.services, house.submitter, Kind.MACHINE, None, {"words": SAID})
    with pytest.raises(Refused):
        administer.propose(house.services, pair[0], Kind.MACHINE, None, {"words": "a\nb"})


def test_a_sandbox_asks_nobody(house):
    give(house, None, *WORDS, settings=SANDBOX)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["partner", "create", "Example App"], "partner create 'Example App'"),
        (["webhook", "rotate", "1"], "webhook rotate 1"),
        (
            ["outlet", "add", "--channel", "apprise", "--to", "slack://a/b/c", "--at", "-105,39.7"],
            f"--to {fingerprint('slack://a/b/c')} --at -105.0,39.7",
        ),
    ],
)
def test_a_live_house_says_which_words_to_allow_and_no_secret(tmp_path, command, said):
    done = CliRunner().invoke(main, [*command, "--data", str(tmp_path / "d"), "--mode", "live"])
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
    assert "slack://" not in done.output
