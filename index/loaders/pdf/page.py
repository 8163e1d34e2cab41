"""One page as PDFium sees it: its words with their places and type, its ruling lines, its pictures.

Coordinates are points from the top left corner of the page as it is shown (rotation applied), y downwards.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

_MOST_OBJECTS = 30_000  # a map or a chart; its lines are no table
_MOST_CHARACTERS = 200_000
_THIN = 2.5  # points: a filled box this thin is a line
_INVISIBLE = 3  # text rendering mode, ISO 32000-1, table 106
_BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_NUMBERED = re.compile(r"\d{1,3}(\.\d{1,3})+\.?|\d{1,3}\)")  # a paragraph's number, which may touch its first word
_SYMBOLS = re.compile(r"symbol|dingbat|webding|wingding", re.IGNORECASE)
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_DROPPED = {0x00, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xFFFE, 0xFFFF}
_HYPHENS = {0x02: "-", 0xAD: "\xad"}  # PDFium marks a hyphen at a line's end as U+0002
_SPACES = frozenset(" \t\r\n\x0b\x0c\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Word(NamedTuple):
    """Characters without a space between them. `order` is the place in the page's content stream."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool
    symbol: bool
    order: int

    @property
    def middle(self) -> float:
        """Height of the middle of the line."""
        return (self.top + self.bottom) / 2


class Rule(NamedTuple):
    """A straight line along an axis, or the edge of a drawn box."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def flat(self) -> bool:
        """Whether it runs from left to right."""
        return self.right - self.left >= self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a page. `slanted` is text that is not written along the lines, such as a watermark."""

    width: float
    height: float
    words: tuple[Word, ...] = ()
    rules: tuple[Rule, ...] = ()
    slanted: tuple[str, ...] = ()
    covered: float = 0.0
    undecoded: float = 0.0


class _Style(NamedTuple):
    size: float
    bold: bool
    symbol: bool
    invisible: bool
    angle: int  # of the writing, in degrees as shown

    @property
    def slanted(self) -> bool:
        return self.angle % 360 not in (0, 1, 359)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Takes a box in the page's own space to the page as it is shown."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int  # quarter turns clockwise

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.turns % 2 else (width, height)

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """`(left, top, right, bottom)` as shown."""
        if self.turns == 0:
            return left - self.left, self.top - top, right - self.left, self.top - bottom
        if self.turns == 1:
            return bottom - self.bottom, left - self.left, top - self.bottom, right - self.left
        if self.turns == 2:
            return self.right - right, bottom - self.bottom, self.right - left, top - self.bottom
        return self.top - top, self.right - right, self.top - bottom, self.right - left


