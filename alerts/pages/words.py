"""The public pages' own words, by language. An alert's texts are shown as its authors gave them, never translated here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

DEFAULT = "en"

NAMES: Mapping[str, str] = {"en": "English", "es": "Español", "fr": "Français", "pt": "Português", "de": "Deutsch"}

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "exercise": "EXERCISE — not a real alert",
        "exercise_more": "Nobody is missing. Do not call about it.",
        "kicker": "Missing child alert",
        "active": "Active",
        "still_active": "Still active. Please look out.",
        "sent": "Sent",
        "until": "Active until",
        "missing": "Missing",
        "age": "Age {age}",
        "call": "Call {number}",
        "call_why": "Seen the child or the vehicle? Call at once.",
        "vehicle": "Vehicle",
        "plate": "Licence plate",
        "suspect": "May be with",
        "last_seen": "Last seen",
        "what_to_do": "What to do",
        "what_happened": "What happened",
        "area": "Search area",
        "map_of": "Map of the search area",
        "share": "Share",
        "share_this": "Share this alert",
        "copy_link": "Copy link",
        "copied": "Link copied",
        "text_message": "Text message",
        "email": "E-mail",
        "languages": "Languages",
        "issued_by": "Issued by {agency}.",
        "genuine": "This page is the alert itself: it changes the moment the search is over.",
        "photo_of": "Photo of {name}",
        "photo_unknown": "Photo of the child",
        "another_photo": "Another photo",
        "places_from": "Place names: GeoNames.",
        "get_alerts": "Get alerts for your area",
        "over": "This alert is over",
        "over_thanks": "The search has ended. You can stop looking. Thank you for keeping watch.",
        "over_expired": "The time set for this alert has passed. Thank you for keeping watch.",
        "over_gone": "The child's name, photo and details have been removed from this page.",
        "over_share": "If you shared this alert, please share that it is over.",
        "not_found": "No alert here",
        "not_found_more": "This link leads to no alert. Check that it is complete.",
        "skip": "Skip to the alert",
        "sub_lead": "We tell you when a child is missing near the place you choose, and when the search is over.",
        "sub_mend": "Something is missing",
        "sub_place": "Town or city",
        "sub_place_hint": "The place whose alerts you want, such as Springfield or Springfield, IL.",
        "sub_place_unknown": "We know no town of this name. Try the nearest larger one.",
        "sub_place_missing": "Enter the town or city whose alerts you want.",
        "sub_which": "Which of these do you mean?",
        "sub_here": "Use where I am now",
        "sub_here_done": "Your rough position will be used.",
        "sub_here_failed": "Your position could not be read. Enter the town instead.",
        "sub_language": "Language of the alerts",
        "sub_how": "How we reach you",
        "sub_inbox": "On this site, in your inbox",
        "sub_push": "Also by notification on this device",
        "sub_push_off": "Notifications on the device are off in this sandbox.",
        "sub_consent": "I want missing-child alerts for this place, and agree that Lookout keeps its rough position (about 1 km) and my language until I leave.",
        "sub_consent_missing": "Tick this so that we may send you alerts.",
        "sub_button": "Get alerts",
        "sub_privacy": "No account, no name, no exact position. Leave at any time with one press; everything about you is deleted at once.",
        "sub_failed": "This did not work. Please try again.",
        "inbox": "Your alerts",
        "inbox_welcome": "Done. Alerts for your place arrive here.",
        "inbox_empty": "No alerts. We hope it stays that way.",
        "inbox_keep": "Keep this page in your bookmarks: it belongs to this browser alone.",
        "leave": "Leave and delete my data",
        "left": "You have left",
        "left_more": "All that we kept of you has been deleted. No more alerts will come.",
        "to_start": "To the start",
        "just_now": "just now",
        "minutes": "{n} min ago",
        "hours": "{n} h ago",
        "days": "{n} days ago",
    },
    "es": {
        "exercise": "SIMULACRO — no es una alerta real",
        "exercise_more": "No falta ningún niño. No llame por este aviso.",
        "kicker": "Alerta de menor desaparecido",
        "active": "Activa",
        "still_active": "Sigue activa. Esté atento, por favor.",
        "sent": "Enviada",
        "until": "Activa hasta",
        "missing": "Se busca",
        "age": "{age} años",
        "call": "Llame al {number}",
        "call_why": "¿Ha visto al menor o el vehículo? Llame de inmediato.",
        "vehicle": "Vehículo",
        "plate": "Matrícula",
        "suspect": "Puede estar con",
        "last_seen": "Visto por última vez",
        "what_to_do": "Qué hacer",
        "what_happened": "Qué ha pasado",
        "area": "Zona de búsqueda",
        "map_of": "Mapa de la zona de búsqueda",
        "share": "Compartir",
        "share_this": "Comparta esta alerta",
        "copy_link": "Copiar enlace",
        "copied": "Enlace copiado",
        "text_message": "Mensaje de texto",
        "email": "Correo",
        "languages": "Idiomas",
        "issued_by": "Emitida por {agency}.",
        "genuine": "Esta página es la alerta misma: cambia en cuanto termina la búsqueda.",
        "photo_of": "Foto de {name}",
        "photo_unknown": "Foto del menor",
        "another_photo": "Otra foto",
        "places_from": "Nombres de lugares: GeoNames.",
        "get_alerts": "Reciba alertas de su zona",
        "over": "Esta alerta ha terminado",
        "over_thanks": "La búsqueda ha terminado. Ya no hace falta buscar. Gracias por estar atento.",
        "over_expired": "El plazo de esta alerta ha pasado. Gracias por estar atento.",
        "over_gone": "El nombre, la foto y los datos del menor se han retirado de esta página.",
        "over_share": "Si compartió esta alerta, comparta también que ha terminado.",
        "not_found": "Aquí no hay ninguna alerta",
        "not_found_more": "Este enlace no lleva a ninguna alerta. Compruebe que está completo.",
        "skip": "Ir a la alerta",
        "sub_lead": "Le avisamos cuando falta un menor cerca del lugar que elija y cuando la búsqueda ha terminado.",
        "sub_mend": "Falta algo",
        "sub_place": "Localidad",
        "sub_place_hint": "El lugar del que quiere recibir alertas, por ejemplo Springfield o Springfield, IL.",
        "sub_place_unknown": "No conocemos ninguna localidad con ese nombre. Pruebe con la mayor más cercana.",
        "sub_place_missing": "Escriba la localidad de la que quiere recibir alertas.",
        "sub_which": "¿A cuál de estas se refiere?",
        "sub_here": "Usar mi posición actual",
        "sub_here_done": "Se usará su posición aproximada.",
        "sub_here_failed": "No se pudo leer su posición. Escriba la localidad.",
        "sub_language": "Idioma de las alertas",
        "sub_how": "Cómo le avisamos",
        "sub_inbox": "En este sitio, en su buzón",
        "sub_push": "También con notificaciones en este dispositivo",
        "sub_push_off": "Las notificaciones en el dispositivo están desactivadas en este entorno de pruebas.",
        "sub_consent": "Quiero recibir alertas de menores desaparecidos para este lugar y acepto que Lookout guarde su posición aproximada (1 km) y mi idioma hasta que me dé de baja.",
        "sub_consent_missing": "Marque esta casilla para que podamos enviarle alertas.",
        "sub_button": "Recibir alertas",
        "sub_privacy": "Sin cuenta, sin nombre, sin posición exacta. Dese de baja cuando quiera; todo lo suyo se borra al momento.",
        "sub_failed": "No ha funcionado. Inténtelo de nuevo, por favor.",
        "inbox": "Sus alertas",
        "inbox_welcome": "Listo. Las alertas de su lugar llegan aquí.",
        "inbox_empty": "No hay alertas. Ojalá siga así.",
        "inbox_keep": "Guarde esta página en sus marcadores: es solo de este navegador.",
        "leave": "Darme de baja y borrar mis datos",
        "left": "Se ha dado de baja",
        "left_more": "Hemos borrado todo lo que guardábamos de usted. No llegarán más alertas.",
        "to_start": "Al inicio",
        "just_now": "ahora mismo",
        "minutes": "hace {n} min",
        "hours": "hace {n} h",
        "days": "hace {n} días",
    },
}


def words(language: str) -> Mapping[str, str]:
    """Our words in `language` (BCP 47), in its base language, or in English."""
    return WORDS.get(language) or WORDS.get(base(language)) or WORDS[DEFAULT]


def base(language: str) -> str:
    """The language without script and region: "es-US" -> "es"."""
    return language.split("-", 1)[0].lower()


def name_of(language: str) -> str:
    """The language's name in itself; its tag where we do not know it."""
    return NAMES.get(base(language), language)


