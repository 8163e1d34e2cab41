"""The voice a question restricts itself to: "What did the auditors say", "according to officers", "Members' view"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from index.voices import ROLES, role_of

_VERBS = (
    r"say|said|react|reacted|reply|replied|defend|defended|justify|justified|concede|conceded|summarise|summarised|evaluate|evaluated|tell|told|find(?! out)|found(?! out)|think|thought|(?<!to )see|saw|report|reported|note|noted|conclude|"
    r"concluded|judge|judged|rate|rated|grade|graded|give|gave|mention|mentioned|describe|described|raise|raised|ask|"
    r"asked|confirm|confirmed|suggest|suggested|recommend|recommended|worry|worried|make of|made of|admit|admitted|"
    r"own up|owned up|criticise|criticised|praise|praised|expect|expected|complain|complained|highlight|highlighted|"
    r"identify|identified|warn|warned|claim|claimed|explain|explained|call|called|feel|felt|believe|believed|reckon|"
    r"reckoned|promise|promised|undertake|undertook|agree|agreed|respond|responded|put|want|wanted|record|recorded|"
    r"observe|observed|comment|commented|advise|advised|state|stated|acknowledge|acknowledged|recognise|recognised|"
    r"like|liked|notice|noticed|spot|spotted|flag|flagged|propose|proposed|view|uncover|uncovered|look at|looked at|"
    r"be told|add|added|stress|stressed|learn|learned|hear|heard|request|requested|query|queried|welcome|welcomed|"
    r"thank|thanked|boast|boasted|concerned|impressed|pleased|proud|says|tells|thinks|finds|notes|describes|wants|believes|"
    r"claims|recommends|suggests|acknowledges|mentions|feels|raises|explains|concludes|admits|warns|"
    r"(?:write|wrote)(?=\s+(?:about|in|on|of|that)\b)|point out|pointed out|remark|remarked|insist|insisted|emphasise|emphasised|argue|argued|assert|asserted"
)
_VIEWS = (
    r"view|views|verdict|opinion|words|comment|comments|finding|findings|judge?ment|rating|grade|concern|concerns|"
    r"conclusion|conclusions|criticism|criticisms|praise|take|remarks|"
    r"response|reply|explanation|recommendation|recommendations|advice|answer|perspective|position|eyes|reaction|"
    r"feedback|account"
)
# A paper is asked for its words where something is read from it: "in the auditors' letter", but not "was their letter late".
_PAPERS = r"(?:report|letter|assessment|statement)"
_READS = r"(?:^\W*|\b(?:in|from|by|per|of|on|does|did|do|to|with|has|have|both|and|see|say|says|said)\s+(?:\w+\s+)?)"
# A committee or the service acts more often than it speaks: naming it restricts nothing.
_BODIES = frozenset({"committee"})
TITLE = re.compile(
    r"\b(?:(?i:cllrs?|councillors?|mr|mrs|ms|miss|dr|sir|dame|prof|professor|rev)\b\.?\s+)+(?=[A-Z][\w’'-]*[a-z])"
)
"""The titles before a person's name."""
_BESIDE = re.compile(
    r"\b(?:beside|alongside|against|versus|vs|compar\w+|contrast\w*|differ\w*|disagree\w*|agree with|match\w*|"
    r"squared? with|bear (?:that|this|it) out|while|whereas)\b|[,;]?\s+and\s+(?:what|how)\s+(?:did|do|does|have|has|had)\b|"
    r"\bboth\b.*\band\b",
    re.IGNORECASE,
)
"""Words that set what one says beside what another says."""
_TOGETHER = re.compile(
    rf"\b(?:differ\w*|disagree\w*|agree[ds]?(?=\s+(?:on|about|over|with)\b|\s*\?)|compar\w+|contrast\w*|(?:each|both)\s+(?:{_VERBS})|"
    r"same (?:story|thing|view|picture|line)|match\w*|versus|vs|conflict\w*|contradict\w*|at odds|squared?|align\w*|"
    r"consistent)\b",
    re.IGNORECASE,
)
"""Words that do so for two who are named in one breath."""
_ASKS_ELSE = re.compile(r"\W*(?:when|who|where|which|how (?:many|much|long|often))\b", re.IGNORECASE)
"""What begins a question of something else than their views: "When did officers and members agree on it?"."""
_AUXILIARY = r"did|do|does|has|have|had|would|could|were|was|are|is"


