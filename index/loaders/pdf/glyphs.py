"""The characters of a page become words."""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from typing import Any, NamedTuple

from index.loaders.pdf.geometry import Frame, Word

_MOST_CHARACTERS = 200_000
_INVISIBLE = 3  # text rendering mode, ISO 32000-1, table 106
_BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_SYMBOLS = re.compile(r"symbol|dingbat|webding|wingding", re.IGNORECASE)
_NUMBERED = re.compile(
    r"\d{1,3}(\.\d{1,3})*[.)]|\d{1,3}(\.\d{1,3})+"
)  # a paragraph's number, which may touch its first word
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_DROPPED = {0x00, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xFFFE, 0xFFFF}
_HYPHENS = {0x02: "-", 0xAD: "\xad"}  # PDFium marks a hyphen at a line's end as U+0002
_SPACES = frozenset(" \t\r\n\x0b\x0c\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000")
_BLANK = frozenset((0, 9, 10, 13, 32, 0xA0))
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Style(NamedTuple):
    """The type of a character: its size in points, and how it is drawn."""

    size: float
    bold: bool
    symbol: bool
    invisible: bool
    angle: int  # of the writing, in degrees as shown

    @property
    def slanted(self) -> bool:
        """Whether it is not written along the lines of the page."""
        return self.angle % 360 not in (0, 1, 359)


class Glyph(NamedTuple):
    """A character and its box in the page's own space; `key` names its style."""

    code: int
    left: float
    bottom: float
    right: float
    top: float
    key: int


def read(pdfium: Any, textpage: Any, turns: int) -> tuple[list[Glyph], dict[int, Style]]:
    """Every character in the order of the content stream, spaces included, and the styles by key."""
    box = pdfium.FS_RECTF()
    place = ctypes.byref(box)
    unicode_of, box_of = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    glyphs: list[Glyph] = []
    styles: dict[int, Style] = {}
    key = before = 0
    bottom = top = 0.0
    for index in range(min(pdfium.FPDFText_CountChars(textpage), _MOST_CHARACTERS)):
        code = unicode_of(textpage, index)
        box_of(textpage, index, place)
        if code not in _BLANK:
            # Within a word of one height the type stays the same: to ask for each character would double the time.
            if before in _BLANK or box.bottom != bottom or box.top != top or 65 <= code <= 90:
                handle = pdfium.FPDFText_GetTextObject(textpage, index)
                key = ctypes.cast(handle, ctypes.c_void_p).value or 0
                if key not in styles:
                    styles[key] = _style(pdfium, textpage, index, handle, turns)
                bottom, top = box.bottom, box.top
        elif not styles:
            continue
        before = code
        glyphs.append(Glyph(code, box.left, box.bottom, box.right, box.top, key))
    return glyphs, styles


def _style(pdfium: Any, textpage: Any, index: int, handle: Any, turns: int) -> Style:
    """The type of the text object that the character at `index` belongs to."""
    angle = (round(math.degrees(pdfium.FPDFText_GetCharAngle(textpage, index))) + 90 * turns) % 360
    matrix, size = pdfium.FS_MATRIX(), ctypes.c_float()
    if not handle:
        return Style(pdfium.FPDFText_GetFontSize(textpage, index), False, False, False, angle)
    pdfium.FPDFTextObj_GetFontSize(handle, ctypes.byref(size))
    pdfium.FPDFPageObj_GetMatrix(handle, ctypes.byref(matrix))
    font = pdfium.FPDFTextObj_GetFont(handle)
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFFont_GetBaseFontName(font, name, 128)
    family = name.value.decode("latin-1")
    return Style(
        size.value * math.hypot(matrix.c, matrix.d),
        bool(_BOLD.search(family)) or pdfium.FPDFFont_GetWeight(font) >= 600,
        bool(_SYMBOLS.search(family)),
        pdfium.FPDFTextObj_GetTextRenderMode(handle) == _INVISIBLE,
        angle,
    )


