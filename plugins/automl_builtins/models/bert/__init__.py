"""Text models on torch: a pretrained transformer such as BERT, frozen or fine-tuned, and its sentence embeddings."""

from __future__ import annotations

import importlib.util
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
    FitSize,
    Float,
    Int,
    Learner,
    ModelSpec,
    Resources,
    hookimpl,
    weights_path,
)
from automl_builtins.kinds import RANKING, TOKENS
from automl_builtins.models.bert.contrast_learner import ContrastLearner
from automl_builtins.models.bert.layers import config_of, width_of
from automl_builtins.models.bert.learner import BertLearner, n_layers
from automl_builtins.models.bert.pair_learner import PairRanker
from automl_builtins.models.bert.sentence_learner import SentenceLearner
from automl_builtins.models.bert.tuned_word_learner import TunedWordLearner, tuned_layers
from automl_builtins.models.bert.word_learner import WordLearner

MOST_READING = 15.0
"""Seconds that the different texts of pairs take to be read: most recur in many rows."""
INSTALL = "pip install 'ensemble-automl[text]'"
WORDS_TO_TOKENS = 1.35
TUNING = 0.7
"""Of a layer's time at reading, for as much arithmetic at training, in larger batches and numbers of fewer bits."""
JUDGED = 1.0
"""Of the forward passes through tuned layers, those over the validation rows: twice, of half as many rows."""
FEWEST_WORDS = 6.0
"""Of a row's texts on average: names and codes say no more to a network of language than to models of their letters."""

MOST_ROWS_A_CLASS, MOST_ROWS_TOGETHER = 64, 2_000
"""Of tuning by contrast: with more of them the frozen network's heads learn as well, and there are too many pairs."""
TUNED_FLOPS = 4.0
"""Of a row's forward pass through the tuned layers, for learning from it and for reading it once more."""

MANY_ROWS, MANY_WORDS = 2_000, 60
"""Of sentence embeddings: beyond both of them bert, which weighs the words of a text, is better for its time."""


def bert_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold, and of reading the texts, which all folds share."""
    params = size.params
    config = config_of(str(params["weights"]))
    width, layers = width_of(config), n_layers(params)
    tokens = min(float(params.get("tokens", 128)), WORDS_TO_TOKENS * max(1.0, size.words) + 2)
    inner = float(config.get("intermediate_size") or config.get("hidden_dim") or 4 * width)
    flops = 2.0 * layers * (4 * width**2 + 2 * width * inner)
    pace = 2e13 if size.device != "cpu" else 5e10 * max(1, size.threads) ** 0.8
    reading = 5.0 + 1.2 * size.n_rows * tokens * flops / pace
    rows = size.n_rows * int(params.get("epochs", 8))
    often = max(rows, min(60 * size.n_rows, 150 * int(params.get("batch", 32))))
    seconds = 3.0 + often * tokens * 5e-6 * width / 384
    if params.get("train", "head") == "all":
        seconds += 3.0 * rows * tokens * flops / pace
    memory = 700.0 + size.n_rows * tokens * 2 * width / 2**20 + 12e-6 * layers * (4 * width**2 + 2 * width * inner)
    key = f"bert/{params['weights']}/{layers}/{params.get('tokens', 128)}"
    return Resources(seconds, memory, shared_seconds=reading, shared_key=key)


def sentence_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold; reading the texts takes as long as with so many frozen layers of bert."""
    params, outputs = size.params, max(1, size.task.n_outputs)
    shared = bert_resources(replace(size, params={**params, "train": "head"})).shared_seconds
    linear = outputs > 1 and params.get("head") == "linear"
    seconds = 0.5 + size.n_rows * (8e-6 * outputs if linear else 2e-5 + 2e-6 * outputs)
    key = f"sentences/{params['weights']}/{n_layers(params)}/{params.get('tokens', 128)}"
    return Resources(seconds, 700.0 + size.n_rows * 8e-3, shared_seconds=shared, shared_key=key)


def bert_limits(size: FitSize) -> str:
    """Refuse weights that are not there, and what is needed and not installed."""
    if importlib.util.find_spec("peft") is None and size.params.get("lora", 0):
        return "peft is not installed; run: pip install peft"
    try:
        weights_path(str(size.params.get("weights", "")))
    except LookupError as error:
        return str(error)
    return ""


def sentence_limits(size: FitSize) -> str:
    """Refuse what bert refuses, and many long texts, of which one vector each tells less than bert's heads see."""
    if size.n_rows > MANY_ROWS and size.words > MANY_WORDS:
        return (
            f"of {size.n_rows} texts of {size.words:.0f} words bert tells more; this is for few rows, or texts of at "
            f"most {MANY_WORDS} words"
        )
    return bert_limits(size)


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
        "head": Choice(("linear", "prototypes")),
        "C": Float(0.3, 300.0, log=True),
        "described": Choice((0.5, 1.0, 2.0, 4.0)),
        "tokens": Choice((64, 128, 256)),
        "layers": Choice((1.0,)),
    },
    defaults=(_sentences("linear", C=50.0), _sentences("prototypes"), _sentences("linear", C=5.0)),
    resources=sentence_resources,
    limits=sentence_limits,
    gpu=False,
    zero_shot=_sentences("prototypes"),
)


