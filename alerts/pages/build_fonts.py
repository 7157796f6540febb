"""Cuts the poster's letters out of the variable Noto fonts of the fontpkg packages: `python -m alerts.pages.build_fonts`.

Cutting takes half a minute, so it is done here once and its files ship (`fonts/`); a poster is then made in a second.
"""

from __future__ import annotations

from importlib.resources import as_file, files

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from alerts.pages.poster_fonts import FAMILY, HERE, WEIGHTS, path_of

LATIN = (
    "0020-007E,00A0-024F,02BB-02BC,0300-036F,1E00-1EFF,2010-2027,202F-203A,2066-2069,20A0-20BF,2116,2122,2190-2193,2212"
)
FONTS = {  # family -> the package that holds it, the file in it, what is kept of it
    FAMILY: ("fontpkg_noto_sans", "NotoSans[wdth,wght].ttf", LATIN),
    "noto-arabic": (
        "fontpkg_noto_sans_arabic", "NotoSansArabic[wdth,wght].ttf",
        "0020,00A0,0600-06FF,0750-077F,08A0-08FF,200C-200F,2066-2069,FB50-FDFF,FE70-FEFF",
    ),
    "noto-devanagari": (
        "fontpkg_noto_sans_devanagari", "NotoSansDevanagari[wdth,wght].ttf", "0020,00A0,0900-097F,200C-200D,20B9,25CC,A8E0-A8FF",
    ),
}  # fmt: skip


def build() -> None:
    """Writes every face anew, and the licence beside them."""
    HERE.mkdir(exist_ok=True)
    for family, (package, name, kept) in FONTS.items():
        for weight in WEIGHTS.values():
            _cut(package, name, kept, weight).save(path_of(family, weight))
    (HERE / "OFL.txt").write_bytes((files("fontpkg_noto_sans") / "LICENSE").read_bytes())


def _cut(package: str, name: str, kept: str, weight: int) -> TTFont:
    options = subset.Options(layout_features=["*"], hinting=False, notdef_outline=True)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=subset.parse_unicodes(kept))
    with as_file(files(package) / "files" / name) as path:
        whole = TTFont(path)
    chosen.subset(whole)
    return instancer.instantiateVariableFont(whole, {"wght": weight, "wdth": 100})


if __name__ == "__main__":
    build()
