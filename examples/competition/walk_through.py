"""A competition from its files to a blended submission: a first run, a model of one's own, and both together.

python make_files.py plants
python walk_through.py plants --time-limit 2m
"""

import argparse
from pathlib import Path

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from automl import AutoML


def main():
    """Compete three times, and compare what was promised with what the organisers would find."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--time-limit", default="2m")
    parser.add_argument("--max-trials", type=int, help="end by count in place of time")
    options = parser.parse_args()
    time_limit = None if options.max_trials else options.time_limit
    files = [options.folder / name for name in ("train.csv", "test.csv", "sample_submission.csv")]

    model = AutoML(time_limit, max_trials=options.max_trials, metric="roc_auc", verbose=0)
    first = model.compete(*files, options.folder / "first.csv", tell=print)
    print(f"\nchecked: {first.checked}")

    own_forest(options.folder, first.out_of_fold)
    both = AutoML(metric="roc_auc", verbose=0).compete(
        *files, options.folder / "both.csv", blend=[first.submission, options.folder / "forest_oof.csv"], fit=False
    )
    for name, score, weight in both.blended:
        print(f"{Path(name).name:8}  {score:.4f}  weight {weight:.2f}")

    solution = pd.read_csv(options.folder / "solution.csv")
    for name, result in (("first", first), ("both", both)):
        measured = roc_auc_score(solution["bloomed"], pd.read_csv(result.submission)["bloomed"])
        low, high = result.interval
        print(f"{name:8}  promised {result.score:.4f} ({low:.4f} to {high:.4f}), measured {measured:.4f}")


def own_forest(folder, out_of_fold):
    """Fit a model of one's own over the folds of an earlier run, and write its predictions to blend with."""
    train, test = pd.read_csv(folder / "train.csv"), pd.read_csv(folder / "test.csv")
    features = ["species", "light_hours", "waterings"]
    codes = make_column_transformer((OneHotEncoder(), ["species"]), remainder="passthrough")
    forest = make_pipeline(codes, RandomForestClassifier(100, min_samples_leaf=5, random_state=0))

    oof = pd.read_csv(out_of_fold)[["plant", "fold"]]
    rows = train.set_index("plant").loc[oof["plant"]]
    for fold in oof["fold"].unique():
        held = (oof["fold"] == fold).to_numpy()
        forest.fit(rows.loc[~held, features], rows.loc[~held, "bloomed"])
        oof.loc[held, "prediction"] = forest.predict_proba(rows.loc[held, features])[:, 1]
    oof.to_csv(folder / "forest_oof.csv", index=False)

    forest.fit(train[features], train["bloomed"])
    predictions = forest.predict_proba(test[features])[:, 1]
    test[["plant"]].assign(prediction=predictions).to_csv(folder / "forest_test.csv", index=False)


if __name__ == "__main__":
    main()
