"""The house's signature on the CAP that leaves it."""

from __future__ import annotations

from urllib.parse import urlsplit

from alerts import signature_make
from alerts.services import Services


def sign(services: Services, document: bytes) -> bytes:
    """The CAP message, signed: the same bytes for the same message as long as the key is the same."""
    settings = services.settings
    seal = signature_make.load_or_make(settings.keys_directory, urlsplit(settings.base_url).hostname or "")
    signature_make.tell_age(seal, services.clock())
    return seal.sign(document)
