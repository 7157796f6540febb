import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from notifiers.channels.web_push_crypto import (
    MAX_PLAINTEXT,
    RECORD_SIZE,
    BadKey,
    Undecryptable,
    decode,
    decrypt,
    encode,
    encrypt,
    point_of,
)

# RFC 8291, appendix A and section 5.
PLAINTEXT = b"When I grow up, I want to be a watermelon"
SENDER_PRIVATE = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER_PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
RECEIVER_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = decode("BTBZMqHH6r4Tts7J_aSIgg")
SALT = decode("DGv6ra1nlYgDCS1FRnbzlw")
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
    "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def private(text):
    return ec.derive_private_key(int.from_bytes(decode(text)), ec.SECP256R1())


RECEIVER = private(RECEIVER_PRIVATE)


def test_the_message_of_rfc_8291_is_exact_to_the_byte():
    body = encrypt(PLAINTEXT, decode(RECEIVER_PUBLIC), AUTH, key=private(SENDER_PRIVATE), salt=SALT)
    assert body == decode(BODY)
    assert len(body) == 144  # the Content-Length of section 5


def test_the_message_of_rfc_8291_reads_back():
    assert decrypt(decode(BODY), RECEIVER, AUTH) == PLAINTEXT


@settings(max_examples=40)
@given(st.binary(max_size=MAX_PLAINTEXT))
def test_what_is_encrypted_reads_back(plaintext):
    body = encrypt(plaintext, point_of(RECEIVER.public_key()), AUTH)
    assert decrypt(body, RECEIVER, AUTH) == plaintext


def test_the_longest_message_fills_a_record_exactly():
    body = encrypt(b"x" * MAX_PLAINTEXT, decode(RECEIVER_PUBLIC), AUTH)
    assert len(body) == RECORD_SIZE
    with pytest.raises(ValueError, match="do not fit"):
        encrypt(b"x" * (MAX_PLAINTEXT + 1), decode(RECEIVER_PUBLIC), AUTH)


def test_every_message_has_its_own_key_and_salt():
    bodies = {encrypt(b"same", decode(RECEIVER_PUBLIC), AUTH) for _ in range(5)}
    assert len({body[:16] for body in bodies}) == len({body[21:86] for body in bodies}) == 5


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body[:-1],
        lambda body: body[:50],
        lambda body: b"",
        lambda body: body[:20] + b"\x00" + body[21:],
        lambda body: body[:30] + b"\xff" + body[31:],
        lambda body: body[:-1] + bytes([body[-1] ^ 1]),
        lambda body: b"\x00" * 16 + body[16:],
        lambda body: body[:16] + (20).to_bytes(4) + body[20:],
    ],
)
def test_a_body_that_was_touched_is_dropped(change):
    with pytest.raises(Undecryptable):
        decrypt(change(decode(BODY)), RECEIVER, AUTH)


def test_a_message_for_another_browser_is_dropped():
    with pytest.raises(Undecryptable):
        decrypt(decode(BODY), RECEIVER, b"x" * 16)
    with pytest.raises(Undecryptable):
        decrypt(decode(BODY), ec.generate_private_key(ec.SECP256R1()), AUTH)


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_no_bytes_make_decryption_fail_otherwise(body):
    with pytest.raises(Undecryptable):
        decrypt(body, RECEIVER, AUTH)


@pytest.mark.parametrize(
    ("point", "auth"),
    [
        (b"", AUTH),
        (b"\x04" + b"\x01" * 64, AUTH),
        (b"\x02" + decode(RECEIVER_PUBLIC)[1:33], AUTH),
        (decode(RECEIVER_PUBLIC), b"short"),
        (decode(RECEIVER_PUBLIC), AUTH + b"x"),
    ],
)
def test_keys_that_are_none_are_refused(point, auth):
    with pytest.raises(BadKey):
        encrypt(b"x", point, auth)


@pytest.mark.parametrize("text", ["a", "a b=", "ä", "a\nb", "====a"])
def test_text_that_is_no_base64url_is_refused(text):
    with pytest.raises(BadKey):
        decode(text)


@given(st.binary(max_size=80))
def test_base64url_reads_back_with_and_without_padding(raw):
    assert decode(encode(raw)) == decode(encode(raw) + "=" * (-len(encode(raw)) % 4)) == raw
