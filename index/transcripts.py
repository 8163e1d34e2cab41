"""Transcripts of meetings: who speaks, turn by turn ("Jane Doe AM: Thank you, Chair.")."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from index.blocks import Block

_TURN = re.compile(
    r"(?P<who>[A-ZÀ-ÖØ-Þ][\w.’'-]*(?:\s+(?:\(?[A-ZÀ-ÖØ-Þ][\w.’'-]*\)?|of|the|de|van|von|for|and|ap)){0,7}),?\s*:(?:\s|$)"
)
_MOST_TURNS = 0.6
"""The share of a transcript's paragraphs that begin with a name; a form has labels, too, but few and each once."""
_FEWEST = 8
_AGAIN = 3  # turns of the one who speaks most often
_HONOURS = re.compile(
    r",?\s+(?:AM|AS|MS|MP|MSP|MLA|TD|CBE|OBE|MBE|KC|QC|JP|PC|MEP|BEM)\b\.?|\s*\([^)]*\)|"
    r"^(?:the\s+)?(?:(?:Rt\.?|Right)\s+)?(?:Hon\.?|Honourable|Mrs?\.?|Ms\.?|Miss|Dr\.?|Sir|Dame|Lord|Lady|Cllr\.?|"
    r"Councillor|Prof\.?|Professor)\s+",
    re.IGNORECASE,
)


def turns(text: str, blocks: Sequence[Block]) -> list[tuple[int, str]]:
    """Where each turn of a transcript begins and who speaks in it, in order; nothing for what is no transcript."""
    paragraphs = [block for block in blocks if block.kind in {"paragraph", "heading"}]
    found = [(b.start, " ".join(m["who"].split())) for b in paragraphs if (m := _TURN.match(text, b.start, b.end))]
    often = Counter(who for _, who in found).most_common(1)
    enough = len(found) >= max(_FEWEST, _MOST_TURNS * len(paragraphs)) and often[0][1] >= _AGAIN
    return found if enough else []


def plain_name(who: str) -> str:
    """A speaker's name without titles, honours and party: "Jane Doe" for "Rt Hon Jane Doe MP (Ind)"."""
    before = ""
    while before != who:
        before, who = who, _HONOURS.sub("", who).strip()
    return who
