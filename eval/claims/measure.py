"""How good the checker is: precision and recall of "supported", over all and by the kind of claim."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eval.claims import Claim
from eval.claims.fit import sources_of
from rag.verify import Verdict, Verifier


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim and what the checker said of it."""

    claim: Claim
    verdict: Verdict

    @property
    def right(self) -> bool:
        """Whether the checker agrees with the label."""
        return self.claim.supported == self.verdict.supported


def judge(claims: Sequence[Claim], verifier: Verifier, progress: Callable[[int, int], None]) -> list[Judged]:
    """The checker's verdict on every claim."""
    judged = []
    for number, claim in enumerate(claims, 1):
        judged.append(Judged(claim, verifier.supports(claim.claim, sources_of(claim))))
        progress(number, len(claims))
    return judged


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Precision and recall of "supported", accuracy, the mean of both classes' recall, and shares by kind."""
    said = [j for j in judged if j.verdict.supported]
    true = [j for j in judged if j.claim.supported]
    false = [j for j in judged if not j.claim.supported]
    right = sum(j.claim.supported for j in said)
    return {
        "claims": len(judged),
        "supported": len(true),
        "precision": _share(right, len(said)),
        "recall": _share(right, len(true)),
        "false_claims_caught": _share(sum(j.right for j in false), len(false)),
        "balanced_accuracy": (_share(right, len(true)) + _share(sum(j.right for j in false), len(false))) / 2,
        "accuracy": _share(sum(j.right for j in judged), len(judged)),
        "kinds": {
            kind: {"claims": len(of_kind), "right": _share(sum(j.right for j in of_kind), len(of_kind))}
            for kind in dict.fromkeys(j.claim.kind for j in sorted(judged, key=lambda j: not j.claim.supported))
            if (of_kind := [j for j in judged if j.claim.kind == kind])
        },
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def text(name: str, judged: Sequence[Judged]) -> str:
    """The figures as a table for the screen."""
    f = figures(judged)
    lines = [
        f"{name}: {f['claims']} claims, {f['supported']} of them supported",
        *(
            f"  {label:<44} {f[key]:.3f}"
            for key, label in (
                ("precision", "precision of `supported`"),
                ("recall", "recall of `supported`"),
                ("false_claims_caught", "unsupported claims that are caught"),
                ("balanced_accuracy", "mean of the last two"),
                ("accuracy", "accuracy"),
            )
        ),
        "  right by kind:",
        *(f"    {kind:<20} {k['right']:.2f} of {k['claims']}" for kind, k in f["kinds"].items()),
    ]
    return "\n".join(lines)


def as_lines(judged: Sequence[Judged]) -> str:
    """Every claim with its verdict, one JSON object a line."""
    return "".join(
        json.dumps(
            {
                "claim": j.claim.claim,
                "quotes": list(j.claim.quotes),
                "kind": j.claim.kind,
                "label": j.claim.supported,
                "supported": j.verdict.supported,
                "score": j.verdict.score,
                "reasons": list(j.verdict.reasons),
            },
            ensure_ascii=False,
        )
        + "\n"
        for j in judged
    )
