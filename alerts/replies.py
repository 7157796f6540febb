"""What a person writes back to a short message: to leave, to come back, to ask who this is. Pure.

Words are compared without case, accents, punctuation and blanks, and only as the whole message: "End of the road?" is
no STOP. Who leaves by mistake is told how to return; who is not let go is not.
"""

from __future__ import annotations

import unicodedata
from enum import Enum


class Asked(Enum):
    STOP = "stop"
    START = "start"
    HELP = "help"


# English as US carriers and CTIA ask for it, then by language: the words carriers use, and "stop", "unsubscribe", "end".
_STOP = [
    "stop",
    "stopall",
    "stop-all",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "optout",
    "opt-out",
    "revoke",
    "remove",
    "remove-me",
    "baja",
    "alto",
    "parar",
    "pare",
    "cancelar",
    "darse-de-baja",
    "dar-de-baja",
    "salir",
    "detener",
    "fin",
    "arret",
    "arrêt",
    "arrêter",
    "stopsms",
    "desabonner",
    "désabonner",
    "désinscrire",
    "resilier",
    "sair",
    "remover",
    "descadastrar",
    "stopp",
    "anhalten",
    "abmelden",
    "abbestellen",
    "ende",
    "aufhören",
    "stoppen",
    "afmelden",
    "uitschrijven",
    "opzeggen",
    "einde",
    "basta",
    "annulla",
    "cancella",
    "disiscrivi",
    "fermare",
    "ferma",
    "sluta",
    "avsluta",
    "avregistrera",
    "avslutt",
    "avmeld",
    "slutt",
    "afmeld",
    "lopeta",
    "peruuta",
    "zatrzymaj",
    "koniec",
    "wypisz",
    "rezygnuję",
    "zastavit",
    "odhlásit",
    "konec",
    "zastaviť",
    "leállítás",
    "leiratkozás",
    "oprește",
    "opriți",
    "dezabonare",
    "dur",
    "durdur",
    "iptal",
    "ret",
    "στοπ",
    "σταματα",
    "διακοπη",
    "διαγραφη",
    "стоп",
    "отмена",
    "отписаться",
    "отписка",
    "прекратить",
    "зупинити",
    "відписатися",
    "скасувати",
    "спри",
    "откажи",
    "прекини",
    "заустави",
    "توقف",
    "قف",
    "ايقاف",
    "إيقاف",
    "الغاء",
    "إلغاء",
    "إلغاء-الاشتراك",
    "لغو",
    "بس-کن",
    "انصراف",
    "رکو",
    "بند-کرو",
    "עצור",
    "הסר",
    "הסרה",
    "ביטול",
    "रोकें",
    "रुको",
    "रोको",
    "बंद",
    "बंद-करो",
    "बन्द",
    "स्टॉप",
    "থামুন",
    "বন্ধ",
    "বন্ধ-করুন",
    "நிறுத்து",
    "நிறுத்தவும்",
    "ఆపు",
    "આપો",
    "બંધ",
    "ਬੰਦ",
    "ਰੋਕੋ",
    "หยุด",
    "ยกเลิก",
    "dừng",
    "dừng-lại",
    "hủy",
    "huỷ",
    "berhenti",
    "batal",
    "tigil",
    "itigil",
    "acha",
    "sitisha",
    "koma",
    "停止",
    "退订",
    "退訂",
    "取消",
    "停",
    "停止する",
    "配信停止",
    "解除",
    "중지",
    "취소",
    "수신거부",
    "그만",
    "중단",
]
_START = [
    "start",
    "unstop",
    "yes",
    "alta",
    "inicio",
    "reanudar",
    "reprendre",
    "oui",
    "sim",
    "comecar",
    "começar",
    "ja",
    "beginnen",
    "anfangen",
    "старт",
    "начать",
    "ابدأ",
    "शुरू",
    "开始",
    "開始",
    "시작",
]
_HELP = [
    "help",
    "info",
    "ayuda",
    "aide",
    "ajuda",
    "hilfe",
    "hulp",
    "aiuto",
    "hjälp",
    "hjelp",
    "hjælp",
    "apua",
    "pomoc",
    "yardım",
    "помощь",
    "допомога",
    "مساعدة",
    "मदद",
    "帮助",
    "幫助",
    "ヘルプ",
    "도움말",
]


def folded(text: str) -> str:
    """Without case, accents (of Latin, Greek and Cyrillic), vowel points of Arabic, punctuation, signs and blanks."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", "".join(one for one in apart if _counts(one)))


def asked(text: str) -> Asked | None:
    """What a message asks for; None for everything else that people write."""
    return _MEANT.get(folded(text))


def _counts(one: str) -> bool:
    point = ord(one)
    if 0x0300 <= point <= 0x036F or 0x064B <= point <= 0x065F or point == 0x0640:
        return False
    return unicodedata.category(one)[0] in "LMN"


_MEANT = {
    **{folded(word): Asked.HELP for word in _HELP},
    **{folded(word): Asked.START for word in _START},
    **{folded(word): Asked.STOP for word in _STOP},  # the last wins: in doubt, whoever may have meant to leave leaves
}
