"""What may be said where it cannot be taken back (posts, signs, previews): that a child is missing, where, the plate,
the link. Never a name or a photo: the page behind the link is what changes when the search is over. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from notifiers.catalogues import catalogue, nearest
from notifiers.channels.wording import language_for, mark_for, one_line
from notifiers.model import Kind, Notice


@dataclass(frozen=True, slots=True)
class Lasting:
    """`heading`: what it is, marked where it is not real; `plate` with its word; both one line, and empty for none."""

    language: str
    heading: str
    area: str
    plate: str
    link: str

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(part for part in (self.heading, self.area, self.plate, self.link) if part)


def lasting(notice: Notice, language: str) -> Lasting:
    """For somebody who reads `language`, in the notice's nearest one."""
    tag = language_for(notice, language)
    mark, said = mark_for(notice, tag), _words(notice, tag)[f"post_{notice.kind.value}"]
    heading = f"{mark}: {said}" if mark else said
    over = notice.kind is Kind.CANCEL
    area = "" if over else one_line(notice.texts[tag].area_name)
    return Lasting(tag, heading, area, "" if over else plate_line(notice, tag), notice.page_url)


def plate_line(notice: Notice, tag: str) -> str:
    """Plate: EX4MPLE (California); empty where none is known."""
    return f"{_words(notice, tag)['post_plate']}: {one_line(notice.plate)}" if notice.plate else ""


def _words(notice: Notice, tag: str) -> Mapping[str, str]:
    return catalogue(nearest(tag, notice.spoken)).said
