"""The network of the bert model: layers of a pretrained transformer, and what draws a prediction from their states."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from automl.plugin_api import Array, weights_path

NUMBERS_WIDTH = 32
STEP = 8
"""Texts are filled up to a multiple of so many tokens, those of one length go through the layers together."""
PLACES_BEFORE = 2
"""Of a network's places for tokens, those that some kinds of networks leave out."""
UNBOUNDED = 2**20
"""Tokens of a network that has no places, but distances between tokens."""
TOKENS_AT_ONCE = 1_024
"""Tokens that go through the layers together: as many as stay in a processor's cache (4,096 took 1.4 times as long)."""
TOKENS_ON_GPU = 16_384
OUT = -1e4
ATTENTION_DROPOUT = frozenset({"attention_probs_dropout_prob", "attention_dropout"})
"""What descriptions of networks call it."""


@lru_cache(maxsize=8)
def config_of(weights: str) -> Mapping[str, Any]:
    """Return a pretrained network's description, as plain values; raises LookupError where there is none.

    A search asks for it in its own process, where importing transformers would keep all workers waiting for seconds.
    """
    folder = Path(weights_path(weights))
    if folder.is_dir():
        return dict(json.loads((folder / "config.json").read_text(encoding="utf-8")))
    from transformers import AutoConfig

    try:
        return dict(AutoConfig.from_pretrained(str(folder)).to_dict())
    except Exception as error:
        raise LookupError(_not_found(weights, error)) from error


def depth_of(config: Mapping[str, Any]) -> int:
    """Return how many layers a network has."""
    return int(config.get("num_hidden_layers") or config.get("n_layers") or 12)


def width_of(config: Mapping[str, Any]) -> int:
    """Return how many numbers its layers give for a token."""
    return int(config.get("hidden_size") or config.get("dim") or 768)


