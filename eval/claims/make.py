"""Spoil true claims in known ways, so that it is known what a checker should see.

The true claims are the hand-written paraphrases and sentences of papers as they stand. Every way of spoiling takes a claim
and a random generator and gives a false claim, or None where it cannot be applied. Mechanical rewritings that stay true
("40%" as "40 per cent", a leading "However" dropped) are made too, so that not every change is a fault.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from eval.claims import Claim
from index.blocks import units
from index.dates import MONTHS
from rag.words import content_words, stems

_FIGURE = re.compile(r"(?<![\w.,/])\d+(?:[,.]\d+)*(?![\w/]*\d)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b(?!/)")
_MONTH = re.compile(r"\b(?:" + "|".join(m.capitalize() for m in MONTHS if len(m) > 3) + r")\b")
_BE = re.compile(
    r"\b(is|are|was|were|has|have|had|will|can|could|should|must|do|does|did)\b(?!\s+not\b)", re.IGNORECASE
)
_NOT = re.compile(r"\b(is|are|was|were|has|have|had|will|can|could|should|must|do|does|did)\s+not\b|\b(can)not\b")
_SOME = re.compile(
    r"\b(most|some|many|several|a number of|the majority of|a small number of|a few|few|often|sometimes|usually|generally)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b(?:[A-Z][\w’'-]+)(?:\s+[A-Z][\w’'-]+)*")
_MODAL = re.compile(r"\b(may|might|could|should|is expected to|are expected to|is planned to)\b", re.IGNORECASE)
_WORDS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_TURNED = {
    "increased": "decreased", "rose": "fell", "risen": "fallen", "fell": "rose", "fallen": "risen", "high": "low", "higher": "lower",
    "more": "fewer", "fewer": "more", "improved": "worsened", "better": "worse", "strengthened": "weakened",
    "before": "after", "after": "before", "approved": "rejected", "agreed": "refused", "effective": "ineffective", "good": "poor",
    "reduced": "increased", "reduction": "increase", "increase": "reduction", "started": "ended", "regularly": "rarely",
    "strong": "weak", "positive": "negative", "largest": "smallest", "above": "below", "early": "late", "promptly": "slowly",
}  # fmt: skip

_SAME = {
    "completed": "finished", "begun": "started", "begin": "start", "staff": "employees", "in order to": "to", "a number of": "several",
    "prior to": "before", "carried out": "done", "children's services": "services for children", "ensure": "make sure",
    "however": "though", "approximately": "about", "assist": "help", "additional": "extra", "further": "more", "due to": "because of",
    "is able to": "can", "are able to": "can", "purchase": "buy", "commenced": "started", "regarding": "about", "concerning": "about",
    "demonstrate": "show", "demonstrates": "shows", "provide": "give", "provides": "gives", "required": "needed", "requires": "needs",
    "located": "found", "sufficient": "enough", "remain": "stay", "remains": "stays", "challenging": "difficult", "swiftly": "quickly",
    "utilised": "used", "enable": "allow", "enables": "allows", "published": "issued", "received": "got", "attended": "went to",
    "identified": "found", "introduced": "brought in", "established": "set up", "undertaken": "done", "timely": "prompt",
    "whilst": "while", "the local authority": "the authority", "inform": "tell", "obtain": "get", "impact": "effect",
    "as well as": "and", "young people": "youngsters", "monitored": "watched", "focus": "concentrate",
}  # fmt: skip

Spoil = Callable[[Claim, random.Random], str | None]


def _number(claim: Claim, rng: random.Random) -> str | None:
    plain = [m for m in _FIGURE.finditer(claim.claim) if not _YEAR.fullmatch(m[0])]
    if plain:
        m = rng.choice(plain)
        digits = [c for c in m[0] if c.isdigit()]
        place = rng.randrange(len(digits))
        digits[place] = str((int(digits[place]) + rng.randrange(1, 9)) % 10 or 1)
        changed = iter(digits)
        new = "".join(next(changed) if c.isdigit() else c for c in m[0])
        return None if new == m[0] else claim.claim[: m.start()] + new + claim.claim[m.end() :]
    words = list(re.finditer(r"\b(?:" + "|".join(_WORDS) + r")\b", claim.claim))
    if words:
        m = rng.choice(words)
        new = rng.choice([w for w in _WORDS if w != m[0]])
        return claim.claim[: m.start()] + new + claim.claim[m.end() :]
    return None


def _date(claim: Claim, rng: random.Random) -> str | None:
    for pattern in rng.sample([_YEAR, _MONTH], 2):
        if found := list(pattern.finditer(claim.claim)):
            m = rng.choice(found)
            if m[0].isdigit():
                new = str(int(m[0]) + rng.choice([-3, -2, -1, 1, 2]))
            else:
                new = rng.choice([x.capitalize() for x in MONTHS if len(x) > 3 and x.capitalize() != m[0]])
            return claim.claim[: m.start()] + new + claim.claim[m.end() :]
    return None


def _negation(claim: Claim, rng: random.Random) -> str | None:
    if m := _NOT.search(claim.claim):
        return claim.claim[: m.start()] + (m[1] or m[2]) + claim.claim[m.end() :]
    if found := list(_BE.finditer(claim.claim)):
        m = found[0]
        return claim.claim[: m.end()] + " not" + claim.claim[m.end() :]
    return None


def _direction(claim: Claim, rng: random.Random) -> str | None:
    found = [m for m in re.finditer(r"\b\w+\b", claim.claim) if m[0] in _TURNED]
    if not found:
        return None
    m = rng.choice(found)
    return claim.claim[: m.start()] + _TURNED[m[0]] + claim.claim[m.end() :]


def _overclaim(claim: Claim, rng: random.Random) -> str | None:
    if m := _SOME.search(claim.claim):
        new = "always" if m[1].lower() in {"often", "sometimes", "usually", "generally"} else "all"
        new = new.capitalize() if m[1][0].isupper() else new
        return claim.claim[: m.start()] + new + claim.claim[m.end() :]
    if m := _BE.search(claim.claim):
        return claim.claim[: m.end()] + rng.choice([" always", " only"]) + claim.claim[m.end() :]
    return None


def _certainty(claim: Claim, rng: random.Random) -> str | None:
    m = _MODAL.search(claim.claim)
    return claim.claim[: m.start()] + "will certainly" + claim.claim[m.end() :] if m else None


def _invented(claim: Claim, rng: random.Random) -> str | None:
    """A further fact in the same breath that the words do not give."""
    more = rng.choice(
        (
            "which was praised by residents", "because of a lack of money", "at a meeting held in private", "after a long dispute",
            "and the government will pay for it", "which is the best result in the region", "despite warnings from unions",
            "with the help of an outside consultant", "as the chief executive had promised", "and a review will follow",
        )
    )  # fmt: skip
    return f"{claim.claim.rstrip('.')}, {more}." if len(claim.claim.split()) < 30 else None


def entity(claim: Claim, rng: random.Random, names: Sequence[str]) -> str | None:
    """A name in place of another of as many words."""
    found = [m for m in _NAME.finditer(claim.claim) if len(m[0]) > 2]
    if not found:
        return None
    m = rng.choice(found)
    others = [n for n in names if n not in " ".join(claim.quotes) and len(n.split()) == len(m[0].split())]
    return claim.claim[: m.start()] + rng.choice(others) + claim.claim[m.end() :] if others else None


SPOILERS: dict[str, Spoil] = {
    "number": _number,
    "date": _date,
    "negation": _negation,
    "direction": _direction,
    "overclaim": _overclaim,
    "certainty": _certainty,
    "invented": _invented,
}
_SPEAKERS = {
    "Ofsted": "the inspectors",
    "officers": "Officers",
    "members": "Members",
    "portfolio holder": "The portfolio holder",
}


def merged(one: Claim, other: Claim) -> Claim | None:
    """What one says of its subject, said of the other's; the quotes of both are there, so every word is."""
    a, b = _BE.search(one.claim), _BE.search(other.claim)
    if not a or not b or a.start() < 8 or b.start() < 8:
        return None
    text = one.claim[: a.start()] + other.claim[b.start() :]
    if text in (one.claim, other.claim):
        return None
    return Claim(one.group, text, (*one.quotes, *other.quotes), False, "merge")