def speakers_asked_for(text: str, voices: Iterable[str], aliases: Mapping[str, str]) -> tuple[str, ...]:
    """The voice whose words the question asks for; several, when it sets them beside each other; none, when any will do.

    Args:
        text: the question.
        voices: every publisher and voice in the index.
        aliases: other names, lower-cased, and the voice each stands for ("inspectors" -> a publisher).
    """
    text = TITLE.sub("", text)  # "Cllr Jane Doe" is one person, not the councillors
    known = {name: name for name in voices}
    known |= {name: role for role, names in ROLES.items() if role not in _BODIES for name in (role, *names)}
    known |= dict(aliases)
    known = {name: role_of(voice) or voice for name, voice in known.items()}
    known = {name: voice for name, voice in known.items() if voice not in _BODIES}
    beside = bool(_BESIDE.search(text))
    found: list[str] = []
    for name in sorted(known, key=len, reverse=True):
        if name.lower() in text.lower() and (speaks(name, text) or (beside and _that_of(name).search(text))):
            found.append(known[name])
            if not beside:
                break
    if len(set(found)) < 2 and _TOGETHER.search(text) and not _ASKS_ELSE.match(text):
        lower = {name.lower(): voice for name, voice in known.items()}
        for pair in _in_one_breath(tuple(known)).finditer(text):
            both = [lower[name] for name in map(str.lower, pair.groups()) if name in lower]
            if len(set(both)) > 1:
                found = both
                break
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=2_000)
def _that_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:that|those|ones?)\s+(?:of|by|from)\s+(?:the\s+)?{re.escape(name)}\b", re.IGNORECASE)


@lru_cache(maxsize=64)
def _in_one_breath(names: tuple[str, ...]) -> re.Pattern[str]:
    """Two names beside each other: "the auditors and officers", "members' views with the auditors' "."""
    of = rf"(?:the\s+)?\b({'|'.join(re.escape(name) for name in sorted(names, key=len, reverse=True))})\b(?:['’]s?)?"
    noun = rf"(?:\s+(?:{_VIEWS}|{_PAPERS}))?"
    return re.compile(rf"{of}{noun},?\s+(?:and|or|versus|vs\.?|against|with|from)\s+{of}{noun}", re.IGNORECASE)


_SETS_BESIDE = re.compile(
    r"^\W*(?:(?:please|how|what|where|set|put|did|do|does|is|are|was|were|has|have|compare|contrast)\b\s*)+|"
    rf"\b(?:the\s+)?(?:{_VIEWS}|stor(?:y|ies)|pictures?)(?:\s+of)?\b|"
    r"\b(?:differ(?:s|ed|ently|ent|ence|ences)?|(?:dis)?agree[ds]?|compare[sd]?|contrast|seem(?:s|ed)?(?:\s+to)?|"
    r"(?:tell|told|telling|give|gave|say|said|saying|see|saw)|each|both|(?:the\s+)?same|different|at odds|"
    r"(?:that|those)\s+of|"
    r"(?:what|how)\s+(?:do|does|did))\b",
    re.IGNORECASE,
)
_LOOSE_ENDS = re.compile(
    r"^(?:(?:on|about|of|over|regarding|and|or|with|that|what|how|to|in)\s+)+|"
    r"(?:\s+(?:on|about|of|over|and|or|with|that|what|how|to|in|from))+$",
    re.IGNORECASE,
)


