"""The head over words: a small network from the states of a sentence's words to the labels of each."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array, FitContext
from automl_builtins.models._shared.fine_tuning import cycle, judged, losses_of, weighted_mean
from automl_builtins.tagging.sentences import Words

WARM_UP = 0.1
RESERVE = 0.25
WORDS_AT_ONCE = 4_000
SORTED_AT_ONCE = 16
"""Batches whose sentences are sorted by length: filled up to the longest of any 32, they would be twice as long."""
SIGNS = 8
"""Numbers of `signs_of`, which networks without capitals do not see."""
IGNORED = -100


@dataclass(frozen=True, slots=True)
class SentenceRows:
    """Sentences to learn from, or to judge by.

    states: `(n_words, width)` float16 of each, or what else a training turns into what its network sees; signs:
        `(n_words, SIGNS)` of each; target: `(n_words,)` class numbers of each, `IGNORED` for words that are none of the
        rows; weights: the same, or None.
    """

    states: Sequence[Any]
    signs: Sequence[Array]
    target: Sequence[Array] = ()
    weights: Sequence[Array] | None = None


def signs_of(words: Words) -> Array:
    """Return what letters tell beside their sound: capitals, digits and the like, `(n_words, SIGNS)` float32."""
    return np.array(
        [
            (
                word.istitle(), word.isupper(), word.islower(), any(c.isdigit() for c in word),
                not any(c.isalnum() for c in word), place == 0, len(word) / 10.0, len(fields) > 1,
            )
            for place, fields in enumerate(words)
            for word in fields[:1]
        ],
        dtype=np.float32,
    )  # fmt: skip


def make_word_head(facts: Mapping[str, Any]) -> Any:
    """Return a torch module from states `(n, n_words, width + SIGNS)` and a mask to outputs `(n, n_words, n_outputs)`.

    Two convolutions over three words each see two neighbours on each side. facts: "inputs", "hidden", "dropout",
    "n_outputs".
    """
    import torch
    from torch import nn

    inputs, hidden, dropout = int(facts["inputs"]), int(facts["hidden"]), float(facts["dropout"])

    class OverWords(nn.Module):  # type: ignore[misc]  # torch has no types here
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(inputs, hidden)
            self.near = nn.Conv1d(hidden, hidden, 3, padding=1)
            self.far = nn.Conv1d(hidden, hidden, 3, padding=1)
            self.dropout = nn.Dropout(dropout)
            self.last = nn.Linear(2 * hidden, int(facts["n_outputs"]))

        def forward(self, states: Any, mask: Any) -> Any:
            there = mask[:, None, :].float()  # beyond a sentence there is nothing, however long others are
            seen = self.dropout(nn.functional.gelu(self.first(self.dropout(states)))).transpose(1, 2) * there
            near = nn.functional.gelu(self.near(seen)) * there
            far = nn.functional.gelu(self.far(self.dropout(near)))
            return self.last(self.dropout(torch.cat([near, far], 1).transpose(1, 2)))

    return OverWords()


class WordTraining:
    """One cycle over sentences, fitted to the time at hand; the best epoch by the validation rows is kept."""

    judges_each_epoch = True
    """Whether the validation rows are looked at after each time through the sentences, or in the end alone."""

    def __init__(self, params: Mapping[str, Any], context: FitContext, centre: Array, spread: Array) -> None:
        """Keep what holds for all steps; states are taken less `centre` and divided by `spread`."""
        self._params, self._context = params, context
        self._centre, self._spread = centre, spread
        self._rng = np.random.default_rng(context.seed)

    def train(self, head: Any, rows: SentenceRows, valid: SentenceRows | None) -> float:
        """Train, and return the temperature by which outputs are best divided."""
        import torch

        rate, epochs = float(self._params.get("learning_rate", 2e-3)), int(self._params.get("epochs", 6))
        optimizer = torch.optim.AdamW(self._groups(head, rate), lr=rate, weight_decay=0.01)
        started, left = time.monotonic(), self._context.seconds_left()
        room = max(1e-3, (1.0 - RESERVE) * left) if math.isfinite(left) else math.inf
        size, best, temperature, kept = int(self._params.get("batch", 32)), math.inf, 1.0, {}
        each = math.ceil(len(rows.states) / size)
        for taken, chosen in enumerate(self._batches([len(each) for each in rows.signs], size, epochs)):
            done = max(taken / (epochs * each), (time.monotonic() - started) / room)
            if done < 1.0:
                head.train()
                for group in optimizer.param_groups:
                    group["lr"] = group["rate"] * cycle(max(done, 1e-3), WARM_UP)
                optimizer.zero_grad(set_to_none=True)
                self._loss(head, rows, chosen).backward()
                optimizer.step()
            ended = (taken + 1) % each == 0 and (self.judges_each_epoch or taken + 1 == epochs * each)
            if valid is not None and (done >= 1.0 or ended):
                loss, found = self._judged(head, valid)
                if loss < best:
                    best, temperature = loss, found
                    kept = {name: value.clone() for name, value in head.state_dict().items()}
            if done >= 1.0:
                break
        if kept:
            head.load_state_dict(kept)
        head.eval()
        return temperature

    def outputs(self, head: Any, rows: SentenceRows) -> list[Array]:
        """Return `(n_words, n_outputs)` of each sentence."""
        import torch

        head.eval()
        made: list[Array] = [np.empty(0)] * len(rows.states)
        lengths = [len(each) for each in rows.signs]
        order = sorted(range(len(lengths)), key=lambda number: lengths[number])
        with torch.inference_mode():
            start = 0
            while start < len(order):
                count = max(1, WORDS_AT_ONCE // lengths[order[start]])
                while count > 1 and lengths[order[min(start + count, len(order)) - 1]] * count > WORDS_AT_ONCE:
                    count //= 2
                chosen = order[start : start + count]
                found = head(*self._seen(rows, chosen)).numpy()
                for place, number in enumerate(chosen):
                    made[number] = found[place, : lengths[number]]
                start += count
        return made

    def _groups(self, head: Any, rate: float) -> list[dict[str, Any]]:
        """Return what is trained, with its learning rates."""
        return [{"params": list(head.parameters()), "rate": rate}]

    def _batches(self, lengths: Sequence[int], size: int, epochs: int) -> Iterator[Array]:
        """Yield batches of about equally long sentences, each epoch in another order."""
        words, together = np.array(lengths), size * SORTED_AT_ONCE
        for _ in range(epochs):
            order = self._rng.permutation(len(words))
            batches = []
            for start in range(0, len(order), together):
                part = order[start : start + together]
                part = part[np.argsort(words[part], kind="stable")]
                batches += [part[first : first + size] for first in range(0, len(part), size)]
            yield from (batches[number] for number in self._rng.permutation(len(batches)))

    def _seen(self, rows: SentenceRows, chosen: Sequence[int] | Array) -> tuple[Any, ...]:
        """Return what the network is given, the mask of words last: states with signs, scaled."""
        import torch

        longest = max(len(rows.states[number]) for number in chosen)
        width = len(self._centre)
        states = np.zeros((len(chosen), longest, width + SIGNS), dtype=np.float32)
        mask = np.zeros((len(chosen), longest), dtype=bool)
        for place, number in enumerate(chosen):
            count = len(rows.states[number])
            states[place, :count, :width], states[place, :count, width:] = rows.states[number], rows.signs[number]
            mask[place, :count] = True
        states[:, :, :width] -= self._centre  # what is filled up is hidden by the mask
        states[:, :, :width] /= self._spread
        return torch.from_numpy(states), torch.from_numpy(mask)

    def _loss(self, head: Any, rows: SentenceRows, chosen: Array) -> Any:
        import torch

        seen = self._seen(rows, chosen)
        outputs = head(*seen)[seen[-1]]
        target = torch.from_numpy(np.concatenate([rows.target[number] for number in chosen]))
        there = target != IGNORED
        weights = None
        if rows.weights is not None:
            weights = torch.from_numpy(np.concatenate([rows.weights[number] for number in chosen]))[there]
        smoothing = float(self._params.get("smoothing", 0.0))
        return weighted_mean(losses_of(outputs[there], target[there], True, smoothing), weights)

    def _judged(self, head: Any, rows: SentenceRows) -> tuple[float, float]:
        import torch

        found = torch.from_numpy(np.concatenate(self.outputs(head, rows)))
        target = torch.from_numpy(np.concatenate(list(rows.target)))
        there = target != IGNORED
        return judged(found[there], target[there], True, None)
