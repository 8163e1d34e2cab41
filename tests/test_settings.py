"""Settings come from defaults, a TOML file, the environment and the command line, in this order."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from index.errors import SettingsError
from index.settings import Settings, load_settings


def write(folder: Path, toml: str) -> Path:
    (folder / "footnote.toml").write_text(toml, encoding="utf-8")
    return folder


def test_defaults_hold_where_nothing_is_set(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}) == Settings()


def test_each_source_overrides_the_one_before(tmp_path: Path) -> None:
    write(tmp_path, 'port = 1\nthreads = 1\nhost = "file"\n')
    environ = {"FOOTNOTE_PORT": "2", "FOOTNOTE_THREADS": "2", "PATH": "/bin", "footnote_port": "9"}
    settings = load_settings(tmp_path, environ, port=3, data=None)
    assert (settings.port, settings.threads, settings.host) == (3, 2, "file")
    assert settings.data == Settings().data


def test_the_process_environment_is_read_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_EMBEDDER", "other")
    assert load_settings(tmp_path).embedder == "other"
    assert load_settings(tmp_path, {}).embedder == Settings().embedder


def test_the_file_in_the_working_folder_is_read_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write(tmp_path, "port = 9\n"))
    assert load_settings(environ={}).port == 9


@pytest.mark.parametrize(
    ("name", "words", "value"),
    [
        ("data", "/srv/index", Path("/srv/index")),
        ("port", "8080", 8080),
        ("log_questions", "Yes", True),
        ("log_questions", "0", False),
        ("cors_origins", "https://a.example, https://b.example,", ("https://a.example", "https://b.example")),
        ("cors_origins", "", ()),
        ("api_key", "", ""),
    ],
)
def test_words_of_the_environment_become_values(tmp_path: Path, name: str, words: str, value: Any) -> None:
    found = getattr(load_settings(tmp_path, {f"FOOTNOTE_{name.upper()}": words}), name)
    assert found == value
    assert type(found) is type(value)


def test_values_of_a_file(tmp_path: Path) -> None:
    toml = (
        'data = "x"\nlog_questions = true\ncors_origins = ["https://a.example"]\nport = 8080\nrate_limit = "30/hour"\n'
    )
    settings = load_settings(write(tmp_path, toml), {})
    assert settings == Settings(
        data=Path("x"), log_questions=True, cors_origins=("https://a.example",), port=8080, rate_limit="30/hour"
    )


@pytest.mark.parametrize(
    ("toml", "kind"),
    [
        ('port = "http"', "a whole number"),
        ("port = 80.5", "a whole number"),
        ("port = -1", "a whole number"),
        ("port = true", "a whole number"),
        ("port = inf", "a whole number"),
        ("log_questions = 1", "true or false"),
        ('log_questions = "maybe"', "true or false"),
        ("cors_origins = 3", "a list"),
        ("data = 3", "a path"),
        ("host = 3", "a string"),
        ("host = [1]", "a string"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(tmp_path: Path, toml: str, kind: str) -> None:
    name = toml.partition(" ")[0]
    with pytest.raises(SettingsError, match=rf"footnote\.toml sets {name} to .*It must be {kind}\."):
        load_settings(write(tmp_path, toml), {})


def test_an_unknown_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"FOOTNOTE_PROT sets 'prot', which is no setting\. Known: .*port"
    ) as caught:
        load_settings(tmp_path, {"FOOTNOTE_PROT": "80"})
    assert caught.value.exit_code == 2
    with pytest.raises(SettingsError, match=r"footnote\.toml sets 'prot'"):
        load_settings(write(tmp_path, "prot = 80"), {})
    with pytest.raises(SettingsError, match="--max-file sets 'max_file'"):
        load_settings(Path("nowhere"), {}, max_file=1)


@pytest.mark.parametrize("data", [b"port = ", b"host = '\xff'", b"port = 1\nport = 2"])
def test_a_broken_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "footnote.toml").write_bytes(data)
    with pytest.raises(SettingsError, match=r"footnote\.toml is not valid TOML: .* Mend the file or remove it\."):
        load_settings(tmp_path, {})


def test_every_setting_says_what_it_is() -> None:
    assert all(field.metadata["doc"] for field in fields(Settings))
