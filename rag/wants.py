"""What kind of thing a question asks for (a number, an amount, a date, a person ...) and whether words hold one."""

from __future__ import annotations

import re
from itertools import pairwise

from index.dates import MONTHS, find_periods
from rag.words import content_words, covered, stem, stems, synonyms, words

# The first pattern that matches decides.
_ASKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("percentage", r"\b(?:what|which|as a) (?:percentage|per ?cent|proportion|share)\b|\bpercent(?:age)? of\b|\b(?:percent|percentage)\b|\bshare of\b|\bproportion of\b|\brate in figures\b"),
        ("amount", r"\bhow much (?:money|did|does|do|was|is|were|are|has|have|will|would|extra|more|funding|of the)\b.*\b(?:cost|pay|paid|spen[dt]|budget|worth|fund\w*|deficit|receiv\w*|sav\w*|charge\w*|grant\w*|fee|fees|price)\b|\bin pounds\b|\bsalary\b|\b(?:total|annual|overall|yearly|gross) (?:spend|spending|expenditure|bill)\b|\bhow much\b[^?.]*\b(?:grants?|funding|money|cash|budget|deficit|levy|savings?|income|reserves?|debt|spend|spent)\b|\b(?:what|exact|total) (?:exact |total )?(?:sum|amount)\b|\b(?:sum|amount) of money\b|\b(?:what|how big|how large)\b(?:(?!\b(?:say|said|think|thought|happens?|happened|mean|do|done|about|if|risks?|reasons?)\b)[^?.])*\b(?:cost|deficit|overspen[dt]|underspen[dt]|budget|price|fee|outturn|value of|worth)\b|^how much (?:did|does|was|is|will|were)\b|\bhow much (?:extra |more |new |additional )?(?:money|funding|cash)\b|\bhow much (?:an?|per) (?:hour|day|week|month|year)\b|\bwhat (?:do|does|did|will)\b.*\b(?:pay|paid|charge|earn|spend)\b|\bwhat (?:is|are|was|were)\b[^?.]*\bpaid\W*$|\bwhat\b(?:(?!\b(?:say|said|think|thought|happens?|about|if)\b)[^?.])*\b(?:wage|allowance|fees?)\b"),
        ("number", r"\bhow m[ae]ny\b|\bnumber of\b|\bhow often\b|\bhow old\b|\bwhat (?:is|was) the (?:total|figure|size)\b|\btypical size\b"),
        ("duration", r"\bhow long\b|\bwhat(?:['’]s| is| was| will be)? the (?:longest|shortest)\b|\b(?:maximum|minimum|average|typical|longest|shortest) (?:length|duration|wait)\b|\b(?:over|for) what (?:period|length) of time\b"),
        ("date", r"\bwhen(?:['’]?s| is| was| did| does| do| will| were| are| can| has| have| had| should| would)\b|\bwhen\s*\W*$|\bn when\b|\b(?:what|which) (?:dates?|days?|months?|years?|time)\b|\b(?:one|two|1|2)[ -]days? or (?:an? )?(?:one|two|more|1|2)\b|\bexact(?:ly)? (?:what )?(?:dates?|days?)\b|\bhow soon\b|\bby what\b|\bsince when\b"),
        ("identity", r"\bnames? of (?:the |our |its |that |those |all |any )?(?:[\w’'-]+ ){0,4}?(?:head|director|manager|chief|chair\w*|leader|author|secretary|inspectors?|councillors?|mayor|lead|adviser|advisor|commissioner|minister|principal|headteacher|clerk|treasurer|officers?|persons?|people|staff|worker|consultant|members?)\b|\bwhat(?:['’]?s| is| are| was| were)? (?:his|her|their) names?\b|\b(?:who|whom)(?:['’]?s| is| was| are| were)\s+(?:the|our|their|its|[A-Z][\w-]+['’]s?)\s+(?:[\w’'-]+\s+){0,3}?(?:head|director|manager|chief|chair\w*|leader|author|secretary|inspectors?|councillor|mayor|lead|adviser|advisor|commissioner|minister|principal|headteacher|clerk|treasurer)\b|\b(?:which|what) (?:councillors?|cllrs?|inspectors?)\b|^names\b|^\W*(?:(?:please|kindly|can|could|would|you)\s+)*(?:name|identify) (?:the|our|its|those|both)\s+(?:[\w’'-]+\s+){0,3}?(?:head|director|manager|chief|chair\w*|leader|author|secretary|inspectors?|HMIs?|councillors?|mayor|adviser|advisor|commissioner|minister|principal|headteacher|clerk|treasurer)\b|['’]s (?:full )?name\b|\bnamed\?"),
        ("person", r"(?:^|[.?!,;:]\s*|\b(?:and|but|or|so|by|with|from|to|which) )who(?:['’]?s|se|m)?\b|\bnames? of (?:the )?(?:\w+ )?(?:inspectors?|officers?|persons?|people|councillors?|cllrs?|directors?|authors?|manager|head|chair\w*)\b|\bnames of\b|\bwhat is (?:his|her|their) name\b"),
        ("grade", r"\b(?:what|which|how) (?:\w+ ){0,3}(?:grade|rating|judge?ment|rated|graded|judged|score|overall effectiveness)\b|\bhow (?:did|does|do|has|have|would) (?:[\w’'-]+ ){1,4}?(?:rate|grade|judge)\b|^\W*(?:\w[\w'’]*+\W++){1,4}(?:grade|rating)\b"),
        ("contact", r"\b(?:tele)?phone\b|\b(?:contact|fax|mobile) (?:number|details)\b|\be-?mail\b|\bwhat number\b.*\b(?:ring|call|dial|speaks?|talk)\b|\b(?:ring|call|dial)\b.*\bwhat number\b"),
        ("place", r"\bwhere(?:['’]?s| is| was| did| does| do| will| were| are| can| has| have| had| should| would)\b|\bwhere\s*\W*$|\baddress(?:es)?\b|\b(?:what|which) (?:venue|building|buildings|room|site)\b"),
        ("name", r"\b(?:what|which) (?:(?!(?:is|are|was|were|did|do|does|has|have|had|will|would|can|could|should)\b)\w+ ){0,3}(?:town|city|borough|school|schools|country|countries|authority|council(?! tax)|companies|company|provider|organisation|award|firm|contractor|charity|hospital|library)\b"),
        ("law", r"\b(?:what|which) (?:[\w’'-]+ ){0,3}?(?:acts?|legislation|statutes?|regulations?)\b|\bunder (?:what|which) (?:[\w’'-]+ ){0,3}?(?:laws?|powers?|sections?|rules?)\b|\b(?:what|which) (?:law|section|rule) (?!of\b)"),
        ("reason", r"\bwhy\b|\bwhat (?:was|is|were) the reasons?\b|\bhow come\b|\bwhat (?:caused|led to)\b"),
        ("meaning", r"\b(?:stands?|short) for\b|\bwhat (?:does|do) .* mean\b|\bwhat (?:is|are) (?:an? |the )?(?-i:[A-Z]{2,})\b"),
    )
)  # fmt: skip

