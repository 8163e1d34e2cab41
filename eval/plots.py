"""Plots as inline SVG, drawn by hand: a report must open anywhere, years from now, without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

Point = tuple[float, float]

WIDTH, HEIGHT = 460, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 44
CLASSES = ("a", "b", "c")


def _frame(body: str, label: str, height: int = HEIGHT) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}" '
        f'xmlns="http://www.w3.org/2000/svg">{body}</svg>'
    )


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>'


def intervals(rows: Sequence[tuple[str, float, float, float]], label: str) -> str:
    """A row for every name: a dot for its value (0 to 1) and a bar for its interval."""
    left, step = 132, 22
    height = TOP + step * len(rows) + BOTTOM
    span = WIDTH - left - RIGHT
    body = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        x = left + span * tick
        body += [_line(x, TOP, x, height - BOTTOM, "grid"), _text(x, height - BOTTOM + 16, f"{tick:g}")]
    for i, (name, value, low, high) in enumerate(rows):
        y = TOP + step * (i + 0.5)
        body += [
            _text(left - 8, y + 4, name, "end"),
            _line(left + span * low, y, left + span * high, y, "bar"),
            f'<circle cx="{left + span * value:.1f}" cy="{y:.1f}" r="4" class="dot">'
            f"<title>{escape(name)}: {value:.3f} [{low:.3f}, {high:.3f}]</title></circle>",
        ]
    body.append(_text(left + span / 2, height - 8, label))
    return _frame("".join(body), label, height)


def lines(series: Mapping[str, Sequence[Point]], x_label: str, y_label: str, x_max: float) -> str:
    """A line for every series; y runs from 0 to 1, x from 0 to `x_max`."""
    span_x, span_y = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    body = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        y, x = TOP + span_y * (1 - tick), LEFT + span_x * tick
        body += [
            _line(LEFT, y, WIDTH - RIGHT, y, "grid"),
            _text(LEFT - 6, y + 4, f"{tick:g}", "end"),
            _text(x, HEIGHT - BOTTOM + 16, f"{tick * x_max:g}"),
        ]
    for i, (name, points) in enumerate(series.items()):
        css = CLASSES[i % len(CLASSES)]
        places = " ".join(f"{LEFT + span_x * x / x_max:.1f},{TOP + span_y * (1 - y):.1f}" for x, y in points)
        body.append(f'<polyline points="{places}" class="line {css}"/>')
        legend = HEIGHT - BOTTOM - 12 - 16 * i
        body += [
            _line(WIDTH - 96, legend - 4, WIDTH - 78, legend - 4, f"line {css}"),
            _text(WIDTH - 72, legend, name, "start"),
        ]
    body += [
        _text(LEFT + span_x / 2, HEIGHT - 8, x_label),
        f'<text transform="translate(14 {TOP + span_y / 2:.0f}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_label)}</text>",
    ]
    return _frame("".join(body), f"{y_label} by {x_label}")


def bars(rows: Sequence[tuple[str, float, float]], label: str) -> str:
    """Two bars for every name: its median and its 95th percentile, in ms."""
    left, step = 110, 34
    height = TOP + step * len(rows) + BOTTOM
    span = WIDTH - left - RIGHT - 70
    top = max((high for _, _, high in rows), default=0.0) or 1.0
    body = []
    for i, (name, middle, high) in enumerate(rows):
        y = TOP + step * i
        body.append(_text(left - 8, y + 20, name, "end"))
        for j, (value, css) in enumerate(((middle, "a"), (high, "b"))):
            width, at = span * value / top, y + 4 + 12 * j
            body.append(f'<rect x="{left}" y="{at}" width="{width:.1f}" height="11" class="fill {css}"/>')
            body.append(_text(left + width + 4, at + 10, f"{('p50', 'p95')[j]} {value:.0f}", "start"))
    body.append(_text(left + span / 2, height - 8, label))
    return _frame("".join(body), label, height)
