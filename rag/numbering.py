"""Statements and their citations, numbered as they are written."""

from __future__ import annotations

from rag.answerers import Draft
from rag.models import Citation, Statement


class Numbers:
    """Numbers the citations from 1 in order of first use; the same words are one citation."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.citations: dict[tuple[str, int, int], Citation] = {}

    def add(self, draft: Draft) -> tuple[Statement, tuple[Citation, ...]]:
        """The draft as a statement, with its citations."""
        cited = []
        for e in draft.evidence:
            key = (e.document.id, e.start, e.end)
            if key not in self.citations:
                self.citations[key] = Citation(len(self.citations) + 1, e.document, e.passage, e.text, e.start, e.end)
            cited.append(self.citations[key])
        statement = Statement(draft.text, tuple(dict.fromkeys(c.number for c in cited)))
        self.statements.append(statement)
        return statement, tuple(cited)
