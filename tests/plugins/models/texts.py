"""Tiny texts with a signal in them, and a tiny transformer; `python -m tests.plugins.models.texts` writes it anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from automl.plugin_api import Column, ColumnKind, Dataset, Schema, Task, TaskKind

GOOD, BAD = ("fine", "warm", "clever", "bright"), ("dull", "cold", "long", "flat")
TINY_BERT = Path(__file__).parents[2] / "data" / "tiny_bert"
OTHER = ("the", "film", "a", "story", "of", "two", "people", "and", "music", "in", "town")


def sentences(n_rows: int, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Return sentences of 3 to 12 words, and whether one of the good words or of the bad ones is among them."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 2, n_rows)
    texts = []
    for kind in kinds:
        words = list(rng.choice(OTHER, int(rng.integers(2, 12))))
        words.insert(int(rng.integers(len(words))), str(rng.choice(GOOD if kind else BAD)))
        texts.append(" ".join(words))
    return texts, kinds


def text_table(n_rows: int = 120, seed: int = 0, kind: TaskKind = TaskKind.BINARY, n_columns: int = 1) -> Dataset:
    """Return a stored table with text columns, a number, and a target that follows from the first text alone."""
    texts, kinds = sentences(n_rows, seed)
    rng = np.random.default_rng([seed, 1])
    names = [f"text_{number}" for number in range(n_columns)]
    columns = (Column("size", ColumnKind.NUMERIC), *(Column(name, ColumnKind.TEXT) for name in names))
    frame = pd.DataFrame({"size": rng.normal(size=n_rows).astype(np.float32)})
    for number, name in enumerate(names):
        frame[name] = np.array(texts if not number else ["a story of music"] * n_rows, dtype=object)
    if kind is TaskKind.REGRESSION:
        task, target = Task(kind, "y"), 10.0 + 5.0 * kinds
    else:
        task, target = Task(kind, "y", ("bad", "good")), kinds.astype(np.int64)
    return Dataset(frame, target, Schema(columns), task, np.arange(n_rows), fingerprint=f"texts/{seed}/{kind}")


def write_tiny_bert(folder: Path) -> None:
    """Write the network of `TINY_BERT`: two layers of random numbers, tokens of known words and single letters."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    letters = [*"abcdefghijklmnopqrstuvwxyz0123456789"]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *GOOD, *BAD, *OTHER, *letters, *(f"##{letter}" for letter in letters)]
    words = list(dict.fromkeys(words))
    made = Tokenizer(models.WordPiece({word: place for place, word in enumerate(words)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=24, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48,
        max_position_embeddings=64, initializer_range=0.2,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)


if __name__ == "__main__":
    write_tiny_bert(TINY_BERT)
