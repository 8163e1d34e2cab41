"""`footnote ask` and `footnote search`."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import InvalidQuestion
from index.models import Filters
from index.settings import load_settings
from rag.limits import check_question
from rag.models import Answer, Citation, Question, Understood
from rag.serialise import answer_as_dict, hit_as_dict, understood_as_dict

if TYPE_CHECKING:
    from rag.evidence import Evidence
    from rag.pipeline import Pipeline
    from rag.verify import Source


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands that ask."""
    ask = commands.add_parser(
        "ask", help="answer a question, with numbered sources", description="Answer a question from the index."
    )
    ask.add_argument("--explain", action="store_true", help="show what was understood and every stage's scores")
    ask.add_argument("--answerer", metavar="NAME", help="how the answer is made")
    ask.set_defaults(run=_ask)
    search = commands.add_parser(
        "search", help="list the passages for a question", description="List the passages for a question, best first."
    )
    search.set_defaults(run=_search)
    verify = commands.add_parser(
        "verify",
        help="say whether words support a claim",
        description="Say whether quotes support a claim, and what speaks against it; exit code 1 when one is not.",
    )
    verify.add_argument("claim", nargs="?", help="the claim; left out with --file")
    verify.add_argument(
        "--quote", action="append", default=[], metavar="WORDS", help="words it rests on; may be repeated"
    )
    verify.add_argument("--voice", action="append", default=[], help="who speaks in them; may be repeated")
    verify.add_argument("--published", metavar="DATE", help="their date: 2021-07-08, 2021-07 or 2021")
    verify.add_argument(
        "--file", metavar="FILE", help='lines of JSON with "claim" and "quotes"; `-` reads standard input'
    )
    verify.set_defaults(run=_verify)
    for parser in (ask, search):
        parser.add_argument("question", help="the question; `-` reads it from standard input")
        parser.add_argument("--limit", type=int, default=6, metavar="N", help="at most so many (1 to 20, default 6)")
        parser.add_argument("--voice", help="only what this voice says")
        parser.add_argument("--json", action="store_true", help="print JSON, as the HTTP service answers")


def _question(args: argparse.Namespace) -> Question:
    text = sys.stdin.read() if args.question == "-" else args.question
    return Question(
        check_question(text),
        filters=Filters(voice=args.voice),
        limit=max(1, min(20, args.limit)),
        answerer=getattr(args, "answerer", None),
    )


def _open(args: argparse.Namespace) -> Pipeline:
    from rag.opening import open_pipeline

    return open_pipeline(load_settings(data=args.data))


def _ask(args: argparse.Namespace) -> int:
    question = _question(args)
    seen: list[Evidence] = []

    def note(stage: str, value: Any) -> None:
        if stage == "evidence":
            seen.extend(value)

    answer = _open(args).ask(question, note)
    if args.json:
        print(json.dumps(answer_as_dict(answer), ensure_ascii=False, indent=2))
        return 0
    if args.explain:
        print(_explained(answer, seen))
    print(written(answer))
    if answer.writer and answer.writer.reason:
        print(f"\nWritten by {answer.writer.answerer}: {answer.writer.reason}.", file=sys.stderr)
    for removed in answer.removed:
        print(f"Left out ({removed.reason}): {removed.text}", file=sys.stderr)
    return 0


def _search(args: argparse.Namespace) -> int:
    question = _question(args)
    understood, hits = _open(args).search(question, question.limit)
    if args.json:
        body = {"hits": [hit_as_dict(hit) for hit in hits], "understood": understood_as_dict(understood)}
        print(json.dumps(body, ensure_ascii=False, indent=2))
        return 0
    for hit in hits:
        scores = "  ".join(f"{name} {score:.3f}" for name, score in hit.scores.items())
        print(f"{hit.document.title} ({hit.document.published or 'undated'}) {hit.document.source}\n  {scores}")
        print(textwrap.indent(textwrap.fill(" ".join(hit.passage.text.split()), 100), "  ") + "\n")
    return 0


