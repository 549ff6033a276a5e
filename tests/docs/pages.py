"""The pages and the code in them: what stands in fences, and the tables that their examples read."""

import re
from pathlib import Path
from textwrap import dedent

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w+)\n(?P<code>.*?)^(?P=indent)```", flags=re.DOTALL | re.MULTILINE)
N_ROWS = 80


def blocks(page, language):
    """Return the fenced blocks of a language, in order."""
    text = page.read_text(encoding="utf-8")
    return [dedent(found["code"]) for found in FENCE.finditer(text) if found["language"] == language]


def commands(page):
    """Return what is typed after `$ automl`, in order."""
    typed = [line for block in blocks(page, "console") for line in block.splitlines()]
    return [line.removeprefix("$ automl ").split(" #")[0] for line in typed if line.startswith("$ automl ")]


def write_tables(folder):
    """Write the tables that the examples name: houses with a price, and customers who bought or did not."""
    rng = np.random.default_rng(0)
    houses = pd.DataFrame(
        {
            "house": np.arange(1000, 1000 + N_ROWS),
            "street": rng.choice([f"street {number}" for number in range(20)], N_ROWS),
            "district": rng.choice(["north", "south", "old town"], N_ROWS),
            "rooms": rng.integers(1, 7, N_ROWS),
            "area": rng.normal(90, 25, N_ROWS).round(1),
            "sold": pd.date_range("2023-01-01", periods=N_ROWS, freq="9D").strftime("%Y-%m-%d"),
        }
    )
    price = 1000 * houses["area"] + 20_000 * houses["rooms"] + rng.normal(0, 5000, N_ROWS)
    houses["weight"] = 1.0
    houses.assign(price=price.round(0)).to_csv(folder / "train.csv", index=False)
    houses.head(20).to_csv(folder / "test.csv", index=False)
    houses[["house"]].head(20).assign(price=0.5).to_csv(folder / "sample_submission.csv", index=False)
    customers = pd.DataFrame({"visits": rng.integers(0, 30, N_ROWS), "age": rng.integers(18, 90, N_ROWS)})
    bought = np.where(customers["visits"] + rng.normal(0, 4, N_ROWS) > 15, "yes", "no")
    customers.assign(bought=bought).to_csv(folder / "customers.csv", index=False)