def places_in(config: Mapping[str, Any], besides: int = 0) -> int:
    """Return how many tokens a network reads of a text that others, `besides` in number, go before.

    It knows so many places, of which some kinds leave out the first ones; and texts are filled up to whole steps.
    """
    places = int(config.get("max_position_embeddings") or config.get("n_positions") or 0)
    if not places:
        return UNBOUNDED
    return max(STEP, STEP * ((places - PLACES_BEFORE - besides) // STEP))


def load_body(weights: str, layers: int) -> Any:
    """Return the first layers of a pretrained network, their numbers rounded to half precision as they are stored.

    Attention drops nothing out: drawing what to drop took a fifth of a training step, and keeps torch from the kernels
    that do not write the whole attention matrix down.
    """
    from transformers import AutoModel

    undropped = dict.fromkeys(ATTENTION_DROPOUT & config_of(weights).keys(), 0.0)
    with _silent():
        try:
            body = AutoModel.from_pretrained(weights_path(weights), num_hidden_layers=layers, **undropped)
        except Exception as error:
            raise LookupError(_not_found(weights, error)) from error
    return rounded(_without_pooler(body.float()))


def make_body(config: Mapping[str, Any], layers: int) -> Any:
    """Return such layers without their numbers, which are left to be filled."""
    from transformers import AutoConfig, AutoModel

    described = {**config, "num_hidden_layers": layers, "dtype": "float32"}
    make: Any = AutoModel.from_config
    return _without_pooler(make(AutoConfig.for_model(described.pop("model_type"), **described))).eval()


def rounded(network: Any) -> Any:
    """Return a network whose numbers are as half precision keeps them, so that what is stored predicts the same."""
    import torch

    with torch.no_grad():
        for value in network.parameters():
            value.copy_(value.half().float())
    return network.eval()


def make_head(facts: Mapping[str, Any]) -> Any:
    """Return a torch module from states `(n, n_tokens, width)`, a mask and numbers `(n, n_numbers)` to outputs.

    Each of its `heads` weighs the tokens in its own way; a prediction is drawn from their weighted means and the plain
    one (self-attentive pooling: Lin et al., "A structured self-attentive sentence embedding", ICLR 2017).
    facts: "width", "heads", "dropout", "n_numbers", "n_outputs".
    """
    import torch
    from torch import nn

    width, heads, n_numbers = int(facts["width"]), int(facts["heads"]), int(facts["n_numbers"])

    class Pooling(nn.Module):  # type: ignore[misc]  # torch has no types here
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.LayerNorm(width, elementwise_affine=False)  # frozen states then need no gradient
            self.score = nn.Linear(width, heads)
            self.pooled = nn.LayerNorm(width * (heads + 1))
            self.numbers = nn.Sequential(nn.Linear(n_numbers, NUMBERS_WIDTH), nn.GELU()) if n_numbers else None
            self.dropout = nn.Dropout(float(facts["dropout"]))
            n_inputs = width * (heads + 1) + (NUMBERS_WIDTH if n_numbers else 0)
            self.last = nn.Linear(n_inputs, int(facts["n_outputs"]))
            nn.init.zeros_(self.score.weight)
            nn.init.zeros_(self.last.weight)

        def forward(self, states: Any, mask: Any, numbers: Any) -> Any:
            states, there = self.norm(states), mask[:, :, None].float()
            shares = (self.score(states) + OUT * (1 - there)).softmax(1)
            every = torch.cat([there / there.sum(1, keepdim=True), shares], 2)
            seen = self.pooled((every.transpose(1, 2) @ states).flatten(1))
            if self.numbers is not None:
                seen = torch.cat([seen, self.numbers(numbers)], 1)
            return self.last(self.dropout(seen))

    return Pooling()


def states_of(
    body: Any, tokens: Sequence[Array], padding: int, device: str = "cpu", *, pooled: bool = False
) -> list[Array]:
    """Return what the layers make of each text: `(n_tokens, width)` float16; equal texts are read once.

    `pooled` gives their mean in its place, `(1, width)` float32, which networks for sentences are trained by. Texts of
    about one length go together; how far one is filled up depends on its own length alone, so that a text gets the same
    alone and among others.
    """
    import torch

    keys = [each.tobytes() for each in tokens]
    distinct = dict(zip(keys, tokens, strict=True))
    texts = list(distinct.values())
    made: list[Array] = [np.empty(0)] * len(texts)
    with torch.inference_mode():
        for rows, length in batches_by_length([len(each) for each in texts], tokens_at_once(device)):
            ids, mask = padded([texts[row] for row in rows], length, padding, device)
            states = body(input_ids=ids, attention_mask=mask).last_hidden_state
            found = (means_of(states, mask) if pooled else states.half()).cpu().numpy()
            for place, row in enumerate(rows):
                made[row] = found[place, : 1 if pooled else len(texts[row])].copy()
    of_text = dict(zip(distinct, made, strict=True))
    return [of_text[key] for key in keys]


def means_of(states: Any, mask: Any) -> Any:
    """Return the mean of each text's states, `(n_texts, 1, width)`."""
    there = mask[:, :, None].float()
    return (states.float() * there).sum(1, keepdim=True) / there.sum(1, keepdim=True)


def tokens_at_once(device: str) -> int:
    """Return how many tokens may go through the layers together."""
    return TOKENS_AT_ONCE if device == "cpu" else TOKENS_ON_GPU


def batches_by_length(lengths: Sequence[int], most_tokens: int) -> Iterator[tuple[list[int], int]]:
    """Yield rows that are filled up to one length, with that length; short ones first."""
    filled = [STEP * math.ceil(length / STEP) for length in lengths]
    order = sorted(range(len(filled)), key=lambda row: filled[row])
    start = 0
    while start < len(order):
        length = filled[order[start]]
        end = start + 1
        while end < len(order) and filled[order[end]] == length and (end - start + 1) * length <= most_tokens:
            end += 1
        yield order[start:end], length
        start = end


def parts_by_length(lengths: Sequence[int], most_tokens: int) -> Iterator[tuple[list[int], int]]:
    """Yield rows of about one length, with that of the longest; each is filled up to it."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    start = 0
    while start < len(order):
        length = lengths[order[start]]
        end = start + max(1, most_tokens // length)
        yield order[start:end], length
        start = end


def padded(rows: Sequence[Array], length: int, padding: int, device: str) -> tuple[Any, Any]:
    """Return token numbers and mask, `(n_rows, length)` int64, of texts of no more tokens."""
    import torch

    ids = np.full((len(rows), length), padding, dtype=np.int64)
    mask = np.zeros((len(rows), length), dtype=np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)], mask[place, : len(row)] = row, 1
    return torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)


def arrays_of(network: Any, half: bool = False) -> dict[str, Array]:
    """Return a network's numbers as arrays."""
    kind = np.float16 if half else np.float32
    return {name: value.detach().float().cpu().numpy().astype(kind) for name, value in network.state_dict().items()}


def filled(network: Any, arrays: Mapping[str, Array]) -> Any:
    """Return the network with numbers that `arrays_of` gave."""
    import torch

    values = {name: torch.from_numpy(np.asarray(value, dtype=np.float32)) for name, value in arrays.items()}
    network.load_state_dict(values)
    return network.eval()


def digest_of(arrays: Mapping[str, Array], padding: int) -> str:
    """Return a name for layers that others do not have."""
    made = hashlib.sha256(str(padding).encode())
    for name, value in sorted(arrays.items()):
        made.update(name.encode() + np.ascontiguousarray(value).tobytes())
    return made.hexdigest()


def _without_pooler(body: Any) -> Any:
    if getattr(body, "pooler", None) is not None:
        body.pooler = None
    return body


@contextmanager
def _silent() -> Iterator[None]:
    """Keep transformers from reporting the layers that are left out on purpose."""
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)
        logging.enable_progress_bar()


def _not_found(weights: str, error: Exception) -> str:
    reason = next(iter(str(error).splitlines()), "")[:160]
    return (
        f"weights {weights!r} not found ({type(error).__name__}: {reason}); put them in a folder with config.json, "
        f"tokenizer.json and model.safetensors, and set AUTOML_TEXT_WEIGHTS to it"
    )