def read(page: Any) -> Page:
    """Read a `pypdfium2.PdfPage`."""
    import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page.raw, ctypes.byref(box))
    frame = _Frame(box.left, box.bottom, box.right, box.top, page.get_rotation() // 90)
    textpage = page.get_textpage()
    try:
        glyphs, styles = _glyphs(pdfium, textpage.raw, frame.turns)
    finally:
        textpage.close()
    turns = _writing(glyphs, styles)
    if turns:  # a sideways table on an upright page: turn the page so that its lines run from left to right
        frame = replace(frame, turns=(frame.turns + turns) % 4)
        styles = {key: style._replace(angle=(style.angle + 90 * turns) % 360) for key, style in styles.items()}
    rules, covered = _drawn(pdfium, page.raw, frame)
    hidden = covered < 0.5 and any(not styles[glyph[5]].invisible for glyph in glyphs)
    words, slanted, undecoded = _words(glyphs, styles, frame, hidden)
    width, height = frame.size
    return Page(width, height, tuple(words), tuple(rules), tuple(slanted), covered, undecoded)


_Glyph = tuple[int, float, float, float, float, int]  # code point, left, bottom, right, top, key of its style


def _glyphs(pdfium: Any, textpage: Any, turns: int) -> tuple[list[_Glyph], dict[int, _Style]]:
    """Every character in the order of the content stream, spaces included."""
    box = pdfium.FS_RECTF()
    place = ctypes.byref(box)
    unicode_of, box_of, object_of = (
        pdfium.FPDFText_GetUnicode,
        pdfium.FPDFText_GetLooseCharBox,
        pdfium.FPDFText_GetTextObject,
    )
    glyphs: list[_Glyph] = []
    styles: dict[int, _Style] = {}
    key = 0
    for index in range(min(pdfium.FPDFText_CountChars(textpage), _MOST_CHARACTERS)):
        code = unicode_of(textpage, index)
        box_of(textpage, index, place)
        if code not in (10, 13, 32):
            handle = object_of(textpage, index)
            key = ctypes.cast(handle, ctypes.c_void_p).value or 0
            if key not in styles:
                styles[key] = _style(pdfium, textpage, index, handle, turns)
        elif not styles:
            continue
        glyphs.append((code, box.left, box.bottom, box.right, box.top, key))
    return glyphs, styles


def _style(pdfium: Any, textpage: Any, index: int, handle: Any, turns: int) -> _Style:
    """The type of the text object that the character at `index` belongs to."""
    angle = (round(math.degrees(pdfium.FPDFText_GetCharAngle(textpage, index))) + 90 * turns) % 360
    matrix, size = pdfium.FS_MATRIX(), ctypes.c_float()
    if not handle:
        return _Style(pdfium.FPDFText_GetFontSize(textpage, index), False, False, False, angle)
    pdfium.FPDFTextObj_GetFontSize(handle, ctypes.byref(size))
    pdfium.FPDFPageObj_GetMatrix(handle, ctypes.byref(matrix))
    font = pdfium.FPDFTextObj_GetFont(handle)
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFFont_GetBaseFontName(font, name, 128)
    family = name.value.decode("latin-1")
    return _Style(
        size.value * math.hypot(matrix.c, matrix.d),
        bool(_BOLD.search(family)) or pdfium.FPDFFont_GetWeight(font) >= 600,
        bool(_SYMBOLS.search(family)),
        pdfium.FPDFTextObj_GetTextRenderMode(handle) == _INVISIBLE,
        angle,
    )


def _writing(glyphs: list[_Glyph], styles: dict[int, _Style]) -> int:
    """Quarter turns clockwise that bring most of the text upright."""
    angles = Counter(styles[glyph[5]].angle for glyph in glyphs)
    if not angles:
        return 0
    angle, count = angles.most_common(1)[0]
    return ((360 - angle) // 90) % 4 if angle % 90 == 0 and count > len(glyphs) / 2 else 0


def _words(
    glyphs: list[_Glyph], styles: dict[int, _Style], frame: _Frame, hidden: bool
) -> tuple[list[Word], list[str], float]:
    """Join characters to words; invisible ones are left out where `hidden`, and what lies off the page always."""
    words: list[Word] = []
    slanted: list[tuple[str, int]] = []  # with the number of words before it: neighbours belong together
    text = ""
    left = top = right = bottom = 0.0
    style: _Style | None = None
    last = bad = 0
    width, height = frame.size

    def close() -> None:
        nonlocal text
        if text and style is not None:
            size = style.size if 0.4 < style.size / max(bottom - top, 0.1) < 2.5 else (bottom - top) / 1.2
            if style.slanted:
                if slanted and slanted[-1][1] == len(words):
                    slanted[-1] = (f"{slanted[-1][0]} {text}", len(words))
                else:
                    slanted.append((text, len(words)))
            elif left < width and right > 0 and top < height and bottom > 0 and size >= 1:
                words.append(Word(text, left, top, right, bottom, size, style.bold, style.symbol, len(words)))
        text = ""

    for code, *corners, key in glyphs:
        character = _character(code)
        bad += code == 0 or 0xFFFD <= code <= 0xFFFF
        if character is None or (hidden and styles[key].invisible):
            continue
        if character in _SPACES:
            close()
            continue
        box = frame.box(*corners)
        now = styles[key]
        if text and style is not None:
            em = max(now.size, style.size, 1.0)
            raised = now.size < 0.8 * style.size and box[3] < bottom - 0.1 * em and character.isdigit()
            if raised and abs(box[0] - right) < em and text[-1] not in "0123456789":
                text += character.translate(_SUPERSCRIPTS)  # the mark of a footnote, or a square metre
                right = max(right, box[2])
                continue
            apart = box[0] - right > 0.3 * em or box[0] < left - 0.5 * em
            apart = apart or abs((box[1] + box[3]) / 2 - (top + bottom) / 2) > 0.5 * em
            apart = apart or (key != last and character.isupper() and _NUMBERED.fullmatch(text) is not None)
            if now.angle != style.angle or (apart and not now.slanted):
                close()
        if not text:
            left, top, right, bottom = box
            style = now
        text += character
        last = key
        left, top, right, bottom = min(left, box[0]), min(top, box[1]), max(right, box[2]), max(bottom, box[3])
    close()
    return words, [line for line, _ in slanted], bad / max(len(glyphs), 1)


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


def _drawn(pdfium: Any, page: Any, frame: _Frame) -> tuple[list[Rule], float]:
    """The page's straight lines, and the share of it that pictures cover."""
    rules: list[Rule] = []
    covered = 0.0
    width, height = frame.size
    for kind, handle, matrix in _objects(pdfium, page):
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        if not pdfium.FPDFPageObj_GetBounds(handle, left, bottom, right, top):
            continue
        box = frame.box(*_transformed((left.value, bottom.value, right.value, top.value), matrix))
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            across = min(box[2], width) - max(box[0], 0)
            down = min(box[3], height) - max(box[1], 0)
            if across > 0 and down > 0:
                covered += across * down / (width * height)
        else:
            rules.extend(_edges(pdfium, handle, matrix, frame, box))
    return rules, min(covered, 1.0)


_Matrix = tuple[float, float, float, float, float, float]


def _objects(pdfium: Any, page: Any) -> Iterator[tuple[int, Any, _Matrix | None]]:
    """Paths and pictures of the page and of the forms placed on it (one form within another, no deeper)."""
    left = _MOST_OBJECTS

    def within(
        count: Any, get: Any, container: Any, outer: _Matrix | None, depth: int
    ) -> Iterator[tuple[int, Any, _Matrix | None]]:
        nonlocal left
        for index in range(count(container)):
            left -= 1
            if left < 0:
                return
            handle = get(container, index)
            kind = pdfium.FPDFPageObj_GetType(handle)
            if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < 2:
                matrix = pdfium.FS_MATRIX()
                pdfium.FPDFPageObj_GetMatrix(handle, ctypes.byref(matrix))
                inner = (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
                yield from within(
                    pdfium.FPDFFormObj_CountObjects,
                    pdfium.FPDFFormObj_GetObject,
                    handle,
                    _product(inner, outer),
                    depth + 1,
                )
            elif kind in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE):
                yield kind, handle, outer

    yield from within(pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, page, None, 0)


def _product(inner: _Matrix, outer: _Matrix | None) -> _Matrix:
    if outer is None:
        return inner
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _transformed(box: tuple[float, float, float, float], matrix: _Matrix | None) -> tuple[float, float, float, float]:
    """The upright box around `(left, bottom, right, top)` after `matrix`."""
    if matrix is None:
        return box
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x in box[::2] for y in box[1::2]]
    ys = [b * x + d * y + f for x in box[::2] for y in box[1::2]]
    return min(xs), min(ys), max(xs), max(ys)


def _edges(
    pdfium: Any, handle: Any, matrix: _Matrix | None, frame: _Frame, box: tuple[float, float, float, float]
) -> Iterator[Rule]:
    """The lines of one path: a thin box is one line, a box four, a longer path one for each straight piece."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    if min(wide, high) <= _THIN:
        if max(wide, high) > _THIN:
            yield Rule(*box)
        return
    width, height = frame.size
    if wide * high > 0.9 * width * height:
        return
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(handle, mode, stroke)
    count = pdfium.FPDFPath_CountSegments(handle)
    if not stroke.value and (not mode.value or _white(pdfium, handle) or min(wide, high) < 6):
        return
    if count <= 6:
        yield from (Rule(left, top, right, top), Rule(left, bottom, right, bottom))
        yield from (Rule(left, top, left, bottom), Rule(right, top, right, bottom))
        return
    if count > 2000:
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    before: tuple[float, float] | None = None
    own = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(handle, ctypes.byref(own))
    whole = _product((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(handle, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if before and kind == pdfium.FPDF_SEGMENT_LINETO:
            ends = (min(before[0], x.value), min(before[1], y.value), max(before[0], x.value), max(before[1], y.value))
            piece = Rule(*frame.box(*_transformed(ends, whole)))
            if min(piece.right - piece.left, piece.bottom - piece.top) < 1:
                yield piece
        before = (x.value, y.value)


def _white(pdfium: Any, handle: Any) -> bool:
    colours = [ctypes.c_uint() for _ in range(4)]
    pdfium.FPDFPageObj_GetFillColor(handle, *colours)
    return all(colour.value > 250 for colour in colours[:3]) or colours[3].value == 0
