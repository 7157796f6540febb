"""Mail as it comes back: the forms of RFC 3464 and RFC 5965, with the seal where mail servers put it."""

from __future__ import annotations

SEAL = "a" * 36 + "b"


def dsn(action: str = "failed", status: str = "5.1.1", seal: str = SEAL, header: str = "To") -> bytes:
    return f"""\
From: MAILER-DAEMON@mx.example
{header}: <bounce+{seal}@alerts.example>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

I am sorry.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Fri, 1 May 2026 12:00:00 +0000

Final-Recipient: rfc822; someone@mx.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b1
Content-Type: message/rfc822

From: alerts@alerts.example
To: someone@mx.example
Subject: Missing child

Text.
--b1--
""".replace("\n", "\r\n").encode()


def arf(kind: str = "abuse", seal: str = SEAL, token: str = "0" * 40) -> bytes:
    return f"""\
From: feedback@isp.example
To: abuse@alerts.example
Subject: FW: Missing child
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

--b1
Content-Type: text/plain

This is an email abuse report.

--b1
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <bounce+{seal}@alerts.example>

--b1
Content-Type: message/rfc822

From: alerts@alerts.example
Subject: Missing child
List-Unsubscribe: <https://alerts.example/u/{token}>

Text.
--b1--
""".replace("\n", "\r\n").encode()
