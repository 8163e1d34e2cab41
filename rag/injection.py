"""Words that speak to a language model, not to a reader: prompt injection (Greshake et al. 2023, arXiv:2302.12173)."""

from __future__ import annotations

import re

_TO_A_MODEL = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|rules?|prompts?|guidelines)\b|"
    r"\b(?:system|hidden|initial|developer)\s+(?:prompt|message|instruction)\b|\byou are now\b|"
    r"\b(?:as|you are) an? (?:ai|language model|chatbot|assistant)\b|\b(?:dear|attention|note to|hey)\W+(?:ai|llm|"
    r"language model|chatbot|assistant)\b|(?:^|\n)\W*(?:system|assistant|user)\s*:|<\|?/?(?:im_start|im_end|inst)|"
    r"\b(?:do not|don't|never) (?:cite|quote)\b|\bcite nothing\b|\banswer (?:every|all|any) questions? (?:with|by)\b|"
    r"\b(?:respond|reply|answer) only (?:with|in)\b|\b(?:reveal|print|repeat|output)\b.{0,30}\b(?:prompt|instructions)",
    re.IGNORECASE,
)


def speaks_to_a_model(text: str) -> bool:
    """Whether a text holds words that are meant to steer a language model; ordinary papers hold none.

    A passage that does is not shown to a model, and is quoted only where nothing else was found (`rag/select.py`).
    """
    return _TO_A_MODEL.search(text) is not None
