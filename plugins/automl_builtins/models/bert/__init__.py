"""Text models on torch: a pretrained transformer such as BERT, frozen or fine-tuned, and its sentence embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from automl.plugin_api import (
    CLASSIFICATION,
    PRETRAINED,
    BuildRequest,
    Choice,
    ColumnKind,
    Domain,
    Float,
    Int,
    Learner,
    ModelSpec,
    hookimpl,
)
from automl_builtins.kinds import RANKING, TOKENS
from automl_builtins.models.bert.contrast_learner import ContrastLearner
from automl_builtins.models.bert.costs import (
    bert_limits,
    bert_resources,
    contrast_limits,
    contrast_resources,
    pair_resources,
    prompt_resources,
    sentence_limits,
    sentence_resources,
    word_resources,
)
from automl_builtins.models.bert.learner import BertLearner, n_layers
from automl_builtins.models.bert.pair_learner import PairRanker
from automl_builtins.models.bert.prompt_learner import PromptLearner
from automl_builtins.models.bert.sentence_learner import SentenceLearner
from automl_builtins.models.bert.tuned_word_learner import TunedWordLearner, tuned_layers
from automl_builtins.models.bert.word_learner import WordLearner

INSTALL = "pip install 'ensemble-automl[text]'"
FEWEST_WORDS = 6.0
"""Of a row's texts on average: names and codes say no more to a network of language than to models of their letters."""


def _frozen(tokens: int, layers: float) -> Mapping[str, Any]:
    return {
        "weights": PRETRAINED, "train": "head", "tokens": tokens, "layers": layers, "heads": 8, "learning_rate": 2e-3,
        "epochs": 8, "dropout": 0.4, "weight_decay": 0.01, "smoothing": 0.05, "batch": 32,
    }  # fmt: skip


def _tuned(tokens: int, epochs: int) -> Mapping[str, Any]:
    return {
        **_frozen(tokens, 1.0), "train": "all", "tuned": 1.0, "body_rate": 1e-4, "layer_decay": 0.8, "epochs": epochs,
        "dropout": 0.1,
    }  # fmt: skip


SPACE: dict[str, Domain] = {
    "weights": Choice((PRETRAINED,)),
    "train": Choice(("head", "all")),
    "tokens": Choice((64, 96, 128, 192, 256, 384)),
    "layers": Choice((0.33, 0.5, 0.66, 0.83, 1.0)),
    "heads": Choice((1, 2, 4, 8, 12)),
    "learning_rate": Float(3e-4, 6e-3, log=True),
    "epochs": Int(1, 20, log=True),
    "dropout": Float(0.0, 0.6),
    "weight_decay": Float(1e-3, 0.3, log=True),
    "smoothing": Choice((0.0, 0.05, 0.1)),
    "balanced": Choice((False, True)),
    "batch": Choice((16, 32, 64)),
    "tuned": Choice((0.34, 0.5, 1.0)),
    "body_rate": Float(1e-5, 3e-4, log=True),
    "layer_decay": Float(0.6, 1.0),
    "adversarial": Choice((0.0, 0.5, 1.0)),
    "lora": Choice((0, 8, 16)),
}

BERT = ModelSpec(
    name="bert",
    build=BertLearner,
    space=SPACE,
    defaults=(_frozen(192, 0.66), _frozen(384, 0.33), _tuned(128, 2)),
    accepts=frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.TEXT}),
    accepts_missing=True,
    requires=("torch", "transformers"),
    install=INSTALL,
    resources=bert_resources,
    limits=bert_limits,
    runtime="torch",
    preload=("torch", __name__),
    needs=frozenset({ColumnKind.TEXT}),
    fewest_words=FEWEST_WORDS,
    gpu=True,
    pretrained="text",
)


def _sentences(head: str, **others: Any) -> Mapping[str, Any]:
    return {"weights": PRETRAINED, "head": head, "tokens": 128, "layers": 1.0, **others}


TEXT_EMBEDDINGS = replace(
    BERT,
    name="text_embeddings",
    build=SentenceLearner,
    space={
        "weights": Choice((PRETRAINED,)),
        "head": Choice(("linear", "prototypes", "words")),
        "C": Float(0.1, 300.0, log=True),
        "described": Choice((0.5, 1.0, 2.0, 4.0)),
        "tokens": Choice((64, 128, 256)),
        "layers": Choice((1.0,)),
    },
    defaults=(
        _sentences("words", C=0.3),
        _sentences("prototypes"),
        _sentences("linear", C=50.0),
        _sentences("linear", C=5.0),
    ),
    resources=sentence_resources,
    limits=sentence_limits,
    gpu=False,
    zero_shot=_sentences("prototypes"),
)


