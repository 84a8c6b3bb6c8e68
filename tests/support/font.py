"""Makes the font of the pages: ``python tests/support/font.py STIXTwoMath.woff2``, from https://github.com/stipub/stixfonts.

Needs fonttools and brotli. What is left are the letters, digits and signs that formulas are written with.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).parents[2] / "backpropcalc" / "render" / "stix.woff2"
PLAIN = "".join(map(chr, range(0x20, 0x7F)))
SIGNS = "·−×±≈≠≤≥=∂∇∑∏√∞→←⊙…⋮⋱⁺⁻′″½°⁡–"
GREEK = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
ITALIC = "".join(map(chr, [*range(0x1D434, 0x1D468), 0x210E, *range(0x1D6E2, 0x1D71C)]))
"""What a browser sets a single letter in."""
NAMES = frozenset({0, 1, 2, 3, 4, 5, 6, 13, 14})


def main() -> None:
    """Write the subset."""
    options = subset.Options(flavor="woff2", layout_features=["ssty", "kern"], hinting=False, notdef_outline=True)
    options.name_IDs = sorted(NAMES)
    maker = subset.Subsetter(options)
    maker.populate(text=PLAIN + SIGNS + GREEK + ITALIC)
    font = TTFont(sys.argv[1])
    maker.subset(font)
    font.flavor = "woff2"
    font.save(TARGET)
    print(f"{TARGET.stat().st_size:,} bytes, {len(font.getGlyphOrder())} glyphs")


if __name__ == "__main__":
    main()
