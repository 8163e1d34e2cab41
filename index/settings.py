"""Settings are data: defaults, then `footnote.toml`, then `FOOTNOTE_*`; read once, at the door."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from index.errors import SettingsError


def _setting(default: Any, doc: str) -> Any:
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default. The docs' table is made from this class."""

    data: Path = field(default=Path(".footnote"), metadata={"doc": "folder that holds the index"})
    engine: str = _setting("local", "where passages are stored and searched")
    embedder: str = _setting("bge-small-en-v1.5", "embedding model: a packaged name, a hub id or a folder")
    reranker: str = _setting("minilm-reader", "reranking model: a packaged name, a hub id, a folder or `none`")
    answerer: str = _setting("extractive", "how answers are made unless a question names another way")
    openai_url: str = _setting("", "base address of an OpenAI-compatible endpoint, for the answerer `openai`")
    openai_model: str = _setting("", "name of the model there; the key is taken from `OPENAI_API_KEY`")
    transformers_model: str = _setting("", "folder, GGUF file or hub id of a model for the answerer `transformers`")
    prompt_tokens: int = _setting(1500, "most tiktoken tokens of passages that a language model is given")
    answer_seconds: int = _setting(60, "longest a language model may write before quotations take its place")
    answer_concurrency: int = _setting(4, "questions that are with a language model at once; others wait their turn")
    chunk_tokens: int = _setting(160, "most tiktoken tokens in a passage")
    max_file_mb: int = _setting(200, "a larger file is reported and left out")
    threads: int = _setting(0, "threads for the models; 0 uses every core")
    host: str = _setting("127.0.0.1", "address to serve on")
    port: int = _setting(8000, "port to serve on")
    max_upload_mb: int = _setting(50, "largest file accepted over HTTP")
    api_key: str = _setting("", "key that HTTP callers must send; empty lets everyone in")
    cors_origins: tuple[str, ...] = _setting((), "origins of other sites that may call the service from a page")
    rate_limit: str = _setting("", "requests allowed per client, such as `30/minute`; empty sets no limit")
    log_questions: bool = _setting(False, "write the questions' text to the log")


def load_settings(folder: Path = Path(), environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings that hold in `folder`.

    Raises:
        SettingsError: an unknown setting, or a value that is not of the setting's kind.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    path = folder / "footnote.toml"
    if path.is_file():
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path} is not valid TOML: {error}.", "Mend the file or remove it.") from error
        values.update((name, (value, str(path))) for name, value in table.items())
    for name, value in environ.items():
        if name.startswith("FOOTNOTE_"):
            values[name.removeprefix("FOOTNOTE_").lower()] = (value, name)
    for name, value in overrides.items():
        if value is not None:
            values[name] = (value, f"--{name.replace('_', '-')}")
    known = {f.name: f for f in fields(Settings)}
    for name, (_, origin) in values.items():
        if name not in known:
            raise SettingsError(f"{origin} sets {name!r}, which is no setting.", f"Known: {', '.join(sorted(known))}.")
    return Settings(
        **{name: _convert(name, known[name].default, value, origin) for name, (value, origin) in values.items()}
    )


def _convert(name: str, default: Any, value: Any, origin: str) -> Any:
    """Bring `value` to the kind of the setting's default."""
    try:
        if isinstance(default, bool):
            if isinstance(value, str):
                return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[value.lower()]
            if isinstance(value, bool):
                return value
        elif isinstance(default, int):
            if not isinstance(value, bool) and int(value) == float(value) and int(value) >= 0:
                return int(value)
        elif isinstance(default, tuple):
            items = value.split(",") if isinstance(value, str) else list(value)
            return tuple(str(item).strip() for item in items if str(item).strip())
        elif isinstance(default, Path):
            return Path(value)
        elif isinstance(value, str):
            return value
    except (KeyError, TypeError, ValueError, OverflowError):
        pass
    kinds = {bool: "true or false", int: "a whole number", tuple: "a list", Path: "a path"}
    kind = next((words for cls, words in kinds.items() if isinstance(default, cls)), "a string")
    raise SettingsError(f"{origin} sets {name} to {value!r}.", f"It must be {kind}.")