def misplaced(claim: Claim, others: Sequence[Claim]) -> Claim | None:
    """A true claim on the words of another one: those that share most words with it."""
    terms = set(stems(" ".join(content_words(claim.claim))))
    rivals = [o for o in others if o.group != claim.group and o.quotes != claim.quotes]
    if not rivals:
        return None
    rival = max(rivals, key=lambda o: len(terms & stems(o.quotes[0])))
    return Claim(claim.group, claim.claim, rival.quotes, False, "misplaced")


def of_standing(claim: Claim, rng: random.Random) -> list[Claim]:
    """Claims about who said it and when, true and false, where the paper's voice and date are known."""
    made = []
    text = claim.claim[0].lower() + claim.claim[1:] if claim.claim[:2].strip().istitle() else claim.claim
    for voice, words in _SPEAKERS.items():
        if claim.voices and not re.search(rf"\b{voice}", " ".join(claim.quotes), re.IGNORECASE):
            if voice == "members" and "portfolio holder" in claim.voices:
                continue  # who is one of them
            right = voice in claim.voices
            said = f"{voice if voice == 'Ofsted' else words} said that {text}"
            if right or rng.random() < 0.4:
                made.append(replace(claim, claim=said, supported=right, kind="voice, true" if right else "voice"))
    if claim.published:
        year = int(claim.published[:4])
        wrong = f"In {year - rng.choice([1, 2, 4])}, {text}"
        if not _YEAR.search(claim.quotes[0]):
            made.append(replace(claim, claim=wrong, supported=False, kind="period"))
    return made


