"""The mail server: really speaks SMTP, keeps no mail, counts who got which notice."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from notifiers.sandbox.counts import Counts, NoticeKey
from notifiers.sandbox.faults import Fault, Faults

CHANNEL = "email"
MAX_MESSAGE = 1 << 20
_NOTICE = re.compile(rb"(?mi)^X-Lookout-Notice: *([^/\r\n]{1,64})/(\d{1,9})/\d{1,9}/([a-z]{1,16})\r?$")
_KEPT = 16_384  # bytes of a message kept to be looked at

logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd tells every command, addresses and all


class Mailboxes:
    """aiosmtpd's handler: every mailbox exists, unless a fault says otherwise."""

    def __init__(self, counts: Counts, faults: Faults, origin: str) -> None:
        self._counts, self._faults, self._origin = counts, faults, origin

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name and arguments
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Chooses the envelope's fault once; a mailbox that is refused is refused here."""
        del session, options
        fault = self._faults.pick(CHANNEL, self._origin, address)
        envelope.lookout_fault = fault  # type: ignore[attr-defined]  # the envelope lives as long as this mail
        if fault is not None and fault.kind == "status":
            self._counts.answered[CHANNEL][str(fault.status)] += 1
            return f"{fault.status} {_enhanced(fault.status)} told to"
        if fault is not None and fault.kind == "reset":
            self._counts.answered[CHANNEL]["reset"] += 1
            return _break_off(server)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's
        """Takes the mail, and answers as told."""
        del session
        self._take(envelope.original_content or b"", envelope.rcpt_tos, envelope.mail_from or "")
        fault: Fault | None = getattr(envelope, "lookout_fault", None)
        if fault is not None and fault.kind in {"slow", "stall"}:
            await asyncio.sleep(fault.seconds if fault.kind == "slow" else 3600)
        if fault is not None and fault.kind == "cut":
            self._counts.answered[CHANNEL]["cut"] += 1
            return _break_off(server)
        self._counts.answered[CHANNEL]["250"] += 1
        return "250 2.0.0 OK"

    def _take(self, content: bytes, recipients: list[Any], sender: str) -> None:
        head = content.partition(b"\r\n\r\n")[0]
        found = _NOTICE.search(head)
        for recipient in recipients:
            if found is None:
                self._counts.unreadable[CHANNEL] += 1
                continue
            incident, version, kind = (part.decode("latin-1") for part in found.groups())
            self._counts.take(NoticeKey(CHANNEL, incident, int(version), kind), str(recipient))
            kept = content[:_KEPT].decode("utf-8", "replace")
            self._counts.recent.append({"channel": CHANNEL, "to": str(recipient), "from": sender, "message": kept})


def session_factory(mailboxes: Mailboxes) -> SMTP:
    """A fresh SMTP session for one connection, in the running loop."""
    return SMTP(
        mailboxes,
        data_size_limit=MAX_MESSAGE,
        hostname="sandbox.invalid",  # given, so that no session asks the DNS for its own name
        ident="Lookout sandbox",
        loop=asyncio.get_running_loop(),
    )


def _break_off(server: SMTP) -> str:
    """Breaks the connection; what is returned reaches nobody."""
    cast("asyncio.Transport", server.transport).abort()  # a session in the middle of a command has one
    return "421 4.3.2 broken off"


def _enhanced(status: int) -> str:
    """The enhanced status (RFC 3463) that goes with a reply code here: 550 says that the mailbox is no more."""
    return {550: "5.1.1", 421: "4.3.2"}.get(status, f"{status // 100}.0.0")
