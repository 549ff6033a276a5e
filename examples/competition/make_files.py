"""Write the files of a made-up competition: which plants of a greenhouse will bloom?

python make_files.py plants

The folder `plants` then holds train.csv, test.csv and sample_submission.csv as organisers give them, scored by the
area under the ROC curve, and solution.csv, which organisers keep.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

N_TRAIN, N_TEST = 600, 300
SPECIES = ("aster", "dahlia", "lupin", "poppy")
NOTES = ("strong stem", "pale leaves", "moved to the sun", "roots were cut", "repotted in spring", "some mildew")


def make_table(n_rows, seed):
    """Return plants with all that is known of them, and whether they bloomed."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "plant": [f"P{number:04d}" for number in range(1, n_rows + 1)],
            "species": rng.choice(SPECIES, n_rows),
            "planted": pd.Timestamp("2024-02-01") + pd.to_timedelta(rng.integers(0, 90, n_rows), unit="D"),
            "light_hours": rng.normal(9, 2, n_rows).round(1),
            "height_cm": rng.lognormal(3, 0.4, n_rows).round(1),
            "waterings": rng.poisson(14, n_rows),
            "note": rng.choice(NOTES, n_rows),
        }
    )
    favour = table["species"].map({"aster": 0.5, "dahlia": -0.5, "lupin": 0.0, "poppy": 1.0})
    days = (table["planted"] - pd.Timestamp("2024-02-01")).dt.days
    thirst = np.abs(table["waterings"] - 14) / 4
    chance = favour + 0.6 * (table["light_hours"] - 9) - thirst - days / 60 + table["note"].isin(NOTES[:3])
    bloomed = rng.random(n_rows) < 1 / (1 + np.exp(-chance))
    table.loc[rng.random(n_rows) < 0.1, "height_cm"] = np.nan
    return table.assign(bloomed=bloomed.astype(int))


def write_files(folder):
    """Write the four files."""
    folder.mkdir(parents=True, exist_ok=True)
    table = make_table(N_TRAIN + N_TEST, seed=7)
    train, test = table.iloc[:N_TRAIN], table.iloc[N_TRAIN:]
    train.to_csv(folder / "train.csv", index=False)
    test.drop(columns="bloomed").to_csv(folder / "test.csv", index=False)
    test[["plant"]].assign(bloomed=0.5).to_csv(folder / "sample_submission.csv", index=False)
    test[["plant", "bloomed"]].to_csv(folder / "solution.csv", index=False)


if __name__ == "__main__":
    write_files(Path(sys.argv[1] if len(sys.argv) > 1 else "plants"))
