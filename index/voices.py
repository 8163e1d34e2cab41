"""Who is speaking: the publisher of a paper, or inside minutes and reports "officers confirmed", "Members asked".

Roles are the words that public bodies use for their people; organisations are read from the papers themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from index.authorities import is_name, is_own, plain_name

# Words for people who speak in a public body's papers, and the one name each is known by.
ROLES: dict[str, tuple[str, ...]] = {
    "officers": (
        "officer", "officers", "director", "assistant director", "corporate director", "head of", "heads of",
        "chief executive", "monitoring officer", "report author", "senior managers", "finance officer", "manager",
        "managers", "engineer", "treasurer", "solicitor", "surveyor",
    ),
    "portfolio holder": (
        "portfolio holder", "portfolio holders", "lead member", "lead councillor", "cabinet member",
        "executive member", "deputy leader", "leader of the council", "the leader",
    ),
    "members": (
        "member", "members", "councillor", "councillors", "cllr", "cllrs", "opposition spokesperson",
        "leader of the opposition", "opposition leader",
    ),
    "committee": ("committee", "the committee", "sub-committee", "panel", "scrutiny", "board", "cabinet", "council"),
    "chair": ("chair", "chairman", "chairwoman", "chairperson", "vice-chairman", "vice-chair"),
}  # fmt: skip

# A question about one of these may be answered by the others: a portfolio holder is a councillor.
WIDER: dict[str, frozenset[str]] = {
    "members": frozenset({"members", "portfolio holder", "committee", "chair"}),
    "committee": frozenset({"committee", "members", "chair"}),
    "portfolio holder": frozenset({"portfolio holder"}),
    "officers": frozenset({"officers"}),
    "chair": frozenset({"chair"}),
}

SPEECH = (
    r"(?:said|says|say|stated?|states|told|confirmed|confirms?|added|adds?|explained|explains?|advised|advises?|noted|notes?|"
    r"reported|reports?|commented|asked|asks?|raised|requested|welcomed|agreed|found|finds?|concluded|recognised|"
    r"acknowledged|observed|highlighted|undertook|responded|suggested|recommended|requests?|considered|resolved|"
    r"expressed|thanked|queried|emphasised|stressed|clarified|identified|judged|rated|praised|criticised|described|"
    r"replied|answered|promised|warned|admitted|accepted|argued|denied|apologised|thought)"
)
_SUBJECT = re.compile(
    rf"\b(?P<who>(?:the\s+)?(?:[A-Z][\w’'-]+\s+){{0,5}}?[A-Za-z][\w’'-]+)\s+(?:also\s+|then\s+|further\s+|had\s+|has\s+|have\s+)*{SPEECH}\b",
)
_OFFICES = "|".join(sorted((name for names in ROLES.values() for name in names), key=len, reverse=True))
# "The Director of Roads and Parks said"
_OFFICE = re.compile(
    rf"\b(?P<who>(?i:{_OFFICES}))(?:\s+(?:of|for|and|&|to|the|[A-Z][\w’'-]+)){{0,8}}\s+(?:also\s+|then\s+|had\s+|has\s+)*{SPEECH}\b"
)
_APPOSED = re.compile(
    rf",\s+(?:the\s+)?(?P<who>[A-Za-z][\w’' -]{{3,60}}),\s+(?:also\s+|then\s+|had\s+|has\s+)*{SPEECH}\b"
)
_PLACE = r"(?:[A-Z][a-z]+(?:[ -](?:and|of|upon|on|in|the|with))*[ -]){1,4}?"
_COUNCIL = re.compile(
    rf"\b({_PLACE}(?:(?:City|County|Borough|District|Metropolitan|Town|Unitary)\s+)*Council"
    rf"|{_PLACE}(?:Combined|Fire and Rescue|National Park) Authority"
    r"|(?:London|Royal) Borough of [A-Z][a-z]+(?: (?:and |upon )?"
    r"(?!(?:Civic|Town|City|County|Council|Children|Adults?|Cabinet|Corporate|Inspection|Report)\b)[A-Z][a-z]+)*)\b"
    r"(?! (?:Chamber|Tax|House|Offices?)\b)"
)
_OF = re.compile(r"^(?:.*\b(?:Members|Leader|Clerk|Chair|Mayor|Part) of )?(?:[Tt]he )?")
# "Members of the County Council", "Shortfall on Council"
_NO_NAME = re.compile(
    r"\b(?:Arts|Research|Care|Youth|Student|Nursing|Medical) Council$|\bof the\b|"
    r"\b(?:and|of|upon|on|in|the|with) (?:[A-Z][a-z]+ )?Council$"
)
_DOMAIN = re.compile(
    r"(?:@|www\.|https?://(?:www\.)?)(?:([\w-]+)\.)?(?:gov|nhs|org|police|ac|co)\b[\w.]*"
    r"(?:/(?:government/)?(?:organisations/)?([a-z][\w-]{2,}))?",
    re.IGNORECASE,
)
_SMALL = re.compile(r"\b(?:Parish|Town|Community) Council$")
_RARELY = 1000
"""Words of a text in which its publisher is named at least once."""
_HEAD = 400
"""Characters at the head of a text."""
_LOUD = re.compile(r"^[A-Z][A-Z’' -]+ COUNCIL(?=$| [–-] )", re.MULTILINE)
_NAMED = re.compile(
    r"^\s*(?P<name>[A-Z][\w’'&-]+(?:\s+[A-Z][\w’'&-]+){0,4})\s+(?:letter|report|inspection)\b", re.MULTILINE
)


_LEADS = re.compile(r"(?:^|,\s+)(?:deputy )?leader\b(?! of the opposition)")


def normalise_role(words: str) -> str:
    """The role a description names ("Jane Doe, Director of Roads" -> "officers"), else the words themselves."""
    low = words.lower()
    if _LEADS.search(low):
        return "portfolio holder"
    for role, names in (("portfolio holder", ROLES["portfolio holder"]), *ROLES.items()):
        if any(re.search(rf"\b{re.escape(name)}\b", low) for name in names):
            return role
    return " ".join(words.split())[:80]


def role_of(name: str) -> str | None:
    """The role that a bare word or two name ("councillors" -> "members"); None for anything else."""
    low = " ".join(name.lower().split())
    known = {low, low.removeprefix("the ")}
    return next((role for role, names in ROLES.items() if not known.isdisjoint({role, *names})), None)


def organisation_of(text: str, names_in: str | None = None) -> str | None:
    """The organisation that `text` (a letterhead, or a whole file) comes from, by its own name.

    Evidence, strongest first: a web or e-mail domain whose word is written as a name in `names_in`; "<Name> letter"
    as a title; the council whose web or e-mail domain stands in it, in whose name it begins, or that it names often.
    """
    body = names_in or text
    if names_in is not None:
        for match in _DOMAIN.finditer(text):
            for word in reversed([group for group in match.groups() if group]):
                if name := _written(word, body):
                    return next((c for c in _councils_of(body) if c.split()[0] == name), name)
        if (named := _NAMED.search(text)) and body.count(named["name"]) > 1:
            return named["name"]
    councils = _councils_of(body)
    hosts = 1 if names_in is None else 2  # a whole file also links to pages of others: their paths name no publisher
    domains = [group for match in _DOMAIN.finditer(text) for group in match.groups()[:hosts] if group]
    by_domain = (name for name in councils if any(name.split()[0].lower() in domain.lower() for domain in domains))
    if name := next(by_domain, None) or _in_capitals(body) or _own_council(councils, body):
        return name
    for domain in domains:
        if name := _written(domain, body):
            return f"{name} Council" if ".gov" in text and len(name.split()) == 1 and names_in is None else name
    return None


def council_in(text: str) -> str | None:
    """The council that a line names in full."""
    return next(iter(_councils_of(text)), None)


def _in_capitals(text: str) -> str | None:
    """The council whose name stands alone in capitals on a line at a text's head."""
    if not (loud := _LOUD.search(text[:_HEAD])) or not is_name(loud[0], text):
        return None
    return re.sub(r" (And|Of|Upon|On|In|The|With)\b", lambda small: small[0].lower(), loud[0].title())


