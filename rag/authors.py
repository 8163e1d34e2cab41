"""A person whose words are asked for: "What did Cllr Jane Doe say?" is answered by the papers that she wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from index.engines import Engine
from index.models import Document, Filters, Passage
from index.voices import normalise_role
from rag.models import Understood
from rag.speakers import TITLE, speaks, without_speaker
from rag.words import stem, stems, words

_RUN = re.compile(r"(?:[A-Z][\w’'-]*[a-z][\w’'-]*)(?:\s+[A-Z][\w’'-]*[a-z][\w’'-]*){0,2}")
_LINE = re.compile(
    r"^\W*(?:report (?:from|author|of|by)|author|from|by|portfolio holder|cabinet member|lead (?:officer|member)|"
    r"director)\b\W+(?P<value>[^\n]+)$",
    re.IGNORECASE | re.MULTILINE,
)
_MOST = 20
"""Passages that name the person, among which their by-line is looked for."""
_BELOW = 80
"""Characters below "Yours sincerely" in which a letter is signed."""


def by_author(understood: Understood, engine: Engine, filters: Filters) -> Understood:
    """The question with the person whose words it asks for, if any, and the papers that name them as their author.

    The name then says who speaks, not what is spoken of: the words that are cited need not hold it.
    """
    spoken = stems(" ".join([understood.voice or "", *understood.voices]))
    for name, titled in _speaking(understood.text):
        if stems(name) & spoken:
            continue  # a voice of the index: its words are known by it
        keys = [key for key, _ in engine.lexical(name, Filters(groups=filters.groups), _MOST)]
        papers = [found.document.id for found in engine.fetch(keys) if _wrote(name, found.passage, found.document)]
        if papers or titled:
            own = stems(name)
            return replace(
                understood,
                person=name,
                papers=tuple(dict.fromkeys(papers)),
                names=tuple(n for n in understood.names if stem(n) not in own),
                terms=tuple(t for t in understood.terms if stem(t) not in own),
                topic=without_speaker(TITLE.sub("", understood.topic), name),
            )
    return understood


def speaks_here(person: str, passage: Passage, start: int, end: int) -> bool:
    """Whether `passage.text[start:end]` may be what a person said: they are named in it, or were the last before it.

    Where nobody is named with a title, the name may stand anywhere before it, or be that of whose turn it is.
    """
    own = stems(person)
    before = f"{passage.voice or ''}\n{passage.context}\n{passage.text[:start]}"
    named = _persons(passage.text[start:end]) or _persons(before)[-1:]
    if not named:
        return own <= stems(f"{before} {passage.text[start:end]}")
    return any(own & stems(run) for run in named)


def _persons(text: str) -> list[str]:
    return [run[0] for title in TITLE.finditer(text) if (run := _RUN.match(text, title.end()))]


def _speaking(text: str) -> Iterator[tuple[str, bool]]:
    """The names whose words a question asks for, each with whether a title before it shows that it is a person's."""
    plain = TITLE.sub("", text)
    titled = _persons(text)
    whole = [run[0] for run in _RUN.finditer(plain) if " " in run[0]]
    for words_ in dict.fromkeys((*titled, *whole)):
        name = re.sub(r"['’]s?$", "", words_)
        if speaks(name, plain):
            yield name, words_ in titled


def _wrote(name: str, passage: Passage, document: Document) -> bool:
    """Whether a passage holds the by-line or the signature by which that person speaks in the paper."""
    wanted = set(words(name.lower()))
    for line in _LINE.finditer(passage.text):
        if wanted <= set(words(line["value"].lower())) and normalise_role(line[0]) == document.voice:
            return True
    signed = passage.text.find("Yours ")
    return signed >= 0 and wanted <= set(words(passage.text[signed : signed + _BELOW].lower()))
