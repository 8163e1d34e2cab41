"""What the answerers that write have in common: from a stream of a model's text to statements with their citations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from index.blocks import sentences
from rag.answerers import AnswererFailed, Declined, Draft
from rag.answerers.prompt import DECLINES, Prompt, build
from rag.evidence import Evidence
from rag.models import Understood

MOST_CHARACTERS = 8000
"""Of an answer; what a model writes beyond is not read."""
_LONGEST = 1500  # characters of a sentence
_MARK = re.compile(
    r"\s*[\[【(](?:passages?\s*)?(\d{1,3}(?:\s*(?:,|;|-|–|and|\]\s*,\s*\[)\s*\d{1,3})*)[\]】)]", re.IGNORECASE
)
_LEADING_MARKS = re.compile(rf"^(?:{_MARK.pattern})+[\s.;,]*", re.IGNORECASE)
_BEGUN = re.compile(r"[\[【(][^\])】]{0,20}|\(?\d{1,2}[.)]|[-–—•*#>\s]+")
# What stands before a sentence in a list or in the passage it was taken from: a bullet, a number, our own marks.
_LEAD = re.compile(r"^(?:<<\s*|[-–—•*#]+\s+|>\s+|\(?\d{1,2}[.)]\s+|\d{1,2}(?:\.\d{1,2})+\.?\s+(?=[A-Z])|\*\*)+")
_ASIDE = re.compile(r"\*\*|<<|>>")
_END = re.compile(r"[.!?…][\"'”’)\]*]*$")


def drafts(
    stream: Callable[[Prompt], Iterator[str]],
    understood: Understood,
    evidence: Sequence[Evidence],
    limit: int,
    tokens: int,
) -> Iterator[Draft]:
    """What a model writes, sentence by sentence, each with the evidence of the passages it names.

    Numbers that stand for no passage are left out. The last sentence of a text that breaks off is not `whole`.

    Raises:
        AnswererFailed: there is nothing to show the model, or what `stream` raises.
        Declined: the model says that the passages do not answer.
    """
    prompt = build(understood, evidence, limit, tokens)
    if not prompt.hits:
        raise AnswererFailed("no passage is fit to be shown to a language model")
    wrote = False
    for text, numbers, whole in statements(stream(prompt)):
        if text.upper().startswith(DECLINES):
            if not wrote:
                raise Declined("the model found no answer in the passages")
            return
        wrote = True
        keys = {prompt.hits[number - 1].key for number in numbers if 0 < number <= len(prompt.hits)}
        yield Draft(text, tuple(unit for unit in evidence if unit.hit.key in keys), whole)
    if not wrote:
        raise AnswererFailed("the model wrote nothing")


def statements(pieces: Iterable[str]) -> Iterator[tuple[str, tuple[int, ...], bool]]:
    """(text, citation numbers, whether it is whole) of every sentence, as soon as the next one has begun.

    When `pieces` raises `AnswererFailed`, what was begun is given as not whole and the fault is raised after it.
    """
    text = ""
    told = 0
    fault: AnswererFailed | None = None
    try:
        for piece in pieces:
            text += piece
            done = _split(text)
            # The last is still being written, and the marks that follow a sentence may come after its full stop.
            for sentence in done[told:-1]:
                told += 1
                yield (*sentence, True)
            if len(text) > MOST_CHARACTERS or (done and len(done[-1][0]) > _LONGEST):
                fault = AnswererFailed("the model wrote on without end")
                break
    except AnswererFailed as error:
        fault = error
    for sentence in _split(text)[told:]:
        yield (*sentence, fault is None or bool(_END.search(sentence[0]) and sentence[1]))
    if fault:
        raise fault


def _split(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """The sentences of a text with the numbers cited in them or right after them."""
    found: list[tuple[str, tuple[int, ...]]] = []
    for line in text.split("\n"):
        opened = False
        for start, end in sentences(line):
            sentence = line[start:end]
            if _BEGUN.fullmatch(sentence):
                continue  # a marker or a list's number that is still being written
            leading = _LEADING_MARKS.match(sentence)
            if leading and opened:
                before, numbers = found[-1]
                found[-1] = (before, (*numbers, *_numbers(leading[0])))
                sentence = sentence[leading.end() :]
                if _BEGUN.fullmatch(sentence):
                    continue
            cited = _numbers(sentence)
            plain = re.sub(r"\s+([.,;:!?])", r"\1", _LEAD.sub("", _MARK.sub(_unmarked, sentence).strip()))
            plain = " ".join(_ASIDE.sub("", plain).split())
            if re.search(r"\w", plain):
                found.append((plain, cited))
                opened = True
            elif cited and opened:
                before, numbers = found[-1]
                found[-1] = (before, (*numbers, *cited))
    return found


def _unmarked(match: re.Match[str]) -> str:
    """Nothing for a citation in square brackets; a number in round ones may be the passage's own and stays."""
    return match[0] if match[0].lstrip().startswith("(") and "assage" not in match[0] else ""


def _numbers(text: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for match in _MARK.finditer(text):
        if _unmarked(match):
            continue
        for part in re.split(r"\s*(?:,|;|and|\])\s*\[?", match[1]):
            ends = [int(n) for n in re.findall(r"\d+", part)]
            if ends:
                numbers += range(ends[0], min(ends[-1], ends[0] + 20) + 1) if len(ends) > 1 else ends
    return tuple(dict.fromkeys(numbers))
