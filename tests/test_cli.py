"""The command line: what it prints, and how it ends."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

import cli
from rag.serialise import answer_as_dict

QUESTION = "What did the harbour wall cost to rebuild?"
WORDS = "The harbour wall was rebuilt in granite at a cost of £3 million."
HEAVY = ("torch", "sentence_transformers", "transformers")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an index of one small paper, made by the command itself."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "papers").mkdir()
    (folder / "papers" / "harbour.txt").write_text(f"Harbour report\n\n4 May 2022\n\n{WORDS}\n", encoding="utf-8")
    assert cli.main(["--data", str(folder / "index"), "index", str(folder / "papers")]) == 0
    return folder / "index"


def test_an_answer_is_written_with_its_sources(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--data", str(data), "ask", QUESTION]) == 0
    out = capsys.readouterr().out
    assert f"{WORDS} [1]" in " ".join(out.split())
    answer, sources = out.split("Sources:")
    assert "[1]" in answer
    assert f"“{WORDS}”" in " ".join(sources.split())
    assert "harbour.txt" in sources
    assert "2022-05-04" in sources


def test_json_is_what_the_service_answers(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from rag.models import Answer, Question, Understood

    assert cli.main(["--data", str(data), "ask", "--json", "--limit", "1", QUESTION]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body.keys() == answer_as_dict(Answer("", Question(""), Understood("", ""))).keys()
    assert {
        "id",
        "status",
        "answer",
        "statements",
        "citations",
        "refusal",
        "understood",
        "timings_ms",
        "versions",
    } <= body.keys()
    assert body["status"] == "answered"
    assert body["answer"] == f"{WORDS} [1]"
    (citation,) = body["citations"]
    assert (citation["number"], citation["source"], citation["quote"]) == (1, "harbour.txt", WORDS)
    assert citation["url"].endswith(f"#char={citation['start']},{citation['end']}")


def test_explain_shows_what_was_understood_and_considered(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--data", str(data), "ask", "--explain", "What was rebuilt in May 2022?"]) == 0
    out = capsys.readouterr().out
    assert "time: May 2022" in out
    considered = out.split("Considered:")[1]
    assert "reading=" in considered
    assert "rrf=" in considered


def test_a_refusal_is_an_answer_too(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--data", str(data), "ask", "Who won the 1966 World Cup?"]) == 0
    out = capsys.readouterr().out
    assert "1966" in out
    assert "Sources:" not in out


def test_search_lists_passages_with_their_scores(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--data", str(data), "search", QUESTION]) == 0
    out = capsys.readouterr().out
    assert WORDS in " ".join(out.split())
    assert "rerank" in out
    assert cli.main(["--data", str(data), "search", "--json", "--limit", "1", QUESTION]) == 0
    body = json.loads(capsys.readouterr().out)
    assert len(body["hits"]) == 1
    assert body["understood"]["question"] == QUESTION


def test_a_dash_reads_the_question_from_standard_input(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{QUESTION}\n"))
    assert cli.main(["--data", str(data), "search", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["understood"]["question"] == QUESTION


@pytest.mark.parametrize("command", ["ask", "search", "documents"])
def test_without_an_index_it_says_what_to_do(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [] if command == "documents" else [QUESTION]
    assert cli.main(["--data", str(tmp_path / "none"), command, *arguments]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("footnote: ")
    assert "footnote index" in said.err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("question", ["", "  ", "x" * 10_000, "what\x07"])
def test_what_is_no_question_is_a_wrong_call(question: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--data", str(data), "ask", question]) == 2
    assert capsys.readouterr().err.startswith("footnote: The question")


def test_an_unknown_answerer_is_a_wrong_call(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--data", str(data), "ask", "--answerer", "oracle", QUESTION]) == 2
    assert "extractive" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["ask"], ["ask", "--limit", "many", QUESTION], ["ask", "--what"]]
)
def test_a_call_that_cannot_be_read_is_wrong(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 2
    assert "usage: footnote" in capsys.readouterr().err


def test_being_stopped_is_no_fault(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("rag.cli._open", stopped)
    assert cli.main(["ask", QUESTION]) == 130
    assert capsys.readouterr().err.startswith("footnote: stopped")


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh Python has loaded after running `code`."""
    code += "\nimport sys; print('LOADED', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path(cli.__file__).parent
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split("LOADED")[1].split())


def test_nothing_on_the_default_path_loads_torch(data: Path) -> None:
    loaded = loaded_by(f"import cli\nassert cli.main(['--data', {str(data)!r}, 'ask', {QUESTION!r}]) == 0")
    assert "onnxruntime" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_help_loads_no_model_and_no_server() -> None:
    loaded = loaded_by("import cli\ncli.build_parser().format_help()")
    assert loaded.isdisjoint([*HEAVY, "onnxruntime", "faiss", "tokenizers", "numpy", "fastapi", "uvicorn"])
