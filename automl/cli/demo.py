"""`automl demo`: the whole road on a real table: files in, a search, predictions out, the promised score checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

TARGET = "digit"
TEST_SHARE = 0.25
SEED = 0


def demo(
    time_limit: Annotated[str, typer.Option(help="Time for the search, such as 60 or 2m.")] = "60",
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.")] = Path("demo-output"),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Search, predict and check the promised score on a real table: 1,797 handwritten digits as 64 shades of grey."""
    from automl.cli._output import print_failures, print_leaderboard, reasons_of, stdout
    from automl.cli.fit import check_output
    from automl.estimator import AutoML
    from automl.predict_files.nouns import Wanted
    from automl.predict_files.predicted_frame import predicted_frame
    from automl.predict_files.write_table import write_table
    from automl.table.files.read_table import read_table

    check_output(output / "model")
    train, test = write_example(output)
    model = AutoML(time_limit=time_limit, random_state=SEED, verbose=0 if quiet else 1).fit(str(train), TARGET)
    model.save(output / "model")
    unseen = read_table(test)
    predictions = predicted_frame(model, unseen.drop(columns=TARGET), Wanted(probabilities=True))
    write_table(predictions, output / "predictions.csv")
    measured, (low, high) = model.evaluate(unseen), model.interval_
    best = model.leaderboard().iloc[0]
    print_leaderboard(model, 12, members_only=True)
    print_failures(model, reasons_of(output / "model"))
    stdout().print(
        f"\nbest single candidate  {model.metric_} {best['score']:.4f}  ({best['model']})"
        f"\nensemble, promised     {model.metric_} {model.score_:.4f}  95 % interval {low:.4f} to {high:.4f}"
        f"\nensemble, measured     {model.metric_} {measured[model.metric_]:.4f}  "
        f"on the {len(unseen)} rows of test.csv, which the search never saw; accuracy {measured['accuracy']:.4f}"
        f"\n\nwrote {output}/: train.csv, test.csv, predictions.csv, model/"
        f"\nnext: automl leaderboard {output / 'model'}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def write_example(folder: Path) -> tuple[Path, Path]:
    """Write train.csv and test.csv, split at random with equal shares of the classes; return their paths."""
    from sklearn.model_selection import train_test_split

    table = example_table()
    train, test = train_test_split(table, test_size=TEST_SHARE, stratify=table[TARGET], random_state=SEED)
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "train.csv", folder / "test.csv"
    for part, path in zip((train, test), paths, strict=True):
        part.to_csv(path, index=False)
    return paths


def example_table() -> pd.DataFrame:
    """Return the digits that come with scikit-learn: 64 pixels a row, and which digit it is."""
    from sklearn.datasets import load_digits

    table: pd.DataFrame = load_digits(as_frame=True).frame
    return table.rename(columns={"target": TARGET})
