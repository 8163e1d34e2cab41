"""The `footnote` command: it only puts together the commands of the four packages."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import api.cli
import eval.cli
import index.cli
import rag.cli
from index.errors import FootnoteError


class _Version(argparse.Action):
    """Prints the version; only then is it looked up, which takes a while."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"footnote {version('footnote')}")
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="footnote", description="Answers questions from your own papers, every statement cited to the exact words."
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    parser.add_argument(
        "--data", metavar="FOLDER", help="folder that holds the index (default: .footnote, or FOOTNOTE_DATA)"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for package in (index.cli, rag.cli, api.cli, eval.cli):
        package.add_commands(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns 0 on success, 1 when something could not be done, 2 for a wrong call, 130 when stopped.
    """
    args = build_parser().parse_args(argv)
    try:
        code: int = args.run(args)
    except FootnoteError as error:
        print(f"footnote: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("footnote: stopped; what was reported as done is kept.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`footnote documents | head`): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
