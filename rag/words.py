"""The words of a question that carry its meaning, and how they match the words of a passage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from threading import Lock

import Stemmer

_SYNONYM = 0.8  # how much a synonym counts
WORD = re.compile(r"[^\W_]+(?:[’'&./-][^\W_]+)*")
_STEMMER = Stemmer.Stemmer("english")
_STEMMING = Lock()  # a stemmer keeps the word it works on, so that two threads may not share it

# Words that shape a question without saying what it is about.
FUNCTION_WORDS = frozenset(
    """
    a about above after again against all also although am an and any anybody anyone anything are aren't as at be
    because been before being below between both but by came can can't cannot come could couldn't did didn't do does
    doesn't doing don't done down during each either else ever every everybody everyone few for from further get
    gets getting give given gave go goes going gone got had hadn't has hasn't have haven't having he he'd he'll he's
    her here hers herself hi hello him himself his how however i i'd i'll i'm i've if in into is isn't it it's its
    itself just let let's like lot made make makes many may maybe me might mine more most much must my myself
    neither no nobody none nor not nothing now of off on once one only onto or other others ought our ours ourselves
    out over own per please put quite rather really same say says said see seem seems shall she should shouldn't
    since so some somebody someone something still such take taken tell tells than thank thanks that that's the
    their theirs them themselves then there there's these they they'd they'll they're they've thing things this
    those though through to too told under until up upon us use used using very via was wasn't way we we'd we'll
    we're we've well were weren't what what's whatever when whenever where which whichever while who who's whoever
    whole whom whose why will with within without won't would wouldn't yes yet you you'd you'll you're you've your
    yours yourself yourselves able across actually already always among anyway around away back become became bit
    cannot currently especially etc even exactly first give happen happened happens know known last latest least
    main mean means need newest next often overall particular possible recent recently regarding respectively
    roughly simply sort sorts sure think thought today various want wanted wants whether work out according question
    answer answers compare compares compared differ differs find found paper papers document documents report
    reports reported mention mentioned mentions mentioning described describe describes state stated states show
    shows shown explain explained ask asked asking
    """.split()  # noqa: SIM905 - three hundred words read best as text
)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of a word (Snowball English, Porter 2001), lower-cased, possessive removed."""
    plain = re.sub(r"['’]s?$", "", word.lower().replace("’", "'"))
    with _STEMMING:
        return str(_STEMMER.stemWord(plain))


def words(text: str) -> list[str]:
    """The words of `text`, as written."""
    return WORD.findall(text)


def content_words(text: str) -> list[str]:
    """The words of `text` that carry meaning, in order, each stem once."""
    seen: dict[str, str] = {}
    for word in words(text):
        plain = re.sub(r"['’]s?$", "", word.lower().replace("’", "'"))
        if plain not in FUNCTION_WORDS and (len(plain) > 1 or plain.isdigit()):
            seen.setdefault(stem(plain), word)
    return list(seen.values())


@lru_cache(maxsize=20_000)
def stems(text: str) -> frozenset[str]:
    """The stems of all words of `text`; the parts of a hyphenated word count as well."""
    found = set()
    for word in words(text):
        found.add(stem(word))
        if re.search(r"[-/.&]", word):
            found.update(stem(part) for part in re.split(r"[-/.&]", word) if part)
    return frozenset(found)


@lru_cache(maxsize=1)
def synonyms() -> Mapping[str, frozenset[str]]:
    """Stem -> the stems of words that may stand for it, from `synonyms.txt`."""
    groups: dict[str, set[str]] = {}
    for line in (files("rag") / "synonyms.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            group = {stem(word) for word in line.split()}
            for root in group:
                groups.setdefault(root, set()).update(group - {root})
    return {root: frozenset(others) for root, others in groups.items()}


def covered(term: str, present: frozenset[str]) -> float:
    """How far a question's term is met by the stems of a passage: 1 by itself, less by a synonym, 0 not at all."""
    root = stem(term)
    if root in present or ("-" in term and all(stem(part) in present for part in term.split("-"))):
        return 1.0
    return _SYNONYM if any(other in present for other in synonyms().get(root, ())) else 0.0


def coverage(terms: Iterable[str], present: frozenset[str], weight: Mapping[str, float]) -> float:
    """The share (0 to 1) of the terms' weight that `present` covers; 1 when there are no terms."""
    total = matched = 0.0
    for term in terms:
        value = weight.get(stem(term), 1.0)
        total += value
        matched += value * covered(term, present)
    return matched / total if total else 1.0


@lru_cache(maxsize=20_000)
def _content_stems(text: str) -> str:
    """The stems in a row, a space before and behind each, so that a row of them is found as text is."""
    return f" {' '.join(stem(word) for word in words(text) if word.lower() not in FUNCTION_WORDS)} "


def spells_out(long: str, text: str) -> bool:
    """Whether `text` holds the words of `long` in a row, small words and endings aside."""
    wanted = _content_stems(long)
    return bool(wanted.strip()) and wanted in _content_stems(text)
