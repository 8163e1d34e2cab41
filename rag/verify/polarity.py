"""What turns a sentence round or stretches it: denials, opposites, "all" for "most"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from rag.words import FUNCTION_WORDS, content_words, covered, stem, stems, words

_DENIAL = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|unable)\b|n['’]t\b", re.IGNORECASE
)
_LIKE_DENIAL = re.compile(
    r"\b(?:lack\w*|fail(?:s|ed|ing|ure)?|absen(?:t|ce)|refus\w+|reject\w*|declin(?:e|ed|es) to|den(?:y|ied|ies)|hardly|scarcely|"
    r"barely|rarely|seldom|few|fewer|little|(?:in|un)(?:sufficient|adequate|effective|appropriate|complete|consistent|clear|"
    r"known|able|likely|available|satisfactory|certain|safe|reliable|suitable|qualified|conditional|fair|willing|stable)\w*|"
    r"prevent\w*|avoid\w*|stopp(?:ed|ing)|ceas\w+|missing|omit\w*|exclu\w+|yet to|too \w+ to|instead|rather than|"
    r"other than|except|unless|oppos\w+|lost|free|only)\b",
    re.IGNORECASE,
)
# "Not only", "no later than": words that deny nothing.
_NO_DENIAL = re.compile(
    r"\bnot (?:only|just|merely|least)\b|\bno (?:later|earlier|more|fewer|less) than\b|\bno doubt\b|\bno\.?\s?\d|\bif not\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;:,–—]|\b(?:but|however|although|though|while|whereas|and|which|who|because|so that)\b")

# What says "all", and the words of a quote that say as much. "Every month" is no such word.
_TOTALS = (
    (
        re.compile(
            r"\b(?:all|every(?! (?:day|week|month|year|quarter|term|time|two|three|few|other))|everyone|everybody|everything|"
            r"entire(?:ly)?|completely|fully|wholly|without exception|universally|unanimous(?:ly)?)\b",
            re.IGNORECASE,
        ),
        re.compile(
            r"\b(?:all|every\w*|each|entire(?:ly)?|whole|wholly|any|both|full(?:y)?|complete(?:ly)?|total(?:ly)?|throughout|"
            r"across|no|none|without|unanimous(?:ly)?|universal(?:ly)?)\b|\b100\s?(?:%|per cent)",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"\b(?:always|invariably|at all times|guarantee[sd]?)\b", re.IGNORECASE),
        re.compile(
            r"\b(?:always|invariably|consistent(?:ly)?|every|each|all|routine(?:ly)?|guarantee\w*|whenever|constant\w*)\b",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"\b(?:only|solely|exclusively)\b", re.IGNORECASE),
        re.compile(
            r"\b(?:only|sole(?:ly)?|exclusive(?:ly)?|just|alone|merely|purely|no other|limited|single|restricted)\b",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"\b(?:none|never|nobody|no one|nowhere)\b", re.IGNORECASE),
        re.compile(r"\b(?:none|never|nobody|no|nowhere|not|cannot|without|zero|neither|nor)\b|n['’]t\b", re.IGNORECASE),
    ),
)
_NOT_ALL = re.compile(
    r"(?:\bnot|n[’']t)\b(?:\s+\w+){0,4}?\s+(?:all|every\w*|always|consistently|fully|entirely)\b", re.IGNORECASE
)
_MOST = re.compile(
    r"\b(?:most|mostly|majority|mainly|largely|generally|usually|predominantly|almost|nearly)\b", re.IGNORECASE
)
_MOSTLY = re.compile(
    r"\b(?:most(?! (?:of all|\w+ly|recent|import|common|need|vulnerable|appropriate|likely|complex))|majority|"
    r"predominantly|almost all|nearly all)\b",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"\b(?:most\w*|majority|mainly|largely|general(?:ly)?|usual(?:ly)?|predominant\w*|almost|nearly|all|every|overall|tend|half|"
    r"two.thirds|three.quarters|per cent)\b|%",
    re.IGNORECASE,
)
_SOME = re.compile(
    r"\b(?:some|sometimes|several|a few|few|a number of|certain|occasionally|in places|in some cases|a small number|"
    r"minority|partly|partially|many|often|not all|not always|not every|variable|inconsistent\w*|too many)\b",
    re.IGNORECASE,
)
_MUST = re.compile(
    r"\b(?:will|must|certain(?:ly)?|definite(?:ly)?|proved?|proven|proves|confirm\w*|ensur\w+|guarantee\w*|undoubtedly|"
    r"clearly|inevitabl[ey])\b",
    re.IGNORECASE,
)


_SAME_CLAUSE = 0.6  # share of its words with which a clause counts as the same one


@lru_cache(maxsize=1)
def opposites() -> Mapping[str, frozenset[str]]:
    """Stem -> the stems that deny it, from `opposites.txt`."""
    found: dict[str, set[str]] = {}
    for line in (files("rag.verify") / "opposites.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            one, other = ({stem(word) for word in side.split()} for side in line.split("|"))
            for side, against in ((one, other), (other, one)):
                for root in side:
                    found.setdefault(root, set()).update(against)
    return {root: frozenset(against) for root, against in found.items()}


def polarity(claim: str, quote: str) -> dict[str, float]:
    """How far a claim turns round or stretches the quote that says most of it: each feature 0 or more, 0 is in line.

    `denies` and `undenies`: a denial that only one of them has, over the same words; `opposite`: a word in whose place
    the quote has its opposite; `all_for_some` and `most_for_some`: a word for all or most that the quote has not;
    `must_added`: words of certainty that are new.
    """
    claim_denials, quote_denials = _denied(claim), _denied(quote)
    claim_stems, quote_stems = stems(claim), stems(quote)
    denies = any(_plainly(clause, quote, claim_stems) for clause in claim_denials)
    undenies = max((_about(clause, claim, quote_stems) for clause in quote_denials), default=0.0)
    rest = _NOT_ALL.sub(" ", quote)
    total = any(said.search(_NOT_ALL.sub(" ", claim)) and not meant.search(rest) for said, meant in _TOTALS)
    return {
        "denies": float(denies),
        "undenies": undenies,
        "opposite": 0.0 if bool(claim_denials) != bool(quote_denials) else _opposite(claim, quote),
        "all_for_some": float(total),
        "most_for_some": float(bool(_MOSTLY.search(claim)) and bool(_SOME.search(quote)) and not _MANY.search(quote)),
        "must_added": float(bool(_MUST.search(claim)) and not _MUST.search(quote)),
    }


def _opposite(claim: str, quote: str) -> float:
    """How surely a word of the claim stands where the quote has its opposite: the share of its neighbours in common."""
    against = opposites()
    mine, other = _stemmed(claim), _stemmed(quote)
    worst = 0.0
    for place, root in enumerate(mine):
        if root not in against or root in other:
            continue
        around = set(_meant(mine[max(0, place - 4) : place + 5])) - {root}
        for spot, word in enumerate(other):
            if word in against[root] and word not in mine:
                there = set(other[max(0, spot - 6) : spot + 7])
                worst = max(worst, len(around & there) / len(around) if around else 1.0)
    return worst


def _stemmed(text: str) -> list[str]:
    return [stem(word) for word in words(text)]


def _meant(roots: list[str]) -> list[str]:
    return [root for root in roots if root not in FUNCTION_WORDS]


def _denied(text: str) -> list[str]:
    """The clauses of a text that hold a denial."""
    plain = _NO_DENIAL.sub(" ", text)
    found = []
    for match in _DENIAL.finditer(plain):
        before = list(_CLAUSE.finditer(plain, 0, match.start()))
        after = _CLAUSE.search(plain, match.end())
        start = before[-1].end() if before else 0
        found.append(plain[start : after.start() if after else len(plain)])
    return found


def _clauses(text: str) -> list[str]:
    return [clause for clause in _CLAUSE.split(text) if words(clause)]


def _nearest(clause: str, text: str) -> tuple[float, str]:
    """The clause of `text` with the largest share of the words that `clause` denies, and that share."""
    meant = [stem(word) for word in content_words(clause)]
    if not meant:
        return 0.0, ""
    shares = [(sum(covered(root, stems(c)) for root in meant) / len(meant), c) for c in _clauses(text)]
    return max(shares, default=(0.0, ""))


def _plainly(clause: str, quote: str, claim: frozenset[str]) -> bool:
    """Whether the quote says plainly, or nowhere denies, what a clause of the claim denies."""
    share, same = _nearest(clause, quote)
    where = same if share >= _SAME_CLAUSE else quote
    if _DENIAL.search(_NO_DENIAL.sub(" ", where)):
        return False
    # "Nobody came" may be said of "absent"; but not where the claim has "absent" as well.
    return not any(not stems(m[0]) <= claim for m in _LIKE_DENIAL.finditer(where))


def _about(clause: str, claim: str, quote: frozenset[str]) -> float:
    """The share of a denied clause's words that the claim says without denying them; 0 for less than half."""
    share, same = _nearest(clause, claim)
    if share <= 0.5 or len(words(clause)) < 2 or _DENIAL.search(_NO_DENIAL.sub(" ", same)):
        return 0.0
    return 0.0 if any(not stems(m[0]) <= quote for m in _LIKE_DENIAL.finditer(same)) else share