def choose(offered: Iterable[str], asked: str | None, accept: str | None) -> str:
    """Of the offered languages the one asked for, else the reader's best (RFC 9110 section 12.5.4), else the first."""
    tags = list(offered) or [DEFAULT]
    for wish in [asked or "", *_wishes(accept or "")]:
        for tag in tags:
            if wish and base(tag) == base(wish):
                return tag
    return tags[0]


def _wishes(accept: str) -> list[str]:
    """The tags of an Accept-Language field, the most wanted first; nonsense is passed over."""
    weighed = []
    for part in accept[:400].split(","):
        tag, _, rest = part.strip().partition(";")
        try:
            weight = float(rest.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if tag and tag != "*" and weight > 0:
            weighed.append((-weight, tag))
    return [tag for _, tag in sorted(weighed, key=lambda pair: pair[0])]


def ago(at: datetime, now: datetime, language: str) -> str:
    """How long ago, in the coarsest honest unit; a clock that runs ahead of ours says "just now"."""
    said = words(language)
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return said["just_now"]
    if minutes < 100:
        return said["minutes"].format(n=minutes)
    if minutes < 48 * 60:
        return said["hours"].format(n=minutes // 60)
    return said["days"].format(n=minutes // (24 * 60))


def moment(at: datetime) -> str:
    """A time for readers without script, which turns it into the reader's own: "22 Nov 2026, 17:20 UTC"."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"
