"""One page as PDFium sees it: its words with their places and type, its ruling lines, its pictures."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, replace
from typing import Any

from index.loaders.pdf import drawn, glyphs
from index.loaders.pdf.geometry import Frame, Rule, Word


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a page. `slanted` is text that is not written along the lines, such as a watermark."""

    width: float
    height: float
    words: tuple[Word, ...] = ()
    rules: tuple[Rule, ...] = ()
    slanted: tuple[str, ...] = ()
    covered: float = 0.0  # share of the page under pictures
    drawings: int = 0  # paths on the page
    undecoded: float = 0.0  # share of the characters whose letters the file does not tell


def read(page: Any) -> Page:
    """Read a `pypdfium2.PdfPage`."""
    import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page.raw, ctypes.byref(box))
    frame = Frame(box.left, box.bottom, box.right, box.top, page.get_rotation() // 90)
    textpage = page.get_textpage()
    try:
        found, styles = glyphs.read(pdfium, textpage.raw, frame.turns)
    finally:
        textpage.close()
    turns = glyphs.writing(found, styles)
    if turns:  # a sideways table on an upright page: turn the page so that its lines run from left to right
        frame = replace(frame, turns=(frame.turns + turns) % 4)
        styles = {key: style._replace(angle=(style.angle + 90 * turns) % 360) for key, style in styles.items()}
    rules, covered, drawings = drawn.drawn(pdfium, page.raw, frame)
    # Text that cannot be seen is the work of OCR where a picture covers the page, and otherwise not meant to be read.
    hidden = covered < 0.5 and any(not styles[glyph.key].invisible for glyph in found)
    joining = glyphs.Words(styles, frame, hidden)
    joining.over(found)
    undecoded = sum(glyph.code == 0 or 0xFFFD <= glyph.code <= 0xFFFF for glyph in found) / max(len(found), 1)
    width, height = frame.size
    return Page(width, height, tuple(joining.words), tuple(rules), tuple(joining.slanted), covered, drawings, undecoded)
