"""EnsembleAutoML for AMLB: fits one task and predicts its test rows; runs in the virtual environment of setup.sh."""

import logging
import os

from frameworks.shared.callee import call_run, measure_inference_times, output_subdir, result

log = logging.getLogger(__name__)

METRICS = {
    "acc": "accuracy",
    "auc": "roc_auc",
    "balacc": "balanced_accuracy",
    "f1": "f1",
    "logloss": "log_loss",
    "mae": "mae",
    "mse": "mse",
    "pr_auc": "average_precision",
    "r2": "r2",
    "rmse": "rmse",
    "rmsle": "rmsle",
}
"""AMLB's names of metrics, and ours."""
SINGLE_ROWS = 100


def run(dataset, config):
    """Fit the training rows, predict the test rows; return what AMLB's parent process expects."""
    import pandas as pd

    from automl import __version__

    is_classification = config.type == "classification"
    features, target = read(dataset.train.path, dataset.target.name, is_classification)
    test_features, truth = read(dataset.test.path, dataset.target.name, is_classification)
    log.info("EnsembleAutoML %s: %s", __version__, options_of(config))
    fitted_at, model = timed(lambda: new_model(config).fit(features, target))
    predicted_at, (labels, probabilities, predictions) = timed(
        lambda: predict(model, test_features, dataset.target.classes if is_classification else None)
    )
    save_artifacts(model, config)
    return result(
        output_file=config.output_predictions_file,
        predictions=predictions,
        truth=truth.to_numpy(),
        probabilities=probabilities,
        probabilities_labels=labels,
        target_is_encoded=False,
        models_count=len(model.leaderboard()),
        training_duration=fitted_at,
        predict_duration=predicted_at,
        inference_times=inference_times(model, test_features, dataset, config, pd.read_parquet),
    )


def read(path, target, is_classification):
    """Return features and target of a Parquet file; labels as text, as AMLB compares them."""
    import pandas as pd

    table = pd.read_parquet(path)
    values = table.pop(target)
    return table, values.astype(str) if is_classification else values.astype(float)


def options_of(config):
    """Return the options of AutoML for a task."""
    cores, memory = config.cores, getattr(config, "max_mem_size_mb", None)
    asked = {name: value for name, value in dict(config.framework_params).items() if not name.startswith("_")}
    return {
        "time_limit": config.max_runtime_seconds,
        "metric": METRICS.get(config.metric),
        "task": getattr(config, "type_", None) or config.type,
        "n_jobs": cores if cores and cores > 0 else -1,
        "memory_limit": f"{memory}MB" if memory and memory > 0 else None,
        "random_state": config.seed % 2**32,
        **asked,
    }


def new_model(config):
    """Return an estimator for a task."""
    from automl import AutoML

    if config.metric not in METRICS:
        log.warning("The metric %r is not known; the task's usual one is optimised.", config.metric)
    return AutoML(**options_of(config))


def predict(model, table, classes):
    """Return the names of the probability columns, probabilities and predictions; classes that train lacks get 0.

    The predicted label is that of the largest probability: AMLB checks that it is.
    """
    import numpy as np

    if classes is None:
        return None, None, model.predict(table)
    found = model.predict_proba(table)
    fitted = [str(label) for label in model.classes_]
    known = {label.strip().lower() for label in fitted}
    missing = [str(label) for label in classes if str(label).strip().lower() not in known]
    probabilities = np.hstack([found, np.zeros((len(found), len(missing)))])
    labels = np.asarray([*fitted, *missing], dtype=object)
    return list(labels), probabilities, labels[probabilities.argmax(axis=1)]


def inference_times(model, table, dataset, config, read_file):
    """Return how long it takes to predict rows from files and from memory, where AMLB asks for that."""
    if not getattr(config, "measure_inference_time", False):
        return {}

    def infer(rows):
        frame = read_file(rows) if isinstance(rows, str) else rows
        return model.predict(frame[list(table.columns)])

    single = [(1, table.sample(1, random_state=number)) for number in range(SINGLE_ROWS)]
    return {
        "file": measure_inference_times(infer, dataset.inference_subsample_files),
        "df": measure_inference_times(infer, single),
    }


def save_artifacts(model, config):
    """Write the tables that the parameter `_artifacts` names."""
    wanted = dict(config.framework_params).get("_artifacts", [])
    for name in ("leaderboard", "failures"):
        if name in wanted:
            path = os.path.join(output_subdir(name, config), f"{name}.csv")
            getattr(model, name)().to_csv(path, index=False)


def timed(call):
    """Return how many seconds a call takes, and its result."""
    import time

    began = time.monotonic()
    found = call()
    return time.monotonic() - began, found


if __name__ == "__main__":
    call_run(run)
