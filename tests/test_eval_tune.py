"""Tuning of the reader's network, on the real one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch

from eval.fit import network as tuning
from eval.fit.units import FEATURES, Unit, UnitModel, Units
from rag.calibration import Reading, load_reading
from rag.evidence import Evidence
from rag.rerankers.reader import DIMENSION, LAYERS, Reader, halves, weights

CASES = [
    ("Why was the bus station closed?", "Its roof had become unsafe.", "It stayed open until ten."),
    ("How many potholes were mended?", "Nine hundred holes in the road were filled.", "Roads are inspected monthly."),
    ("Who chairs the panel?", "Councillor Green took the chair.", "The panel meets in March."),
    ("When does the library open?", "Doors open at nine.", "The library lends films."),
]


@pytest.fixture(scope="module")
def plain() -> Reader:
    shipped = load_reading()
    return Reader("plain", reading=Reading(shipped.weights, shipped.bias))


def _units(reader: Reader) -> list[Units]:
    found: list[Units] = []
    for number, (question, *texts) in enumerate(CASES):
        states = reader.states([(question, text) for text in texts])
        units: Units = []
        for place, (text, state) in enumerate(zip(texts, states, strict=True)):
            passage = SimpleNamespace(text=text, heading=None)
            hit: Any = SimpleNamespace(document=SimpleNamespace(source=f"{number}.txt"), passage=passage)
            evidence = Evidence(cast(Any, hit), 0, len(text), "sentence", text, {})
            units.append(Unit(evidence, place == 0, state.astype(np.float64), 0.0, question))
        found.append(units)
    return found


def _ahead(reader: Reader) -> float:
    """By how much the answers are ahead of what stands beside them, in log-odds."""
    return float(np.mean([np.subtract(*reader.score(question, texts)) for question, *texts in CASES]))


def test_the_network_in_torch_is_the_one_that_answers(plain: Reader) -> None:
    network = {name: torch.tensor(values) for name, values in weights().items()}
    question, *texts = CASES[0]
    batch = plain.encoded([(question, text) for text in texts])
    states = tuning._embedded(batch, network)
    for layer in range(LAYERS):
        states = tuning._through(layer, states, tuning._mask(batch), network)
    for tokens, state, wanted in zip(batch, states, plain.states([(question, text) for text in texts]), strict=True):
        own = np.concatenate([state[: len(tokens.ids)].numpy()[half].mean(axis=0) for half in halves(tokens)])
        assert np.corrcoef(own, wanted)[0, 1] > 0.99  # the one in eight bits rounds


def test_tuned_the_network_puts_answers_first(plain: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "EPOCHS", 12)
    model = UnitModel(np.zeros(len(FEATURES)), plain.reading.weights.astype(np.float64), plain.reading.bias)
    model.features[FEATURES.index("reading")] = 1.0
    steps: list[tuple[int, int]] = []
    network = tuning.tune(_units(plain), model, plain, lambda done, of: steps.append((done, of)))
    assert steps == [(step, 12) for step in range(1, 13)]
    packaged = weights()
    assert set(network) < set(packaged)
    layers = {int(name.split(".")[3]) for name in network}
    assert layers == set(range(tuning.FIRST, LAYERS))
    assert all(np.array_equal(values, values.astype(np.float16).astype(np.float32)) for values in network.values())
    tuned = Reader("tuned", reading=Reading(plain.reading.weights, plain.reading.bias, network))
    assert _ahead(tuned) > _ahead(plain) + 0.1


def test_cases_of_which_nothing_was_looked_at_are_left_out(plain: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "EPOCHS", 1)
    model = UnitModel(np.zeros(len(FEATURES)), np.zeros(DIMENSION), 0.0)
    steps: list[int] = []
    tuning.tune([[], _units(plain)[0]], model, plain, lambda _, of: steps.append(of))
    assert steps == [1]
