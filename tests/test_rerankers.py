"""Every reranker keeps the same promises."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from index.errors import ModelError
from index.onnx_graph import changed, cut, float_weights
from index.weights import MS_MARCO_MINILM, folder_of, read_weights
from rag.calibration import Reading, load_reading
from rag.rerankers import RERANKERS, Remembering, Reranker, Scores, open_reranker
from rag.rerankers.onnx import OnnxReranker
from rag.rerankers.reader import DIMENSION, Reader

QUERY = "When does the bus station close?"
TEXTS = ["Foster carers were trained.", "The bus station closes at ten.", "", "Potholes were mended. " * 300]


@pytest.fixture(scope="module")
def tiny_cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A cross-encoder with random weights, as a folder: the real loading and scoring code, no meaning."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("cross-encoder")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted({word for text in [QUERY, *TEXTS] for word in text.split()})]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=64,
    ).save_pretrained(folder)  # fmt: skip
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64, num_labels=1,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module", params=[*RERANKERS, "sentence-transformers"])
def each(request: pytest.FixtureRequest) -> Reranker:
    name = request.param
    if name == "sentence-transformers":
        name = request.getfixturevalue("tiny_cross_encoder")
    return open_reranker(name)


def test_one_number_a_text(each: Reranker) -> None:
    scores = each.score(QUERY, TEXTS)
    assert scores.shape == (len(TEXTS),)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()


def test_no_texts_give_no_scores(each: Reranker) -> None:
    assert each.score(QUERY, []).shape == (0,)


def test_order_does_not_matter(each: Reranker) -> None:
    assert np.allclose(each.score(QUERY, TEXTS[::-1])[::-1], each.score(QUERY, TEXTS), atol=1e-4)


def test_threads_get_what_one_thread_gets(each: Reranker) -> None:
    alone = each.score(QUERY, TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(lambda _: each.score(QUERY, TEXTS), range(8)):
            assert np.allclose(scores, alone, atol=1e-4)


def test_long_questions_are_cut_not_refused(each: Reranker) -> None:
    assert each.score("Why was it? " * 900, TEXTS).shape == (len(TEXTS),)


def test_the_passage_that_answers_is_best(reranker: Reranker) -> None:
    scores = reranker.score(QUERY, TEXTS)
    assert int(np.argmax(scores)) == 1
    assert scores[1] > scores[0] + 2  # log-odds, not probabilities


def test_a_text_has_the_same_score_in_any_company(reranker: Reranker) -> None:
    assert reranker.score(QUERY, TEXTS)[1] == reranker.score(QUERY, [TEXTS[1]])[0]


def test_the_longest_pair_is_a_parameter() -> None:
    late = "Nothing of note. " * 30 + TEXTS[1]
    whole, short = OnnxReranker("whole"), OnnxReranker("short", max_tokens=32)
    assert whole.score(QUERY, [late])[0] > short.score(QUERY, [late])[0]


def test_the_reader_tells_an_answer_from_what_sits_next_to_it(reranker: Reranker) -> None:
    question = "Why was the bus station closed?"
    answer = "The bus station was closed because its roof had become unsafe."
    beside = "The bus station was closed on Monday, and the library beside the bus station stayed open."
    answers, aside, elsewhere = reranker.score(question, [answer, beside, "The minutes were agreed."])
    assert answers > aside > elsewhere


def test_the_reader_is_the_lower_part_of_the_network() -> None:
    reader = Reader("reader")
    states = reader.states([(QUERY, text) for text in TEXTS])
    assert states.shape == (len(TEXTS), DIMENSION)
    # The first half is of the question, read beside the text: without a text it is the question's own.
    assert not np.allclose(states[0, : DIMENSION // 2], states[1, : DIMENSION // 2], atol=0.1)
    assert np.allclose(states @ reader.reading.weights + reader.reading.bias, reader.score(QUERY, TEXTS), atol=1e-3)
    assert reader.states([]).shape == (0, DIMENSION)


def test_what_was_tuned_takes_its_place_in_the_network() -> None:
    shipped = load_reading()
    assert shipped.network
    pairs = [(QUERY, text) for text in TEXTS]
    states = Reader("shipped").states(pairs)
    packaged = float_weights(read_weights(MS_MARCO_MINILM, folder_of(MS_MARCO_MINILM)))
    own = Reader("own", reading=replace(shipped, network={name: packaged[name] for name in shipped.network}))
    none = Reader("none", reading=replace(shipped, network={}))
    assert np.array_equal(own.states(pairs), none.states(pairs))
    assert not np.allclose(states, none.states(pairs), atol=0.1)


def test_a_reader_without_its_weights_is_an_error_of_ours() -> None:
    with pytest.raises(ModelError, match="another reranker"):
        Reader("reader", reading=Reading(np.zeros(0, dtype=np.float32), 0.0))


def test_a_network_ends_where_it_is_cut() -> None:
    model = read_weights(MS_MARCO_MINILM, folder_of(MS_MARCO_MINILM))
    layer = "/bert/encoder/layer.0/output/LayerNorm/Add_1_output_0"
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(cut(model, layer), options, providers=["CPUExecutionProvider"])
    assert [output.name for output in session.get_outputs()] == [layer]
    tokens = np.array([[101, 102]])
    feeds = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
    assert session.run(None, feeds)[0].shape == (1, 2, 384)


def test_the_weights_of_a_network_are_read_as_floats() -> None:
    weights = float_weights(read_weights(MS_MARCO_MINILM, folder_of(MS_MARCO_MINILM)))
    layer = {name.removeprefix("bert.encoder.layer.11."): v.shape for name, v in weights.items() if ".11." in name}
    assert len(layer) == 16
    assert layer["intermediate.dense.weight"] == (384, 1536)
    assert layer["output.LayerNorm.bias"] == (384,)
    assert weights["bert.embeddings.word_embeddings.weight"].shape == (30522, 384)
    assert all(0.0 < np.abs(values).max() < 100.0 for values in weights.values() if values.size > 1)
    with pytest.raises(ValueError, match="not an ONNX model"):
        float_weights(b"no model at all")


@pytest.mark.parametrize("model", [b"", b"no model at all", b"\x3a\x05ab"])
def test_a_network_without_that_tensor_is_not_cut(model: bytes) -> None:
    with pytest.raises(ValueError, match=r"no node gives|not an ONNX model"):
        cut(model, "nowhere")


def test_the_weights_of_a_network_are_changed() -> None:
    model = read_weights(MS_MARCO_MINILM, folder_of(MS_MARCO_MINILM))
    name = "bert.encoder.layer.3.output.LayerNorm.bias"
    before, other = float_weights(model), np.linspace(-1, 1, 384, dtype=np.float32)
    after = float_weights(changed(model, {name: other}))
    assert np.array_equal(after.pop(name), other)
    assert all(np.array_equal(values, before[name]) for name, values in after.items())
    with pytest.raises(ValueError, match="not an ONNX model"):
        changed(b"", {name: other})


@pytest.mark.parametrize(("name", "size"), [("nowhere", 384), ("bert.encoder.layer.3.output.LayerNorm.bias", 12)])
def test_a_weight_that_a_network_does_not_have_is_not_changed(name: str, size: int) -> None:
    model = read_weights(MS_MARCO_MINILM, folder_of(MS_MARCO_MINILM))
    with pytest.raises(ValueError, match=name):
        changed(model, {name: np.zeros(size, dtype=np.float32)})


def test_none_keeps_the_order() -> None:
    assert not open_reranker("none").score(QUERY, TEXTS).any()


def test_a_model_that_is_nowhere_is_an_error_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_reranker(str(tmp_path / "no-such-model"))


def test_a_pair_is_read_once() -> None:
    read: list[str] = []

    class Counting:
        name = "counting"

        def score(self, query: str, texts: Sequence[str]) -> Scores:
            read.extend(texts)
            return np.array([len(query) + len(text) for text in texts], dtype=np.float32)

    reranker = Remembering(Counting())
    assert reranker.score("ab", ["c", "de", "c"]).tolist() == [3, 4, 3]
    assert reranker.score("ab", ["de", "fgh"]).tolist() == [4, 5]
    assert reranker.score("abc", ["c"]).tolist() == [4]
    assert read == ["c", "de", "fgh", "c"]
