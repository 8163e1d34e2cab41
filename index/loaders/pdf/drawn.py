"""What is drawn on a page: its straight lines, which make tables, and how much of it pictures cover."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

from index.loaders.pdf.geometry import Frame, Rule

_MOST_OBJECTS = 30_000  # a map or a chart; its lines are no table
_THIN = 2.5  # points: a filled box this thin is a line


def drawn(pdfium: Any, page: Any, frame: Frame) -> tuple[list[Rule], float, int]:
    """The page's straight lines, the share of it that pictures cover, and the number of paths drawn."""
    rules: list[Rule] = []
    covered, drawings = 0.0, 0
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
            drawings += 1
            rules.extend(_edges(pdfium, handle, matrix, frame, box))
    return rules, min(covered, 1.0), drawings


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
    pdfium: Any, handle: Any, matrix: _Matrix | None, frame: Frame, box: tuple[float, float, float, float]
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
