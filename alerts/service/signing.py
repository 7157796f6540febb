"""Passkeys registered and used (WebAuthn Level 3, sections 7.1 and 7.2): the checks are the `webauthn` library's.

User verification is required both times: the authenticator has seen a fingerprint, a face or a PIN, so that a passkey
is two factors by itself. Attestation is not asked for: whose make an authenticator is decides nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from alerts import agencies, audit, houses, passkeys, sessions
from alerts.agencies import BadLink, Officer
from alerts.errors import Conflict, NotAllowed, NotFound
from alerts.passkeys import LIFETIME_S, REGISTER, SIGN_IN
from alerts.services import Services
from alerts.settings import Settings
from notifiers.transactions import reading, writing

NAME = "Lookout"
TIMEOUT_MS = LIFETIME_S * 1000
VERIFIED = UserVerificationRequirement.REQUIRED


class BadPasskey(NotAllowed):
    """The answer of the authenticator proves nothing; why is not said."""

    def __init__(self) -> None:
        super().__init__("this passkey did not work here")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who passkeys are for (section 5.4.2): the host of the public URL, and the origins its pages have."""

    id: str
    origins: tuple[str, ...]


def relying_party(settings: Settings) -> RelyingParty:
    """An address is no relying party: this machine's own is taken for `localhost`, which browsers trust without TLS."""
    parts = urlsplit(settings.base_url)
    host = parts.hostname or ""
    if not _is_loopback(host):
        return RelyingParty(host, (settings.origin,))
    port = f":{parts.port}" if parts.port else ""
    return RelyingParty("localhost", (f"{parts.scheme}://localhost{port}",))


def offer_registration(services: Services, officer: Officer) -> str:
    """What `navigator.credentials.create` is given, as JSON."""
    now = services.clock()
    with writing(services.engine) as connection:
        known = passkeys.list_of(connection, officer.id)
        if len(known) >= passkeys.MOST:
            raise Conflict(f"nobody has more than {passkeys.MOST} passkeys: remove one first")
        challenge = passkeys.make_challenge(connection, REGISTER, now, officer.id)
    options = generate_registration_options(
        rp_id=relying_party(services.settings).id,
        rp_name=NAME,
        user_id=_handle(officer.id),
        user_name=officer.name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
    )
    return options_to_json(options)


def register(services: Services, officer: Officer, answer: Mapping[str, Any], name: str) -> None:
    """Keep the new passkey. BadPasskey."""
    found = _verify_registration(services, officer, answer)
    with writing(services.engine) as connection:
        _keep(services, connection, officer, found, name)


def accept(services: Services, token: str, answer: Mapping[str, Any], name: str) -> str:
    """An invitation: its passkey is kept, the link used up and a session opened; its token. BadLink, BadPasskey."""
    invited = invitee(services, token)
    found = _verify_registration(services, invited, answer)
    now = services.clock()
    with writing(services.engine) as connection:
        agencies.use_link(connection, token, now)
        _keep(services, connection, invited, found, name)
        houses.note_second(connection, now)
        return agencies.open_session(connection, invited.id, now, services.settings.session_s, how="invitation")


def invitee(services: Services, token: str) -> Officer:
    """Whom a link is for. BadLink."""
    with reading(services.engine) as connection:
        found = agencies.find_link(connection, token, services.clock())
    if found is None:
        raise BadLink
    return found


def offer_sign_in(services: Services) -> str:
    """What `navigator.credentials.get` is given, as JSON: no name is asked for, the passkey knows whose it is."""
    with writing(services.engine) as connection:
        challenge = passkeys.make_challenge(connection, SIGN_IN, services.clock())
    options = generate_authentication_options(
        rp_id=relying_party(services.settings).id, challenge=challenge, timeout=TIMEOUT_MS, user_verification=VERIFIED
    )
    return options_to_json(options)


def sign_in(services: Services, answer: Mapping[str, Any], *, instead_of: str = "") -> str:
    """A session, its token new each time; the one that the browser had (`instead_of`) ends. BadPasskey."""
    now, party = services.clock(), relying_party(services.settings)
    challenge = _take(services, answer, SIGN_IN)
    try:
        credential_id = base64url_to_bytes(str(answer["id"]))
        with reading(services.engine) as connection:
            known = passkeys.find(connection, credential_id)
        if known is None or not _is_theirs(answer, known.officer_id):
            raise BadPasskey
        verified = verify_authentication_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, KeyError, ValueError, TypeError) as fault:
        raise BadPasskey from fault
    with writing(services.engine) as connection:
        passkeys.note_use(connection, known, verified.new_sign_count, now)
        agencies.end_session(connection, instead_of, now)
        return agencies.open_session(connection, known.officer_id, now, services.settings.session_s, how="passkey")


def remove(services: Services, officer: Officer, passkey_id: int) -> None:
    """Conflict for the last one; NotFound for somebody else's."""
    now = services.clock()
    with writing(services.engine) as connection:
        mine = [one.id for one in passkeys.list_of(connection, officer.id)]
        if passkey_id not in mine:
            raise NotFound("no such passkey")
        if not passkeys.remove(connection, officer.id, passkey_id, now):
            raise Conflict("the last passkey stays, or you could not come in again")
        audit.write(connection, audit.by_officer(officer.id), "passkey_remove", now, detail={"passkey_id": passkey_id})


def switch(services: Services, officer: Officer, token: str, *, drill: bool) -> str:
    """The same person in the other mode: a session of its own, with another token and no longer than the first.

    It is no proof of who they are: that was given when it was given.
    """
    now = services.clock()
    with writing(services.engine) as connection:
        left_s, proved_at = sessions.left_s(connection, token, now), sessions.proved_at(connection, token)
        agencies.end_session(connection, token, now)
        return agencies.open_session(
            connection, officer.id, now, left_s, how="switch", drill=drill, proved_at=proved_at
        )


def _verify_registration(services: Services, officer: Officer, answer: Mapping[str, Any]) -> Any:
    party = relying_party(services.settings)
    challenge = _take(services, answer, REGISTER, officer.id)
    try:
        return verify_registration_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
        )
    except (WebAuthnException, KeyError, ValueError, TypeError) as fault:
        raise BadPasskey from fault


def _keep(services: Services, connection: Any, officer: Officer, found: Any, name: str) -> None:
    now = services.clock()
    passkey_id = passkeys.add(
        connection,
        officer.id,
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        name=name,
        now=now,
    )
    audit.write(connection, audit.by_officer(officer.id), "passkey_add", now, detail={"passkey_id": passkey_id})


def _take(services: Services, answer: Mapping[str, Any], purpose: str, officer_id: int | None = None) -> bytes:
    """The challenge that the answer is about, used up by it in a transaction of its own: nobody tries twice."""
    try:
        said = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        given = base64url_to_bytes(said["challenge"])
    except (KeyError, TypeError, ValueError) as fault:
        raise BadPasskey from fault
    with writing(services.engine) as connection:
        if not passkeys.take_challenge(connection, given, purpose, services.clock(), officer_id):
            raise BadPasskey
    return given


def _is_theirs(answer: Mapping[str, Any], officer_id: int) -> bool:
    handle = answer["response"].get("userHandle")
    return not handle or base64url_to_bytes(handle) == _handle(officer_id)


def _handle(officer_id: int) -> bytes:
    """What an authenticator knows a person by (section 5.4.3): a number, nothing personal."""
    return f"officer:{officer_id}".encode()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
