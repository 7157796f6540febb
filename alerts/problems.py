"""What is wrong with a document: faults that have a name, a place and a sentence; and how strict the reader is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How grave a fault is: an error refuses, a warning is shown to the approver, advice may be ignored."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: `type` is a stable word naming element and fault, `path` an XPath or JSON pointer, `message` a sentence."""

    severity: Severity
    type: str
    path: str
    message: str

    @classmethod
    def error(cls, type_: str, path: str, message: str) -> Problem:
        """A fault that refuses."""
        return cls(Severity.ERROR, type_, path, message)

    @classmethod
    def warning(cls, type_: str, path: str, message: str) -> Problem:
        """A fault that the approver is shown."""
        return cls(Severity.WARNING, type_, path, message)

    @classmethod
    def advice(cls, type_: str, path: str, message: str) -> Problem:
        """What may be ignored."""
        return cls(Severity.ADVICE, type_, path, message)


class Policy(StrEnum):
    """By which rules a document is judged (`alerts.validation`)."""

    AUTHORITY = "authority"
    IMPORT = "import"
    CORE = "core"
