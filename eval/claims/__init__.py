"""Claims with the words they are to rest on, labelled: what the checker of statements is fitted on and measured by.

`written.jsonl` was written by hand: true paraphrases of sentences, and claims that those sentences do not support.
`made.jsonl` is made from it and from papers by `eval/claims/make.py`, which spoils true claims in known ways.
`output.jsonl` holds statements that small language models wrote for cases of the evaluation, labelled by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from eval.cases import CasesError

FOLDER = Path(__file__).parent
WRITTEN, MADE, OUTPUT = FOLDER / "written.jsonl", FOLDER / "made.jsonl", FOLDER / "output.jsonl"


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, its quotes, and whether they support it; `kind` says how it came about.

    Claims of one `group` rest on the same words and stay in the same split. `voices` and `published` are those of the
    quotes' paper, where the claim is about them.
    """

    group: str
    claim: str
    quotes: tuple[str, ...]
    supported: bool
    kind: str
    voices: tuple[str, ...] = ()
    published: str | None = None

    @property
    def split(self) -> Literal["fit", "test"]:
        """`test` for about two groups of five, by the hash of the group's name: the weights never saw them."""
        return "test" if sha256(self.group.encode()).digest()[0] % 5 < 2 else "fit"


def load_claims(path: Path) -> list[Claim]:
    """Read a file of claims, one JSON object a line.

    Raises:
        CasesError: it cannot be read, or a line is no claim.
    """
    claims = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CasesError(
            f"{path} cannot be read ({error}).", "Name a file of claims, one JSON object a line."
        ) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            claims.append(
                Claim(
                    str(raw.get("group", number)),
                    raw["claim"],
                    tuple(raw["quotes"]),
                    bool(raw["supported"]),
                    raw.get("kind", "given"),
                    tuple(raw.get("voices", ())),
                    raw.get("published"),
                )
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CasesError(
                f"Line {number} of {path} is no claim ({error}).", "It needs `claim`, `quotes` and `supported`."
            ) from error
    return claims


def save_claims(claims: Iterable[Claim], path: Path) -> None:
    """Write claims, one a line; fields that say nothing are left out."""
    rows = [{k: v for k, v in asdict(claim).items() if v is not None and v != ()} for claim in claims]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
