"""AutoML, AutoMLClassifier and AutoMLRegressor: scikit-learn estimators over `run_search`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from automl.artifact import check_place, installed_versions, load_artifact, save_artifact
from automl.competition.method import Competitor
from automl.errors import ArtifactError, InputError, SearchWarning
from automl.machine.hold_folder import is_own
from automl.plugin_api.scoring import score_predictions
from automl.plugin_api.specs import MetricSpec
from automl.predictor import Predictor
from automl.registry import Registry, discover, discover_quietly
from automl.report import completed_leaderboard, failures_frame, findings_frame, leaderboard_frame
from automl.reporting.methods import Reporter
from automl.saved_estimator import facts_of, kept_of, note_finished, report_of, restored_metric, save_run
from automl.search import SearchOutcome, run_search
from automl.sklearn_conventions import (
    Conventional,
    ScoredAsClassifier,
    ScoredAsRegressor,
    UnfittedError,
    gives_probabilities,
    reread,
    warn_of_column,
)
from automl.steps.audit.check_table import check_table, refuse_problems
from automl.steps.plan.choose_metric import EVALUATED, choose_metric
from automl.steps.plan.infer_task import encode_labels
from automl.steps.plan.parse_settings import parse_jobs, parse_settings
from automl.steps.resume.keep_run import MODEL, Run
from automl.steps.review.note_run import note_interrupted
from automl.table.open_table import with_names
from automl.table.read_like import opened
from automl.table.take_table import Extras, as_frame, is_unnamed, named_frame, score_weights, take_labelled
from automl.table.take_target import column_of
from automl.vocabulary.arrays import Array
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.explained import Explained
from automl.vocabulary.labels import label_array
from automl.vocabulary.review import Looked
from automl.vocabulary.states import Ended
from automl.vocabulary.task import Task

Self = TypeVar("Self", bound="AutoML")


class AutoML(Competitor, Reporter, Conventional, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Finds the best ensemble for a table inside a time limit.

    Parameters
    ----------
    time_limit : seconds for the whole of `fit`, or a text such as "10m"; None where `max_trials` ends the search.
    max_trials : number of candidates, the baseline among them; with `time_limit=None` the result depends neither on
        the clock nor on `n_jobs`.
    metric : what to optimise: a name ("roc_auc", "log_loss", "rmse", ...), a function `f(y_true, y_pred)`, or a
        scikit-learn scorer. Default: roc_auc for two classes, log_loss for more, rmse for numbers.
    task : "binary", "multiclass", "classification", "regression", or None to find it from the target.
    models, exclude : names of models to try, or to leave out; `automl plugins` lists them.
    cv : number of folds, a scikit-learn splitter, or (train, valid) index pairs; None chooses by rows and budget.
    ensemble : "auto", "voting", "weighted", "stacking", or "none" for the best single candidate.
    random_state : seed of every random choice, 0 by default; with one `notes_` says what makes a fit unrepeatable.
    n_jobs : cores to use; -1 for all.
    memory_limit : "8GB", or gigabytes; None takes 80 % of what is free.
    verbose : 0 silent, 1 progress, 2 each fold.
    path : folder for working files and the fitted predictor; the same call goes on there where it was stopped. None
        keeps nothing on disk.
    strategy, executor : names of the plugins that decide what to try, and where fits run ("in_process" to debug).
    predict_time_limit : seconds that predicting a row may take as one of many, on one core. Members then have fewer
        fold models, else the dearest for their weight are left out; `notes_` says what it costs. None for no limit.
    refit : whether each member's fold models give way to one model fitted on all rows, as far as time allows: faster
        to predict with and smaller, often less accurate than the mean of several. Scores stay those of the fold models.
        None for yes where folds are in order of time, whose models have not seen the newest rows.
    track : names of tools that keep the course of the search: "mlflow", "tensorboard", or "tensorboard:FOLDER" and
        "mlflow:EXPERIMENT" to say where.
    dates : how dates as text are read, where day and month can be confused: "dmy", "mdy" or "ymd", or by column, such
        as {"billed": "dmy", "born": "%d.%m.%y", "code": "no"}; None tells it from the values.
    decimal : the decimal sign of numbers as text that can be read in two ways, such as "1,234": "." or ",", or by
        column; None tells it from the values.
    columns : the kind of some columns, where values mislead: {"zip": "categorical", "remark": "text", "x": "ignored"}.
    plugins : modules or objects with hook implementations, or names of modules, to use a plugin that is not packaged.

    Attributes
    ----------
    task_ : the `Task`. classes_ : the labels, for classification. metric_ : the metric's name.
    score_ : the ensemble's cross-fitted score, on rows that neither its members nor its weights have seen.
    interval_ : where the score of new rows of the same kind lies, 95 times in 100, for a test table a quarter as long
        as the training table, as an 80/20 split gives; the score on endless rows is within 45 % of that width.
    ensemble_ : which kind of ensemble was chosen.
    notes_ : what a user should know of this fit, as sentences.
    audit_ : what was noticed about the table before any fit: leaks, identifiers, duplicates, the target.
    n_features_in_, feature_names_in_ : the feature columns.
    """

    def __init__(  # noqa: PLR0913  every option by its name, as scikit-learn wants it
        self,
        time_limit: float | str | None = 300,
        *,
        max_trials: int | None = None,
        metric: Any = None,
        task: str | None = None,
        models: Any = None,
        exclude: Any = (),
        cv: Any = None,
        ensemble: str = "auto",
        random_state: Any = None,
        n_jobs: int | None = -1,
        memory_limit: Any = None,
        verbose: int = 1,
        path: str | None = None,
        strategy: str = "portfolio",
        executor: str = "process_slots",
        predict_time_limit: float | None = None,
        refit: bool | None = None,
        track: Any = (),
        dates: Any = None,
        decimal: Any = None,
        columns: Any = None,
        plugins: Any = (),
    ) -> None:
        """Store the options; they are checked in `fit`."""
        self.time_limit = time_limit
        self.max_trials = max_trials
        self.metric = metric
        self.task = task
        self.models = models
        self.exclude = exclude
        self.cv = reread(cv)
        self.ensemble = ensemble
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.memory_limit = memory_limit
        self.verbose = verbose
        self.path = path
        self.strategy = strategy
        self.executor = executor
        self.predict_time_limit = predict_time_limit
        self.refit = refit
        self.track = track
        self.dates = dates
        self.decimal = decimal
        self.columns = columns
        self.plugins = plugins

    # --- fitting

    def fit(
        self: Self,
        X: Any,
        y: Any = None,
        *,
        groups: Any = None,
        time_column: Any = None,
        sample_weight: Any = None,
        unlabeled: Any = None,
    ) -> Self:
        """Search, and keep the best ensemble.

        X is a table with the target in it and y the target's column name, or X the features and y the target. A table
        is a pandas, polars or pyarrow frame, a NumPy array, or the path of a CSV or Parquet file. `groups` and
        `sample_weight` are column names of the table, or arrays; `time_column` asks for validation on later rows.
        `unlabeled` is a table of rows that will be predicted: `audit_` then tells whether they look like the others.
        """
        if self._task_option is not None:
            warn_of_column(y)
        self._search(X, y, Extras(groups, sample_weight, time_column, unlabeled), {})
        return self

    def _search(self, X: Any, y: Any, extras: Extras, found: Mapping[str, Any]) -> None:
        """Search with the options, those that were `found` in the files of a competition in place of the user's."""
        clock = Deadline(None)
        options = self.get_params(deep=False)
        settings = parse_settings({**options, "task": self._task_option or options["task"], **found})
        clock = Deadline(settings.time_limit, clock.started)
        if settings.path is not None:
            check_place(Path(settings.path) / MODEL)
        registry = discover_quietly(self.plugins)
        outcome = run_search(X, y, extras, settings, registry, clock)
        if isinstance(outcome, Run):
            artifact = load_artifact(outcome.model, registry, trusted=is_own(outcome.model))
            self._restore(artifact.predictor, artifact.report, registry)
            self.notes_: tuple[str, ...] = (*artifact.report["notes"], note_finished(outcome))
            return
        self._keep(outcome)
        is_whole = outcome.reason is not Ended.INTERRUPTED
        told = [] if is_whole else [note_interrupted(settings)]
        if outcome.run is not None:
            told += save_run(self, outcome.run, finished=is_whole)
        for each in told:
            warnings.warn(each, SearchWarning, stacklevel=3)

    def _keep(self, outcome: SearchOutcome) -> None:
        self.outcome_: SearchOutcome | None = outcome
        self.predictor_ = outcome.predictor
        self.metric_spec_ = outcome.metric
        self.score_ = outcome.ensemble.score
        self.interval_ = outcome.ensemble.interval
        self.notes_ = outcome.notes
        self.ensemble_ = outcome.ensemble.kind
        self.audit_ = findings_frame(outcome.looked_over.findings)
        self._profile = outcome.looked_over.profile
        self._leaderboard = leaderboard_frame(outcome.results, outcome.predictor.members, outcome.metric)
        self._failures = failures_frame(outcome.failures)
        facts = {**outcome.looked_back.facts, "reason": str(outcome.reason), "unrepeatable": outcome.unrepeatable}
        self._looked: Looked | None = replace(outcome.looked_back, facts=facts)
        self._explained: Explained | None = None
        self._versions: Mapping[str, str] = {}
        self._name_parts()

    def _name_parts(self) -> None:
        """Set the attributes that follow from the predictor and the metric."""
        self.schema_ = self.predictor_.schema
        self.task_: Task = self.predictor_.task
        self.metric_ = self.metric_spec_.name
        self.n_features_in_ = len(self.schema_.given)
        if self.task_.kind.is_classification:
            self.classes_ = label_array(self.task_.classes)
        elif hasattr(self, "classes_"):
            del self.classes_

    # --- predicting

    def predict(self, X: Any) -> Array:
        """Return the predicted labels or values, `(n_rows,)`."""
        outputs = self._outputs(X)
        if not self.task_.kind.is_classification:
            return outputs[:, 0]
        return np.asarray(self.classes_[self.predictor_.decided(outputs).argmax(axis=1)])

    @available_if(gives_probabilities)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def predict_proba(self, X: Any) -> Array:
        """Return class probabilities, `(n_rows, n_classes)`, in the order of `classes_`."""
        return self._outputs(X)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the search's metric on new rows, turned so that greater is better; y as in `fit`."""
        self._check_fitted()
        outputs, target = self._outputs_and_target(X, y)
        value = self._scored(self.metric_spec_, target, outputs, score_weights(sample_weight, len(target)))
        return value if self.metric_spec_.greater_is_better else -value

    def evaluate(self, X: Any, y: Any = None, metrics: Any = None) -> dict[str, float]:
        """Return several metrics, by names or as functions, on new rows with the target, each in its own direction."""
        self._check_fitted()
        outputs, target = self._outputs_and_target(X, y)
        known, names = discover(self.plugins).metrics, metrics or (self.metric_, *EVALUATED[self.task_.kind])
        found: dict[str, float] = {}
        for name in dict.fromkeys([names] if isinstance(names, str) or callable(names) else names):
            spec = self.metric_spec_ if name == self.metric_ else choose_metric(name, self.task_, known)
            key = name if isinstance(name, str) else spec.name
            found[key if key not in found else f"{key} ({len(found) + 1})"] = self._scored(spec, target, outputs)
        return found

    def _scored(self, metric: MetricSpec, target: Array, outputs: Array, weights: Any = None) -> float:
        """Score as predictions are given: a metric that sees labels gets those of `predict`."""
        given = self.predictor_.decided(outputs) if metric.needs == "labels" else outputs
        return score_predictions(metric, self.task_, target, given, weights)

    def _outputs(self, X: Any) -> Array:
        self._check_fitted()
        frame = self._as_features(X)
        return self.predictor_.predict_outputs(frame, parse_jobs(self.n_jobs))

    def _as_features(self, X: Any) -> pd.DataFrame:
        names = self.schema_.given
        if isinstance(X, pd.Series) and len(names) > 1:
            raise InputError("Found a Series; expected a table. For one row of a frame use df.iloc[[0]].")
        frame = as_frame(opened(X, self.schema_, self.task_))
        return with_names(frame, names, type(self).__name__) if is_unnamed(X) else frame

    def _outputs_and_target(self, X: Any, y: Any) -> tuple[Array, Array]:
        frame, values = self._features_and_values(X, y)
        target = encode_labels(values, self.task_)
        return self.predictor_.predict_outputs(frame, parse_jobs(self.n_jobs)), target

    def _features_and_values(self, X: Any, y: Any) -> tuple[pd.DataFrame, pd.Series]:
        """Return a table that has the target, or comes with it, as features and target."""
        X = opened(X, self.schema_, self.task_)
        frame, target = named_frame(X), self.task_.target
        if y is None and target not in frame.columns:
            raise InputError(f"The table has no column {target!r} to compare with; give y, or a table that has it.")
        name = column_of(target if y is None else y, frame, "target column")
        return take_labelled(X, self._as_features(X) if name is None else frame, y, name, self.schema_.given)

    def check(self, X: Any, *, strict: bool = False) -> pd.DataFrame:
        """Compare a table with the one that was fitted: one row a column, with a verdict; `strict` raises the problems.

        The report has the share of missing values then and now, of values that cannot be read, of unseen categories
        and of numbers out of the fitted range, and a two-sample test with its p-value corrected for all columns.
        """
        self._check_fitted()
        report = check_table(self._as_features(X), self.schema_, self._profile, self.task_.target)
        if strict:
            refuse_problems(report)
        return report

    # --- looking

    def leaderboard(self) -> pd.DataFrame:
        """Return one row a candidate: model, score, weight in the ensemble, status, seconds, parameters."""
        self._check_fitted()
        return self._leaderboard.copy()

    def failures(self) -> pd.DataFrame:
        """Return whatever did not run or broke: model, stage, cause, how often, and the first traceback."""
        self._check_fitted()
        return self._failures.copy()

    # --- keeping

    def save(self, path: str | Path) -> Path:
        """Write the fitted estimator to one file, where the path ends in `.automl`, else to a folder; return the path.

        An option that is an object (a metric function, a splitter) is not saved, nor are the out-of-fold predictions.
        """
        self._check_fitted()
        frames = {"leaderboard": self._leaderboard, "failures": self._failures, "audit": self.audit_}
        kept = {"profile": self._profile, "looked": kept_of(self._looked), "explained": self._explained}
        report = report_of(self, frames, kept)
        return save_artifact(self.predictor_, report, path, facts_of(self), discover_quietly(self.plugins))

    @staticmethod
    def load(path: str | Path, *, trusted: bool = False, plugins: Any = ()) -> AutoML:
        """Read a fitted estimator that `save` wrote. Nothing in the file runs, unless it is loaded as `trusted`.

        trusted : whether to unpickle members of plugins that can be saved in no other way; that can run any code.
        plugins : modules or objects with hook implementations, as in `AutoML`, where one of them made a member.
        """
        registry = discover_quietly(plugins)
        artifact = load_artifact(path, registry, trusted=trusted)
        kinds = {kind.__name__: kind for kind in (AutoMLClassifier, AutoMLRegressor)}
        try:
            model = kinds.get(artifact.report["class"], AutoML)(**artifact.report["options"], plugins=plugins)
            model._restore(artifact.predictor, artifact.report, registry)
            model._versions = artifact.manifest["versions"]
        except (KeyError, TypeError, AttributeError) as error:
            raise ArtifactError(
                f"{str(path)!r} is not complete: {type(error).__name__}: {error}. Save the model anew."
            ) from error
        return model

    def _restore(self, predictor: Predictor, report: Mapping[str, Any], registry: Registry) -> None:
        self.outcome_ = None  # out-of-fold predictions of every candidate are for the session that fitted
        self.predictor_ = predictor
        self.metric_spec_ = restored_metric(report["metric"], predictor.task, registry)
        self.score_, self.interval_, self.ensemble_ = report["score"], report["interval"], report["ensemble"]
        self.notes_, self.audit_, self._profile = report["notes"], report["audit"], report["profile"]
        self._leaderboard, self._failures = completed_leaderboard(report["leaderboard"]), report["failures"]
        self._looked, self._explained = report.get("looked"), report.get("explained")
        self._name_parts()

    def _fitted_with(self) -> Mapping[str, str]:
        """Return the versions of Python and of the packages that fitted."""
        return self._versions or installed_versions(self.predictor_, discover_quietly(self.plugins))

    def _check_fitted(self) -> None:
        if not hasattr(self, "predictor_"):
            raise UnfittedError(f"This {type(self).__name__} is not fitted yet. Call fit(df, target) first.")
        check_is_fitted(self, "predictor_")

    @property
    def schema_summary_(self) -> pd.DataFrame:
        """What each column was taken for, and why some are ignored."""
        self._check_fitted()
        needed = set(self.schema_.needed)
        return pd.DataFrame(
            [
                {"column": c.name, "kind": c.kind.value, "distinct": c.n_distinct, "missing": c.missing_fraction,
                 "used": c.part != "" or c.name in needed, "note": c.note or c.doubt}
                for c in self.schema_.columns
            ]
        )  # fmt: skip


class AutoMLClassifier(ScoredAsClassifier, ClassifierMixin, AutoML):  # type: ignore[misc]  # scikit-learn has no types
    """`AutoML` for classes, whatever the target looks like."""

    _task_option = "classification"


class AutoMLRegressor(ScoredAsRegressor, RegressorMixin, AutoML):  # type: ignore[misc]  # scikit-learn has no types
    """`AutoML` for numbers, whatever the target looks like."""

    _task_option = "regression"
