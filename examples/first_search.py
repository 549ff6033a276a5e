"""A first search: a real table, half a minute, the promised score beside the measured one.

Run it: python examples/first_search.py
"""

from sklearn.datasets import load_breast_cancer

from automl import AutoML

TABLE = load_breast_cancer(as_frame=True).frame.rename(columns={"target": "benign"})
TRAIN, TEST = TABLE.iloc[:400], TABLE.iloc[400:]


def main():
    model = AutoML(time_limit=30).fit(TRAIN, "benign")
    low, high = model.interval_
    measured = model.evaluate(TEST)
    print(f"promised {model.metric_} {model.score_:.4f}, 95 % interval {low:.4f} to {high:.4f}")
    print(f"measured {model.metric_} {measured[model.metric_]:.4f} on {len(TEST)} rows that the search never saw")
    print(model.leaderboard()[["model", "score", "weight", "status"]].head(10).to_string(index=False))
    return model


if __name__ == "__main__":
    main()
