"""`footnote eval`: its arguments, and which function serves them."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import FootnoteError

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

PASSED, FAILED_GATE, FAILED = 0, 1, 2
"""Exit codes: all gates passed; a gate failed (or a set has mistakes); the evaluation itself failed."""

_DEFAULTS = {
    "cases": "medway",
    "out": Path("eval-out"),
    "split": "all",
    "kind": "all",
    "url": "",
    "papers": None,
    "timeout": 60.0,
    "baseline": None,
    "gates": None,
    "set": [],
}
_Add = Callable[[argparse.ArgumentParser], None]


def add_commands(subparsers: Subparsers) -> None:
    """Add `eval` with its commands, and `bench`, to those of `footnote`."""
    _add_bench(subparsers)
    parser = subparsers.add_parser(
        "eval",
        help="measure the answers against a set of cases, and gate on it",
        description="Ask every case of a set, score the answers, print a table and judge the gates. "
        "Exit code 0: all gates passed. 1: a gate failed. 2: the evaluation itself failed.",
    )
    parser.set_defaults(run=run, do="evaluate", **_DEFAULTS)
    _asking(parser)
    _judging(parser)
    commands_ = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(name: str, text: str, *options: _Add) -> argparse.ArgumentParser:
        sub = commands_.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        sub.set_defaults(do=name)
        for option in options:
            option(sub)
        return sub

    add("run", "ask every case and write answers.jsonl; an interrupted run goes on", _asking)
    add("score", "score the answers of a run again, without asking, and judge the gates", _judging)
    sub = add("check", "look for mistakes in a set of cases, against an index or a folder", _where)
    sub.add_argument("file", help="the set to check: a file, or the name of one that comes with the product")
    sub = add("draft", "propose cases from the index for a person to edit", _where)
    sub.add_argument("--count", type=int, default=40, metavar="N", help="how many to propose (default: 40)")
    sub.add_argument("--from-feedback", type=Path, metavar="FILE", help="turn unhelpful answers of a feedback export")
    sub.add_argument("--to", type=Path, default=None, metavar="FILE", help="write here instead of to the screen")
    sub = add("ablate", "ask the set in several configurations, to show what each part is worth", _asking)
    sub.add_argument("--only", action="append", metavar="NAME", help="only this configuration; may be repeated")
    text = "fit the probability that words answer a question, and its thresholds, on the dev cases of a set"
    sub = add("calibrate", text, _asking)
    sub.add_argument(
        "--also", nargs=2, action="append", metavar=("PAPERS", "CASES"), help="a further folder with its set; repeat"
    )
    sub.add_argument(
        "--councils", type=Path, default=None, metavar="DIR", help="a folder for each, with papers/ and cases.jsonl"
    )
    sub.add_argument("--to", type=Path, default=None, metavar="FILE", help="default: calibration.json in --out")
    sub = add("claims", "measure the checker of statements on labelled claims, or fit its support score", _out)
    sub.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="claims, one JSON object a line (default: ours)"
    )
    sub.add_argument(
        "--make", type=Path, metavar="DIR", help="spoil true claims and the sentences of papers anew first"
    )
    sub.add_argument("--fit", type=Path, metavar="FILE", help="fit the support score and write it here")
    sub = add("beir", "score retrieval on a folder in BEIR format (corpus, queries, qrels)", _settings)
    sub.add_argument("folder", type=Path, help="folder with corpus.jsonl, queries.jsonl and qrels/*.tsv")
    sub.add_argument("--qrels", default="", metavar="NAME", help="which file of qrels/ (default: the only one)")


def _add_bench(subparsers: Subparsers) -> None:
    text = "measure speed and memory on a folder of papers, in a temporary index"
    parser = subparsers.add_parser("bench", help=text, description=text[0].upper() + text[1:] + ".")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("corpus"), help="the papers (default: corpus)")
    parser.add_argument("--questions", type=Path, metavar="FILE", help="one a line, or a set of cases (.jsonl)")
    parser.add_argument("--most", type=_count, default=100, metavar="N", help="ask at most so many (default: 100)")
    parser.add_argument("--runs", type=_count, default=5, metavar="N", help="processes that ask once (default: 5)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_bench)


def _bench(args: argparse.Namespace) -> int:
    from eval import bench

    return bench.run(args)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _option(parser: argparse.ArgumentParser, *names: str, **kwargs: object) -> None:
    """An option without a default of its own, so that a command does not undo what stood before it."""
    parser.add_argument(*names, default=argparse.SUPPRESS, **kwargs)  # type: ignore[arg-type]


def _settings(parser: argparse.ArgumentParser) -> None:
    _option(parser, "--set", action="append", metavar="NAME=VALUE", help="a setting for this run; may be repeated")


def _out(parser: argparse.ArgumentParser) -> None:
    _option(parser, "--out", type=Path, metavar="DIR", help="folder for the results (default: eval-out)")


def _where(parser: argparse.ArgumentParser) -> None:
    _option(parser, "--papers", type=Path, metavar="DIR", help="a folder of papers, in place of the index in use")
    _option(parser, "--out", type=Path, metavar="DIR", help="folder for the results (default: eval-out)")
    _settings(parser)


def _asking(parser: argparse.ArgumentParser) -> None:
    _set(parser)
    _where(parser)
    _option(parser, "--url", metavar="URL", help="ask a running server; its key is taken from FOOTNOTE_API_KEY")
    _option(parser, "--timeout", type=float, metavar="S", help="seconds after which a case has failed (default: 60)")


def _judging(parser: argparse.ArgumentParser) -> None:
    if not any("--cases" in action.option_strings for action in parser._actions):
        _set(parser)
        _option(parser, "--out", type=Path, metavar="DIR", help="folder of the run (default: eval-out)")
    _option(parser, "--baseline", type=Path, metavar="FILE", help="scores.json of an earlier run to compare with")
    _option(parser, "--gates", type=Path, metavar="FILE", help="TOML file of gates (default: those of the set)")


def _set(parser: argparse.ArgumentParser) -> None:
    _option(parser, "--cases", metavar="FILE", help="the set: a file, or the name of one of ours (default: medway)")
    _option(parser, "--split", choices=("all", "dev", "test"), help="only the cases of this split (default: all)")
    _option(parser, "--kind", metavar="KIND", help="only the cases of this kind")


def run(args: argparse.Namespace) -> int:
    """Do what the arguments say; the exit code."""
    try:
        # Imported here: `footnote ask` must not pay for what only an evaluation needs.
        from eval import commands

        code: int = getattr(commands, args.do)(args)
    except FootnoteError as error:
        print(error, file=sys.stderr)
        return FAILED
    except Exception:
        traceback.print_exc()
        print("The evaluation itself failed; no gate was judged.", file=sys.stderr)
        return FAILED
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m eval`."""
    parser = argparse.ArgumentParser(prog="python -m")
    add_commands(parser.add_subparsers())
    args = parser.parse_args(["eval", *(sys.argv[1:] if argv is None else argv)])
    return run(args)
