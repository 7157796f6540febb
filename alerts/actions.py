"""What an officer may do with an alert now: the words of its buttons, by the table that decides when they are pressed."""

from __future__ import annotations

from alerts.agencies import OFFICER, Officer, Role
from alerts.lifecycle import Approve, Ask, Cancel, Edit, Message, Reduce, Reject, Repeat, Return, State, can
from alerts.service.chain import Case

NEEDS = {  # which of the roles an act takes; whoever may submit or approve may do the others
    **{name: {Role.APPROVE} for name in ("approve", "return", "reject")},
    **{name: {Role.SUBMIT} for name in ("edit", "enlarge", "update")},
}


def actions(case: Case, message: Message, officer: Officer, *, archived: bool) -> tuple[str, ...]:
    """What this officer may do with it now, by the same table that decides when they do."""
    if case.row.ended_at is not None:
        return ()
    free = case.incident.open is None
    may = {
        "approve": can(message, Approve)
        and message.state is not State.ACTIVE
        and officer.id not in message.authors
        and not archived,
        "return": can(message, Return),
        "reject": can(message, Reject),
        "edit": can(message, Edit),
        "enlarge": message.state is State.ACTIVE and free,
        "update": message.state is State.ACTIVE and free,
        "ask": can(message, Ask),
        "reduce": message.state is State.ACTIVE and can(message, Reduce),
        "repeat": message.state is State.ACTIVE and free and can(message, Repeat),
        "cancel": can(message, Cancel),
    }
    return tuple(name for name, possible in may.items() if possible and officer.may(*NEEDS.get(name, OFFICER)))
