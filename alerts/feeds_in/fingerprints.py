"""By what an alert is known again in another source's words: identifiers, place, time, and keyed hashes. Pure.

Of what tells of a child only HMAC-SHA-256 is kept, under a key of the vault (KEY_NAME, PURPOSE): without it nobody can
find a name by trying names. Who holds the key could, so a fingerprint lives as long as its alert and no longer. What is
found in a text is a guess (a pair of capitalized words may be a name, or a car); `same_event` never merges on it alone.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice, pairwise

from alerts.feeds_in.child_abduction import tells_of_one
from alerts.model import Alert, Info, Reference

KEY_NAME, PURPOSE = "feeds-in", "fingerprints of alerts"
MOST_FACTS = 64  # of a kind
MOST_TEXT = 4_000  # characters of a text that are looked at
LEAST_TELLING = 80  # characters of a description that no two cases share
_RECORD = re.compile(r"urn:lookout:record:1#/(children/\d+/name|vehicles/\d+/plate|case_number|ncic/number)")
_NCIC = re.compile(r"\bN(?:C)?IC\b.{0,30}?\b([A-Z]\d{9})\b", re.IGNORECASE | re.DOTALL)
_CASE = re.compile(r"\bcase\s*(?:number|no\b\.?|#)\s*:?\s*#?\s*([A-Z0-9][A-Z0-9-]{3,20})", re.IGNORECASE)
_PLATE = re.compile(
    r"(?i:\b(?:plates?|tag|registration)\b(?:\s*(?:number|no\b\.?|#))?\s*(?:is|of)?)[\s:#]{0,3}"
    r"([A-Z0-9]{1,7}(?:[ -][A-Z0-9]{1,7})?)\b"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")  # noqa: RUF001  # the apostrophe that typesetters write
_NOT_NAMES = frozenset(
    [
        "amber",
        "alert",
        "child",
        "children",
        "abduction",
        "emergency",
        "missing",
        "police",
        "department",
        "county",
        "sheriff",
        "office",
        "state",
        "highway",
        "patrol",
        "city",
        "street",
        "road",
        "avenue",
        "last",
        "seen",
        "please",
        "call",
        "the",
        "a",
        "an",
        "of",
        "in",
        "on",
        "at",
        "and",
        "or",
        "contact",
    ]
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`cells` are geohashes that cover the area (`geo.geohash.cover`), empty where it is not known. The rest of the sets
    hold keyed hashes.
    """

    identity: Reference
    references: frozenset[Reference]
    status: str
    child_abduction: bool
    cells: frozenset[str] = field(default=frozenset(), repr=False)
    ncic: frozenset[bytes] = field(default=frozenset(), repr=False)
    case_numbers: frozenset[bytes] = field(default=frozenset(), repr=False)
    plates: frozenset[bytes] = field(default=frozenset(), repr=False)
    names: frozenset[bytes] = field(default=frozenset(), repr=False)  # as a record says them
    guesses: frozenset[bytes] = field(default=frozenset(), repr=False)  # what may be names in a text
    stories: frozenset[bytes] = field(default=frozenset(), repr=False)

    @property
    def sent_at(self) -> datetime:
        return self.identity.sent_at


def fingerprint(alert: Alert, secret: bytes, cells: Iterable[str] = ()) -> Fingerprint:
    """The fingerprint of an alert; `secret` is the vault's, for KEY_NAME and PURPOSE."""
    said = list(islice(_texts(alert), 16))
    known = list(_known(alert))
    return Fingerprint(
        identity=Reference(alert.sender, alert.identifier, alert.sent_at),
        references=frozenset(alert.references),
        status=alert.status.value,
        child_abduction=tells_of_one(event for info in alert.infos for event in _events(info)),
        cells=frozenset(cells),
        ncic=_hashed(secret, "ncic", [*_of(known, "number"), *_found(_NCIC, said)]),
        case_numbers=_hashed(secret, "case", [*_of(known, "case_number"), *_found(_CASE, said)]),
        plates=_hashed(secret, "plate", [*_of(known, "plate"), *_plates(said)]),
        names=_hashed(secret, "name", [pair for name in _of(known, "name") for pair in _names(name.title())]),
        guesses=_hashed(secret, "name", [pair for text in said for pair in _names(text)]),
        stories=_hashed(secret, "story", [text for text in map(_flat, said) if len(text) >= LEAST_TELLING]),
    )


def _events(info: Info) -> list[str]:
    return [info.event, *(value for _, value in info.event_codes)]


def _texts(alert: Alert) -> Iterator[str]:
    for info in alert.infos:
        yield from (text[:MOST_TEXT] for text in (info.headline, info.description) if text)


def _known(alert: Alert) -> Iterator[tuple[str, str]]:
    """(member, value) that the record says, or the parameters that a record became on its way (`alerts.cap_record`)."""
    for name, value in (pair for info in alert.infos for pair in info.parameters):
        if found := _RECORD.fullmatch(name):
            yield found[1].rpartition("/")[2], value
    record = alert.record
    if record is None:
        return
    yield "case_number", record.case_number
    yield "number", (record.ncic and record.ncic.number) or ""
    yield from (("name", child.name or "") for child in record.children)
    yield from (("plate", vehicle.plate or "") for vehicle in record.vehicles)


def _of(known: Iterable[tuple[str, str]], member: str) -> list[str]:
    return [value for name, value in known if name == member]


def _found(form: re.Pattern[str], texts: Iterable[str]) -> Iterator[str]:
    return (found[1] for text in texts for found in form.finditer(text))


def _plates(texts: Iterable[str]) -> Iterator[str]:
    return (plate for plate in _found(_PLATE, texts) if any(one.isdigit() for one in plate))


def _names(text: str) -> Iterator[str]:
    """Each two capitalized words that follow each other; none from a text that is all capitals."""
    if text.isupper():
        return
    for one, other in pairwise(_WORD.finditer(text)):
        if text[one.end() : other.start()].strip() or not (one[0][0].isupper() and other[0][0].isupper()):
            continue
        if not {one[0].lower(), other[0].lower()} & _NOT_NAMES:
            yield f"{one[0]} {other[0]}"


def _flat(text: str) -> str:
    """Letters and digits only, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if one.isalnum())


def _hashed(secret: bytes, kind: str, values: Iterable[str]) -> frozenset[bytes]:
    flat = dict.fromkeys(_flat(value[:MOST_TEXT]) for value in values)
    return frozenset(
        hmac.digest(secret, f"{kind}\0{one}".encode(), "sha256") for one in islice(filter(None, flat), MOST_FACTS)
    )