def _own_council(councils: Mapping[str, int], text: str) -> str | None:
    """The council that a text names most, unless it names that rarely or together with its partners.

    Parishes and neighbours are named, too: one that is named a single time, and not at the head, is none's own.
    """
    first = next(iter(councils), "")
    times = councils.get(first, 0)
    often = times * _RARELY >= len(text.split()) and (times > 1 or not _SMALL.search(first))
    return first if first and (often or first in text[:_HEAD]) and is_own(plain_name(first) or first, text) else None


def _councils_of(text: str) -> dict[str, int]:
    """The councils that a text names in full, and how often, the most frequent first."""
    found = Counter(_OF.sub("", match[1]) for match in _COUNCIL.finditer(text))
    return {name: n for name, n in found.most_common() if not _NO_NAME.search(name) and is_name(name, text)}


def _written(word: str, text: str) -> str | None:
    """The word of a domain as the text writes it with a capital, when it does so; generic hosts are none."""
    if word.lower() in {"www", "gov", "org", "gov-uk", "government"}:
        return None
    forms = Counter(re.findall(rf"\b{re.escape(word)}\b", text, re.IGNORECASE))
    named = [(n, form) for form, n in forms.items() if form[:1].isupper()]
    return max(named)[1] if named else None


def speaker_of(text: str) -> str | None:
    """Who is reported as speaking in a sentence ("Officers confirmed that ..." -> "officers"); None when nobody is.

    "Jane Doe, the Cabinet Member for Roads, said" is the portfolio holder.
    """
    for match in _SUBJECT.finditer(text):
        who = match["who"]
        if role := role_of(who) or role_of(who.split()[-1]):
            return role
    if office := _OFFICE.search(text):
        return role_of(office["who"])
    named = _APPOSED.search(text)
    return _role_at_head(named["who"].lower()) if named else None


def _role_at_head(description: str) -> str | None:
    """The role that a description begins with: "director of roads" -> "officers"."""
    found = ((len(name), role) for role, names in ROLES.items() for name in names if _begins(description, name))
    return max(found, default=(0, None))[1]


def _begins(description: str, name: str) -> bool:
    return f"{description} ".startswith(f"{name} ") or f"the {description} ".startswith(f"{name} ")


def names(voice: str, text: str) -> bool:
    """Whether `text` names `voice` as a whole word."""
    return re.search(rf"\b{re.escape(voice)}\b", text, 0 if voice.isupper() else re.IGNORECASE) is not None
