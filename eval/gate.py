"""The gate: what must hold for a change to go in."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from eval.cases import FOLDER
from eval.compare import difference
from eval.metrics import METRICS
from eval.score import SPLITS, Scores
from index.errors import FootnoteError

GATES = Path(__file__).parent / "gates.toml"


class GateError(FootnoteError):
    """The file of gates cannot be read."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Gate:
    """A metric over a kind and a split, and what it must be.

    `floor` is the least value, `ceiling` the greatest; `drop` the most by which the metric may be worse than
    the baseline's (lower, or higher where lower is better).
    """

    metric: str
    kind: str = "all"
    split: str = "all"
    floor: float | None = None
    ceiling: float | None = None
    drop: float | None = None

    @property
    def name(self) -> str:
        """How the gate is called in reports."""
        return f"{self.metric} / {self.kind} / {self.split}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gate said: the value it saw and, when it failed, why."""

    gate: Gate
    value: float | None
    why: str = ""

    @property
    def passed(self) -> bool:
        """Whether the gate is open."""
        return not self.why


def gates_of(cases: Path) -> Path | None:
    """The gates of a set of cases: the file beside it, or those of the product for a set that comes with it."""
    beside = cases.with_suffix(".gates.toml")
    return beside if beside.is_file() else GATES if cases.parent == FOLDER else None


def load_gates(path: Path) -> tuple[Gate, ...]:
    """Read a file of gates.

    Raises:
        GateError: it cannot be read, or a gate has an unknown field, metric or split, or demands nothing.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["gate"]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise GateError(
            f"{path} holds no gates ({error}).", "Write [[gate]] tables; see docs/evaluation.md."
        ) from error
    known = {f.name for f in fields(Gate)}
    gates = []
    for number, table in enumerate(tables, 1):
        where = f"Gate {number} in {path}"
        if unknown := table.keys() - known:
            raise GateError(f"{where} has {', '.join(sorted(unknown))}.", f"Known: {', '.join(sorted(known))}.")
        if table.get("metric") not in METRICS:
            raise GateError(f"{where} is for metric {table.get('metric')!r}.", f"Known: {', '.join(METRICS)}.")
        if table.get("split", "all") not in SPLITS:
            raise GateError(f"{where} is for split {table['split']!r}.", f"Known: {', '.join(SPLITS)}.")
        gate = Gate(**table)
        if gate.floor is None and gate.ceiling is None and gate.drop is None:
            raise GateError(f"{where} demands nothing.", "Give it a floor, a ceiling or a drop.")
        gates.append(gate)
    return tuple(gates)


def judge(gates: Sequence[Gate], scores: Scores, baseline: Scores | None = None) -> list[Verdict]:
    """What every gate says. A metric that could not be measured fails its gate; without a baseline, no drop is seen."""
    return [_judge(gate, scores, baseline) for gate in gates]


def _judge(gate: Gate, scores: Scores, baseline: Scores | None) -> Verdict:
    seen = scores.estimate(gate.metric, gate.kind, gate.split)
    if seen.value is None:
        return Verdict(gate, None, f"nothing to measure in {seen.n} cases")
    why = []
    if gate.floor is not None and seen.value < gate.floor:
        why.append(f"{seen.value:.3f} is below the floor {gate.floor:g}")
    if gate.ceiling is not None and seen.value > gate.ceiling:
        why.append(f"{seen.value:.3f} is above the ceiling {gate.ceiling:g}")
    if gate.drop is not None and baseline is not None:
        change = difference(gate.metric, scores, baseline, gate.kind, gate.split).value
        if change is None:
            why.append("the baseline has nothing to compare with")
        else:
            loss = -change if METRICS[gate.metric].higher_is_better else change
            if loss > gate.drop + 1e-9:
                why.append(f"worse than the baseline by {loss:.3f}, more than {gate.drop:g}")
    return Verdict(gate, seen.value, "; ".join(why))
