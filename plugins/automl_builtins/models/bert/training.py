"""Train a bert model: what draws predictions from the layers' states first, then the layers themselves."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array, FitContext
from automl_builtins.models._shared.fine_tuning import RunningMean, casting, cycle, judged, losses_of, weighted_mean
from automl_builtins.models.bert.layers import batches_by_length, padded, parts_by_length, tokens_at_once

WARM_UP = 0.1
AVERAGED = 0.1
AVERAGE_EVERY = 4
LEAST_STEPS = 150
"""A small table is gone through so often that there are so many steps, at most `MOST_EPOCHS` times."""
MOST_EPOCHS = 60
PATIENCE = 4
"""Times through the rows without a better loss on the validation rows after which training ends."""
SORTED_AT_ONCE = 16
"""Batches whose rows are sorted by length, so that those of a batch are about equally long."""
FEWEST_TOKENS = 256
"""Of a batch, which comes in parts as large as go through the layers together; smaller ones where a device is full."""
RESERVE = 0.1
CLIP = 1.0


@dataclass(frozen=True, slots=True)
class TextRows:
    """Rows to learn from or to judge by; `states` of each text `(n_tokens, width)` float16, `weights` may be None."""

    tokens: Sequence[Array]
    states: Sequence[Array]
    numbers: Any
    target: Any
    weights: Any

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.target)


class Training:
    """One cycle over rows for one network, fitted to the time at hand."""

    def __init__(self, facts: Mapping[str, Any], params: Mapping[str, Any], context: FitContext, of_class: Any) -> None:
        """Keep what holds for both parts; `of_class` weighs each class, or is None."""
        import torch

        self._torch, self._facts, self._params, self._context = torch, facts, params, context
        self._device = str(facts["device"])
        self._most_tokens = tokens_at_once(self._device)
        self._of_class = of_class
        self._rng = np.random.default_rng(context.seed)
        self._batch = int(params.get("batch", 32))
        self._ends = math.inf
        left = context.seconds_left()
        if math.isfinite(left):
            self._ends = time.monotonic() + max(0.2, (1.0 - RESERVE) * left)
        self.halved = 0

    # --- the head

    def train_head(self, head: Any, train: TextRows, valid: TextRows | None, share: float = 1.0) -> float:
        """Train on states alone; keep the best epoch by the validation rows, and return the temperature there."""
        rate = float(self._params.get("learning_rate", 2e-3))
        decay = float(self._params.get("weight_decay", 0.01))
        optimizer = self._torch.optim.AdamW(head.parameters(), lr=rate, weight_decay=decay, betas=(0.9, 0.98))

        def step(rows: Array, done: float) -> None:
            head.train()
            for group in optimizer.param_groups:
                group["lr"] = rate * cycle(done, WARM_UP)
            optimizer.zero_grad(set_to_none=True)
            self._loss(head(*self._seen(train, rows)), train, rows).backward()
            self._torch.nn.utils.clip_grad_norm_(head.parameters(), CLIP)
            optimizer.step()

        best = [math.inf, 1.0, 0.0]
        kept: dict[str, Any] = {}

        def judge(epoch: int) -> bool:
            if valid is None or not len(valid):
                return True
            loss, temperature = self._judged(self.head_outputs(head, valid), valid)
            if loss < best[0]:
                best[:] = [loss, temperature, epoch]
                kept.update({name: value.clone() for name, value in head.state_dict().items()})
            return epoch - best[2] < PATIENCE

        self._go_through(train, int(self._params.get("epochs", 8)), step, judge, share)
        if kept:
            head.load_state_dict(kept)
        head.eval()
        return best[1]

    def head_outputs(self, head: Any, rows: TextRows) -> Any:
        """Return `(n_rows, n_outputs)` from states."""
        head.eval()
        outputs: list[Any] = [None] * len(rows)
        with self._torch.inference_mode():
            for part, _ in batches_by_length([len(each) for each in rows.states], self._most_tokens):
                for row, found in zip(part, head(*self._seen(rows, np.array(part))), strict=True):
                    outputs[row] = found
        return self._torch.stack(outputs)

    def _seen(self, rows: TextRows, chosen: Array) -> tuple[Any, Any, Any]:
        """Return states, mask and numbers of the chosen rows."""
        taken = [rows.states[row] for row in chosen]
        length = max(len(each) for each in taken)
        states = np.zeros((len(taken), length, taken[0].shape[1]), dtype=np.float32)
        mask = np.zeros((len(taken), length), dtype=np.int64)
        for place, each in enumerate(taken):
            states[place, : len(each)], mask[place, : len(each)] = each, 1
        torch, device = self._torch, self._device
        return torch.from_numpy(states).to(device), torch.from_numpy(mask).to(device), rows.numbers[chosen]

    # --- the layers

    def tune(self, body: Any, head: Any, train: TextRows, layers: Sequence[Any]) -> RunningMean:
        """Train layers and head together; return the mean of their weights over the last steps."""
        both = self._torch.nn.ModuleDict({"body": body, "head": head})
        optimizer = self._torch.optim.AdamW(self._groups(head, layers), betas=(0.9, 0.98))
        mean = RunningMean(both, AVERAGED)
        epochs = int(self._params.get("epochs", 2))
        total = [0, max(1, epochs * math.ceil(len(train) / self._batch))]

        def step(rows: Array, done: float) -> None:
            both.train()
            for group in optimizer.param_groups:
                group["lr"] = group["rate"] * cycle(done, WARM_UP)
            self._learn(body, head, train, rows, optimizer)
            total[0] += 1
            if total[0] % AVERAGE_EVERY == 0:
                mean.take(total[0] // AVERAGE_EVERY, total[0] / max(done, 1e-3) / AVERAGE_EVERY)

        self._go_through(train, epochs, step, lambda _: True, 1.0, least=0)
        both.eval()
        return mean

    def _groups(self, head: Any, layers: Sequence[Any]) -> list[dict[str, Any]]:
        """Return the parameters with their learning rates, of each layer less the deeper it lies."""
        rate, lower = float(self._params.get("body_rate", 1e-4)), float(self._params.get("layer_decay", 0.8))
        lora = 10.0 if self._params.get("lora", 0) else 1.0
        decay = float(self._params.get("weight_decay", 0.01))
        groups = [{"params": list(head.parameters()), "rate": 5.0 * rate, "weight_decay": decay}]
        for depth, layer in enumerate(reversed(layers)):
            for matrices in (True, False):
                values = [p for p in layer.parameters() if p.requires_grad and (p.ndim > 1) is matrices]
                if values:
                    groups.append(
                        {"params": values, "rate": lora * rate * lower**depth, "weight_decay": decay * matrices}
                    )
        return groups

    def _learn(self, body: Any, head: Any, train: TextRows, rows: Array, optimizer: Any) -> None:
        """Learn from a batch, in parts of about equal length, smaller ones where the device cannot hold them."""
        while True:
            optimizer.zero_grad(set_to_none=True)
            try:
                lengths = [len(train.tokens[row]) for row in rows]
                for part, length in parts_by_length(lengths, self._most_tokens >> self.halved):
                    self._backward(body, head, train, rows[part], length, len(part) / len(rows))
                break
            except self._torch.OutOfMemoryError:
                if self._most_tokens >> self.halved <= FEWEST_TOKENS:
                    raise
                self.halved += 1
                if self._device.startswith("cuda"):
                    self._torch.cuda.empty_cache()
        values = [value for group in optimizer.param_groups for value in group["params"]]
        self._torch.nn.utils.clip_grad_norm_(values, CLIP)
        optimizer.step()

    def _backward(self, body: Any, head: Any, train: TextRows, rows: Array, length: int, share: float) -> None:
        ids, mask = padded([train.tokens[row] for row in rows], length, int(self._facts["padding"]), self._device)
        reach = float(self._params.get("adversarial", 0.0))
        words = body.get_input_embeddings()(ids).detach().requires_grad_(reach > 0)

        def loss(words: Any) -> Any:
            with casting(self._device, self._facts):
                states = body(inputs_embeds=words, attention_mask=mask).last_hidden_state
            return share * self._loss(head(states.float(), mask, train.numbers[rows]), train, rows)

        loss(words).backward()
        if reach > 0:  # the fast gradient method (Miyato et al., ICLR 2017): learn what holds a step away, too
            away = reach * words.grad / words.grad.norm(dim=(1, 2), keepdim=True).clamp_min(1e-12)
            loss((words + away).detach()).backward()

    # --- both

    def _go_through(
        self,
        train: TextRows,
        epochs: int,
        step: Callable[[Array, float], None],
        judge: Callable[[int], bool],
        share: float,
        least: int = LEAST_STEPS,
    ) -> None:
        """Take steps through all rows, again and again, until the epochs or the share of the time are over."""
        lengths = np.array([len(each) for each in train.tokens])
        started = time.monotonic()
        room = max(1e-3, share * (self._ends - started))
        each = math.ceil(len(train) / self._batch)
        epochs = max(epochs, min(MOST_EPOCHS, math.ceil(least / each)))
        taken = 0
        for epoch in range(1, epochs + 1):
            for rows in self._batches(lengths):
                done = max(taken / (epochs * each), (time.monotonic() - started) / room)
                if done >= 1.0:
                    judge(epoch)
                    return
                step(rows, max(done, 1e-3))
                taken += 1
            if not judge(epoch):
                return

    def _batches(self, lengths: Array) -> list[Array]:
        """Return all rows in batches of about equally long texts, in an order that chance gives."""
        order, size = self._rng.permutation(len(lengths)), self._batch * SORTED_AT_ONCE
        batches: list[Array] = []
        for start in range(0, len(order), size):
            part = order[start : start + size]
            part = part[np.argsort(lengths[part], kind="stable")]
            batches += [part[i : i + self._batch] for i in range(0, len(part), self._batch)]
        return [batches[i] for i in self._rng.permutation(len(batches))]

    def _loss(self, outputs: Any, rows: TextRows, chosen: Array) -> Any:
        classes = bool(self._facts["classes"])
        smoothing = float(self._params.get("smoothing", 0.0))
        losses = losses_of(outputs.float(), rows.target[chosen], classes, smoothing, self._of_class)
        return weighted_mean(losses, None if rows.weights is None else rows.weights[chosen])

    def _judged(self, outputs: Any, rows: TextRows) -> tuple[float, float]:
        return judged(outputs, rows.target, bool(self._facts["classes"]), rows.weights)
