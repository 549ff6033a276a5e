"""Images: accuracy on a folder, and images a second beside transformers.Trainer.

python benchmarks/images.py accuracy FOLDER [--time-limit 600] [--n-jobs 2] [--metric log_loss]
python benchmarks/images.py throughput FOLDER [--threads 2] [--images 1024] [--side 64]

FOLDER holds `data.csv` with the columns `image` (paths below FOLDER, or below `images.tar.gz` there), `label`, and
`split` (train, test). Throughput trains one network of transformers for one pass over the same images, batches
of 32 and AdamW both times: by the loop of the model `resnet`, and by a plain `transformers.Trainer` without a GPU.
"""

from __future__ import annotations

import argparse
import json
import tarfile
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

BATCH = 32


def load(folder, work):
    """Return the training and test tables, with absolute paths; a tar file of images is unpacked first."""
    frame = pd.read_csv(folder / "data.csv")
    root = folder
    if not (root / frame["image"].iloc[0]).exists():
        with tarfile.open(folder / "images.tar.gz") as archive:
            archive.extractall(work, filter="data")
        root = Path(work)
    frame["image"] = [str(root / name) for name in frame["image"]]
    parts = [frame[frame["split"] == part].drop(columns="split").reset_index(drop=True) for part in ("train", "test")]
    return parts[0], parts[1]


def accuracy(options, work):
    """Fit by time on the training rows, and score on the test rows."""
    from automl import AutoML

    train, test = load(options.folder, work)
    started = time.monotonic()
    model = AutoML(time_limit=options.time_limit, n_jobs=options.n_jobs, metric=options.metric).fit(train, "label")
    seconds = time.monotonic() - started
    print(model.leaderboard()[["model", "score", "weight", "status", "fit_seconds", "device", "params"]].to_string())
    print(model.failures()[["model", "stage", "cause", "count"]].to_string())
    started = time.monotonic()
    scores = model.evaluate(test)
    facts = {"fit_seconds": seconds, "predict_seconds": time.monotonic() - started, "promised": model.score_, **scores}
    print(json.dumps({name: round(value, 4) for name, value in facts.items()}))


def throughput(options, work):
    """Train the same network once by each loop, and compare."""
    import torch
    import transformers

    torch.set_num_threads(options.threads)
    train, _ = load(options.folder, work)
    pixels, target = read(train.head(options.images), options.side)
    config = transformers.ResNetConfig(
        embedding_size=64, hidden_sizes=[64, 128, 256, 512], depths=[2, 2, 2, 2], layer_type="basic",
        num_labels=int(target.max()) + 1,
    )  # fmt: skip
    folder = Path(work) / "weights"
    transformers.ResNetModel(config).save_pretrained(folder)
    theirs = by_trainer(transformers.ResNetForImageClassification(config), pixels, target, work)
    ours = by_resnet(str(folder), pixels, target)
    print(json.dumps({"trainer_images_s": round(theirs, 1), "ours_images_s": round(ours, 1), "ratio": ours / theirs}))


def read(table, side):
    """Return uint8 pixels `(n, side, side, 3)` and class numbers."""
    from PIL import Image

    images = [Image.open(path).convert("RGB").resize((side, side)) for path in table["image"]]
    return np.stack([np.asarray(each) for each in images]), table["label"].astype("category").cat.codes.to_numpy()


def by_trainer(network, pixels, target, work):
    """Return images a second of a plain `transformers.Trainer`, after a few batches to warm up."""
    import torch
    from transformers import Trainer, TrainingArguments

    class Images(torch.utils.data.Dataset):
        def __init__(self, rows):
            self.rows = rows

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, place):
            row = self.rows[place]
            image = torch.from_numpy(pixels[row]).permute(2, 0, 1).float().sub(120.0).div(60.0)
            return {"pixel_values": image.flip(2) if row % 2 else image, "labels": int(target[row])}

    for rows in (np.arange(4 * BATCH), np.arange(len(pixels))):
        arguments = TrainingArguments(
            output_dir=str(Path(work) / "trainer"), per_device_train_batch_size=BATCH, num_train_epochs=1, use_cpu=True,
            report_to=[], save_strategy="no", logging_strategy="no", disable_tqdm=True, learning_rate=1e-4,
        )  # fmt: skip
        trainer = Trainer(model=network, args=arguments, train_dataset=Images(rows))
        started = time.monotonic()
        trainer.train()
        seconds = time.monotonic() - started
    return len(pixels) / seconds


def by_resnet(weights, pixels, target):
    """Return images a second of the loop of the model `resnet`, after a few batches to warm up."""
    import torch

    from automl.plugin_api import Deadline, FitContext
    from automl_builtins.models.resnet.layers import build_network, config_of
    from automl_builtins.models.resnet.training import NetworkTrainer, Rows

    facts = {
        "weights": weights, "config": config_of(weights), "width": 16, "dropout": 0.1, "n_numbers": 0, "n_columns": 1,
        "n_outputs": int(target.max()) + 1, "classes": True, "device": "cpu", "bf16": False, "mean": [120.0] * 3,
        "spread": [60.0] * 3,
    }  # fmt: skip
    params = {"batch": BATCH, "epochs": 1, "learning_rate": 1e-3}

    def rows(count):
        wanted = torch.from_numpy(target[:count].astype(np.int64))
        return Rows((torch.from_numpy(pixels[:count]),), torch.zeros(count, 0), wanted, None)

    trainer = NetworkTrainer(build_network(facts, load=True), facts, params, FitContext(deadline=Deadline(3600)))
    for each in (rows(4 * BATCH), rows(len(pixels))):
        started = time.monotonic()
        trainer.tune(each)
        seconds = time.monotonic() - started
    return len(pixels) / seconds


def main():
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["accuracy", "throughput"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--time-limit", type=float, default=600.0)
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--metric", default="log_loss")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--images", type=int, default=1024)
    parser.add_argument("--side", type=int, default=64)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        (accuracy if options.what == "accuracy" else throughput)(options, work)


if __name__ == "__main__":
    main()
