"""Follow-ups made standalone, by rule: "And in 2023?", "Who wrote it?", "What about officers?".

What is missing from a short question is taken from the one before it; what it says itself always wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from rag.models import Turn
from rag.when import understand_time
from rag.words import content_words

_OPENER = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|right|so|and|but|then|also|well|thanks?(?: you)?|great|now)\b[\s,.!:-]*)+", re.IGNORECASE
)
_ABOUT = re.compile(r"^(?:what|how)\s+about\s+|^same (?:question )?for\s+|^(?:and|or)\s+", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|those|these|that|this|he|she|his|her|hers|him|there|the (?:same|former|"
    r"latter|letter|report|"
    r"visit|meeting|plan|scheme|one|ones|rest|others?|following|previous)|ones?|such|so|then|above)\b",
    re.IGNORECASE,
)
_OWN_REFERENT = re.compile(
    r"\b(?:it|that|this|there)\s+(?:is|was|were|are|has|had|true|possible|said|expected|thought|any|been|a)\b|"
    r"\b(?:is|was|were|are|has|had|be|been)\s+there\b|\b(?:say|saying|said|mean|meant|think|told|sure|so)\s+that\b",
    re.IGNORECASE,
)
_NEW_TOPIC = re.compile(
    r"\b(?:something else|different (?:question|topic|subject)|another (?:question|topic|subject)|change (?:of|"
    r"the) (?:subject|topic)|"
    r"(?:leave|forget|leaving|setting) .{0,40}?(?:aside|for now|for a (?:moment|minute))|new question|moving on|"
    r"separately|unrelated)\b"
    r"[^.?!,:;–-]*[.?!,:;–-]*",
    re.IGNORECASE,
)
_BEFORE_THAT = re.compile(r"\b(?:before|prior to) (?:that|then|this)\b|\bpreviously\b|\bearlier\b", re.IGNORECASE)
_NEXT_YEAR = re.compile(r"\b(?:the )?(?:following|next|subsequent) year\b|\b(?:the )?year after\b", re.IGNORECASE)
_LAST_YEAR = re.compile(r"\b(?:the )?(?:previous|preceding) year\b|\b(?:the )?year before\b", re.IGNORECASE)
_SAME_SPEAKER = re.compile(
    r"\b(?:they|he|she|it)\s+(?:\w+\s+)?(?:say|said|find|found|think|thought|report|reported|note|noted|mention|mentioned|"
    r"conclude|concluded|make|made|see|saw|raise|raised|recommend|recommended|explain|explained|ask|asked|want|wanted)\b",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(
    r"^(?:who|whose|what|which|when|where|why|how|did|does|do|was|were|is|are|has|have|had|can|could|will|would|any)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Standalone:
    """`text` can be understood without the history. `focus` is what the last question itself asks, which decides
    the kind of answer; `inherited` says that the rest of `text` is only the subject, so its limits are not hard.
    `lead` is what takes the place of something in the earlier question ("officers" in "What about officers?").
    """

    text: str
    focus: str
    inherited: bool = False
    lead: str = ""


_ENOUGH = 3
"""Content words with which a question says itself what it is about."""

# Words that ask and those that only tie: what stands between them is the subject.
_QUESTIONING = re.compile(
    r"\b(?:who|whose|whom|what|which|when|where|why|how(?:\s+(?:many|much|long|big|often))?|did|does|do|was|were|is|"
    r"are|has|have|had|can|could|will|"
    r"would|should|there|say|said|tell|about|anything|anybody|anyone|according to|it|they|them|that|this|those|these|"
    r"any|find out|been|be)\b"
    r"|[?.!,;:]",
    re.IGNORECASE,
)


Places = Callable[[str], tuple[tuple[int, int], ...]]
"""Where a question names the authorities whose papers it asks for."""


def standalone(text: str, history: tuple[Turn, ...], today: date, places: Places = lambda words: ()) -> Standalone:
    """The question with what it leaves out filled in from the earlier turns; as it is when it stands alone."""
    context = ""
    for turn in history:
        context = _resolve(turn.question, context, today, places).text
    return _resolve(text, context, today, places)


def _resolve(text: str, context: str, today: date, places: Places) -> Standalone:  # noqa: PLR0911 - one kind of follow-up after another
    text = " ".join(text.split())
    if not context:
        return Standalone(text, text)
    changed = _NEW_TOPIC.sub("", text).strip()
    if changed != text and content_words(changed):
        changed = _OPENER.sub("", changed).strip()
        return Standalone(changed, changed)
    core = _OPENER.sub("", text).strip()
    bare = _ABOUT.sub("", core).strip() or core
    when = understand_time(core, today)
    shifted = _shifted(core, context, today)
    if shifted is not None:
        return Standalone(shifted, shifted)
    rest = content_words(_without(bare, understand_time(bare, today).spans))
    if when.spans and not rest:
        # "And in 2023?": the earlier question, at another time.
        earlier = _without(context, understand_time(context, today).spans).strip()
        moved = f"{_trim(earlier)} {bare.rstrip('?. ')}?"
        return Standalone(moved, moved)
    if (elsewhere := places(bare)) and not content_words(
        _without(_cut(bare, elsewhere), understand_time(_cut(bare, elsewhere), today).spans)
    ):
        # "And Northam?", "What about Northam in 2023?": the earlier question about another authority.
        moved = _moved(bare, elsewhere, context, today, places)
        return Standalone(moved, moved)
    points_back = bool(_POINTS_BACK.search(_OWN_REFERENT.sub("", core)))
    clipped = not _QUESTION_WORD.match(core) or bool(_ABOUT.match(core))
    if not points_back and (len(rest) >= 4 or (len(rest) >= 2 and not clipped and core == text)):
        return Standalone(text, text)
    if _ABOUT.match(core) and rest and not when.spans:
        lead = bare.rstrip("?. ")
        return Standalone(f"{lead}: {context}", f"{lead}: {context}", lead=f"{lead}:")
    # "What did they say about rent?" asks the same speakers at the same time; "Who wrote it?" only keeps the subject.
    return Standalone(f"{core.rstrip()} ({_subject(context)})", core, inherited=not _SAME_SPEAKER.search(core))


def _moved(bare: str, spans: tuple[tuple[int, int], ...], context: str, today: date, places: Places) -> str:
    """The earlier question with the authority of this one in place of its own, and its time, too, where it has one."""
    name = bare[spans[0][0] : spans[-1][1]]
    when = [bare[start:end] for start, end in understand_time(bare, today).spans]
    if when:
        context = _without(context, understand_time(context, today).spans)
    if before := places(context):
        for start, end in reversed(before[1:]):
            context = context[:start] + context[end:]
        (start, end), *_ = before
        context = f"{context[:start]}{name}{context[end:]}"
    else:
        context = f"{_trim(context)} in {name}?"
    return f"{_trim(context)} in {' and '.join(when)}?" if when else context


def _cut(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text


def _subject(context: str) -> str:
    """What the earlier question was about, without its question words: "the letter of May 2020: caseloads".

    Of what that one took over itself only as much as it needs: a question that says enough has moved on.
    """
    inner = re.search(r"\((.*)\)\s*$", context)
    asked = context[: inner.start()] if inner else context
    parts = [" ".join(part.split()) for part in _QUESTIONING.split(_trim(asked))]
    said = [part for part in parts if content_words(part)]
    if inner and len(content_words(asked)) < _ENOUGH:
        said = [inner[1], *(part for part in said if not set(content_words(part)) <= set(content_words(inner[1])))]
    return "; ".join(dict.fromkeys(said)) or _trim(context)


def _shifted(text: str, context: str, today: date) -> str | None:
    """ "The following year", "before that": the earlier question, its time moved."""
    period = understand_time(context, today).period
    if period is None or period.start is None or len(content_words(text)) > 2:
        return None
    year = period.start.year
    earlier = _trim(_without(context, understand_time(context, today).spans))
    if _NEXT_YEAR.search(text):
        return f"{earlier} in {year + 1}?"
    if _LAST_YEAR.search(text):
        return f"{earlier} in {year - 1}?"
    if _BEFORE_THAT.search(text):
        return f"{earlier} before {period.start:%B %Y}?"
    return None


def _without(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """`text` without the places that say when, and the small words that led to them."""
    for start, end in reversed(spans):
        head = re.sub(
            r"\b(?:(?:back )?in|of|for|during|since|by|at|on|from|as of|before|after)\s+(?:the\s+)?$",
            "",
            text[:start],
            flags=re.IGNORECASE,
        )
        text = head.rstrip() + " " + text[end:].lstrip()
    return re.sub(r"\s+([?.,;)])", r"\1", " ".join(text.split()))


def _trim(text: str) -> str:
    return text.strip().rstrip("?.!,; ")
