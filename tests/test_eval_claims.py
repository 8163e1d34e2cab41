"""Labelled claims: what is spoilt is false, what is rewritten is true, and the figures are counted right."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from eval.cases import CasesError
from eval.claims import MADE, OUTPUT, WRITTEN, Claim, load_claims, save_claims
from eval.claims.fit import FEATURES, fit
from eval.claims.make import REWRITERS, SPOILERS, make, merged, misplaced
from eval.claims.measure import Judged, as_lines, figures, text
from index.embedders import Embedder
from rag.rerankers import Reranker
from rag.verify import Verdict, open_verifier
from rag.verify.support import load_weights

QUOTE = "However, most of the 40 schools were repaired in May 2019, although 3% may close, which Ann Low regretted."
TRUE = Claim("g", QUOTE, (QUOTE,), True, "sentence")


@pytest.mark.parametrize("name", SPOILERS)
def test_every_way_of_spoiling_changes_a_claim(name: str) -> None:
    claim = Claim("g", "Most of the 40 schools were improved before May 2019, but some may close.", (QUOTE,), True, "")
    assert SPOILERS[name](claim, random.Random(1)) not in (claim.claim, None)


@pytest.mark.parametrize("name", REWRITERS)
def test_every_way_of_rewriting_keeps_the_numbers(name: str) -> None:
    text = REWRITERS[name](QUOTE, random.Random(2))
    assert {"40", "2019"} <= set(re.findall(r"\d+", text))


def test_two_facts_are_merged_and_claims_misplaced() -> None:
    one = Claim("a", "The old bridge was closed.", ("The old bridge was closed.",), True, "")
    two = Claim("b", "The new harbour is full.", ("The new harbour is full.",), True, "")
    both = merged(one, two)
    assert both is not None
    assert (both.claim, both.supported, both.quotes) == ("The old bridge is full.", False, (*one.quotes, *two.quotes))
    away = misplaced(one, [one, two])
    assert away is not None
    assert (away.claim, away.quotes, away.supported) == (one.claim, two.quotes, False)


def test_the_same_seed_makes_the_same(corpus: Path) -> None:
    written = load_claims(WRITTEN)
    assert make(written, corpus, most=30) == make(written, corpus, most=30)


def test_our_claims_are_sound() -> None:
    written, made, output = load_claims(WRITTEN), load_claims(MADE), load_claims(OUTPUT)
    assert sum(claim.supported for claim in written) >= 80
    assert output
    for claims in (written, made, output):
        assert {claim.supported for claim in claims} == {True, False}
        assert all(claim.claim.strip() and claim.quotes for claim in claims)
    fitted = {quote for claim in (*written, *made) if claim.split == "fit" for quote in claim.quotes}
    tested = [claim for claim in written if claim.split == "test"]
    assert not any(quote in fitted for claim in tested for quote in claim.quotes)
    assert len(tested) >= 50


def test_claims_are_kept_as_they_are(tmp_path: Path) -> None:
    claims = [TRUE, Claim("h", "x", ("y", "z"), False, "voice", ("Ofsted",), "2021-07")]
    save_claims(claims, tmp_path / "claims.jsonl")
    assert load_claims(tmp_path / "claims.jsonl") == claims


@pytest.mark.parametrize("line", ["{", "[]", '{"claim": "x"}', '{"claim": "x", "quotes": ["y"]}'])
def test_a_line_that_is_no_claim_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_text("\n" + line + "\n", encoding="utf-8")
    with pytest.raises(CasesError, match="Line 2"):
        load_claims(path)
    with pytest.raises(CasesError, match="cannot be read"):
        load_claims(tmp_path / "none")


def test_the_figures_are_counted_right() -> None:
    def judged(label: bool, said: bool, kind: str) -> Judged:
        return Judged(Claim("g", "x", ("y",), label, kind), Verdict(said, 0.5))

    found = [judged(True, True, "a"), judged(True, False, "a"), judged(False, True, "b"), judged(False, False, "c")]
    f = figures([*found, judged(False, False, "c")])
    assert (f["precision"], f["recall"], f["false_claims_caught"]) == (0.5, 0.5, 2 / 3)
    assert f["accuracy"] == 3 / 5
    assert f["balanced_accuracy"] == pytest.approx(7 / 12)
    assert f["kinds"]["c"] == {"claims": 2, "right": 1.0}
    assert "precision" in text("found", found)
    assert len(as_lines(found).splitlines()) == 4
    assert figures([])["precision"] == 0.0


def test_a_fit_weighs_every_feature(tmp_path: Path, embedder: Embedder, reranker: Reranker) -> None:
    verifier = open_verifier(embedder, reranker)
    claims = [claim for claim in load_claims(WRITTEN) if claim.split == "fit"][:40]
    fitted = fit(claims[:30], claims[30:], verifier, tmp_path / "support.json", lambda done, total: None)
    assert json.loads((tmp_path / "support.json").read_text(encoding="utf-8")) == fitted
    assert set(fitted["weights"]) == set(FEATURES) == set(load_weights().weights)
    assert 0 < fitted["threshold"] < 1