_NUMBER_WORDS = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    r"nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|dozen|thousand|million|half|third|quarter|no|none|"
    r"first|second|both|single|once|twice|daily|weekly|fortnightly|monthly|quarterly|annually|bi-monthly)"
)
_HAS: dict[str, re.Pattern[str]] = {
    "percentage": re.compile(rf"\d\s?%|\bper ?cent\b|\b(?:half|third|quarter|majority|most)\b|\b{_NUMBER_WORDS} (?:(?:out )?of|in (?:every )?{_NUMBER_WORDS})\b", re.IGNORECASE),
    "amount": re.compile(r"[£$€]\s?\d|-?\b\d{1,3}(?:,\d{3})+(?:\.\d+)?(?=[;\t]|$)|-?\b\d[\d,]*\.\d+(?=[;\t]|$)|\b\d[\d,.]*\s?(?:pounds|million|billion|m\b|k\b)|\bpence\b|\b(?:budget|cost|price|fee|charge|outturn|spend|expenditure|income|variance)s?\s(?:[\d/-]+\s)?-?\d[\d,.]*(?=;|$)", re.IGNORECASE),
    "number": re.compile(rf"\d|\b{_NUMBER_WORDS}\b", re.IGNORECASE),
    "duration": re.compile(rf"\b(?:\d+\+?|{_NUMBER_WORDS}|several|few)\W+(?:\w+\s+)?(?:minute|hour|day|week|month|year|term)s?\b|\bsince (?=\w* ?\d{{4}})", re.IGNORECASE),
    "person": re.compile(
        r"\b(?:Mrs?|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Cllr|Councillors?|Professor|Prof)\.?\s+[A-Z]|"
        r"\b(?:director|officer|manager|head|chair\w*|inspector|minister|secretary|leader|member|committee|board|team|council|"
        r"department|partner\w*|group|staff|managers|officers|councillors|members|consultant\w*|worker\w*|panel)\b",
    ),
    "grade": re.compile(r"\b(?:outstanding|good|requires improvement|inadequate|adequate|satisfactory|excellent|poor|fair|weak|[A-F]\d)\b", re.IGNORECASE),
    "name": re.compile(r"\b[a-z]+,?\s+(?:the\s+)?[A-Z][a-zà-ÿ’'-]+"),
    "place": re.compile(r"\b(?:at|in|to|from|near|by|with)\s+(?:the\s+)?[A-Z]|\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b|\b[A-Z][a-z]+\s+(?:School|Academy|Centre|House|Road|Street|College|Council)\b|\b(?:site|remote|online|virtual)\w*\b"),
    "contact": re.compile(r"\b\d{5,}\b|\b\d{3,5} \d{3,}\b|@"),
    "law": re.compile(r"\b(?:[A-Z][a-z]+ (?:Acts?|Orders?|Regulations?|Rules?|Code)|Acts? (?:of )?\d{4}|[Ss]ections? \d+|[Rr]ules? \d|[Rr]egulations?|[Ll]egislation|[Ss]tatut\w+|[Ll]aws?)\b"),
    "reason": re.compile(r"\b(?:because|due to|as a result|since|so that|in order to|led to|leads to|leading to|caused|owing to|owed to|therefore|consequen\w+|result\w*|not meeting|following|impact\w*|delay\w*|reflect\w*|to ensure|means that|given)\b", re.IGNORECASE),
}  # fmt: skip


