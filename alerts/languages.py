"""Language tags as BCP 47 writes them (RFC 5646 section 2.1), checked against the two-letter codes of ISO 639. Pure.

RFC 5646 asks for the shortest code of a language, so a three-letter code that has a two-letter one is no tag, and would
never be found beside a text in "es". Of other three-letter codes (ISO 639-3 has thousands), scripts and regions the
form alone is checked.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Three letters and two: by ISO 639-2/T and 639-3, then by the bibliographic codes of ISO 639-2/B.
_CODES = """
aar:aa abk:ab ave:ae afr:af aka:ak amh:am arg:an ara:ar asm:as ava:av aym:ay aze:az bak:ba bel:be bul:bg bis:bi
bam:bm ben:bn bod:bo bre:br bos:bs cat:ca che:ce cha:ch cos:co cre:cr ces:cs chu:cu chv:cv cym:cy dan:da deu:de
div:dv dzo:dz ewe:ee ell:el eng:en epo:eo spa:es est:et eus:eu fas:fa ful:ff fin:fi fij:fj fao:fo fra:fr fry:fy
gle:ga gla:gd glg:gl grn:gn guj:gu glv:gv hau:ha heb:he hin:hi hmo:ho hrv:hr hat:ht hun:hu hye:hy her:hz ina:ia
ind:id ile:ie ibo:ig iii:ii ipk:ik ido:io isl:is ita:it iku:iu jpn:ja jav:jv kat:ka kon:kg kik:ki kua:kj kaz:kk
kal:kl khm:km kan:kn kor:ko kau:kr kas:ks kur:ku kom:kv cor:kw kir:ky lat:la ltz:lb lug:lg lim:li lin:ln lao:lo
lit:lt lub:lu lav:lv mlg:mg mah:mh mri:mi mkd:mk mal:ml mon:mn mar:mr msa:ms mlt:mt mya:my nau:na nob:nb nde:nd
nep:ne ndo:ng nld:nl nno:nn nor:no nbl:nr nav:nv nya:ny oci:oc oji:oj orm:om ori:or oss:os pan:pa pli:pi pol:pl
pus:ps por:pt que:qu roh:rm run:rn ron:ro rus:ru kin:rw san:sa srd:sc snd:sd sme:se sag:sg hbs:sh sin:si slk:sk
slv:sl smo:sm sna:sn som:so sqi:sq srp:sr ssw:ss sot:st sun:su swe:sv swa:sw tam:ta tel:te tgk:tg tha:th tir:ti
tuk:tk tgl:tl tsn:tn ton:to tur:tr tso:ts tat:tt twi:tw tah:ty uig:ug ukr:uk urd:ur uzb:uz ven:ve vie:vi vol:vo
wln:wa wol:wo xho:xh yid:yi yor:yo zha:za zho:zh zul:zu
tib:bo cze:cs wel:cy ger:de gre:el baq:eu per:fa fre:fr arm:hy ice:is geo:ka mac:mk mao:mi may:ms bur:my dut:nl
rum:ro slo:sk alb:sq chi:zh
"""
_SHORT = dict(pair.split(":") for pair in _CODES.split())
_KNOWN = frozenset(_SHORT.values())
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?P<script>-[a-z]{4})?(?P<region>-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?P<rest>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?)",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)  # the rows of an import share a few
def known_language(tag: str) -> str:
    """The tag in its usual case (es, pt-BR, zh-Hant); ValueError says why it is none."""
    found = _TAG.fullmatch(tag)
    if found is None:
        raise ValueError("is not a BCP 47 tag")
    language = found["language"].lower()
    if len(language) == 2 and language not in _KNOWN:
        raise ValueError("is not a language of ISO 639")
    if language in _SHORT:
        raise ValueError(f"is not a BCP 47 tag: the code of this language is {_SHORT[language]}")
    script, region = (found["script"] or "").title(), (found["region"] or "").upper()
    return f"{language}{script}{region}{found['rest'].lower()}"
