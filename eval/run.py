"""Ask every case, and write down what came of it: `answers.jsonl`, the configuration on its first line."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from eval.cases import CasesError
from eval.check import EXACT
from eval.clients import Client
from eval.match import covered
from eval.models import Case, Outcome

HITS = 12
"""How many ranked passages are kept of each answerable case."""
AROUND = 240
"""Characters kept on each side of a citation, to read it in its place."""

Progress = Callable[[int, int, Outcome], None]
_Inbox = SimpleQueue[Case | None]


class Papers:
    """The texts of the index, to see where evidence stands and what an offset points at."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._sources: dict[str, list[str]] = {}
        for document in client.documents():
            self._sources.setdefault(document["source"], []).append(document["id"])
        self._texts: dict[str, str] = {}

    def text(self, document_id: str) -> str:
        """The text of one document, asked for once."""
        if document_id not in self._texts:
            self._texts[document_id] = self._client.text(document_id)
        return self._texts[document_id]

    def with_evidence(self, case: Case) -> tuple[tuple[str, ...], ...]:
        """For every evidence of the case, the ids of the documents in which it stands."""
        return tuple(
            tuple(i for i in self._sources.get(e.source, ()) if covered(e.text, [self.text(i)]) >= EXACT)
            for e in case.evidence
        )

    def around(self, citation: Mapping[str, Any]) -> tuple[str, str, str]:
        """The words before, at and after the offsets of a citation, as the document's text has them."""
        text, start, end = self.text(citation["document_id"]), citation["start"], citation["end"]
        return text[max(0, start - AROUND) : start], text[start:end], text[end : end + AROUND]


def run(
    cases: Sequence[Case], client: Client, path: Path, *, timeout: float = 60.0, progress: Progress | None = None
) -> dict[str, Outcome]:
    """Ask all cases and write each outcome to `path` as soon as it is there.

    A run that was interrupted goes on where it stopped when the configuration is the same; cases that failed
    are asked again, and a finished run is begun anew. An error or a timeout becomes a failed outcome.

    Args:
        timeout: seconds after which a case has failed.
        progress: called after each case with how many are done, how many there are, and the outcome.
    """
    configuration = client.configuration() | {"timeout": timeout}
    done = _resumable(path, configuration, cases)
    path.parent.mkdir(parents=True, exist_ok=True)
    papers = Papers(client)
    kept = path.with_suffix(".tmp")
    with kept.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"configuration": configuration, "cases": len(cases)}) + "\n")
        file.writelines(_line(outcome) for outcome in done.values())
    os.replace(kept, path)
    with path.open("a", encoding="utf-8") as file:
        todo = [case for case in cases if case.id not in done]
        for outcome in _all(todo, client, papers, timeout):
            done[outcome.case_id] = outcome
            file.write(_line(outcome))
            file.flush()
            if progress:
                progress(len(done), len(cases), outcome)
    return done


def one(case: Case, client: Client, papers: Papers) -> Outcome:
    """Ask one case. Whatever goes wrong is the outcome's error."""
    answer: dict[str, Any] | None = None
    started = time.perf_counter()
    seconds = 0.0
    try:
        answer = client.ask(case)
        seconds = time.perf_counter() - started
        # What no paper answers has no ranking to be measured, and ranking takes as long as answering.
        hits = client.search(case, answer, HITS) if case.answerable else []
        context = tuple(papers.around(c) for c in answer["citations"])
        return Outcome(case.id, answer, tuple(hits), context, papers.with_evidence(case), None, seconds)
    except Exception as error:  # a fault of the product must fail the case, not the harness
        seconds = seconds or time.perf_counter() - started
        return Outcome(case.id, None, error=f"{type(error).__name__}: {error}", seconds=seconds)


def load_outcomes(path: Path) -> tuple[dict[str, Any], dict[str, Outcome]]:
    """The header and the outcomes of an `answers.jsonl`; a last line that was cut off is left out.

    Raises:
        CasesError: there is no such file, or it was not written by `run`.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        header = json.loads(lines[0])
        if "configuration" not in header:
            raise KeyError("configuration")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CasesError(f"{path} holds no answers ({error}).", "Run `footnote eval run` first.") from error
    outcomes = {}
    for number, line in enumerate(lines[1:], 2):
        if not line:
            continue
        try:
            outcome = _outcome(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):
                break
            raise CasesError(
                f"Line {number} of {path} is broken ({error}).", "Remove the file and run again."
            ) from error
        outcomes[outcome.case_id] = outcome
    return header, outcomes


def _resumable(path: Path, configuration: Mapping[str, Any], cases: Sequence[Case]) -> dict[str, Outcome]:
    """The good outcomes of an unfinished run with the same configuration."""
    if not path.is_file():
        return {}
    try:
        header, outcomes = load_outcomes(path)
    except CasesError:
        return {}
    if header["configuration"] != configuration or header["cases"] != len(cases):
        return {}
    good = {case.id: outcomes[case.id] for case in cases if case.id in outcomes and outcomes[case.id].error is None}
    return good if len(good) < len(cases) else {}


def _all(cases: Iterable[Case], client: Client, papers: Papers, timeout: float) -> Iterator[Outcome]:
    """The outcomes of all cases, as they come in; a case that takes too long fails and is left behind."""
    waiting = deque(cases)
    done: SimpleQueue[tuple[_Inbox, Outcome]] = SimpleQueue()
    busy: dict[_Inbox, tuple[Case, float]] = {}

    def work(inbox: _Inbox) -> None:
        while (case := inbox.get()) is not None:
            done.put((inbox, one(case, client, papers)))

    def hire() -> _Inbox:
        inbox: _Inbox = SimpleQueue()
        # A daemon: a case that hangs must not keep the process from ending.
        threading.Thread(target=work, args=(inbox,), daemon=True).start()
        return inbox

    idle = [hire() for _ in range(min(client.workers, len(waiting)))]
    try:
        while waiting or busy:
            while waiting and idle:
                inbox, case = idle.pop(), waiting.popleft()
                busy[inbox] = (case, time.monotonic())
                inbox.put(case)
            with suppress(Empty):
                inbox, outcome = done.get(timeout=0.1)
                if inbox in busy:
                    del busy[inbox]
                    idle.append(inbox)
                    yield outcome
            for inbox, (case, since) in list(busy.items()):
                if time.monotonic() - since > timeout:
                    del busy[inbox]
                    idle.append(hire())
                    yield Outcome(case.id, None, error=f"no answer within {timeout:g} s", seconds=timeout)
    finally:
        for inbox in [*idle, *busy]:
            inbox.put(None)


def _line(outcome: Outcome) -> str:
    return json.dumps(asdict(outcome), ensure_ascii=False) + "\n"


def _outcome(raw: Mapping[str, Any]) -> Outcome:
    return Outcome(
        case_id=raw["case_id"],
        answer=raw["answer"],
        hits=tuple(raw["hits"]),
        context=tuple((c[0], c[1], c[2]) for c in raw["context"]),
        papers=tuple(tuple(ids) for ids in raw["papers"]),
        error=raw["error"],
        seconds=raw["seconds"],
    )
