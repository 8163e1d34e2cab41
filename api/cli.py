"""`footnote serve`, `footnote mcp` and `footnote feedback`."""

from __future__ import annotations

import argparse
import sys

from index.settings import load_settings


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of the HTTP service."""
    serve = commands.add_parser(
        "serve", help="answer over HTTP, with a page to ask on", description="Serve the index over HTTP."
    )
    serve.add_argument("--host", help="address to serve on (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to serve on (default: 8000)")
    serve.set_defaults(run=_serve)
    mcp = commands.add_parser(
        "mcp",
        help="be a tool of other programs, over the Model Context Protocol",
        description="Answer over the Model Context Protocol on standard input and output, for a program that starts "
        "this one. A running service (footnote serve) speaks the same protocol at /mcp.",
    )
    mcp.set_defaults(run=_mcp)
    feedback = commands.add_parser(
        "feedback",
        help="read what people thought of the answers",
        description="Read what people thought of the answers.",
    )
    actions = feedback.add_subparsers(dest="action", metavar="ACTION", required=True)
    export = actions.add_parser(
        "export",
        help="print the judged answers as JSON lines, oldest first",
        description="Print the judged answers as JSON lines, oldest first. "
        "`footnote eval draft --from-feedback feedback.jsonl` makes draft cases of those that did not help.",
    )
    export.set_defaults(run=_export)


def _serve(args: argparse.Namespace) -> int:
    from api.serve import serve

    serve(load_settings(data=args.data, host=args.host, port=args.port))
    return 0


def _mcp(args: argparse.Namespace) -> int:
    from api.mcp_server import serve_stdio

    serve_stdio(load_settings(data=args.data))
    return 0


def _export(args: argparse.Namespace) -> int:
    from api.records import export_feedback

    count = export_feedback(load_settings(data=args.data).data, sys.stdout)
    print(f"{count} judged {'answer' if count == 1 else 'answers'}.", file=sys.stderr)
    return 0
