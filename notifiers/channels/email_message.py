"""What an e-mail looks like: rendered once a language, and completed for each person by inserting a few lines.

The `email` package writes everything that many share (it takes about a millisecond); what differs from person to person
is ASCII that we made or checked ourselves: the address, the Message-ID and the link to leave.
"""

from __future__ import annotations

import binascii
import html
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY

from notifiers.attention import link
from notifiers.catalogues import catalogue, direction, nearest
from notifiers.channels.wording import mark_for, one_line, text_for
from notifiers.model import Notice, Text

NOTICE_HEADER = "X-Lookout-Notice"  # incident/version/number/kind, for receivers that sort or count
# What HTML calls a valid address: RFC 5322 without comments, quotes, and without anything that could end a header.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)


LAST = ":\u00a0"  # what stands between a label and what it labels, also in French


class BadAddress(ValueError):
    """Not an address we send to: malformed, or with characters that could smuggle in a header."""


@dataclass(frozen=True, slots=True)
class Template:
    """A whole message in one language, less the person: bytes to be completed by `complete`."""

    shared: bytes
    text_slot: bytes
    html_slot: bytes


def checked(address: str) -> str:
    """`address` itself, when it is a plain ASCII one of at most 254 characters; BadAddress otherwise."""
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise BadAddress("not a plain address")
    return address


def return_path(bounces: str, seal: str) -> str:
    """The envelope sender of one send: local+seal@domain (RFC 5321 section 4.5.5, RFC 5233 for the detail)."""
    local, _, domain = bounces.rpartition("@")
    return f"{local}+{seal}@{domain}"


def complete(template: Template, *, to: str, message_id: str, leave_url: str) -> bytes:
    """The message for one person. `to` was `checked`; `leave_url` takes one POST to leave (RFC 8058)."""
    if not (leave_url.isascii() and leave_url.isprintable()) or set(leave_url) & set('<> "'):
        raise BadAddress("the link to leave is no plain URL")
    head = (
        f"To: {to}\r\nMessage-ID: <{message_id}>\r\nList-Unsubscribe: <{leave_url}>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    )
    body = template.shared.replace(template.text_slot, _quoted(leave_url), 1)
    return head.encode("ascii") + body.replace(template.html_slot, _quoted(f'"{html.escape(leave_url)}">'), 1)


def render(notice: Notice, language: str, *, sender: str, thread_id: str, now: datetime) -> Template:
    """The template for people who read `language`. `sender` is the From address, `thread_id` the incident's."""
    tag, text = text_for(notice, language)
    slots = [f"slot{secrets.token_hex(12)}" for _ in range(2)]
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(display_name=one_line(notice.sender_name)[:200], addr_spec=sender)
    message["Subject"] = text.headline[:500]
    message["Date"] = now
    message["References"] = f"<{thread_id}>"  # mail readers show alert, update and end as one conversation
    message["Content-Language"] = tag
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message[NOTICE_HEADER] = f"{notice.incident}/{notice.version}/{notice.number}/{notice.kind.value}"
    message.set_content(_plain(notice, text, tag, slots[0]), cte="quoted-printable")
    message.add_alternative(_html(notice, text, tag, slots[1]), subtype="html", cte="quoted-printable")
    return Template(message.as_bytes(), slots[0].encode(), slots[1].encode())


def _words(notice: Notice, tag: str) -> Mapping[str, str]:
    return catalogue(nearest(tag, notice.spoken)).said


def _plain(notice: Notice, text: Text, tag: str, slot: str) -> str:
    words = _words(notice, tag)
    parts = [
        text.headline,
        text.body,
        text.instruction,
        f"{words['letter_more']}\n{link(notice.page_url, 'email')}",
        f"-- \n{words['letter_why']}\n{words['letter_leave']}\n{slot}",
    ]
    return _without_surrogates("\n\n".join(part for part in parts if part) + "\n")


def _html(notice: Notice, text: Text, tag: str, slot: str) -> str:
    """Plain markup that every mail reader shows, in its own light or dark colours; no picture, nothing fetched."""
    words, mark = _words(notice, tag), mark_for(notice, tag)
    banner = f'<p style="border:3px solid;padding:8px;font-weight:bold">{html.escape(mark)}</p>\n' if mark else ""
    paragraphs = "".join(f"<p>{_lines(part)}</p>\n" for part in text.body.split("\n\n") if part.strip())
    instruction = f"<p><strong>{_lines(text.instruction)}</strong></p>\n" if text.instruction else ""
    page = html.escape(link(notice.page_url, "email"))
    return _without_surrogates(
        f'<!doctype html>\n<html lang="{html.escape(tag)}" dir="{direction(tag)}"><head><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{html.escape(text.headline)}</title></head>\n"
        '<body style="font:16px/1.5 sans-serif;max-width:36em">\n'
        f'{banner}<h1 style="font-size:22px">{html.escape(text.headline)}</h1>\n{paragraphs}{instruction}'
        f'<p dir="auto">{words["letter_more"]}<br>\n<a href="{page}">{page}</a></p>\n'
        f'<hr><p dir="auto" style="font-size:14px">{words["letter_why"]}<br>\n'
        f"<a href=\n{slot}\n{words['letter_leave'].rstrip(LAST)}</a></p>\n</body></html>\n"
    )


def _lines(text: str) -> str:
    return html.escape(text).replace("\n", "<br>\n")


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _quoted(inserted: str) -> bytes:
    """As quoted-printable, lines broken softly (RFC 2045 section 6.7)."""
    return binascii.b2a_qp(inserted.encode("ascii")).replace(b"\n", b"\r\n")
