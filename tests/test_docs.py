"""The pages of `docs/` say what the code does. `python tests/test_docs.py` writes the table of settings anew."""

import argparse
import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from cli import build_parser, main
from index.engines import Engine
from index.settings import Settings
from rag.when import understand_time

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("README.md"), *sorted(DOCS.glob("*.md"))]
CLI = (DOCS / "cli.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", CLI, re.DOTALL) for line in block.splitlines()]
RUN = ("index", "documents", "ask", "search", "eval check")
"""The commands whose examples are run; the others serve until stopped or take long, and have tests of their own."""


NOT_RUN = ("--watch", "documents check")
"""Of those, the ones that run until stopped, or whose exit code says what they found."""


def settings_table() -> str:
    """The table of settings as `docs/settings.md` must have it."""
    rows = ["| setting | default | what it is |", "| --- | --- | --- |"]
    for setting in fields(Settings):
        default = setting.default
        shown = (
            str(default).lower() if isinstance(default, bool) else ",".join(default) if default == () else str(default)
        )
        rows.append(f"| `{setting.name}` | {f'`{shown}`' if shown else 'empty'} | {setting.metadata['doc']} |")
    return "\n".join(rows)


def with_settings(text: str) -> str:
    head, rest = text.split("<!-- settings -->")
    return f"{head}<!-- settings -->\n{settings_table()}\n<!-- /settings -->{rest.split('<!-- /settings -->')[1]}"


def test_the_settings_are_those_of_the_code() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert with_settings(text) == text, "run: python tests/test_docs.py"
    bold = {
        name for line in re.findall(r"^- \*\*(.+?)\*\*", text, re.MULTILINE) for name in re.findall("`(.+?)`", line)
    }
    assert bold <= {setting.name for setting in fields(Settings)}


def commands(parser: argparse.ArgumentParser, name: str = "footnote") -> Iterator[str]:
    """Every command that can be given: one that needs a further word is not."""
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not any(action.required for action in inner):
        yield name
    for action in inner:
        for word, sub in action.choices.items():
            yield from commands(sub, f"{name} {word}")


def test_the_commands_are_those_of_the_parser() -> None:
    headings = re.findall(r"^##+ `(footnote .+?)`$", CLI, re.MULTILINE)
    assert sorted(headings) == sorted(commands(build_parser()))
    for heading, section in zip(headings, re.split(r"^##+ ", CLI, flags=re.MULTILINE)[1:], strict=True):
        assert re.search(rf"^{re.escape(heading)}\b", section.partition("```sh\n")[2], re.MULTILINE), (
            f"no example: {heading}"
        )


@pytest.mark.parametrize("line", COMMANDS)
def test_the_examples_can_be_given(line: str) -> None:
    build_parser().parse_args(words_of(line))


@pytest.mark.parametrize(
    "line",
    [
        line
        for line in COMMANDS
        if line.startswith(tuple(f"footnote {name}" for name in RUN)) and not any(words in line for words in NOT_RUN)
    ],
)
def test_the_examples_run(
    line: str,
    indexed: Engine,
    corpus: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder,) = tmp_path_factory.getbasetemp().glob("indexed*[0-9]")
    monkeypatch.setenv("FOOTNOTE_DATA", str(folder))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").symlink_to(corpus, target_is_directory=True)
    assert main(words_of(line)) == 0
    assert capsys.readouterr().out.strip()


def words_of(line: str) -> list[str]:
    return shlex.split(line.partition(" > ")[0])[1:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)", text) + re.findall(r'(?:src|href)="([^"]+)"', text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), f"{page.name} links to {link}"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{page.name} links to {link}"


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", [DOCS / "architecture.md", DOCS / "answers.md"], ids=lambda page: page.name)
def test_every_file_and_name_that_a_page_gives_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`((?:index|rag|api|eval|tests|docs|corpus)/[\w./-]*)`", text)
    assert named
    for path in named:
        assert (ROOT / path).exists(), f"{page.name} names {path}"
    code = "\n".join(path.read_text(encoding="utf-8") for part in PARTS for path in (ROOT / part).rglob("*.py"))
    for name in re.findall(r"`([A-Z][A-Za-z_]+)`", text):
        assert re.search(rf"\b(?:class {name}\b|{name}\b.* = )", code), f"{page.name} names {name}"


TIMES = {
    "in 2021": "2021-01-01 2021-12-31",
    "in May 2021": "2021-05-01 2021-05-31",
    "on 8 July 2021": "2021-07-08 2021-07-08",
    "in the week of 24 February 2014": "2014-02-24 2014-03-02",
    "2022/23": "2022-04-01 2023-03-31",
    "22/23": "2022-04-01 2023-03-31",
    "since 2019": "2019-01-01 None",
    "from 2019 onwards": "2019-01-01 None",
    "before March 2020": "None 2020-02-29",
    "until 2020": "None 2020-12-31",
    "last year": "2023-01-01 2023-12-31",
    "this month": "2024-06-01 2024-06-30",
    "two years ago": "2022-01-01 2022-12-31",
    "in the last six months": "2023-12-17 2024-06-14",
    "between 2013 and 2021": "2013-01-01 2021-12-31",
    "in 2020 and 2023": "2020-01-01 2023-12-31 2020-01-01 2020-12-31 2023-01-01 2023-12-31",
    "latest": "newest",
    "most recent": "newest",
    "now": "newest",
    "currently": "newest",
}
"""Every example of a time in `docs/answers.md`, asked on 14 June 2024: the period, and the sides of a comparison."""


def test_times_are_understood_as_the_page_says() -> None:
    section = (DOCS / "answers.md").read_text(encoding="utf-8").partition("### Time")[2].partition("\n\nA time")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    assert {example for row in rows for example in re.findall("`(.+?)`", row)} == TIMES.keys()
    for example, expected in TIMES.items():
        when = understand_time(f"How many were there {example}?", date(2024, 6, 14))
        periods = [period for period in (when.period, *when.sides) if period]
        said = " ".join(f"{period.start} {period.end}" for period in periods)
        assert (said or "newest" * when.latest) == expected, example


PARTS = {"index": {"index"}, "rag": {"index", "rag"}, "api": {"index", "rag", "api"}, "eval": {"index", "rag", "eval"}}
"""Each package, and the packages it may import."""


@pytest.mark.parametrize("part", PARTS)
def test_imports_point_one_way(part: str) -> None:
    for path in (ROOT / part).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            reached = {name.split(".")[0] for name in names} & PARTS.keys()
            assert reached <= PARTS[part], f"{path.relative_to(ROOT)}, line {getattr(node, 'lineno', 0)}"


if __name__ == "__main__":
    page = DOCS / "settings.md"
    page.write_text(with_settings(page.read_text(encoding="utf-8")), encoding="utf-8")