def _written_otherwise(text: str, rng: random.Random) -> str:
    """Figures and signs in another writing, and a linking word dropped from the front."""
    text = re.sub(r"^(?:However|Overall|Furthermore|As a result|Nevertheless|In addition|Also),\s+", "", text)
    text = re.sub(r"(\d)\s?%", r"\1 per cent", text)
    text = re.sub(r"£(\d+(?:\.\d+)?)m\b", r"£\1 million", text)
    text = re.sub(r"\b(do|does|did|is|are|was|were) not\b", r"\1n't", text)
    for n, word in enumerate(_WORDS, 2):
        text = re.sub(rf"(?<![\d,.£]){n}(?![\d,.%:]|th|st)\b(?=\s[a-z])", word, text)
    return text


def _other_words(text: str, rng: random.Random) -> str:
    """Up to three words for others that mean the same in such papers."""
    for old, new in rng.sample(sorted(_SAME.items()), len(_SAME)):
        if re.search(rf"\b{old}\b", text) and rng.random() < 0.7:
            text = re.sub(rf"\b{old}\b", new, text, count=1)
    return text


def _shorter(text: str, rng: random.Random) -> str:
    """Without its last clause, without words in brackets, or without adverbs that carry little."""
    plain = re.sub(r"\s*\([^)]*\)", "", text)
    plain = re.sub(r"\b(?:also|now|currently|already|increasingly|particularly|very|recently|further)\s+", "", plain)
    clauses = re.split(r",\s+(?=(?:which|although|with|while|who|where|so)\b)|;\s+", plain)
    first = clauses[0].rstrip(",")
    return first.rstrip(".") + "." if len(clauses) > 1 and len(first.split()) > 7 and _BE.search(first) else plain


