"""Competitor: what gives `AutoML` its method `compete`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from automl.competition.nouns import CompetitionResult, Wishes


class Competitor:
    """An estimator that goes from a competition's files to a submission."""

    metric: Any
    task: str | None
    verbose: int
    _task_option: str | None

    def compete(  # noqa: PLR0913  each wish by its name
        self,
        train: Any,
        test: Any,
        sample: Any = None,
        output: str | Path = "submission.csv",
        *,
        target: str | None = None,
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
        target, identifier, form, positive : what to predict; the columns that tell rows apart; "labels" or
            "probabilities"; the class whose probability is wanted. Each is found in the files where it is not given,
            as are task and metric where the estimator has none.
        train_on_id : whether the models see the id; by default only where it is a date, or rows share it.
        groups, time_column : as in `fit`.
        blend : earlier runs to join: folders, submissions, or NAME_oof.csv with NAME_test.csv beside it.
        fit : False to join earlier runs alone.
        encoding, separator : of text files, where they are not found rightly.
        tell : is given each thing found, as one line; by default it is printed unless `verbose` is 0.

        Raises InputError, with what was found and what was expected, for files that do not fit together.
        """
        from automl.competition.compete import compete

        names = (identifier,) if isinstance(identifier, str) else tuple(identifier)
        blended = (blend,) if isinstance(blend, str | Path) else tuple(blend)
        wishes = Wishes(
            target=target,
            identifier=names,
            metric=self.metric,
            task=self._task_option or self.task,
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
            tell = print if self.verbose else _say_nothing
        return compete(self, (train, test, sample), output, wishes, tell)


def _say_nothing(line: str) -> None:
    """Keep what was found for the result alone."""
