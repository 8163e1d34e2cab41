"""Places on a page: points from the top left corner of the page as it is shown (rotation applied), y downwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


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

    @property
    def middle_across(self) -> float:
        """How far right the middle of the word stands."""
        return (self.left + self.right) / 2


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
class Frame:
    """Takes a box in the page's own space to the page as it is shown."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int  # quarter turns clockwise

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as shown."""
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
