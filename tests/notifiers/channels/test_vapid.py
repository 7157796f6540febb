import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from notifiers.channels.vapid import LIFETIME_S, MAX_ORIGINS, RENEW_S, BadToken, Vapid, load_or_create_key, verify
from notifiers.channels.web_push_crypto import decode, encode, point_of

NOW = 1_800_000_000.0
ORIGIN = "https://push.example.net"
KEY = ec.generate_private_key(ec.SECP256R1())

# RFC 8292, section 2.4.
RFC_TOKEN = (
    "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsIn"
    "N1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2"
    "L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
)


class Clock:
    now = NOW

    def __call__(self):
        return self.now


def signer():
    clock = Clock()
    return Vapid(KEY, "mailto:operator@example.com", clock=clock), clock


def test_the_token_of_rfc_8292_is_accepted():
    key = verify(RFC_TOKEN, "https://push.example.net", 1453523768 - 3600)
    assert key.startswith("BA1Hxzyi1RUM1b5wjxsn7nGx")


def test_our_own_token_is_accepted_and_names_our_key():
    vapid, _ = signer()
    assert verify(vapid.authorization(ORIGIN), ORIGIN, NOW) == vapid.public_key == encode(point_of(KEY.public_key()))


def test_the_claims_are_audience_expiry_and_contact():
    header = signer()[0].authorization(ORIGIN)
    claims = json.loads(decode(header.split(".")[1]))
    assert claims == {"aud": ORIGIN, "exp": int(NOW) + LIFETIME_S, "sub": "mailto:operator@example.com"}


def test_a_token_is_signed_once_for_an_origin_and_renewed_early():
    vapid, clock = signer()
    first = vapid.authorization(ORIGIN)
    clock.now = NOW + LIFETIME_S - RENEW_S - 1
    assert vapid.authorization(ORIGIN) == first
    clock.now += 1
    renewed = vapid.authorization(ORIGIN)
    assert renewed != first
    verify(renewed, ORIGIN, clock.now)


def test_each_origin_has_its_own_token():
    vapid, _ = signer()
    with pytest.raises(BadToken, match="audience"):
        verify(vapid.authorization("https://other.example"), ORIGIN, NOW)


def test_invented_origins_do_not_fill_the_memory():
    vapid, _ = signer()
    for number in range(MAX_ORIGINS + 1):
        vapid.authorization(f"https://{number}.example")
    assert len(vapid._signed) == 1


def test_a_forgotten_token_is_signed_anew():
    vapid, _ = signer()
    first = vapid.authorization(ORIGIN)
    vapid.forget(ORIGIN)
    assert vapid.authorization(ORIGIN) != first


@pytest.mark.parametrize("later_s", [LIFETIME_S, LIFETIME_S + 1, -24 * 3600])
def test_a_token_out_of_its_time_is_refused(later_s):
    with pytest.raises(BadToken, match="expired"):
        verify(signer()[0].authorization(ORIGIN), ORIGIN, NOW + later_s)


@pytest.mark.parametrize(
    "change",
    [
        lambda header: "",
        lambda header: "Bearer abc",
        lambda header: "vapid t=a.b.c, k=abc",
        lambda header: header.replace("mail", "male"),
        lambda header: header[: header.index(", k=")],
        lambda header: header.partition(", k=")[0] + ", k=" + RFC_TOKEN.partition("k=")[2],
        lambda header: header.replace(header.split(".")[2][:4], "AAAA"),
    ],
)
def test_a_header_that_was_touched_is_refused(change):
    header = signer()[0].authorization(ORIGIN)
    touched = change(header)
    if touched == header:
        touched = header.replace(header.split(".")[1][10:14], "AAAA")
    with pytest.raises(BadToken):
        verify(touched, ORIGIN, NOW)


def test_a_contact_that_is_none_is_refused():
    with pytest.raises(ValueError, match="mailto"):
        Vapid(KEY, "operator@example.com")


def test_the_key_is_kept_for_good(tmp_path):
    first = load_or_create_key(tmp_path / "vapid.pem")
    assert load_or_create_key(tmp_path / "vapid.pem").private_numbers() == first.private_numbers()
