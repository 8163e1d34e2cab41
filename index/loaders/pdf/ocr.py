"""Pages that are pictures, read with the `tesseract` command where it is installed."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from dataclasses import replace
from statistics import median
from typing import Any

from index.loaders.pdf.geometry import Word
from index.loaders.pdf.page import Page

_DOTS_PER_INCH = 300
_MOST_PIXELS = 5000  # along one side; a gigantic page is read smaller
_SECONDS = 60
_SURE = 30  # of Tesseract's 100
_LINE, _WORD = "4", "5"  # levels of its table


def available() -> bool:
    """Whether Tesseract is installed."""
    return shutil.which("tesseract") is not None


def read(handle: Any, seen: Page) -> Page | None:
    """`seen` with the words that Tesseract reads on the `pypdfium2.PdfPage`; `None` where it finds none.

    A word is taken when Tesseract is at least 30% sure of it. One page may take a minute, then it is given up.
    """
    scale = min(_DOTS_PER_INCH / 72, _MOST_PIXELS / max(seen.width, seen.height, 1))
    bitmap = handle.render(scale=scale, grayscale=True)
    try:
        pixels = bitmap.to_numpy()
        picture = b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + pixels.reshape(bitmap.height, -1).tobytes()
    finally:
        bitmap.close()
    try:
        done = subprocess.run(
            ["tesseract", "stdin", "stdout", "--dpi", str(round(72 * scale)), "tsv"],
            input=picture,
            capture_output=True,
            timeout=_SECONDS,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    words = _words(done.stdout.decode("utf-8", "replace"), scale)
    return replace(seen, words=tuple(words), rules=(), covered=0.0, undecoded=0.0) if words else None


def _words(table: str, scale: float) -> list[Word]:
    """Words in Tesseract's reading order; all those of a line are as high as the line."""
    out: list[Word] = []
    top = bottom = 0.0
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        left, start = float(row["left"]) / scale, float(row["top"]) / scale
        width, height = float(row["width"]) / scale, float(row["height"]) / scale
        if row["level"] == _LINE:
            top, bottom = start, start + height
        elif row["level"] == _WORD and row["text"].strip() and float(row["conf"]) >= _SURE:
            text = row["text"].strip()
            out.append(Word(text, left, top, left + width, bottom, bottom - top, False, False, len(out)))
    usual = median(word.size for word in out) if out else 0.0  # without descenders a line is lower, not smaller
    return [word._replace(size=usual) if 0.65 < word.size / usual < 1.4 else word for word in out]