def subject_of_both(text: str, names: Iterable[str]) -> str:
    """What two are asked about who are set beside each other, as a question of either.

    "How do the auditors' and the officers' views on rents differ?" -> "What about rents?".
    """
    shorter = _in_one_breath(tuple(names)).sub(" ", text)
    for name in sorted(names, key=len, reverse=True):
        shorter = re.sub(rf"\b(?:the\s+)?{re.escape(name)}\b(?:['’]s?)?", " ", shorter, flags=re.IGNORECASE)
    shorter = re.sub(r"[\s.,;:?]+", " ", _SETS_BESIDE.sub(" ", shorter)).strip()
    shorter = _LOOSE_ENDS.sub("", shorter)
    return f"What about {shorter}?"


def without_speaker(text: str, name: str) -> str:
    """The question without the words that only say who is asked.

    "What did the auditors say about rent?" -> "What about rent?".
    """
    for pattern in _asking(name):
        shorter = pattern.sub(" ", text)
        if shorter != text:
            return " ".join(shorter.split())
    return text


@lru_cache(maxsize=2_000)  # by the names of voices, of which an index has some dozens
def _asking(name: str) -> tuple[re.Pattern[str], ...]:
    who = rf"(?:the\s+)?{re.escape(name)}"
    return _compiled(
        rf"\b(?:{_AUXILIARY})\s+{who}\b(?!['’])\s+(?:{_VERBS})\b",
        rf"\baccording to\s+{who}\b,?|\bin\s+(?:the\s+)?(?:{_VIEWS}|{_PAPERS})\s+of\s+{who}\b",
        rf"\b{who}['’]s?\s+(?:own\s+)?(?:{_VIEWS}|{_PAPERS})\b",
        rf"^\W*{who}\s+(?=on\b|about\b)",
        rf"\b{who}\s+(?:{_VERBS})\b(?:\s+(?:to|that)\b)?",
    )


def speaks(name: str, text: str) -> bool:
    """Whether a question asks for the words of somebody by that name."""
    return any(pattern.search(text) for pattern in _speaking(name))


@lru_cache(maxsize=2_000)
def _speaking(name: str) -> tuple[re.Pattern[str], ...]:
    name = re.escape(name)
    who = rf"(?:the\s+)?(?:\w+['’]s?\s+)?(?:own\s+)?{name}"
    return _compiled(
        rf"\b(?:{_AUXILIARY})\s+{who}\b(?!['’]|\s+(?:go|gone)\b)(?:[^\w.?!]+\w+){{0,4}}?[^\w.?!]+(?:{_VERBS})\b",
        # "Inspectors report" says something, "the lead member report" is a paper.
        rf"\b{who}\s+(?:(?:also|then|had|has|have|really|actually|ever|first|themselves|team|inspectors|letter|"
        rf"report)\s+){{0,2}}(?:(?<=s )report\b|(?!report\b)(?:{_VERBS})\b)",
        rf"\baccording to\s+{who}\b|\bin\s+{who}['’]s?\s+(?:{_VIEWS})\b|\b(?:view|views|opinion|words|eyes|verdict|"
        rf"account)\s+of\s+{who}\b",
        rf"\b(?:said|reported|raised|given|rated|judged|noted|found|made|highlighted|identified|criticised|praised|"
        rf"asked|spotted|seen|told|called|written|described|flagged|graded|mentioned)\s+(?:\w+\s+){{0,3}}by\s+{who}\b",
        rf"\b{name}['’]s?\s+(?:\w+\s+){{0,3}}?(?:{_VIEWS})\b",
        rf"{_READS}{who}['’]s?\s+(?:\w+\s+){{0,3}}?{_PAPERS}\b|\b{name}['’]s?\s+(?:\w+\s+){{0,3}}?{_PAPERS}\s+(?:\w+\s+)?(?:{_VERBS})\b",
        rf"^\W*{who}\s+(?:on|about|re)\b|^\W*(?:what|how)\s+about\s+{who}\W*$",
        rf"\b(?:what|anything|something|concerns?|worries)\b.{{0,30}}\b{name}\s+(?:\w+\s+)?(?:{_VERBS})\b",
        rf"^\W*{who}\s*:",
        # "When inspectors came in May, were files up to date?" asks what they saw, "when did they come" does not.
        rf"\b(?:when|after)\s+{who}\s+(?:\w+\s+)?(?:looked|came|visited|inspected|called)\b",
    )


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
