"""What fits of the bert models cost, and which of them make no sense."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

from automl.plugin_api import FitSize, Resources, weights_path
from automl_builtins.models.bert.contrast import n_steps
from automl_builtins.models.bert.heads import head_of
from automl_builtins.models.bert.layers import config_of, width_of
from automl_builtins.models.bert.learner import n_layers
from automl_builtins.models.bert.tuned_word_learner import tuned_layers

MOST_READING = 15.0
"""Seconds that the different texts of pairs take to be read: most recur in many rows."""

WORDS_TO_TOKENS = 1.35
OUTPUTS_ALIKE = 30.0
"""Classes that cost as much as all that a head does once for a text: each has a score for each of its tokens."""
TUNING = 0.7
"""Of a layer's time at reading, for as much arithmetic at training, in larger batches and numbers of fewer bits."""
JUDGED = 1.0
"""Of the forward passes through tuned layers, those over the validation rows: twice, of half as many rows."""

MOST_ROWS_A_CLASS, MOST_ROWS_TOGETHER = 64, 2_000
"""Of tuning by contrast: with more of them the frozen network's heads learn as well, and there are too many pairs."""
STEP_FLOPS = 100.0
"""Of each number that is tuned at each step of the optimizer, which waits for memory: as many as would take as long."""

TOKENS_SECONDS = 1e-4
"""Of a fold, for each row: to take texts apart, and to find again what was read of them."""

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
    seconds = 3.0 + often * tokens * 5e-6 * width / 384 * (1.0 + size.task.n_outputs / OUTPUTS_ALIKE)
    if params.get("train", "head") == "all":
        seconds += 3.0 * rows * tokens * flops / pace
    memory = 700.0 + size.n_rows * tokens * 2 * width / 2**20 + 12e-6 * layers * (4 * width**2 + 2 * width * inner)
    key = f"bert/{params['weights']}/{layers}/{params.get('tokens', 128)}"
    return Resources(seconds, memory, shared_seconds=reading, shared_key=key)


def sentence_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold; reading the texts takes as long as with so many frozen layers of bert."""
    params, head = size.params, head_of(size.params, has_classes=size.task.has_classes)
    shared = bert_resources(replace(size, params={**params, "train": "head"})).shared_seconds
    seconds = 0.5 + TOKENS_SECONDS * size.n_rows + head.seconds(size, width_of(config_of(str(params["weights"]))))
    key = f"sentences/{params['weights']}/{n_layers(params)}/{params.get('tokens', 128)}"
    return Resources(seconds, 700.0 + size.n_rows * 8e-3, shared_seconds=shared, shared_key=key)


def contrast_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold: pairs of its texts tune upper layers; what lower ones make of them is shared."""
    params, depth = size.params, n_layers(size.params)
    tuned = tuned_layers(depth, float(params.get("tuned", 0.5)))
    shared = bert_resources(replace(size, params={**params, "train": "head"})).shared_seconds
    key = f"contrast/{params['weights']}/{depth - tuned}/{params.get('tokens', 128)}"
    seconds = _pair_seconds(size, tuned, tuned=True)
    return Resources(seconds, 900.0 + size.n_rows * 0.1, shared_seconds=shared, shared_key=key)


def prompt_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold, which goes through all layers for every step, and shares nothing."""
    return Resources(_pair_seconds(size, n_layers(size.params), tuned=False), 900.0 + size.n_rows * 0.1)


def _pair_seconds(size: FitSize, layers: int, *, tuned: bool) -> float:
    """Return the seconds of learning by pairs through so many layers, tuned or not, and of reading the rows by them."""
    params, config = size.params, config_of(str(size.params["weights"]))
    width = width_of(config)
    inner = float(config.get("intermediate_size") or config.get("hidden_dim") or 4 * width)
    numbers = layers * (4 * width**2 + 2 * width * inner)
    tokens = min(float(params.get("tokens", 128)), WORDS_TO_TOKENS * max(1.0, size.words) + 2)
    reading = 2.0 * numbers * (tokens + float(params.get("prompts", 0)))
    batch = min(float(params.get("batch", 32)), max(1, size.n_rows))
    step = 3.0 * batch * reading + STEP_FLOPS * numbers if tuned else 2.0 * batch * reading
    pace = 2e13 if size.device != "cpu" else 5e10 * max(1, size.threads) ** 0.8
    return 3.0 + (size.n_rows * reading + n_steps(params, size.n_rows) * step) / pace


def pair_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold, and of reading the texts: no more are read than there is time for."""
    params = size.params
    shared = bert_resources(replace(size, params={**params, "train": "head"})).shared_seconds
    key = f"pairs/{params['weights']}/{n_layers(params)}/{params.get('tokens', 64)}"
    seconds = 2.0 + size.n_rows * 1.5e-4
    return Resources(seconds, 700.0 + size.n_rows * 8e-3, shared_seconds=min(shared, MOST_READING), shared_key=key)


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
    return _head_limits(size) or bert_limits(size)


def _head_limits(size: FitSize) -> str:
    """Refuse a head that is another's like, or that is for few rows where there are many."""
    head, n_classes = size.params.get("head"), size.task.n_outputs
    if not size.task.has_classes and head != "linear":
        return "values are predicted alike whatever the head; head='linear' stands for all"
    if head == "prototypes" and size.n_rows > MOST_ROWS_A_CLASS * n_classes:
        return f"prototypes are for at most {MOST_ROWS_A_CLASS} rows a class; other heads learn more of {size.n_rows}"
    return ""


def contrast_limits(size: FitSize) -> str:
    """Refuse many rows of a class, and what bert refuses."""
    each = size.n_rows / max(1, size.task.n_outputs)
    if each > MOST_ROWS_A_CLASS or size.n_rows > MOST_ROWS_TOGETHER:
        return (
            f"of {size.n_rows} rows, {each:.0f} for each class, frozen layers tell as much; this is for at most "
            f"{MOST_ROWS_A_CLASS} of a class and {MOST_ROWS_TOGETHER} in all"
        )
    return bert_limits(size)
