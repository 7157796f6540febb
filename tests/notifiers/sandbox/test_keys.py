import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from notifiers.channels.web_push_crypto import Undecryptable, decode, decrypt, encrypt, point_of
from notifiers.sandbox.keys import POOL, Keys, load_secret

KEYS = Keys(b"s" * 32)
BASE = "http://127.0.0.1:9001"


def test_a_subscription_is_what_its_browser_can_read():
    address, browser = KEYS.make_subscription(BASE, "t1"), KEYS.browser("t1")
    sealed = encrypt(b"hello", decode(address["p256dh"]), decode(address["auth"]))
    assert decrypt(sealed, browser.key, browser.auth, p256dh=browser.point) == b"hello"
    assert address["endpoint"] == "http://127.0.0.1:9001/push/t1"


def test_no_browser_reads_the_message_of_another_even_with_the_same_key_pair():
    tokens = [f"t{number}" for number in range(3 * POOL)]
    first = KEYS.browser(tokens[0])
    twin = next(token for token in tokens[1:] if KEYS.browser(token).point == first.point)
    sealed = encrypt(b"hello", first.point, first.auth)
    with pytest.raises(Undecryptable):
        decrypt(sealed, KEYS.browser(twin).key, KEYS.browser(twin).auth)


def test_keys_follow_from_the_secret_alone():
    again, other = Keys(b"s" * 32), Keys(b"o" * 32)
    tokens = ["a", "b", "c"]
    assert again.make_subscriptions(BASE, tokens) == KEYS.make_subscriptions(BASE, tokens)
    assert other.make_subscription(BASE, "a") != KEYS.make_subscription(BASE, "a")


def test_the_pool_holds_different_keys_on_the_right_curve():
    browsers = [KEYS.browser(str(number)) for number in range(200)]
    assert len({browser.point for browser in browsers}) > 150
    assert all(isinstance(browser.key.curve, ec.SECP256R1) for browser in browsers)
    assert all(point_of(browser.key.public_key()) == browser.point for browser in browsers)


def test_the_secret_is_kept(tmp_path):
    assert load_secret(tmp_path) == load_secret(tmp_path)
    assert len(load_secret(tmp_path)) == 32
