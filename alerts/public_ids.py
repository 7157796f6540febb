"""What the outside calls a thing of ours: random, and safe wherever people put it."""

from __future__ import annotations

import secrets


def new_public_id() -> str:
    """22 characters of base64url (RFC 4648 section 5), about 128 random bits.

    None begins with a hyphen: a command line would take it for an option, a spreadsheet for a formula.
    """
    while (made := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return made