def wants(question: str) -> str | None:
    """The kind of thing asked for, or None when the question leaves it open."""
    return next((name for name, pattern in _ASKS if pattern.search(question)), None)


_COUNTED = re.compile(
    r"\bhow m[ae]ny\s+(?:of\s+(?:the|our)\s+)?(.+)|\b(?:number|percentage|proportion|share|per ?cent) of\s+(.+)|\bcost of\s+(.+)|\bhow much\s+(.+)",
    re.IGNORECASE,
)
_STOPS_COUNTING = re.compile(
    r"^(?:is|are|was|were|did|do|does|has|have|had|will|would|can|could|should|in|at|on|for|from|to|with|by|there|that|who|which|since|"
    r"during|be|been|get|gets|got|of)$",
    re.IGNORECASE,
)


def counted(question: str) -> tuple[str, ...]:
    """The words for what is counted or paid for: "How many foster carers are there?" -> foster, carers."""
    match = _COUNTED.search(question)
    if not match:
        return ()
    found: list[str] = []
    for word in words(next(group for group in match.groups() if group)):
        if _STOPS_COUNTING.match(word):
            break  # "How many were there?", "how many of those work here": what is counted was named before
        found.append(word)
    return tuple(content_words(" ".join(found[:5])))


def quantifies(terms: tuple[str, ...], text: str, reach: int = 3) -> bool:
    """Whether a number stands right before one of the terms ("35 social work posts"), or "the number of" them is told.

    A synonym does for a term. True when there are no terms.
    """
    if not terms:
        return True
    roots = _roots(terms)
    tokens = [stem(token) for token in _tokens(text)]
    places = _counts(text)
    told = [i for i, token in enumerate(tokens) if token == "number"] if places else []
    return any(not roots.isdisjoint(tokens[i + 1 : i + 1 + reach]) for i in places) or any(
        not roots.isdisjoint(tokens[i + 1 : i + 2 + reach]) for i in told
    )


