"""What a person sees while a folder is indexed, and the summary at the end."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from index.build import Done
    from index.indexer import Outcome

ORDER = ("indexed", "replaced", "unchanged", "removed", "unreadable")
_BAR = "{desc} |{bar}| {percentage:3.0f}%, {remaining} left"


class Display:
    """Takes the progress of a run: a line on standard error for each file that something was done with, and on a
    terminal a bar below them with the time left, reckoned by the bytes of the files that have to be read."""

    def __init__(self, live: bool | None = None) -> None:
        self.outcomes: list[Outcome] = []
        self._live = sys.stderr.isatty() if live is None else live
        self._bar: Any = None
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, outcome: Outcome, done: Done) -> None:
        """Show what became of a file."""
        self.outcomes.append(outcome)
        if outcome.what != "unchanged":
            count = f"{len(outcome.documents)} papers, {outcome.passages} passages" if outcome.documents else ""
            lines = [f"{outcome.what:>10}  {outcome.source}  {count}".rstrip()]
            self._write([*lines, *(f"{'':>10}  {reason}" for reason in outcome.reasons)])
        if self._live and done.of_size:
            if self._bar is None:
                self._bar = _bar(done.of_size)
            self._bar.set_description_str(f"{done.files} of {done.of_files} files", refresh=False)
            self._bar.update(done.size - self._bar.n)
            self._bar.refresh()

    def _write(self, lines: list[str]) -> None:
        if self._bar is not None:
            self._bar.clear()
        print("\n".join(lines), file=sys.stderr, flush=True)

    def summary(self) -> str:
        """How many files had which outcome, and which were unreadable and why."""
        seconds = time.monotonic() - self._began
        counts = {what: sum(outcome.what == what for outcome in self.outcomes) for what in ORDER}
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing done"
        passages = sum(outcome.passages for outcome in self.outcomes)
        rate = f" ({passages} passages, {passages / seconds:.0f} a second)" if passages else ""
        unreadable = [outcome for outcome in self.outcomes if outcome.what == "unreadable"]
        return "\n".join(
            [
                f"{told} in {seconds:.1f} s{rate}.",
                *(f"  unreadable {o.source}: {' '.join(o.reasons)}" for o in unreadable),
            ]
        )


def _bar(total: int) -> Any:
    import tqdm

    return tqdm.tqdm(
        total=total, file=sys.stderr, leave=False, dynamic_ncols=True, mininterval=0.2, bar_format=_BAR, smoothing=0.1
    )
