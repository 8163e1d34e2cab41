"""`footnote serve`."""

from __future__ import annotations

import argparse

from index.settings import load_settings


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command that serves."""
    serve = commands.add_parser(
        "serve", help="answer over HTTP, with a page to ask on", description="Serve the index over HTTP."
    )
    serve.add_argument("--host", help="address to serve on (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to serve on (default: 8000)")
    serve.set_defaults(run=_serve)


def _serve(args: argparse.Namespace) -> int:
    from api.serve import serve

    serve(load_settings(data=args.data, host=args.host, port=args.port))
    return 0
