"""Passkeys: what a liar, a thief and a slow one send is refused, each for its own reason."""

from dataclasses import replace

import pytest
from authenticator import PRESENT, Authenticator
from cast import BOTH

from alerts import agencies, sessions
from alerts.access_tables import challenge, passkey, session
from alerts.agencies import BadLink
from alerts.errors import Conflict, NotFound
from alerts.service import signing
from alerts.service.signing import BadPasskey
from alerts.tables import audit
from notifiers.transactions import reading, writing


@pytest.fixture
def mine(house):
    """The submitter's authenticator, registered."""
    return registered(house, house.submitter)


def registered(house, officer, **claims):
    made = Authenticator(**claims)
    signing.register(house.services, officer, made.create(signing.offer_registration(house.services, officer)), "Mine")
    return made


def sign_in(house, with_, **more):
    return signing.sign_in(house.services, with_.get(signing.offer_sign_in(house.services), **more))


def whose(house, token):
    with reading(house.services.engine) as connection:
        found = agencies.find_session(connection, token, house.clock())
    return found.name if found else None


@BOTH
def test_a_passkey_signs_its_person_in(house):
    found = registered(house, house.submitter)
    assert whose(house, sign_in(house, found, handle=f"officer:{house.submitter.id}".encode())) == "Submitter"


def test_an_answer_counts_once(house, mine):
    answer = mine.get(signing.offer_sign_in(house.services))
    signing.sign_in(house.services, answer)
    with pytest.raises(BadPasskey):
        signing.sign_in(house.services, answer)


def test_a_wrong_answer_uses_the_challenge_up(house, mine):
    options = signing.offer_sign_in(house.services)
    with pytest.raises(BadPasskey):
        signing.sign_in(house.services, Authenticator().get(options))
    with pytest.raises(BadPasskey):
        signing.sign_in(house.services, mine.get(options))
    assert house.rows(challenge) == []


def test_an_answer_comes_in_time(house, mine):
    answer = mine.get(signing.offer_sign_in(house.services))
    house.clock.pass_time(seconds=301)
    with pytest.raises(BadPasskey):
        signing.sign_in(house.services, answer)


@pytest.mark.parametrize(
    "claim",
    [{"origin": "https://evil.example"}, {"rp": "evil.example"}, {"flags": PRESENT}, {"flags": 0}],
    ids=["another origin", "another relying party", "not verified", "nobody there"],
)
def test_what_the_authenticator_says_must_be_right(house, mine, claim):
    liar = replace(mine, **claim)
    with pytest.raises(BadPasskey):
        sign_in(house, liar)
    with pytest.raises(BadPasskey):
        registered(house, house.approver, **claim)
    assert len(house.rows(passkey)) == 1


def test_another_key_behind_the_same_id_is_refused(house, mine):
    with pytest.raises(BadPasskey):
        sign_in(house, replace(Authenticator(), id=mine.id))


def test_a_copy_that_lags_behind_is_refused(house, mine):
    mine.count = 10
    sign_in(house, mine)
    mine.count = 3
    with pytest.raises(BadPasskey):
        sign_in(house, mine)


def test_a_passkey_of_one_is_not_anothers(house, mine):
    with pytest.raises(BadPasskey):
        sign_in(house, mine, handle=f"officer:{house.approver.id}".encode())


def test_a_question_to_one_is_not_answered_by_another(house):
    options = signing.offer_registration(house.services, house.submitter)
    with pytest.raises(BadPasskey):
        signing.register(house.services, house.approver, Authenticator().create(options), "Mine")
    asked_to_sign_in = signing.offer_sign_in(house.services)
    with pytest.raises(BadPasskey):
        signing.register(house.services, house.approver, Authenticator().create(asked_to_sign_in), "Mine")


@pytest.mark.parametrize("answer", [{}, {"response": {}}, {"response": {"clientDataJSON": "e30"}}, {"response": 7}])
def test_what_is_no_answer_is_refused(house, answer):
    with pytest.raises(BadPasskey):
        signing.sign_in(house.services, answer)


def test_a_disabled_persons_passkey_opens_nothing(house, mine):
    token = sign_in(house, mine)
    with writing(house.services.engine) as connection:
        agencies.disable(connection, house.submitter.id, house.clock())
    assert whose(house, token) is None
    with pytest.raises(BadPasskey):
        sign_in(house, mine)


def test_signing_in_again_ends_the_session_before(house, mine):
    old = sign_in(house, mine)
    options = signing.offer_sign_in(house.services)
    new = signing.sign_in(house.services, mine.get(options), instead_of=old)
    assert new != old
    assert (whose(house, old), whose(house, new)) == (None, "Submitter")


@BOTH
def test_a_removed_passkey_opens_nothing_and_the_last_one_stays(house):
    one, two = registered(house, house.submitter), registered(house, house.submitter)
    first, second = (row.id for row in house.rows(passkey))
    with pytest.raises(NotFound):
        signing.remove(house.services, house.approver, first)
    signing.remove(house.services, house.submitter, first)
    with pytest.raises(BadPasskey):
        sign_in(house, one)
    assert whose(house, sign_in(house, two)) == "Submitter"
    with pytest.raises(Conflict):
        signing.remove(house.services, house.submitter, second)


@BOTH
def test_an_invitation_brings_in_one_passkey(house):
    with writing(house.services.engine) as connection:
        token = agencies.issue_sign_in_link(connection, house.approver.id, house.clock(), 900)
    invited = signing.invitee(house.services, token)
    options = [signing.offer_registration(house.services, invited) for _ in range(2)]
    opened = signing.accept(house.services, token, Authenticator().create(options[0]), "Mine")
    assert whose(house, opened) == "Approver"
    with pytest.raises(BadLink):
        signing.accept(house.services, token, Authenticator().create(options[1]), "Mine")
    assert len(house.rows(passkey)) == 1


def test_a_drill_is_no_longer_than_the_session_it_came_from(house, mine):
    token = sign_in(house, mine)
    house.clock.pass_time(hours=7)
    drill = signing.switch(house.services, house.submitter, token, drill=True)
    assert (whose(house, token), whose(house, drill)) == (None, "Submitter")
    ends = [row.expires_at for row in house.rows(session)]
    assert ends[1] <= ends[0]
    with reading(house.services.engine) as connection:  # nor is it a proof of who they are
        assert sessions.proved_at(connection, drill) == sessions.proved_at(connection, token)


def test_the_log_knows_who_came_in_how_and_no_key(house, mine):
    sign_in(house, mine)
    last = house.rows(audit)[-1]
    assert (last.action, "passkey" in last.detail) == ("sign_in", True)
    assert mine.id.hex() not in "".join(row.detail for row in house.rows(audit))
