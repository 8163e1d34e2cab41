"""Mails (RFC 5322 with MIME): the subject, who wrote to whom and when, then the body. Attachments are files apart."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from index.errors import UnreadableFile
from index.loaders import html
from index.loaders.limits import Tick, idle
from index.loaders.text import decode
from index.loaders.writer import folded
from index.models import Loaded


def load(data: bytes, tick: Tick = idle) -> Loaded:
    """Read a mail's own text, its web page where it has one.

    Raises:
        UnreadableFile: it has neither body nor subject.
    """
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = _body(message)
    fields = {name: folded(str(message[name] or "")).replace("\n", " ") for name in ("Subject", "From", "To", "Date")}
    if not body.text.strip() and not fields["Subject"]:
        raise UnreadableFile("The mail holds no text.", "Look at its attachments.")
    head = "\n".join(f"{name}: {fields[name]}" for name in ("From", "To", "Date") if fields[name])
    metadata = {"title": fields["Subject"], "author": fields["From"], "created": _when(fields["Date"])}
    return Loaded(
        "\n\n".join(part for part in (fields["Subject"], head, body.text.strip("\n")) if part),
        metadata={key: value for key, value in metadata.items() if value},
        furniture=body.furniture,
    )


def _body(message: EmailMessage) -> Loaded:
    part = message.get_body(("html", "plain"))
    content = part.get_payload(decode=True) if part is not None else None
    if not isinstance(content, bytes) or not content.strip() or not isinstance(part, EmailMessage):
        return Loaded("")
    try:
        text = content.decode(part.get_content_charset("utf-8"))
    except (UnicodeDecodeError, LookupError):
        text = decode(content)
    if part.get_content_subtype() == "html":
        return html.read(text)
    return Loaded(text.replace("\r\n", "\n").replace("\r", "\n"))


def _when(date: str) -> str:
    try:
        return parsedate_to_datetime(date).isoformat()
    except (TypeError, ValueError):
        return ""
