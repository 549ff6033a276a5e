"""AutoML, AutoMLClassifier and AutoMLRegressor: scikit-learn estimators over `run_search`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if

from automl.artifact import load_artifact
from automl.competition.nouns import CompetitionResult
from automl.errors import ArtifactError, SearchWarning
from automl.fit_descriptions import Columns, fit_descriptions
from automl.fit_table import Fit, fit_table, tell_fit
from automl.fitted.give_back import as_table, predicted_columns, probabilities_by_target, side_by_side
from automl.given_rows import features_and_target, features_and_values, features_of, groups_of, laid_out
from automl.plugin_api.scoring import lower_is_better
from automl.plugin_api.specs import MetricSpec
from automl.predict_files.nouns import Tell, Wanted, say_nothing
from automl.predict_files.predict_file import predict_file
from automl.predict_files.who_predicts import who_predicts
from automl.rank_rows import checked_count, rank_rows
from automl.registry import discover, discover_quietly
from automl.reporting.methods import Reporter
from automl.saved_estimator import restored, save_fitted
from automl.search import SearchOutcome
from automl.sklearn_conventions import (
    Conventional,
    explained_share,
    gives_probabilities,
    ranks_rows,
    share_of_hits,
    warn_of_column,
)
from automl.steps.audit.check_table import check_table, refuse_problems
from automl.steps.plan.choose_metric import choose_metric, told_beside
from automl.steps.plan.parse_values import parse_jobs
from automl.steps.score.judge import Judge
from automl.table.take_table import Extras, score_weights
from automl.uncertain import Uncertain
from automl.vocabulary.arrays import Array
from automl.vocabulary.outputs import as_predicted

Self = TypeVar("Self", bound="AutoML")


class AutoML(Conventional, Uncertain, Reporter):
    """Finds the best ensemble for a table inside a time limit.

    Parameters
    ----------
    time_limit : seconds for the whole of `fit`, or a text such as "10m"; None where `max_trials` ends the search.
    max_trials : number of candidates, the baseline among them; with `time_limit=None` the result depends neither on the
        clock nor on `n_jobs`.
    metric : what to optimise: a name ("roc_auc", "log_loss", "rmse", ...), a function `f(y_true, y_pred)`, or a
        scikit-learn scorer. Default: roc_auc for two classes, log_loss for more, rmse for numbers.
    task : "binary", "multiclass", "classification", "regression", or None to find it from the target; of several
        targets "multilabel", "multioutput_regression", "multioutput".
    quantiles : for task="quantile": the levels to predict, each above 0 and below 1, such as [0.05, 0.5, 0.95]; None
        for 0.05, 0.25, 0.5, 0.75 and 0.95.
    models, exclude : names of models to try, or to leave out; `automl plugins` lists them.
    cv : number of folds, a scikit-learn splitter, or (train, valid) index pairs; None chooses by rows and budget.
    ensemble : "auto", "voting", "weighted", "stacking", or "none" for the best single candidate.
    random_state : seed of every random choice, 0 by default; with one `notes_` says what makes a fit unrepeatable.
    n_jobs : cores to use; -1 for all. On a cluster, see `executor`, how many fits at once in all.
    memory_limit : "8GB", or gigabytes; None takes 80 % of what is free. On a cluster that of each machine.
    verbose : 0 silent, 1 progress, 2 each fold.
    path : folder for working files and the fitted predictor; the same call goes on there where it was stopped. None
        keeps nothing on disk.
    strategy, executor : what decides what to try; where fits run, such as "dask:tcp://HOST:8786" or "ray".
    predict_time_limit : seconds that predicting a row may take as one of many, on one core. Members then have fewer
        fold models, else the dearest for their weight are left out; `notes_` says what it costs. None for no limit.
    refit : whether each member's fold models give way to one model fitted on all rows, as far as time allows: faster to
        predict with and smaller, often less accurate than the mean of several. Scores stay those of the fold models.
        None for yes where folds are in order of time, whose models have not seen the newest rows.
    track : names of tools that keep the course of the search: "mlflow", "tensorboard", or "tensorboard:FOLDER" and
        "mlflow:EXPERIMENT" to say where.
    dates : how dates as text are read, where day and month can be confused: "dmy", "mdy" or "ymd", or by column, such
        as {"billed": "dmy", "born": "%d.%m.%y", "code": "no"}; None tells it from the values.
    decimal : the decimal sign of numbers as text that can be read in two ways, such as "1,234": "." or ",", or by
        column; None tells it from the values.
    columns : the kind of some columns, where values mislead: {"zip": "categorical", "remark": "text", "x": "ignored"}.
    label_texts : texts that say what classes are, one or several for each: {"refund": "I want my money back", "fees":
        ["a fee I do not know", "why am I charged"]}. Models that read text as it is use them; they help where rows are
        few.
    plugins : modules or objects with hook implementations, or names of modules, to use a plugin that is not packaged.

    Attributes
    ----------
    task_ : the `Task`. classes_ : the labels, for classification; a list where there are several targets.
    metric_ : the metric's name.
    score_ : the ensemble's cross-fitted score, on rows that neither its members nor its weights have seen.
    interval_ : where the score of new rows of the same kind lies, 95 times in 100, for a test table a quarter as long
        as the training table, as an 80/20 split gives; the score on endless rows is within 45 % of that width.
    ensemble_ : which kind of ensemble was chosen, or the names of those that are averaged.
    notes_ : what a user should know of this fit, as sentences.
    audit_ : what was noticed about the table before any fit: leaks, identifiers, duplicates, the target.
    n_features_in_, feature_names_in_ : the feature columns.
    outcome_ : everything about the search, out-of-fold predictions included; None after loading.
    """

    outcome_: SearchOutcome | None

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

        X is a table with the target in it and y the target's column name, or X the features and y the target. Of
        several targets y lists the names, or is a frame or an array of two dimensions. A table
        is a pandas, polars or pyarrow frame, a NumPy array, or the path of a CSV or Parquet file. `groups` and
        `sample_weight` are column names of the table, or arrays; `time_column` asks for validation on later rows.
        `unlabeled` is a table of rows that will be predicted: `audit_` then tells whether they look like the others.
        """
        if self._task_option is not None:
            warn_of_column(y)
        self._search(X, y, Extras(groups, sample_weight, time_column, unlabeled), {})
        return self

    def _search(self, X: Any, y: Any, extras: Extras, found: Mapping[str, Any]) -> Fit:
        """Search with the options, those that were `found` in the files of a competition in place of the user's."""
        options = {**self.get_params(deep=False), "task": self._asked_task(), **found}
        fit = fit_table(X, y, extras, options, type(self).__name__)
        self._fit, self.outcome_ = fit.fitted, fit.outcome
        whole = self._fitted()
        for each in tell_fit(fit, whole):
            warnings.warn(each, SearchWarning, stacklevel=3)
        return replace(fit, fitted=whole)

    @classmethod
    def zero_shot(
        cls: type[Self], label_texts: Mapping[Any, Any], *, text: str, target: str = "label", **options: Any
    ) -> Self:
        """Return an estimator that predicts classes from texts which describe them, without any row.

        label_texts : for each class a text that says what it is, as those to be predicted would, or several.
        text : the column of the tables to come whose texts are compared with them, by the cosine of their sentence
            embeddings. target : what the target is called in tables that have it, for `evaluate`.
        options : as of the constructor.

        `predict`, `predict_proba`, `evaluate`, `save` and `load` work as after `fit`; `score_` is not known. `fit` on
        rows learns from them and from the descriptions. Raises OptionError where no pretrained network is at hand.
        """
        model = cls(**options, label_texts=label_texts)
        known = {**model.get_params(deep=False), "task": model._asked_task() or AutoMLClassifier._task_option}
        model._fit, model.outcome_ = fit_descriptions(Columns(text, target), known, cls.__name__), None
        return model

    def compete(  # noqa: PLR0913  each wish by its name
        self,
        train: Any,
        test: Any,
        sample: Any = None,
        output: str | Path = "submission.csv",
        *,
        target: str | Iterable[str] | None = None,
        identifier: str | Iterable[str] = (),
        form: str | None = None,
        positive: str | None = None,
        train_on_id: bool | None = None,
        groups: str | None = None,
        time_column: str | None = None,
        blend: str | Path | Iterable[str | Path] = (),
        fit: bool = True,
        encoding: str = "",
        separator: str = "",
        tell: Callable[[str], None] | None = None,
    ) -> CompetitionResult:
        """Find out what a competition asks for, fit, and write a checked submission.

        train, test, sample : tables or paths; a sample submission says which rows and columns are wanted.
        output : the submission, a CSV; out-of-fold and test predictions and a record in JSON are written beside it.
        target, identifier, form, positive : what to predict, one column or several; the columns that tell rows apart;
            "labels" or "probabilities"; the class whose probability is wanted. Each is found in the files where it is
            not given, as are task and metric where the estimator has none.
        train_on_id : whether the models see the id; by default only where it is a date, or rows share it.
        groups, time_column : as in `fit`.
        blend : earlier runs to join: folders, submissions, or NAME_oof.csv with NAME_test.csv beside it.
        fit : False to join earlier runs alone.
        encoding, separator : of text files, where they are not found rightly.
        tell : is given each thing found, as one line; by default it is printed unless `verbose` is 0.

        Raises InputError, with what was found and what was expected, for files that do not fit together.
        """
        from automl.competition.compete import Competitor, compete, say_nothing
        from automl.competition.nouns import Wishes

        names = (identifier,) if isinstance(identifier, str) else tuple(identifier)
        blended = (blend,) if isinstance(blend, str | Path) else tuple(blend)
        wishes = Wishes(
            target=target if target is None or isinstance(target, str) else tuple(target),
            identifier=names,
            metric=self.metric,
            task=self._asked_task(),
            form=form,
            positive=positive,
            train_on_id=train_on_id,
            groups=groups,
            time_column=time_column,
            encoding=encoding,
            separator=separator,
            blend=tuple(Path(each) for each in blended),
            fit=fit,
        )
        if tell is None:
            tell = print if self.verbose else say_nothing
        competitor = Competitor(self.get_params(deep=False), self._search)
        return compete(competitor, (train, test, sample), output, wishes, tell)

    # --- predicting

    def predict(self, X: Any) -> Any:
        """Return the predicted labels or values, `(n_rows,)`; of quantiles `(n_rows, n_levels)`, rising in each row.

        Of several targets `(n_rows, n_targets)`, a frame where `set_output` asks for one; of rows that hold lists, such
        as the words of sentences, a list for each.
        """
        X, _, lists = laid_out(self._known(), X)
        found = self._predicted(X)
        return found if lists is None else lists.gathered(found)

    def _predicted(self, X: Any) -> Any:
        outputs, predictor = self._outputs(X), self._fit.predictor
        if self._fit.task.targets:
            columns, kind = predicted_columns(predictor.decided(outputs), self._fit.task), self._output_kind()
            return side_by_side(columns) if kind == "default" else as_table(columns, kind, getattr(X, "index", None))
        if not self._fit.task.has_classes:
            return as_predicted(outputs, self._fit.task)
        groups = groups_of(self._fit, X, None) if predictor.decides_by_group else None
        return np.asarray(self._fit.labels[predictor.decided(outputs, groups).argmax(axis=1)])

    @available_if(gives_probabilities)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def predict_proba(self, X: Any) -> Any:
        """Return class probabilities, `(n_rows, n_classes)`, in the order of `classes_`.

        Of several labels `(n_rows, n_labels)`, the probability of the second of the two values of each; of several
        targets with more classes a list of `(n_rows, n_classes)`, one for each target that has classes. Of rows that
        hold lists `(n_rows,)` arrays, `(n_elements, n_classes)` each.
        """
        X, _, lists = laid_out(self._known(), X)
        outputs, task = self._outputs(X), self._fit.task
        if lists is not None:
            return lists.gathered(outputs)
        return probabilities_by_target(outputs, task) if task.targets else outputs

    def predict_file(  # noqa: PLR0913  each wish by its name
        self,
        path: str | Path,
        output: str | Path,
        *,
        probabilities: bool = False,
        interval: float | None = None,
        labels: float | None = None,
        identifier: str | None = None,
        tell: Tell = say_nothing,
    ) -> int:
        """Write the predictions of a file's rows, in their order, to another; return how many there are.

        path : CSV, Parquet, or a folder of Parquet files. output : CSV (.csv, .csv.gz, .csv.zip) or Parquet; it is
            there once it is whole. A large file is read and predicted block by block, with as many processes as
            `n_jobs` says where so much is to be done that they are worth it: the same predictions in little memory. The
            machines of a cluster do so where `executor` names one.
        probabilities : a column a class. interval, labels : coverages of an interval, and a set of labels, to add.
        identifier : column to copy in front. tell : is given each `Progress`.
        """
        load = partial(AutoML.load, trusted=True, plugins=self.plugins)  # what was saved a moment ago by this process
        served = who_predicts(self, self._known().predictor, load, self.get_params(deep=False))
        return predict_file(served, Path(path), Path(output), Wanted(probabilities, interval, labels, identifier), tell)

    @available_if(ranks_rows)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def rank(self, X: Any, k: int | None = 10, *, groups: Any = None) -> pd.DataFrame:
        """Return the best `k` rows of each group, best first: their columns, with `rank` from 1 on and `score`.

        groups : as in `fit`; by default the column that `fit` was given. k : None for all rows of each group. Where the
        table has a column "rank" or "score", it is called "predicted_rank" or "predicted_score". Rows of equal scores
        come in an order that does not depend on that of the table.
        """
        count = checked_count(k)
        return rank_rows(self._known(), X, self._outputs(X)[:, 0], groups, count)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None, *, groups: Any = None) -> float:
        """Return the search's metric on new rows, turned so that greater is better; y and groups as in `fit`."""
        metric = self._known().metric
        X, y, lists = laid_out(self._fit, X, y)
        if lists is not None and sample_weight is not None:
            sample_weight = lists.repeated(sample_weight)
        outputs, target = self._outputs_and_target(X, y)
        judge = self._judge(metric, target, groups_of(self._fit, X, groups))
        judge = replace(judge, weights=score_weights(sample_weight, len(target)))
        return -lower_is_better(metric, judge.score(outputs))

    def evaluate(self, X: Any, y: Any = None, metrics: Any = None, *, groups: Any = None) -> dict[str, float]:
        """Return several metrics, by names or as functions, on new rows with the target, each in its own direction.

        y and groups as in `fit`; groups are for metrics that judge by group.
        """
        own, task = self._known().metric, self._fit.task
        X, y, _ = laid_out(self._fit, X, y)
        outputs, target = self._outputs_and_target(X, y)
        numbers = groups_of(self._fit, X, groups)
        registry = discover(self.plugins)
        names = metrics or (own.name, *told_beside(registry.task_spec(task.kind), task))
        found: dict[str, float] = {}
        for name in dict.fromkeys([names] if isinstance(names, str) or callable(names) else names):
            spec = own if name == own.name else choose_metric(name, task, registry.metrics)
            key = name if isinstance(name, str) else spec.name
            score = self._judge(spec, target, numbers).score(outputs)
            found[key if key not in found else f"{key} ({len(found) + 1})"] = score
        return found

    def _outputs(self, X: Any) -> Array:
        frame = features_of(self._known(), X)
        return self._fit.predictor.predict_outputs(frame, parse_jobs(self.n_jobs))

    def _outputs_and_target(self, X: Any, y: Any) -> tuple[Array, Array]:
        frame, target = features_and_target(self._known(), X, y)
        return self._fit.predictor.predict_outputs(frame, parse_jobs(self.n_jobs)), target

    def _judge(self, metric: MetricSpec, target: Array, groups: Array | None) -> Judge:
        """Return who scores predictions as they are given: a metric that sees labels gets those of `predict`."""
        decide = self._fit.predictor.decided
        return Judge(metric, self._fit.task, target, groups=groups, decide=decide, strict=True)

    def check(self, X: Any, *, strict: bool = False) -> pd.DataFrame:
        """Compare a table with the one that was fitted: one row a column, with a verdict; `strict` raises the problems.

        The report has the share of missing values then and now, of values that cannot be read, of unseen categories
        and of numbers out of the fitted range, and a two-sample test with its p-value corrected for all columns.
        """
        known = self._known()
        report = check_table(features_of(known, X), known.schema, known.profile, known.task.named)
        if strict:
            refuse_problems(report)
        return report

    # --- keeping

    def save(self, path: str | Path) -> Path:
        """Write the fitted estimator to one file, where the path ends in `.automl`, else to a folder; return the path.

        An option that is an object (a metric function, a splitter) is not saved, nor are the out-of-fold predictions.
        """
        return save_fitted(self._fitted(), path)

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
            model._fit, model.outcome_ = restored(artifact, registry, type(model).__name__), None
        except (KeyError, TypeError, AttributeError) as error:
            raise ArtifactError(
                f"{str(path)!r} is not complete: {type(error).__name__}: {error}. Save the model anew."
            ) from error
        return model


class AutoMLClassifier(ClassifierMixin, AutoML):  # type: ignore[misc]  # scikit-learn has no types
    """`AutoML` for classes, whatever the target looks like."""

    _task_option = "classification"

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:  # type: ignore[override]  # no groups
        """Return the share of right labels on new rows, as scikit-learn's classifiers do; y as in `fit`."""
        features, values = features_and_values(self._known(), X, y)
        return share_of_hits(values, self.predict(features), sample_weight)


class AutoMLRegressor(RegressorMixin, AutoML):  # type: ignore[misc]  # scikit-learn has no types
    """`AutoML` for numbers, whatever the target looks like."""

    _task_option = "regression"

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:  # type: ignore[override]  # no groups
        """Return r2 on new rows, as scikit-learn's regressors do; y as in `fit`."""
        features, target = features_and_target(self._known(), X, y)
        return explained_share(target, self.predict(features), sample_weight)
