"""What may be said where it cannot be taken back (posts, signs, previews): that a child is missing, where, the plate,
the link. Never a name or a photo: the page behind the link is what changes when the search is over. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from notifiers.channels.wording import language_for, mark_for, one_line
from notifiers.model import Kind, Notice

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "alert": "Missing child alert",
        "update": "Missing child alert, updated",
        "cancel": "The search is over. Please stop looking.",
        "plate": "Plate",
    },
    "es": {
        "alert": "Alerta por menor desaparecido",
        "update": "Alerta por menor desaparecido, actualizada",
        "cancel": "La búsqueda ha terminado. Deje de buscar.",
        "plate": "Placa",
    },
    "fr": {
        "alert": "Alerte : enfant disparu",
        "update": "Alerte : enfant disparu, mise à jour",
        "cancel": "Les recherches sont terminées. Ne cherchez plus.",
        "plate": "Plaque",
    },
    "pt": {
        "alert": "Alerta de criança desaparecida",
        "update": "Alerta de criança desaparecida, atualizado",
        "cancel": "A busca terminou. Não procure mais.",
        "plate": "Placa",
    },
    "de": {
        "alert": "Kind vermisst",
        "update": "Kind vermisst, neue Angaben",
        "cancel": "Die Suche ist beendet. Bitte suchen Sie nicht weiter.",
        "plate": "Kennzeichen",
    },
    "nl": {
        "alert": "Vermist kind",
        "update": "Vermist kind, nieuwe informatie",
        "cancel": "De zoektocht is voorbij. Zoek niet verder.",
        "plate": "Kenteken",
    },
}


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
    words = words_for(tag)
    mark = mark_for(notice, tag)
    heading = f"{mark}: {words[notice.kind.value]}" if mark else words[notice.kind.value]
    over = notice.kind is Kind.CANCEL
    area = "" if over else one_line(notice.texts[tag].area_name)
    return Lasting(tag, heading, area, "" if over else plate_line(notice, tag), notice.page_url)


def plate_line(notice: Notice, tag: str) -> str:
    """Plate: EX4MPLE (California); empty where none is known."""
    return f"{words_for(tag)['plate']}: {one_line(notice.plate)}" if notice.plate else ""


def words_for(tag: str) -> Mapping[str, str]:
    return _WORDS.get(tag.partition("-")[0].lower(), _WORDS["en"])
