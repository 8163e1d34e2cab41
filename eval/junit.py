"""JUnit XML, as GitHub Actions and GitLab CI read it: a test for every gate and for every case.

A gate that fails is a failure. A case that erred is an error; one that went wrong passes, with its scores in
its output, because what may go wrong is for the gates to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from eval.gate import Verdict
from eval.models import Outcome
from eval.score import Scores

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(path: Path, scores: Scores, outcomes: Mapping[str, Outcome], verdicts: Sequence[Verdict]) -> None:
    """Write the file."""
    root = ET.Element("testsuites", name="footnote eval")
    failed = sum(not v.passed for v in verdicts)
    gates = ET.SubElement(root, "testsuite", name="gates", tests=str(len(verdicts)), failures=str(failed), errors="0")
    for verdict in verdicts:
        test = ET.SubElement(gates, "testcase", classname="eval.gates", name=verdict.gate.name, time="0")
        if not verdict.passed:
            ET.SubElement(test, "failure", message=_clean(verdict.why), type="gate")
    errors = sum(s.error is not None for s in scores.cases.values())
    suite = ET.SubElement(
        root, "testsuite", name="cases", tests=str(len(scores.cases)), failures="0", errors=str(errors)
    )
    for score in scores.cases.values():
        outcome = outcomes.get(score.case_id)
        seconds = f"{outcome.seconds:.3f}" if outcome else "0"
        test = ET.SubElement(suite, "testcase", classname=f"eval.cases.{score.kind}", name=score.case_id, time=seconds)
        if score.error is not None:
            ET.SubElement(test, "error", message=_clean(score.error), type="error")
        values = ", ".join(f"{name} {p.got:g}/{p.of:g}" for name, p in score.parts.items())
        ET.SubElement(test, "system-out").text = _clean(f"{score.stage}: {values}")
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _clean(text: str) -> str:
    """Without the characters XML 1.0 does not allow."""
    return _FORBIDDEN.sub("\ufffd", text)
