"""Credentials as providers hand them out, made anew for a test run: nobody else's keys are needed to try a channel."""

import json
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@cache
def google_key():
    return rsa.generate_private_key(65537, 2048)


def service_account(key=None, **changes):
    """The JSON of a service account's key, with members changed or (None) left out."""
    told = {
        "type": "service_account",
        "project_id": "example-project",
        "private_key_id": "key-1",
        "private_key": pem(key or google_key()).decode(),
        "client_email": "alerts@example-project.iam.example",
        "token_uri": "https://oauth2.example/token",
    } | changes
    return json.dumps({name: value for name, value in told.items() if value is not None})


def apple_key():
    return ec.generate_private_key(ec.SECP256R1())
