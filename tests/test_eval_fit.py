"""The fit of the calibration, on units made up so that what speaks for an answer is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from eval.cases import CasesError
from eval.fit import calibrate, fit
from eval.fit.least import AGAINST
from eval.fit.units import FEATURES, Unit, Units
from eval.models import Case
from rag import answerability
from rag.evidence import Evidence

CASES, UNITS, DIMENSION = 60, 6, 8


@pytest.fixture(scope="module")
def cases() -> tuple[list[Units], Any]:
    """Every third case has no answer; the state of an answer stands out in its second place, its logit says nothing."""
    chance = np.random.default_rng(7)
    found: list[Units] = []
    answerable = np.arange(CASES) % 3 != 0
    for case in range(CASES):
        units: Units = []
        for place in range(UNITS):
            gold = bool(answerable[case]) and place == 2
            state = chance.normal(size=DIMENSION)
            state[1] += 4.0 * gold
            hit: Any = SimpleNamespace(document=SimpleNamespace(source=f"{place}.txt"))
            features = {"reading": 0.0, "coverage": chance.random(), "heading": float(place == 5)}
            evidence = Evidence(cast(Any, hit), 0, 4, "sentence", "text", features)
            units.append(Unit(evidence, gold, state, float(state[0])))
        found.append(units)
    return found, answerable


def test_what_the_states_say_of_answers_is_learnt(cases: tuple[list[Units], Any]) -> None:
    found, answerable = cases
    fitted = calibrate(found, answerable)
    weights = np.array(fitted["reading"]["weights"])
    assert weights.shape == (DIMENSION,)
    assert int(np.argmax(weights)) == 1
    assert fitted["unit"]["reading"] == 1.0
    assert fitted["fitted_on"]["best_unit_is_gold"] > 0.9
    assert fitted["fitted_on"]["unanswerable_refused"] > 0.7
    assert 0.0 < fitted["answer"] < 1.0


def test_no_feature_is_turned_around(cases: tuple[list[Units], Any]) -> None:
    found, answerable = cases
    fitted = calibrate(found, answerable)
    assert set(fitted["unit"]) == set(FEATURES)
    assert set(fitted["question"]["weights"]) == set(answerability.FEATURES)
    assert all(fitted["unit"][name] <= 0.0 for name in FEATURES if name in AGAINST)
    assert fitted["unit"]["coverage"] >= 0.0


def test_without_states_the_rerankers_score_is_a_feature(cases: tuple[list[Units], Any]) -> None:
    found, answerable = cases
    scored = [
        [
            Unit(replace(u.evidence, features={**u.evidence.features, "reading": u.state[1]}), u.gold, np.zeros(0))
            for u in units
        ]
        for units in found
    ]
    fitted = calibrate(scored, answerable)
    assert fitted["reading"]["weights"] == []
    assert fitted["unit"]["reading"] > 0.5
    assert fitted["fitted_on"]["best_unit_is_gold"] > 0.8


def test_states_of_more_dimensions_than_there_are_units_give_weights(cases: tuple[list[Units], Any]) -> None:
    found, answerable = cases
    wide = [[unit._replace(state=np.resize(unit.state, 2 * CASES * UNITS)) for unit in units] for units in found]
    assert np.isfinite(calibrate(wide, answerable)["reading"]["weights"]).all()


@pytest.mark.parametrize("answerable", [True, False])
def test_a_set_of_one_kind_cannot_be_fitted_and_says_so(tmp_path: Path, *, answerable: bool) -> None:
    case = Case("fact-wall", "fact", "How high is the wall?", answerable)
    with pytest.raises(CasesError) as error:
        fit([([case], cast(Any, None))], tmp_path / "calibration.json")
    assert error.value.todo
