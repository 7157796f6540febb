"""What is wrong with a CAP message, collected while reading goes on: how grave each fault is depends on the policy."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.problems import Policy, Problem, Severity

MOST = 500  # faults that are told of one document: a broken file need not be told whole
SHOWN = 60


@dataclass(slots=True)
class Faults:
    """Collects what is wrong, all at once.

    error   is refused always
    bent    against the standard, but its meaning is certain: an import goes on
    odd     not against the schema, but not as it should be: an authority does better
    warn    is for whoever approves to see
    """

    policy: Policy
    found: list[Problem] = field(default_factory=list)

    @property
    def lenient(self) -> bool:
        """Whether reading goes on where the meaning is certain."""
        return self.policy is Policy.IMPORT

    def error(self, type_: str, path: str, message: str) -> None:
        self._add(Severity.ERROR, type_, path, message)

    def bent(self, type_: str, path: str, message: str) -> None:
        self._add(Severity.WARNING if self.lenient else Severity.ERROR, type_, path, message)

    def odd(self, type_: str, path: str, message: str) -> None:
        strict = self.policy is Policy.AUTHORITY
        self._add(Severity.ERROR if strict else Severity.WARNING, type_, path, message)

    def warn(self, type_: str, path: str, message: str) -> None:
        self._add(Severity.WARNING, type_, path, message)

    def _add(self, severity: Severity, type_: str, path: str, message: str) -> None:
        if len(self.found) < MOST:
            self.found.append(Problem(severity, type_, path, message))
        elif len(self.found) == MOST:
            said = f"there are more faults than these {MOST}: mend them, and look again"
            self.found.append(Problem(Severity.ERROR, "document-too-many-faults", "/", said))

    @property
    def full(self) -> bool:
        """Whether no more is told: reading may stop looking closely."""
        return len(self.found) > MOST


def shown(text: str) -> str:
    """What was found, short enough for a sentence, without what could not be seen."""
    flat = " ".join(text.split())
    clean = "".join(letter if letter.isprintable() else "?" for letter in flat[:SHOWN])
    return f'"{clean}…"' if len(flat) > SHOWN else f'"{clean}"'
