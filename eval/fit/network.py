"""Tune the network that the reader stands on: its biases and the gains of its norms alone, in its upper layers.

That is a thousandth of its numbers (BitFit, Ben Zaken et al. 2022, "Simple Parameter-efficient Fine-tuning for
Transformer-based Masked Language-models", arXiv:2106.10199), few enough not to learn cases by heart, and the only ones
that an int8 network holds as floats, so that they can be put in their places when it is loaded. The tuning is done in
torch on the numbers that the int8 weights stand for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch.nn import functional

from eval.fit.units import ALONE, READING, UnitModel, Units, row
from rag.evidence import shown
from rag.rerankers.reader import LAYERS, Reader, halves, weights

if TYPE_CHECKING:
    from tokenizers import Encoding

    from index.onnx_graph import Weights

FIRST = 2
"""The lowest layer that is tuned. What the layers under it put out is reckoned once."""
EPOCHS = 2
RATE, RATE_OF_READING = 2e-3, 3e-4
"""Highest rates of learning, of the network and of the weights on top."""
OTHERS, GOLD = 7, 6
"""At most so many units of a case, the likeliest, that do not answer and that do."""
_HEADS = 12
_CASES, _PAIRS = 12, 16  # of a step, and of what runs side by side
_WARM = 30  # steps

Counting = Callable[[int, int], None]
Network = Mapping[str, torch.Tensor]


class _Pair(NamedTuple):
    tokens: Encoding
    below: torch.Tensor
    """What the lowest tuned layer takes, of shape (tokens, 384)."""
    gold: bool
    beside: float
    """What the features of the unit, without its reading, add to its score."""


def tune(
    found: Sequence[Units], model: UnitModel, reader: Reader, counting: Counting = lambda done, of: None
) -> Weights:
    """The tuned numbers by the names that they have in the network, so that the gold units of cases come first.

    `model` was fitted on the same units with the states of `reader`, whose network is not tuned; the loss is that of
    `fit_units`. `counting` is told how many steps were taken, and of how many.
    """
    packaged = {name: torch.tensor(values) for name, values in weights().items()}
    tuned = {
        name: torch.nn.Parameter(values.clone())
        for name, values in packaged.items()
        if _layer_of(name) in range(FIRST, LAYERS) and name.endswith((".bias", "LayerNorm.weight"))
    }
    reading = torch.nn.Parameter(torch.tensor(np.append(model.states, model.bias), dtype=torch.float32))
    cases = _pairs(found, model, reader, packaged)
    optimizer = torch.optim.AdamW(
        [{"params": list(tuned.values()), "lr": RATE}, {"params": [reading], "lr": RATE_OF_READING}],
        betas=(0.9, 0.98),
        weight_decay=0.0,
    )
    steps = EPOCHS * math.ceil(len(cases) / _CASES)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / _WARM) * 0.5 * (1.0 + math.cos(math.pi * step / steps))
    )
    for step, batch in enumerate(_batches(cases), 1):
        optimizer.zero_grad()
        torch.stack(_losses(batch, {**packaged, **tuned}, reading)).mean().backward()
        torch.nn.utils.clip_grad_norm_([*tuned.values(), reading], 5.0)
        optimizer.step()
        schedule.step()
        counting(step, steps)
    # Kept in half precision, which is what ships.
    return {name: values.detach().half().float().numpy() for name, values in tuned.items()}


def _layer_of(name: str) -> int:
    _, _, rest = name.partition("encoder.layer.")
    return int(rest.partition(".")[0] or -1)


def _batches(cases: list[list[_Pair]]) -> Iterator[list[list[_Pair]]]:
    chance = np.random.default_rng(0)
    for _ in range(EPOCHS):
        order = chance.permutation(len(cases))
        for start in range(0, len(cases), _CASES):
            yield [cases[i] for i in order[start : start + _CASES]]


def _pairs(found: Sequence[Units], model: UnitModel, reader: Reader, network: Network) -> list[list[_Pair]]:
    """The cases from which something can be learnt, with the states under the lowest tuned layer."""
    cases = []
    for units in found:
        ranked = sorted((model.judged(unit) for unit in units), key=lambda unit: -unit.evidence.score)
        gold = [unit for unit in ranked if unit.gold][:GOLD]
        kept = gold + [unit for unit in ranked if not unit.gold][:OTHERS]
        if not kept:
            continue
        pairs = []
        read = [(unit.asked, shown(unit.evidence)) for unit in kept]
        for unit, tokens in zip(kept, reader.encoded(read), strict=True):
            values = row(unit.evidence)
            beside = float(values @ model.features - values[READING] * model.features[READING])
            pairs.append((tokens, unit.gold, beside))
        cases.append(pairs)
    flat = [tokens for pairs in cases for tokens, *_ in pairs]
    below: list[torch.Tensor] = [torch.zeros(0)] * len(flat)
    with torch.no_grad():
        for places in _chunks(range(len(flat)), lambda place: len(flat[place].ids)):
            batch = [flat[place] for place in places]
            states, mask = _embedded(batch, network), _mask(batch)
            for layer in range(FIRST):
                states = _through(layer, states, mask, network)
            for place, tokens, state in zip(places, batch, states, strict=True):
                below[place] = state[: len(tokens.ids)].half()
    of = iter(below)
    return [[_Pair(tokens, next(of), gold, beside) for tokens, gold, beside in pairs] for pairs in cases]


def _losses(batch: list[list[_Pair]], network: Network, reading: torch.Tensor) -> list[torch.Tensor]:
    """For every case what `fit_units` would have least: its gold units before the others, and each unit by itself."""
    flat = [pair for case in batch for pair in case]
    scores: dict[int, torch.Tensor] = {}
    for places in _chunks(range(len(flat)), lambda place: len(flat[place].tokens.ids)):
        tokens = [flat[place].tokens for place in places]
        states = torch.nn.utils.rnn.pad_sequence([flat[place].below.float() for place in places], batch_first=True)
        mask = _mask(tokens)
        for layer in range(FIRST, LAYERS):
            states = _through(layer, states, mask, network)
        for place, each, state in zip(places, tokens, states, strict=True):
            question, text = (state[: len(each.ids)][torch.from_numpy(half)].mean(dim=0) for half in halves(each))
            scores[place] = torch.cat([question, text]) @ reading[:-1] + reading[-1] + flat[place].beside
    losses, place = [], 0
    for case in batch:
        score = torch.stack([scores[place + i] for i in range(len(case))])
        place += len(case)
        gold = torch.tensor([pair.gold for pair in case])
        alone = functional.softplus(torch.where(gold, -score, score)).sum() * (ALONE / max(1, int(gold.sum())))
        first = torch.logsumexp(score, 0) - torch.logsumexp(score[gold], 0) if gold.any() else torch.zeros(())
        losses.append(first + alone)
    return losses


def _chunks(places: Sequence[int], length: Callable[[int], int]) -> Iterator[list[int]]:
    """Of about one length, so that little is padded."""
    ordered = sorted(places, key=length)
    for start in range(0, len(ordered), _PAIRS):
        yield ordered[start : start + _PAIRS]


def _mask(batch: Sequence[Encoding]) -> torch.Tensor:
    longest = max(len(tokens.ids) for tokens in batch)
    return torch.tensor([[place < len(tokens.ids) for place in range(longest)] for tokens in batch])


def _embedded(batch: Sequence[Encoding], network: Network) -> torch.Tensor:
    """What goes into the first layer, of shape (texts, tokens, 384)."""
    pad = torch.nn.utils.rnn.pad_sequence
    ids = pad([torch.tensor(tokens.ids) for tokens in batch], batch_first=True)
    types = pad([torch.tensor(tokens.type_ids) for tokens in batch], batch_first=True)
    of = {name: network[f"bert.embeddings.{name}_embeddings.weight"] for name in ("word", "token_type", "position")}
    states = of["word"][ids] + of["token_type"][types] + of["position"][: ids.shape[1]]
    return _normed(states, "bert.embeddings", network)


def _through(layer: int, states: torch.Tensor, mask: torch.Tensor, network: Network) -> torch.Tensor:
    """What a layer makes of states of shape (texts, tokens, 384) (Devlin et al. 2019, "BERT", arXiv:1810.04805)."""
    own = f"bert.encoder.layer.{layer}"

    def linear(name: str, values: torch.Tensor) -> torch.Tensor:
        return values @ network[f"{own}.{name}.weight"] + network[f"{own}.{name}.bias"]

    query, key, value = (
        linear(f"attention.self.{name}", states).unflatten(2, (_HEADS, -1)).transpose(1, 2)
        for name in ("query", "key", "value")
    )
    attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
    attended = linear("attention.output.dense", attended.transpose(1, 2).flatten(2))
    states = _normed(attended + states, f"{own}.attention.output", network)
    wide = functional.gelu(linear("intermediate.dense", states))
    return _normed(linear("output.dense", wide) + states, f"{own}.output", network)


def _normed(states: torch.Tensor, name: str, network: Network) -> torch.Tensor:
    gain, bias = network[f"{name}.LayerNorm.weight"], network[f"{name}.LayerNorm.bias"]
    return functional.layer_norm(states, gain.shape, gain, bias, eps=1e-12)