def _contrast(**others: Any) -> Mapping[str, Any]:
    return {
        "weights": PRETRAINED, "head": "linear", "C": 50.0, "tokens": 128, "layers": 1.0, "tuned": 0.5, "rounds": 10,
        "batch": 32, "body_rate": 1e-4, **others,
    }  # fmt: skip


TEXT_CONTRAST = replace(
    TEXT_EMBEDDINGS,
    name="text_contrast",
    build=ContrastLearner,
    space={
        **TEXT_EMBEDDINGS.space,
        "tuned": Choice((0.34, 0.5)),
        "rounds": Int(3, 60, log=True),
        "batch": Choice((16, 32, 64)),
        "body_rate": Float(2e-5, 3e-4, log=True),
    },
    defaults=(_contrast(),),
    tasks=CLASSIFICATION,
    resources=contrast_resources,
    limits=contrast_limits,
    gpu=True,
    zero_shot=None,
)
"""For few rows of each class."""

TEXT_PROMPT = replace(
    TEXT_CONTRAST,
    name="text_prompt",
    build=PromptLearner,
    space={
        **TEXT_EMBEDDINGS.space,
        "prompts": Choice((4, 8, 16)),
        "rounds": Int(3, 60, log=True),
        "batch": Choice((16, 32, 64)),
        "prompt_rate": Float(5e-4, 3e-2, log=True),
    },
    defaults=({**_sentences("linear", C=50.0), "prompts": 8, "rounds": 10, "batch": 32, "prompt_rate": 3e-3},),
    requires=(*BERT.requires, "peft"),
    resources=prompt_resources,
    in_auto=False,
)
"""The same for networks that are to stay as they are."""


def _pairs(strength: float, tokens: int = 64) -> Mapping[str, Any]:
    return {"weights": PRETRAINED, "tokens": tokens, "layers": 1.0, "C": strength}


TEXT_PAIRS = replace(
    BERT,
    name="text_pair_ranker",
    build=PairRanker,
    space={
        "weights": Choice((PRETRAINED,)),
        "C": Float(0.01, 30.0, log=True),
        "tokens": Choice((32, 64, 128)),
        "layers": Choice((1.0,)),
    },
    defaults=(_pairs(1.0), _pairs(0.03)),
    tasks=frozenset({RANKING}),
    accepts_missing=False,
    scaling="standard",
    resources=pair_resources,
    limits=None,
    fewest_words=0.0,
    gpu=False,
)
"""For rankings alone: other tasks see each text by itself."""


def build_words(request: BuildRequest) -> Learner:
    """Return the learner that tunes upper layers, where that is asked for and there are some beside others."""
    depth, share = n_layers(request.params), float(request.params.get("tuned", 0.0))
    return TunedWordLearner(request) if tuned_layers(depth, share) else WordLearner(request)


def _words(hidden: int, epochs: int, **others: Any) -> Mapping[str, Any]:
    return {
        "weights": PRETRAINED, "layers": 1.0, "hidden": hidden, "epochs": epochs, "dropout": 0.3, "learning_rate": 2e-3,
        "smoothing": 0.0, "batch": 32, "tuned": 0.0, "body_rate": 1e-4, **others,
    }  # fmt: skip


BERT_TOKENS = replace(
    BERT,
    name="bert_tokens",
    build=build_words,
    space={
        "weights": Choice((PRETRAINED,)),
        "layers": Choice((1.0,)),
        "hidden": Choice((64, 128, 192, 256)),
        "epochs": Int(2, 10, log=True),
        "dropout": Float(0.1, 0.5),
        "learning_rate": Float(5e-4, 4e-3, log=True),
        "smoothing": Choice((0.0, 0.03)),
        "batch": Choice((16, 32, 64)),
        "tuned": Choice((0.0, 0.34, 0.5)),
        "body_rate": Float(5e-5, 4e-4, log=True),
    },
    defaults=(_words(128, 4), _words(256, 6, dropout=0.4), _words(128, 4, tuned=0.5)),
    tasks=CLASSIFICATION | {TOKENS},
    accepts=frozenset({ColumnKind.SEQUENCE}),
    needs=frozenset({ColumnKind.SEQUENCE}),
    resources=word_resources,
    fewest_words=0.0,
    gpu=False,
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer the models."""
    return (BERT, TEXT_EMBEDDINGS, TEXT_CONTRAST, TEXT_PROMPT, TEXT_PAIRS, BERT_TOKENS)
