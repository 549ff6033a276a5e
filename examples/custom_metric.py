"""A metric of your own: what a wrong answer costs, where missing an illness is dearer than a needless examination.

A function is enough. Its attributes say that less is better, and that it wants labels: then the search also tunes,
where it clearly helps, from which probability on to call somebody ill.

Run it: python examples/custom_metric.py
"""

import numpy as np
from sklearn.datasets import load_breast_cancer

from automl import AutoML

MISSED, NEEDLESS = 10.0, 1.0
"""The cost of an illness that is not found, and of an examination that was not needed."""


def cost(y_true, y_pred):
    """Return the mean cost of a row."""
    true, said = np.asarray(y_true) == "ill", np.asarray(y_pred) == "ill"
    return float(np.mean(MISSED * (true & ~said) + NEEDLESS * (~true & said)))


cost.greater_is_better = False
cost.needs = "labels"


def main():
    table = load_breast_cancer(as_frame=True).frame
    table["state"] = np.where(table.pop("target") == 0, "ill", "well")
    train, test = table.iloc[:400], table.iloc[400:]
    model = AutoML(metric=cost, time_limit=30).fit(train, "state")
    plain = model.classes_[model.predict_proba(test).argmax(axis=1)]
    print(f"promised cost {model.score_:.3f} a row")
    print(f"measured cost {cost(test['state'], model.predict(test)):.3f} a row")
    print(f"with the likelier label instead {cost(test['state'], plain):.3f} a row")
    return model


if __name__ == "__main__":
    main()
