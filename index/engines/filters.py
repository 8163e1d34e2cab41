"""Filters and questions as SQL: what may be searched, and for which words."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date

from index.models import Filters, Period

_STOP_WORDS = """a about after all also am an and any are as at be because been before being between both but by can
could did do does doing during each few for from further had has have having he her here hers him his how i if in into
is it its just ll me more most my no nor not now of off on once only or other our ours out over own re s same say said
says she should so some such t tell than that the their theirs them then there these they this those through to too
under until up us ve very was we were what when where which while who whom whose why will with would you your yours"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""English words that say nothing about a subject."""

_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """The distinct words of any text, folded; without stop words, unless there is nothing else."""
    words = list(dict.fromkeys(_WORD.findall(text.casefold())))
    return [word for word in words if word not in STOP_WORDS] or words


def match_any(text: str) -> str | None:
    """An FTS5 query for passages with any word of the text; None when it has no word.

    Only letters, digits and underscores come through, in quotes, so that no text is taken for query syntax.
    """
    return " OR ".join(f'"{word}"' for word in words_of(text)) or None


def match_phrase(text: str) -> str:
    """An FTS5 query for passages with these words in a row; without a word, nothing matches."""
    return '"' + " ".join(_WORD.findall(text)) + '"'


def visible(groups: Sequence[str]) -> tuple[str, list[str]]:
    """SQL for the documents (`d`) that exist for someone of these access groups."""
    return (
        "(d.groups = '[]' OR EXISTS (SELECT 1 FROM json_each(d.groups) AS g WHERE g.value IN"
        " (SELECT value FROM json_each(?))))",
        [_array(groups)],
    )


def where(filters: Filters) -> tuple[str, list[str]]:
    """SQL for the passages (`p`, of documents `d`) that the filters allow, access groups left aside; "" for all."""
    conditions: list[str] = []
    values: list[str] = []
    if filters.documents:
        conditions.append("d.id IN (SELECT value FROM json_each(?))")
        values.append(_array(filters.documents))
    if filters.authorities:
        conditions.append("d.authority IN (SELECT value FROM json_each(?))")
        values.append(_array(filters.authorities))
    if filters.published:
        conditions.append("(d.published_start <= ? AND d.published_end >= ?)")
        values += _reversed(filters.published)
    if filters.period:
        conditions.append(
            "((d.published_start <= ? AND d.published_end >= ?) OR (d.covers_start <= ? AND d.covers_end >= ?)"
            " OR p.key IN (SELECT passage FROM periods WHERE start <= ? AND end >= ?))"
        )
        values += _reversed(filters.period) * 3
    if filters.voice and (voice := storable(filters.voice.strip())):
        conditions.append(
            "(p.voice IN (SELECT voice FROM (SELECT DISTINCT voice FROM passages) WHERE fold(voice) = ?)"
            " OR d.key IN (SELECT key FROM documents WHERE fold(publisher) = ? OR fold(voice) = ?)"
            " OR p.key IN (SELECT m.key FROM stems JOIN passages m ON m.key = stems.rowid"
            " WHERE stems MATCH ? AND mentions(m.text, ?)))"
        )
        values += [voice.casefold()] * 3 + ["text : " + match_phrase(voice), voice]
    return " AND ".join(conditions), values


def newest_version(filters: Filters) -> tuple[str, list[str]]:
    """SQL for the documents (`d`) that no later version supersedes, or of which the filters ask for the earlier one."""
    if filters.documents:
        return "", []
    if not filters.period:
        return "d.superseded_by IS NULL", []
    return (
        "(d.superseded_by IS NULL OR (d.published_start <= ? AND d.published_end >= ? AND NOT EXISTS (SELECT 1"
        " FROM documents l WHERE l.id = d.superseded_by AND l.published_start <= ? AND l.published_end >= ?)))",
        _reversed(filters.period) * 2,
    )


def storable(text: str) -> str:
    """Text that SQLite can hold: a lone surrogate, which no UTF-8 text has, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def _array(values: Sequence[str]) -> str:
    return json.dumps([storable(value) for value in values])


def _reversed(period: Period) -> list[str]:
    """Last day, first day: two spans overlap when each starts before the other ends."""
    return [(period.end or date.max).isoformat(), (period.start or date.min).isoformat()]