def contrast_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold: pairs of its texts tune upper layers; what lower ones make of them is shared."""
    params = size.params
    config, depth = config_of(str(params["weights"])), n_layers(params)
    width, tuned = width_of(config), tuned_layers(depth, float(params.get("tuned", 0.5)))
    inner = float(config.get("intermediate_size") or config.get("hidden_dim") or 4 * width)
    tokens = min(float(params.get("tokens", 128)), WORDS_TO_TOKENS * max(1.0, size.words) + 2)
    each = 2.0 * tuned * (4 * width**2 + 2 * width * inner) * tokens / (5e10 * max(1, size.threads) ** 0.8)
    shared = bert_resources(replace(size, params={**params, "train": "head"})).shared_seconds
    seconds = 2.0 + size.n_rows * each * (1.0 + TUNED_FLOPS * float(params.get("rounds", 10)))
    key = f"contrast/{params['weights']}/{depth - tuned}/{params.get('tokens', 128)}"
    return Resources(seconds, 900.0 + size.n_rows * 0.1, shared_seconds=shared, shared_key=key)


def contrast_limits(size: FitSize) -> str:
    """Refuse many rows of a class, and what bert refuses."""
    each = size.n_rows / max(1, size.task.n_outputs)
    if each > MOST_ROWS_A_CLASS or size.n_rows > MOST_ROWS_TOGETHER:
        return (
            f"of {size.n_rows} rows, {each:.0f} for each class, frozen layers tell as much; this is for at most "
            f"{MOST_ROWS_A_CLASS} of a class and {MOST_ROWS_TOGETHER} in all"
        )
    return bert_limits(size)


def _contrast(rounds: int, **others: Any) -> Mapping[str, Any]:
    return {
        "weights": PRETRAINED, "head": "linear", "C": 5.0, "tokens": 128, "layers": 1.0, "tuned": 0.5, "rounds": rounds,
        "batch": 32, "body_rate": 1e-4, **others,
    }  # fmt: skip


TEXT_CONTRAST = replace(
    TEXT_EMBEDDINGS,
    name="text_contrast",
    build=ContrastLearner,
    space={
        **TEXT_EMBEDDINGS.space,
        "tuned": Choice((0.34, 0.5)),
        "rounds": Int(3, 30, log=True),
        "batch": Choice((16, 32, 64)),
        "body_rate": Float(2e-5, 3e-4, log=True),
    },
    defaults=(_contrast(10),),
    tasks=CLASSIFICATION,
    resources=contrast_resources,
    limits=contrast_limits,
    zero_shot=None,
)
"""For few rows of each class."""


def pair_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold, and of reading the texts: no more are read than there is time for."""
    params = size.params
    shared = bert_resources(replace(size, params={**params, "train": "head"})).shared_seconds
    key = f"pairs/{params['weights']}/{n_layers(params)}/{params.get('tokens', 64)}"
    seconds = 2.0 + size.n_rows * 1.5e-4
    return Resources(seconds, 700.0 + size.n_rows * 8e-3, shared_seconds=min(shared, MOST_READING), shared_key=key)


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


def word_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold, and of reading the sentences, which all folds share."""
    params = size.params
    config = config_of(str(params["weights"]))
    width, layers = width_of(config), n_layers(params)
    inner = float(config.get("intermediate_size") or config.get("hidden_dim") or 4 * width)
    flops = 2.0 * layers * (4 * width**2 + 2 * width * inner)
    tuned = tuned_layers(layers, float(params.get("tuned", 0.0)))
    hidden, inputs, epochs = float(params.get("hidden", 128)), 3.0 * width, int(params.get("epochs", 4))
    each = WORDS_TO_TOKENS * flops / layers / (5e10 * max(1, size.threads) ** 0.8)
    reading = 5.0 + 1.2 * size.n_rows * (layers - tuned) * each
    seconds = 2.0 + size.n_rows * epochs * 6.0 * hidden * (inputs + 6.0 * hidden) / 2.5e10
    seconds += TUNING * size.n_rows * tuned * each * (3.0 * epochs + JUDGED)
    memory = 500.0 + 12e-6 * layers * (4 * width**2 + 2 * width * inner) + 1e-3 * size.n_rows
    key = f"bert_tokens/{params['weights']}/{layers - tuned}/{tuned}"
    return Resources(seconds, memory, shared_seconds=reading, shared_key=key)


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
    return (BERT, TEXT_EMBEDDINGS, TEXT_CONTRAST, TEXT_PAIRS, BERT_TOKENS)