def _fronted(text: str, rng: random.Random) -> str:
    """With its opening words at the end, or the other way round: "In 2020, rents rose." -> "Rents rose in 2020."."""
    match = re.match(r"((?:In|During|Since|At|For|Within|On|From|By|When|As)\b[^,]{3,60}),\s+(.{20,})\.$", text)
    if match is None or "," in match[2]:
        return text
    return f"{match[2]} {match[1][0].lower()}{match[1][1:]}."


REWRITERS: dict[str, Callable[[str, random.Random], str]] = {
    "written otherwise": _written_otherwise,
    "other words": _other_words,
    "shorter": _shorter,
    "fronted": _fronted,
}


def rewritten(claim: Claim, rng: random.Random) -> list[Claim]:
    """A sentence put otherwise by rule, one rule at a time and all together, and still true."""
    made = {}
    everything = claim.claim
    for kind, rewrite in REWRITERS.items():
        made[_capital(rewrite(claim.claim, rng))] = kind
        everything = _capital(rewrite(everything, rng))
    made.setdefault(everything, "rewritten")
    made.pop(claim.claim, None)
    return [replace(claim, claim=text, kind=kind) for text, kind in made.items()]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def sentences_of(folder: Path) -> list[Claim]:
    """Sentences of the papers as claims that support themselves."""

    claims = []
    for number, path in enumerate(sorted(folder.glob("*.txt"))):
        text = path.read_text(encoding="utf-8")
        for place, unit in enumerate(units(text)):
            words = " ".join(text[unit.start : unit.end].split())
            if unit.kind != "heading" and words.endswith(".") and words[0].isupper() and 9 <= len(words.split()) <= 40:
                claims.append(Claim(f"s{number}-{place}", words, (words,), True, "sentence"))
    return claims


def make(written: Sequence[Claim], papers: Path, seed: int = 7, most: int = 220) -> list[Claim]:
    """Everything made from the hand-written claims and from at most so many sentences of the papers."""
    rng = random.Random(seed)
    sentences = sentences_of(papers)
    sentences = rng.sample(sentences, min(most, len(sentences)))
    paraphrases = [claim for claim in written if claim.supported]
    names = sorted({m[0] for c in (*sentences, *paraphrases) for m in _NAME.finditer(c.claim) if len(m[0]) > 2})
    made: list[Claim] = []
    for claims, ways in ((paraphrases, 7), (sentences, 2)):
        for claim in claims:
            spoilt = [(kind, spoil(claim, rng)) for kind, spoil in SPOILERS.items()]
            spoilt.append(("entity", entity(claim, rng, names)))
            good = [(kind, text) for kind, text in spoilt if text and text != claim.claim]
            for kind, text in rng.sample(good, min(ways, len(good))):
                made.append(replace(claim, claim=text or "", supported=False, kind=kind))
    for claim in sentences:
        made += rewritten(claim, rng)
    for claims in (paraphrases, sentences[:90]):
        for split in ("fit", "test"):
            same = [c for c in claims if c.split == split]
            for claim in same:
                if other := misplaced(claim, same):
                    made.append(other)
            for one, two in zip(same, [*same[3:], *same[:3]], strict=True):
                if rng.random() < 0.4 and one.group != two.group and (joined := merged(one, two)):
                    made.append(joined)
    known = [  # three papers' voices and dates, as the index would give them
        (("Ofsted",), "2021-07-08"), (("officers",), "2020-12-01"), (("portfolio holder",), "2023-03-02"),
    ]  # fmt: skip
    for place, claim in enumerate(paraphrases):
        voices, published = known[place % 3]
        made += of_standing(replace(claim, voices=voices, published=published), rng)
    # A sentence that a hand-written claim rests on, too, may not be fitted on and tested with.
    split_of = {quote: claim.split for claim in written for quote in claim.quotes}
    return [claim for claim in made if all(split_of.get(quote, claim.split) == claim.split for quote in claim.quotes)]