def _verify(args: argparse.Namespace) -> int:
    from rag.verify import open_verifier

    if (args.claim is None) == (args.file is None):
        raise InvalidQuestion("claim", "There is no one claim to verify.", "Give a claim with --quote, or --file.")
    verifier = open_verifier()
    supported = True
    for claim, sources in _claims(args):
        verdict = verifier.supports(claim, sources)
        supported = supported and verdict.supported
        print(json.dumps({"claim": claim, **asdict(verdict)}, ensure_ascii=False), flush=True)
    return 0 if supported else 1


def _claims(args: argparse.Namespace) -> Iterator[tuple[str, list[Source]]]:
    """The claims to verify, each with its quotes. Raises `InvalidQuestion` for a line that is none."""
    from rag.verify import Source

    if args.claim is not None:
        yield args.claim, [Source(quote, tuple(args.voice), args.published) for quote in args.quote]
        return
    try:
        text = sys.stdin.read() if args.file == "-" else Path(args.file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidQuestion("file", f"{args.file} cannot be read: {error}.", "Name a file of claims.") from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            voices, published = tuple(raw.get("voices") or ()), raw.get("published")
            quotes = [raw["quotes"]] if isinstance(raw["quotes"], str) else list(raw["quotes"])
            if not all(isinstance(text, str) for text in (raw["claim"], *quotes, *voices, published or "")):
                raise TypeError("a field is no text")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidQuestion(
                "file", f"Line {number} is no claim ({error}).", 'It looks like {"claim": "...", "quotes": ["..."]}.'
            ) from error
        yield raw["claim"], [Source(quote, voices, published) for quote in quotes]


def written(answer: Answer) -> str:
    """An answer as text for a terminal: statements with markers, then the numbered sources with the quoted words."""
    if answer.refusal is not None:
        lines = [textwrap.fill(answer.refusal.message, 100)]
        if answer.refusal.nearest:
            lines += ["", "Nearest papers:"]
            lines += [f"  - {d.title} ({d.published or 'undated'})" for d in answer.refusal.nearest]
        return "\n".join(lines)
    lines = []
    for statement in answer.statements:
        markers = "".join(f"[{number}]" for number in statement.citations)
        lines.append(textwrap.fill(f"{statement.text} {markers}", 100))
    return "\n\n".join([*lines, "Sources:", *(_source(citation) for citation in answer.citations)])


def _source(citation: Citation) -> str:
    document, passage = citation.document, citation.passage
    place = _joined(
        [
            passage.heading,
            f"paragraph {passage.paragraph}" if passage.paragraph else None,
            f"page {passage.page_at(citation.start)}" if passage.page else None,
        ]
    )
    who = _joined(
        [document.publisher, document.published or "undated", f"voice: {passage.voice}" if passage.voice else None]
    )
    head = f"[{citation.number}] {document.title}\n    {who}\n    {document.source}{', ' + place if place else ''}"
    quote = textwrap.fill(f"“{' '.join(citation.quote.split())}”", 96)
    return head + "\n" + textwrap.indent(quote, "    ")


def _joined(parts: Iterable[str | None]) -> str:
    return ", ".join(part for part in parts if part)


def _explained(answer: Answer, evidence: list[Evidence]) -> str:
    from rag.understand import describe_period

    u: Understood = answer.understood
    time = f"{describe_period(u.period)}{' (newest first)' if u.latest else ''}"
    lines = [
        f"Understood: {u.text}",
        f"  searched as: {u.query}",
        f"  time: {time}   voice: {u.voice or 'anyone'}   wants: {u.wants or 'anything'}",
        f"  must be met: {', '.join(u.terms)}   names: {', '.join(u.names) or '-'}",
        *(f"  {note}" for note in u.notes),
        f"Timings (ms): {', '.join(f'{k} {v}' for k, v in answer.timings_ms.items())}",
        "Considered:",
    ]
    for e in evidence:
        scores = " ".join(f"{k}={v:.2f}" for k, v in e.features.items() if v)
        stages = " ".join(f"{k}={v:.3f}" for k, v in e.hit.scores.items())
        words = " ".join(e.text.split())[:110]
        lines.append(f"  {e.score:6.2f} {e.document.published or 'undated'} {words}\n        {stages} | {scores}")
    return "\n".join(lines) + "\n"
