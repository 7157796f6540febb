"""Signed bytes -> Intake: the signature first, then nothing but what was signed is read.

For feeds and for officers alike. Once a house trusts any source, a signed message that fits none of them is refused,
whoever brings it; one without a signature is then the word of whoever brings it, and a feed's word is not enough.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from alerts import cap, intake
from alerts.compose import Origin
from alerts.errors import Refused
from alerts.intake import Intake, Limits, Names
from alerts.model import Problem
from alerts.signature import Signed, is_signed, verify
from alerts.signature_trust import NoTrust, Trust, load_sources


def read_signed(
    body: bytes, trust: Trust, *, now: datetime, limits: Limits, origin: Origin, gazetteer: Names | None = None
) -> Intake:
    """A message of a source whose messages must be signed. Refused (also where it is not) with every fault.

    Whether it may still be broadcast is another question: `alerts.freshness.only_for_archive`.
    """
    return _read(verify(body, trust), now=now, limits=limits, origin=origin, gazetteer=gazetteer)


def check_brought(body: bytes, directory: Path) -> Signed | None:
    """Who signed what an officer brings; None where nobody did, or no source is trusted here. Refused: nobody we know."""
    if not directory.is_dir() or not is_signed(body):
        return None
    faults: list[Problem] = []
    for trust in _sources(directory):
        try:
            return verify(body, trust)
        except Refused as refused:
            faults += refused.problems
    if faults:
        raise Refused(tuple(dict.fromkeys(faults)))
    return None


def read_brought(
    body: bytes,
    content_type: str,
    directory: Path,
    *,
    now: datetime,
    limits: Limits,
    origin: Origin,
    gazetteer: Names | None = None,
) -> Intake:
    """What an officer brings: as `intake.read`, but of what is signed only what was signed is read.

    `directory` holds a folder of certificates for each source (`alerts.signature_trust.load_sources`).
    """
    signed = check_brought(body, directory) if intake.is_cap(content_type) else None
    if signed is not None:
        return _read(signed, now=now, limits=limits, origin=origin, gazetteer=gazetteer)
    return intake.read(body, content_type, now=now, limits=limits, origin=origin, gazetteer=gazetteer)


def _sources(directory: Path) -> list[Trust]:
    try:
        return list(load_sources(directory).values())
    except NoTrust:
        said = "the certificates that are trusted here cannot be read: nothing signed is taken until they can"
        raise Refused([Problem.error("signature-trust", "/alert/Signature", said)]) from None


def _read(signed: Signed, *, now: datetime, limits: Limits, origin: Origin, gazetteer: Names | None) -> Intake:
    found = intake.read(signed.content, cap.CONTENT_TYPE, now=now, limits=limits, origin=origin, gazetteer=gazetteer)
    return replace(found, alert=replace(found.alert, signed_by=signed.by))
