"""Train an image network: one cycle of the learning rate, fitted to the time at hand, on whichever device is given."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl.plugin_api import FitContext
from automl_builtins.models._shared.fine_tuning import RunningMean, casting, cycle, judged, losses_of, weighted_mean
from automl_builtins.models.resnet.images import augmented, mixed, normalised, shrunk

EVALUATED = 64
"""Images that are looked at together when nothing is learnt; a smaller batch is filled up, so that an image alone
gets what it gets among others."""
SMOOTHING = 0.1
WARM_UP = 0.2
RESERVE = 0.08
"""Share of the time left that is kept for the end."""
SMALL = (((0.5, 0.75),), ((0.3, 0.5), (0.6, 0.75)))
"""Up to these shares of the training, images are scaled down by these factors: from scratch, and pretrained."""
AVERAGE_EVERY = 4
PROBE_FROM = 30.0
"""Seconds left from which it pays to try which way of laying out images in memory is faster."""
PROBED = 8
"""Images that this is tried with."""
BODY_RATE, STAGE_RATE = 0.1, 0.6
"""Learning rate of a pretrained body relative to the last layer's, and of each of its stages relative to the next."""
HEAD_SHARE = 0.25
"""Share of the time in which the last layer of a pretrained network is trained alone, at most."""
HEAD_EPOCHS = 30
AVERAGED = 0.1
"""The averaged weights look back over about this share of the steps."""
FEWEST = 4
"""The smallest batch that a full GPU is tried with."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows on the device: images `(n, side, side, 3)` uint8, one tensor for each column; numbers, target, weights."""

    images: tuple[Any, ...]
    numbers: Any
    target: Any
    weights: Any

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.target)