def number_near(terms: tuple[str, ...], text: str, reach: int = 6) -> bool:
    """Whether a number stands within `reach` words of one of the terms; True when there are no terms."""
    if not terms:
        return True
    roots = _roots(terms)
    places = [place for place, token in enumerate(_tokens(text)) if stem(token) in roots]
    return any(abs(i - j) <= reach for i in _counts(text) for j in places)


def _roots(terms: tuple[str, ...]) -> frozenset[str]:
    """The stems of terms and of their synonyms."""
    roots = {stem(term) for term in terms}
    return frozenset(roots.union(*(synonyms().get(root, ()) for root in roots)))


def _tokens(text: str) -> list[str]:
    return re.findall(r"[£$€]?\d[\d,.]*%?|[^\W\d_][\w’'-]*", text)


def _counts(text: str) -> list[int]:
    """Where `text` counts something, by token: numbers and number words, but no year, date, percentage or amount."""
    for mention in reversed(find_periods(text)):
        text = text[: mention.start] + " on " + text[mention.end :]
    return [
        i
        for i, token in enumerate(_tokens(text))
        if re.fullmatch(r"\d[\d,.]*", token) or re.fullmatch(_NUMBER_WORDS, token, re.IGNORECASE)
    ]


_PROPER = re.compile(r"\b[A-Z][\w’'-]+(?:\s+(?:of|and|the|for|upon)\s+(?=[A-Z])|\s+[A-Z][\w’'-]+)*")
_TITLED = re.compile(
    r"\b(?:Mrs?|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Cllr|Councillors?|Professor|Prof|Rev)\.?\s+(?:and\s+)?[A-Z]"
)
_BACKGROUND = re.compile(r"\b(?:since|compared (?:with|to)|than)\b[^.,;:]*$", re.IGNORECASE)
"""What leads to a date of something else: "the first since the judgement in July"."""
_MONTHS = "|".join(month.capitalize() for month in MONTHS if len(month) > 3)
_TIMES = re.compile(
    rf"\b(?:{_MONTHS})\b(?! \d)|\d{{1,2}}[.:]\d\d\s?(?:am|pm)?\b|\b\d{{1,2}}\s?[ap]m\b|\bweeks?\b|\bmonths?\b"
)
_CHANGE = re.compile(
    r"\b(?:go|goes|going|gone|went) (?:up|down)\b|\b(?:rise|rose|risen|increas\w+|grow|grew|fall|fell|drop\w*|cut)\b",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:who(?:['’]s| is| was| are| were)|names? of)\b(?:\s+[\w’'-]+){0,5}?\s+(?:chief )?(directors?|managers?|executive|chair\w*|"
    r"leader|author|secretary|inspectors?|mayor|advis[eo]rs?|commissioner|minister|principal|headteacher|clerk|treasurer)\b",
    re.IGNORECASE,
)
"""The office whose holder is asked for: "Who is the chief executive?" is answered where that word stands."""
_GIVEN = re.compile(r"[A-Z](?:[a-z]|[’'][A-Z])\S*")
_INSTITUTION = re.compile(
    r"\b(?:academ\w+|act|adult\w*|agenc\w+|agenda|annual|appendix|area|assessment|assistant|association|authority|award\w*|board|borough|budget\w*|cabinet|care|centre|charter|chief|children\w*|"
    r"college|commission\w*|committee|corporate|council|county|court|department|deputy|director\w*|district|education|executive|famil\w+|financ\w+|forum|framework|fund|government|group|head|health|"
    r"holder|house|hub|improvement|independent|inspect\w*|integrated|interim|joint|lead|leader\w*|leav\w+|letter|local|manage\w+|member\w*|minutes|national|network|notice|nurse|offic\w+|parent\w*|partner\w*|people\w*|permanent|plan|police|"
    r"portfolio|practice|principal|profile|programme|project|protocol|provision|public|quality|regional|resources|review\w*|road|safeguarding|scheme|school\w*|secretary|senior|service\w*|social|standards|state|strategic|"
    r"strateg\w+|support|team|trust|unit|virtual|visit|work\w*|year|young|youth)s?\b",
    re.IGNORECASE,
)


NEEDED = frozenset({"identity", "name", "amount", "percentage", "duration", "law", "contact"})
"""Kinds of thing without which there is no answer: who, which one, how much, what share, how long, what law or number."""


def new_names(question: str, text: str) -> list[str]:
    """The names in `text` that the question does not give itself; what merely opens a sentence is none."""
    asked = stems(question)
    found = []
    for match in _PROPER.finditer(text):
        parts = words(match[0])
        opens = match.start() == 0 or bool(re.search(r"[.:;!?]\s+$", text[: match.start()]))
        if opens and len(parts) == 1:
            continue
        if any(stem(part) not in asked and content_words(part) for part in parts):
            found.append(match[0])
    return found


def _spelt_out(short: str, text: str) -> bool:
    """Whether an abbreviation stands beside its long form: "Annual Plan (AP)", "AP (Annual Plan)"."""
    return re.search(rf"\(\W*{re.escape(short)}s?\W*\)|\b{re.escape(short)}s?\s+\([A-Za-z]", text) is not None


def _persons(question: str, text: str) -> bool:
    """Whether `text` names a person: a title and a name, or a first and a last name that are no institution's."""
    if _TITLED.search(text):
        return True
    for name in new_names(question, text):
        parts = name.split()
        if any(
            not _INSTITUTION.search(f"{first} {last}")
            for first, last in pairwise(parts)
            if _GIVEN.fullmatch(first) and _GIVEN.fullmatch(last) and content_words(first)
        ):
            return True
    return False


def holds(kind: str | None, text: str, question: str = "", own: str = "") -> bool:
    """Whether `text` holds a thing of this kind; True for kinds that have no form of their own.

    Names that the question gives, or that the paper uses for itself (`own`), are no answer to it.
    """
    if kind is None:
        return True
    if kind == "meaning":
        shorts = re.findall(r"\b[A-Z][A-Za-z]*[A-Z]\w*\b", question)
        return not shorts or any(_spelt_out(short, text) for short in shorts)
    if kind == "identity":
        role = _ROLE.search(question)
        return _persons(f"{question} {own}", text) and (role is None or covered(role[1], stems(text)) > 0)
    if kind == "name":
        fresh = [
            name for name in new_names(f"{question} {own}", text) if not name.isupper() and not re.search(r"\d", name)
        ]
        if re.search(r"\bschools?\b|\bcolleges?\b", question, re.IGNORECASE):
            return any(re.search(r"\b(?:School|Academy|College|Primary|Grammar)\b", name) for name in fresh)
        return any(not all(_INSTITUTION.search(part) or part.isupper() for part in words(name)) for name in fresh)
    if kind == "person":
        return bool(_HAS["person"].search(text)) or _persons(f"{question} {own}", text)
    if kind == "number":
        return bool(_counts(text))
    if kind == "amount" and _CHANGE.search(question) and _HAS["percentage"].search(text):
        return True
    if kind == "date":
        since = bool(_BACKGROUND.search(question + " "))
        return any(since or not _BACKGROUND.search(text[: m.start]) for m in find_periods(text)) or bool(
            _TIMES.search(text)
        )
    return bool(_HAS[kind].search(text))