def writing(glyphs: list[Glyph], styles: dict[int, Style]) -> int:
    """Quarter turns clockwise that bring most of the text upright."""
    angles = Counter(styles[glyph[5]].angle for glyph in glyphs)
    if not angles:
        return 0
    angle, count = angles.most_common(1)[0]
    return ((360 - angle) // 90) % 4 if angle % 90 == 0 and count > len(glyphs) / 2 else 0


class Words:
    """Joins characters to words. Invisible ones are left out where `hidden`, and what lies off the page always."""

    def __init__(self, styles: dict[int, Style], frame: Frame, hidden: bool) -> None:
        self.words: list[Word] = []
        self.slanted: list[str] = []
        self._styles = styles
        self._frame = frame
        self._hidden = hidden
        self._text: list[str] = []
        self._box = (0.0, 0.0, 0.0, 0.0)
        self._style = Style(0.0, False, False, False, 0)
        self._slanted_at = -1  # the number of words before the last slanted one: neighbours belong together

    def over(self, glyphs: list[Glyph]) -> None:
        """Take all the characters of a page."""
        upright = self._frame.turns == 0
        last: Glyph | None = None
        for glyph in glyphs:
            code, left, bottom, right, top, key = glyph
            if upright and last is not None and self._text and 32 < code < 0xA0 and key == last.key:
                # Nearly every character stands right beside the one before it, on the same line.
                near = abs(left - last.right) < 0.15 * (top - bottom)
                if near and bottom == last.bottom and top == last.top and right > left:
                    self._text.append(chr(code))
                    self._box = (self._box[0], self._box[1], max(self._box[2], right - self._frame.left), self._box[3])
                    last = glyph
                    continue
            character = _character(code)
            if character is None or (self._hidden and self._styles[key].invisible):
                continue
            if character in _SPACES:
                self._close()
                last = None
                continue
            self._take(character, self._frame.box(left, bottom, right, top), self._styles[key], last, key)
            last = glyph
        self._close()

    def _take(
        self, character: str, box: tuple[float, float, float, float], style: Style, last: Glyph | None, key: int
    ) -> None:
        if self._text:
            left, top, right, bottom = self._box
            em = max(style.size, self._style.size, 1.0)
            raised = style.size < 0.8 * self._style.size and box[3] < bottom - 0.1 * em and character.isdigit()
            if raised and abs(box[0] - right) < em:  # the mark of a footnote, or a square metre
                self._text.append(character.translate(_SUPERSCRIPTS))
                self._box = (left, top, max(right, box[2]), bottom)
                return
            apart = box[0] - right > 0.3 * em or box[0] < left - 0.5 * em
            apart = apart or abs((box[1] + box[3]) / 2 - (top + bottom) / 2) > 0.5 * em
            fresh = last is not None and key != last.key and character.isupper()
            apart = apart or (fresh and _NUMBERED.fullmatch("".join(self._text)) is not None)
            if style.angle != self._style.angle or (apart and not style.slanted):
                self._close()
        if self._text:
            left, top, right, bottom = self._box
            box = (min(left, box[0]), min(top, box[1]), max(right, box[2]), max(bottom, box[3]))
        else:
            self._style = style
        self._text.append(character)
        self._box = box

    def _close(self) -> None:
        if not self._text:
            return
        text, style = "".join(self._text), self._style
        self._text = []
        left, top, right, bottom = self._box
        height = bottom - top
        size = style.size if 0.4 < style.size / max(height, 0.1) < 2.5 else height / 1.2
        width, length = self._frame.size
        if style.slanted:
            if self._slanted_at == len(self.words):
                self.slanted[-1] += f" {text}"
            else:
                self.slanted.append(text)
            self._slanted_at = len(self.words)
        elif left < width and right > 0 and top < length and bottom > 0 and size >= 1:
            self.words.append(Word(text, left, top, right, bottom, size, style.bold, style.symbol, len(self.words)))


def _character(code: int) -> str | None:
    if code in _DROPPED:
        return None
    if code in _LIGATURES:
        return _LIGATURES[code]
    if code in _HYPHENS:
        return _HYPHENS[code]
    if code < 32 and code not in (9, 10, 11, 12, 13):
        return None
    if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return "\ufffd"
    return chr(code)