class NetworkTrainer:
    """Trains one network on rows of a device."""

    def __init__(self, network: Any, facts: Mapping[str, Any], params: Mapping[str, Any], context: FitContext) -> None:
        """Keep what to train, and how."""
        import torch

        self._torch, self._facts, self._params = torch, facts, params
        self._device = str(facts["device"])
        self._layout = torch.channels_last
        self._network = network.to(self._device, memory_format=self._layout)
        self._context = context
        self._batch = int(params.get("batch", 64))
        self._pretrained = bool(facts["weights"])
        self._generator = torch.Generator().manual_seed(context.seed)
        self._rng = np.random.default_rng(context.seed)
        self._mean = RunningMean(self._network, AVERAGED)
        self._ends = math.inf
        self.halved = 0

    def run(self, train: Rows, valid: Rows | None) -> float:
        """Train until the time is nearly over or the epochs are done; return the temperature for probabilities."""
        judged = 0 if valid is None else len(valid)
        left = self._context.seconds_left()
        probe = self._seconds_to_look(train) * judged * 3 if math.isfinite(left) else 0.0
        self._ends = time.monotonic() + max(0.2, (1.0 - RESERVE) * left - probe) if math.isfinite(left) else math.inf
        if self._pretrained:
            self._train_head(train)
        if not self._pretrained or self._params.get("train", "all") == "all":
            self.tune(train)
        return self._settle(valid)

    def outputs(self, rows: Rows, mirrored: bool) -> Any:
        """Return `(n_rows, n_outputs)`, the mean over each image and, where asked, its mirror image."""
        turned = [False, True] if mirrored else [False]
        self._network.eval()
        with self._torch.no_grad():
            parts = [self._looked(rows, slice(i, i + EVALUATED), turned) for i in range(0, len(rows), EVALUATED)]
        return self._torch.cat(parts)

    def _looked(self, rows: Rows, part: slice, turned: list[bool]) -> Any:
        images = [each[part] for each in rows.images]
        numbers = rows.numbers[part]
        given = len(numbers)
        missing = EVALUATED - given
        if missing:
            images = [self._torch.cat([each, each[:1].expand(missing, -1, -1, -1)]) for each in images]
            numbers = self._torch.cat([numbers, numbers[:1].expand(missing, -1)])
        made = [self._network([self._ready(each, turn) for each in images], numbers) for turn in turned]
        return sum(made)[:given].float() / len(made)

    def _ready(self, images: Any, turned: bool) -> Any:
        made = normalised(images.flip(2) if turned else images, self._facts)
        return made.contiguous(memory_format=self._layout)

    # --- the last layer alone, on what the pretrained body makes of the images

    def _train_head(self, train: Rows) -> None:
        features = self._body_features(train)
        head = self._network.head
        optimizer = self._torch.optim.AdamW(head.parameters(), lr=1e-3, weight_decay=1e-2)
        started, room = time.monotonic(), HEAD_SHARE * (self._ends - time.monotonic())
        order = self._torch.randperm(len(train), generator=self._generator)
        for epoch in range(HEAD_EPOCHS):
            for rows in order[self._torch.randperm(len(order), generator=self._generator)].split(self._batch):
                chosen = features[epoch % len(features)][rows]
                optimizer.zero_grad(set_to_none=True)
                self._loss(head(chosen), train, rows, None).backward()
                optimizer.step()
            if time.monotonic() - started > room:
                break

    def _body_features(self, train: Rows) -> list[Any]:
        """Return the features of all rows, and of their mirror images."""
        self._network.eval()
        found = []
        with self._torch.no_grad():
            for turn in (False, True) if self._params.get("mirror", True) else (False,):
                parts = []
                for i in range(0, len(train), EVALUATED):
                    images = [self._ready(each[i : i + EVALUATED], turn) for each in train.images]
                    parts.append(self._network.features(images, train.numbers[i : i + EVALUATED]))
                found.append(self._torch.cat(parts))
        return found

    # --- all layers

    def tune(self, train: Rows) -> None:
        """Train all layers, by one cycle of the learning rate over the epochs or the time, whichever ends first."""
        self._choose_layout(train)
        optimizer = self._torch.optim.AdamW(self._groups(), betas=(0.9, 0.99), fused=True)
        started = time.monotonic()
        each = max(1, len(train) // self._batch)
        total, step, done = int(self._params.get("epochs", 30)) * each, 0, 0.0
        while done < 1.0:
            self._network.train()
            order = self._torch.randperm(len(train), generator=self._generator)
            for rows in order[: each * self._batch].split(self._batch):
                self._set_rates(optimizer, done)
                self._step(optimizer, train, rows, done)
                step += 1
                passed = (time.monotonic() - started) / max(1e-3, self._ends - started)
                done = max(step / total, passed)
                if step % AVERAGE_EVERY == 0:
                    self._mean.take(step // AVERAGE_EVERY, step / done / AVERAGE_EVERY)
                if done >= 1.0:
                    break

    def _groups(self) -> list[dict[str, Any]]:
        """Return parameters with their learning rates: of a pretrained body the less the deeper they lie."""
        rate, decay = float(self._params.get("learning_rate", 5e-3)), float(self._params.get("weight_decay", 0.05))
        groups = []
        names = [name for name, _ in self._network.named_parameters()]
        stages = sorted({_stage(name) for name in names})
        for name, value in self._network.named_parameters():
            depth = len(stages) - 1 - stages.index(_stage(name))
            is_body = self._pretrained and name.startswith("body.")
            factor = BODY_RATE * STAGE_RATE ** max(0, depth) if is_body else 1.0
            groups.append(
                {"params": [value], "lr": rate, "factor": factor, "weight_decay": decay if value.ndim > 1 else 0.0}
            )
        return groups

    def _set_rates(self, optimizer: Any, done: float) -> None:
        rate = float(self._params.get("learning_rate", 5e-3))
        share = cycle(done, WARM_UP)
        for group in optimizer.param_groups:
            group["lr"] = max(0.02, share) * rate * group["factor"] if done < 0.98 else 0.01 * rate * group["factor"]

    def _step(self, optimizer: Any, train: Rows, rows: Any, done: float) -> None:
        """Learn from a batch, in parts where the device cannot hold all of it at once."""
        while True:
            optimizer.zero_grad(set_to_none=True)
            try:
                for part in rows.split(max(1, self._batch >> self.halved)):
                    self._backward(train, part, done, len(part) / len(rows))
                break
            except self._torch.OutOfMemoryError:
                if self._batch >> self.halved <= FEWEST:
                    raise
                self.halved += 1
                if self._device.startswith("cuda"):
                    self._torch.cuda.empty_cache()
        self._torch.nn.utils.clip_grad_norm_(self._network.parameters(), 5.0)
        optimizer.step()

    def _backward(self, train: Rows, rows: Any, done: float, share: float) -> None:
        images = [
            augmented(each[rows], self._facts, self._generator, bool(self._params.get("mirror", True)))
            for each in train.images
        ]
        images = [shrunk(each, self._scale_at(done)).contiguous(memory_format=self._layout) for each in images]
        mix = None
        if done < 0.85 and self._rng.random() < float(self._params.get("mix", 0.0)) and len(rows) > 1:
            images, mix = mixed(images, self._generator, self._rng)
        with casting(self._device, self._facts):
            outputs = self._network(images, train.numbers[rows])
        (share * self._loss(outputs, train, rows, mix)).backward()

    def _scale_at(self, done: float) -> float:
        """Return by how much images are scaled down: small ones are learnt from faster, and first."""
        return next((scale for until, scale in SMALL[self._pretrained] if done < until), 1.0)

    def _choose_layout(self, train: Rows) -> None:
        """Keep images and weights in memory channels last or first, whichever the processor is faster with."""
        if self._device != "cpu" or not PROBE_FROM < self._context.seconds_left() < math.inf:
            return
        taken = {}
        for layout in (self._torch.contiguous_format, self._torch.channels_last):
            self._network.to(memory_format=layout)
            images = [self._ready(each[:PROBED], False).contiguous(memory_format=layout) for each in train.images]
            for _ in range(2):
                started = time.process_time()
                self._network.eval()(images, train.numbers[:PROBED]).sum().backward()
                taken[layout] = time.process_time() - started
        self._network.zero_grad(set_to_none=True)
        self._layout = min(taken, key=lambda each: taken[each])
        self._network.to(memory_format=self._layout)

    def _loss(self, outputs: Any, rows_of: Rows, rows: Any, mix: Any) -> Any:
        target, classes = rows_of.target[rows], bool(self._facts["classes"])
        losses = losses_of(outputs.float(), target, classes, SMOOTHING)
        if mix is not None:
            partner, share = mix
            losses = share * losses + (1 - share) * losses_of(outputs.float(), target[partner], classes, SMOOTHING)
        return weighted_mean(losses, None if rows_of.weights is None else rows_of.weights[rows])

    # --- the end

    def _settle(self, valid: Rows | None) -> float:
        """Keep the weights or their mean, whichever tells the validation rows better, and choose the temperature."""
        if valid is None or not len(valid):
            return 1.0
        mirrored = bool(self._params.get("mirror", True))
        last = {name: value.clone() for name, value in self._network.state_dict().items()}
        loss, temperature = self._judged(valid, mirrored)
        if self._mean.values and time.monotonic() < self._ends + 5.0:
            self._network.load_state_dict(self._mean.values)
            averaged, other = self._judged(valid, mirrored)
            if averaged <= loss:
                return other
            self._network.load_state_dict(last)
        return temperature

    def _judged(self, valid: Rows, mirrored: bool) -> tuple[float, float]:
        return judged(self.outputs(valid, mirrored), valid.target, bool(self._facts["classes"]), valid.weights)

    def _seconds_to_look(self, rows: Rows) -> float:
        part = replace(
            rows, images=tuple(each[:EVALUATED] for each in rows.images), numbers=rows.numbers[:EVALUATED],
            target=rows.target[:EVALUATED],
        )  # fmt: skip
        started = time.monotonic()
        self.outputs(part, False)
        return (time.monotonic() - started) / EVALUATED


def _stage(name: str) -> str:
    """Return which stage of a pretrained network a parameter belongs to, in an order that names give."""
    parts = name.split(".")
    if "stages" in parts:
        return f"body.1.{parts[parts.index('stages') + 1]}"
    return "body.0" if name.startswith("body.") else "head"
