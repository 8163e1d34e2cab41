"""When not to answer, and how to say so: unsafe, unclear, outside the years covered, not in the papers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from rapidfuzz import fuzz
from rapidfuzz.process import extractOne

from index.dates import MONTHS
from index.models import Document, Period
from rag.models import Reason, Refusal, Understood
from rag.understand import describe_period
from rag.words import content_words

_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|rules?|prompts?|guidelines|above|previous)\b|"
    r"\b(?:system|hidden|initial|developer)\s+prompt\b|\byou are now\b|\bpretend (?:to be|you)\b|\bact as (?:an?|"
    r"my)\b|\bjailbreak\b|"
    r"\b(?:no|without) restrictions\b|^\W*(?:system|assistant|developer)\s*:|"
    r"\b(?:write|compose|generate|make up|draft)\b(?:\s+(?:me|us))?\s+(?:an?|some|the|my|your)?\s*(?:\w+\s+){0,2}"
    r"(?:poem|song|story|essay|haiku|limerick|joke|code|script|program|function|speech|tweet|letter|email|"
    r"press release|blog(?: post)?|article|leaflet)\b|"
    r"\b(?:translate)\s+(?:this|that|it|the following|everything)\b|\btell (?:me|us) a (?:joke|story)\b|\b(?:python|"
    r"javascript|sql|html) (?:code|script|query)\b|"
    r"\b(?:reveal|print|repeat|output)\b.{0,30}\b(?:prompt|instructions|password|api key|secrets?)\b",
    re.IGNORECASE,
)
_CLAUSE = r"(?:^\W*|[.!?;:,–]\s+|\b(?:and|then|please|just|now|simply|only)\s+)"
_ASSERT = (
    r"(?:say|state|claim|assert|declare|confirm|answer|reply|respond|write|"
    r"tell (?:me|us|them|everyone)(?!\s+(?:what|how|who|when|where|why|which|if|whether|about|more|the)\b))\b"
)
_DICTATES = re.compile(
    # "Ignore the papers and say ...", but not "Forget the minutes, what does the letter say?"
    rf"{_CLAUSE}(?:ignore|disregard|forget|skip|never mind|(?:put|set|leave) aside|do(?: not|n['’]t) (?:look at|use|"
    rf"read|check|consult|cite))\b[^?]{{0,50}}?(?:[.!;:,]\s+|\band\s+)(?:just\s+|simply\s+|please\s+)?{_ASSERT}|"
    # "Say that all is well", "answer only in verse", "repeat after me"
    rf"{_CLAUSE}(?:say|state|claim|assert|declare)\s+(?:that\b|:)|"
    rf"{_CLAUSE}(?:answer|reply|respond)\s+(?:only\s+|just\s+)?(?:with|in|as|yes|no)\b|\brepeat after me\b|"
    r"\bfrom now on\b|\byou (?:must|shall|will) (?:now |only |always )*(?:answer|reply|respond|say|obey)\b|"
    r"\byour (?:new )?(?:task|role|job) is\b|\b(?:drop|lift|break|bypass|switch off) your (?:\w+ )?(?:rules|"
    r"restrictions|filters?|guidelines)\b|"
    # "Invent a reason", "rewrite the letter"
    rf"{_CLAUSE}(?:make up|invent|fabricate|fake)\s+(?:an?|some|the)\b|{_CLAUSE}(?:rewrite|reword|rephrase)\b",
    re.IGNORECASE,
)
_PRIVATE = re.compile(
    r"\b(?:home|private|personal|residential)\s+(?:address|phone|telephone|mobile|number|email)\b|\bwhere (?:does|"
    r"do) .{0,60} live\b|"
    r"\b(?:sick(?:ness)?|medical|health|disciplinary|criminal|personnel|hr)\s+(?:record|records|file|history|leave|"
    r"notes)\b|\boff sick\b|"
    r"\b(?:dates? of birth|birth ?dates?|national insurance n(?:umber|o)|"
    r"bank (?:details|account)|passport number|religion of|sexuality of|"
    r"ethnicity of)\b|"
    r"\b(?:my|his|her|their|our) (?:case )?(?:file|social work(?:er)? (?:file|notes|record)|case notes)\b|"
    r"\b(?:neighbour|friend|nephew|niece|cousin|ex|grandson|granddaughter|stepson|"
    r"stepdaughter)(?:['’]s)?\b.{0,60}\b(?:file|case|record|social worker|referred|care order|adopted|fostered|"
    r"removed)\b|"
    r"\b(?:names?|identit\w+|addresses)(?: and \w+)? of (?:the |those |any |all )?"
    r"(?:\w+ ){0,2}(?:child|children|pupils?|victims?|"
    r"patients?|foster children)\b|"
    r"\bmarried\b|\bgirlfriend\b|\bboyfriend\b|\bpregnant\b|\bhow old is (?:the )?(?:mr|mrs|ms|dr|cllr|councillor)\b",
    re.IGNORECASE,
)

_NO_NAME = re.compile(r"\w+(?:ish|ese|ian|ians|ans|day|days)|" + "|".join(MONTHS), re.IGNORECASE)
"""Languages, nationalities and days: written with a capital without naming anybody."""
_CAPITALS = re.compile(r"[^a-z]+s?")
_ALIKE = 80
"""How alike (0 to 100, `rapidfuzz.fuzz.ratio`) a word of the papers must be for a name to be known."""


def refuse_at_sight(
    understood: Understood, known: Callable[[str], bool], vocabulary: Mapping[str, int]
) -> Refusal | None:
    """A refusal that needs no search: an instruction, a private matter, or nothing that could be looked for."""
    text = understood.text
    if _INSTRUCTION.search(text) or _DICTATES.search(text):
        return _refusal("unsafe", "I only answer questions from the papers. Ask about something they may say.")
    if _PRIVATE.search(text):
        return _refusal(
            "unsafe",
            "That is a private matter about a person, which I do not answer. Ask the organisation's information team.",
        )
    terms = content_words(text)
    real = [
        term
        for term in terms
        if term.lower() in vocabulary
        or known(term.lower().replace("’", "'"))
        or any(c.isdigit() for c in term)
        or term[:1].isupper()
    ]
    if not real:
        return _refusal(
            "unclear", "I can't tell what this asks about. Name the subject, and the year or the paper if you know it."
        )
    return None


def unknown_names(understood: Understood, vocabulary: Mapping[str, int]) -> list[str]:
    """The names in a question that no paper holds, not even spelt a little otherwise.

    Words in capitals are left to the abbreviations, and a question in Title Case names nobody.
    """

    def held(word: str) -> bool:
        return extractOne(word.lower(), vocabulary.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE) is not None

    names = [re.sub(r"['’]s?$", "", name) for name in understood.names]
    if 2 * len(names) > len(understood.text.split()):
        return []
    return [
        name
        for name in names
        if len(name) > 3
        and not _CAPITALS.fullmatch(name)
        and not _NO_NAME.fullmatch(name)
        and not all(held(part) for part in name.split("-"))
    ]


def refuse_without_papers(
    understood: Understood, papers: Sequence[Document] | None, others: Sequence[Document]
) -> Refusal | None:
    """A refusal when no paper is about the authority asked for, or none of those that are is of that kind and time.

    `papers` are those that alone may answer (None: not told one by one), `others` all about that authority.
    """
    if understood.elsewhere:
        return _refusal("not_found", f"No paper here is about {understood.elsewhere}.")
    if papers is None or papers:
        return None
    names = " and ".join(understood.authorities)
    years = sorted({year for d in others for year in _years(d)})
    there = f" There are papers about it of {_listed(years)}." if years else ""
    if understood.period is not None:
        message = f"No such paper about {names} is of {describe_period(understood.period)}.{there}"
        return _refusal("outside_period", message, tuple(others)[:3])
    return _refusal("not_found", f"No paper about {names} is of that kind.{there}", tuple(others)[:3])


def _years(document: Document) -> set[str]:
    visits = {str(document.covers.end.year)} if document.covers and document.covers.end else set()
    return visits or ({document.published[:4]} if document.published else set())


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def refuse_after_search(
    understood: Understood,
    nearest: Sequence[Document],
    *,
    covered: bool,
    extent: Period | None,
    unknown: Sequence[str] = (),
) -> Refusal:
    """A refusal when no words answer.

    `covered`: whether any paper is of the period asked for; `unknown`: the names asked about that no paper holds.
    """
    papers = tuple(dict.fromkeys(nearest))[:3]
    if understood.period is not None and not covered:
        years = f" They cover {describe_period(extent)}." if extent else ""
        return _refusal(
            "outside_period", f"No paper here speaks of {describe_period(understood.period)}.{years}", papers
        )
    if unknown:
        names = " or ".join(name if name[:1].isupper() else f"“{name}”" for name in unknown)
        return _refusal("not_found", f"No paper here mentions {names}. Check the name, or ask without it.", papers)
    limits = [f"about {' and '.join(understood.authorities)}"] if understood.authorities else []
    if understood.period is not None:
        limits.append(f"of {describe_period(understood.period)}")
    if understood.voice is not None:
        limits.append(f"in the words of {understood.voice}")
    scope = " ".join(["The papers", *limits])
    return _refusal("not_found", f"{scope} do not answer this. Try other words, or look at the nearest papers.", papers)


def _refusal(reason: Reason, message: str, nearest: tuple[Document, ...] = ()) -> Refusal:
    return Refusal(reason, message, nearest)
