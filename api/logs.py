"""Log lines as JSON objects, one a line. No question, path parameter or query string is in them by default."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request being worked on; in its log lines, problems and `X-Request-ID`."""


class JsonFormatter(logging.Formatter):
    """A record as one JSON object: time, level, logger, event (the message), request, and the record's `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON; a traceback goes into `error` as a string."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if identifier := request_id.get():
            entry["request"] = identifier
        entry.update(getattr(record, "fields", {}))
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def log_as_json() -> None:
    """Send every log line of the process to standard error, as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("mcp").setLevel(logging.WARNING)  # it tells of every request, and so do we
