"""`footnote documents check`: what a person should mend."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fixtures.made import PROSE, pdf, text, wrapped

from cli import main
from index.check import TELLS

Output = pytest.CaptureFixture[str]
DATED = "Westmere Council\n\n12 November 2024\n\nReport of the Director of Roads\n\nWinter gritting\n\n1.1 {} begins.\n"


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> Callable[..., tuple[int, str]]:
    monkeypatch.chdir(tmp_path)

    def run(*args: str, **files: bytes) -> tuple[int, str]:
        folder = tmp_path / "papers"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name.replace("_", ".")).write_bytes(content)
        assert main(["index", "papers"]) == 0
        capsys.readouterr()
        return main(["documents", "check", *args]), capsys.readouterr().out

    return run


def test_papers_in_order_leave_nothing_to_mend(checked: Callable[..., tuple[int, str]]) -> None:
    assert checked(report_txt=DATED.format("Gritting").encode()) == (0, "There is nothing to mend.\n")
    assert checked("--json") == (0, "")


def test_each_thing_to_mend_is_listed_with_what_to_do(
    checked: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # without Tesseract

    def scan(canvas: Any) -> None:
        from PIL import Image
        from reportlab.lib.utils import ImageReader

        canvas.drawImage(ImageReader(Image.new("L", (300, 400), 200)), 0, 0, 595, 842)

    def words(canvas: Any) -> None:
        text(canvas, 60, 100, *wrapped(PROSE, 80))

    once = DATED.format("Gritting").encode()
    code, out = checked(
        undated_txt=b"Somebody wrote that the trams run late.\n",
        pack_pdf=pdf(words, scan),
        report_txt=once,
        copy_txt=once.replace(b"\n\n", b"\n\n\n"),
    )
    assert code == 1
    for several, todo in TELLS.values():
        assert f" {several}. {todo}\n" in out
    assert "  undated.txt: " in out
    assert "  pack.pdf: page 2 holds no text (a scanned image?); install Tesseract to read it" in out
    assert "  copy.txt, report.txt: " in out

    code, lines = checked("--json")
    found = [json.loads(line) for line in lines.splitlines()]
    assert code == 1
    assert {finding["kind"] for finding in found} == set(TELLS)
    (double,) = [finding for finding in found if finding["kind"] == "duplicate"]
    assert double["sources"] == ["copy.txt", "report.txt"]
    assert len(set(double["documents"])) == 2
    assert all(finding["todo"] for finding in found)
