"""Every statement is checked against the words it cites before anyone sees it; what fails is dropped."""

from __future__ import annotations

import re

from rag.answerers import Draft
from rag.answerers.extractive import statement_text

_FIGURE = re.compile(r"\d[\d,.]*\d|\d")


def verified(draft: Draft, text_of: dict[str, str]) -> bool:
    """Whether a statement may be published.

    Its quotes must be exact slices of the stored texts, and every figure it gives must stand in one of them.

    Args:
        draft: the statement and the evidence it cites.
        text_of: the stored text of every cited document, by id.
    """
    if not draft.evidence or not draft.text.strip():
        return False
    for evidence in draft.evidence:
        if text_of[evidence.document.id][evidence.start : evidence.end] != evidence.text:
            return False
    quoted = " ".join(statement_text(evidence.text) for evidence in draft.evidence)
    return set(_FIGURE.findall(draft.text)) <= set(_FIGURE.findall(quoted))
