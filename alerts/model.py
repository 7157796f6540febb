"""An alert as CAP 1.2 shapes it (OASIS CAP-v1.2, section 3.2), editable until approval.

CAP's spelling for CAP's values. Positions are (lon, lat); `alerts.cap` alone speaks XML, `geo.shapes` alone swaps axes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from alerts.problems import Problem as Problem  # noqa: PLC0414
from alerts.problems import Severity as Severity  # noqa: PLC0414

if TYPE_CHECKING:  # reading a CAP message needs neither pydantic nor numpy
    from alerts.record import Record
    from geo.circles import Circle

Position = tuple[float, float]  # lon, lat


class Status(StrEnum):
    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class MsgType(StrEnum):
    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message: sender, identifier, sent (CAP 1.2 section 3.2.1, references)."""

    sender: str
    identifier: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that belongs to an info: a photo that Lookout holds has `photo_id`."""

    description: str
    mime_type: str
    size: int | None = None
    uri: str | None = None
    deref_uri: str | None = None  # the file itself in base64, as a CAP message may carry it
    digest: str | None = None
    photo_id: int | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """One area block. `geometry` is the GeoJSON geometry of an area that came as such: it can say holes, CAP cannot."""

    description: str
    polygons: tuple[tuple[Position, ...], ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()  # (valueName, value)
    geometry: dict[str, Any] | None = None
    altitude: float | None = None
    ceiling: float | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """What people are told in one language."""

    event: str
    category: tuple[str, ...] = ("Rescue",)
    language: str = "en-US"
    response_types: tuple[str, ...] = ()
    urgency: str = "Immediate"
    severity: str = "Severe"
    certainty: str = "Likely"
    audience: str | None = None
    event_codes: tuple[tuple[str, str], ...] = ()
    effective_at: datetime | None = None
    onset_at: datetime | None = None
    expires_at: datetime | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Whose signature an import bore: the source it was pinned for, the certificate, and while that is valid."""

    source: str
    subject: str
    fingerprint: str  # SHA-256 of the certificate, 64 hex digits
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """One message of an incident. `record` is the case as law enforcement gave it; None for an imported CAP message."""

    identifier: str
    sender: str
    sent_at: datetime
    status: Status
    msg_type: MsgType
    scope: str = "Public"
    source: str | None = None
    restriction: str | None = None
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    note: str | None = None
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()
    record: Record | None = None
    imported: bool = False
    deviations: tuple[Problem, ...] = field(default=())  # what an import forgave
    signed_by: SignedBy | None = None  # None: nobody's signature was verified

    @property
    def expires_at(self) -> datetime | None:
        """When the first of its infos expires; None where none says so."""
        return min((info.expires_at for info in self.infos if info.expires_at), default=None)

    @property
    def languages(self) -> tuple[str, ...]:
        """BCP 47, in order, each once."""
        return tuple(dict.fromkeys(info.language for info in self.infos))

    @property
    def areas(self) -> tuple[Area, ...]:
        """The area blocks of all infos, each once."""
        found: list[Area] = []
        for area in (area for info in self.infos for area in info.areas):
            if area not in found:
                found.append(area)
        return tuple(found)
