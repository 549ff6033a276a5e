"""Trials: the running state of a search: what was proposed, which folds are done, what failed and why."""

from __future__ import annotations

import math
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from automl.aside import Aside
from automl.errors import error_line
from automl.plugin_api.protocols import Outcome, Proposal, SearchStrategy
from automl.plugin_api.scoring import lower_is_better
from automl.plugin_api.specs import ModelSpec
from automl.steps.fit.choose_preparation import choose_preparation
from automl.steps.fit.fit_fold import FoldJob
from automl.steps.trials.expect_costs import ExpectedCosts
from automl.steps.trials.judge_candidate import Front, still_promising
from automl.steps.trials.keep_best import BestKept
from automl.steps.trials.run_jobs import FinishedJob
from automl.steps.trials.setup import Setup
from automl.steps.trials.trial import Trial
from automl.vocabulary.candidate import Candidate
from automl.vocabulary.events import (
    CandidateFailed,
    CandidateFinished,
    FoldFinished,
    FoldLost,
    FoldStarted,
    SearchProgress,
)
from automl.vocabulary.results import CandidateResult, Failure, FoldResult
from automl.vocabulary.states import Again, Refusal, Stage, Status

Estimate: TypeAlias = Callable[[str, Mapping[str, Any]], float]
MOST_REFUSALS = 200
"""So many proposals in a row that cannot be run end the search: the strategy has nothing left that fits."""
ASK_PATIENCE = 2.0
"""A strategy may take so many times as long as other plugins, since it asks them what fits cost."""
LEAST_ROWS_SHARE = 0.2
"""What a model learns from fewer rows than this share is not worth their time; its candidate is given up."""
MOST_LOST = 3
"""A fold with which so many machines were lost is not tried once more: it may be what ends them."""


class Trials:
    """Keeps the books of a search; decides nothing about order and time, which is for those who call it."""

    def __init__(self, setup: Setup, build_strategy: Callable[[Estimate], SearchStrategy]) -> None:
        """Begin with nothing tried; the strategy is built with this search's estimate of costs."""
        self.setup = setup
        self.settings, self.judge, self.models = setup.search.settings, setup.table.judge, setup.table.models
        self.n_folds = self.judge.plan.n_folds
        self.all: dict[str, Trial] = {}
        self.open: dict[str, Trial] = {}
        """Those that are not closed, in the order in which they were proposed."""
        self.results: list[CandidateResult] = []
        self.failures: list[Failure] = []
        self.best_loss = float("inf")
        self.score_seconds = math.inf
        """How long the metric takes on one fold, at the quickest."""
        self._registry, self._elapsed = setup.search.registry, setup.search.elapsed
        self._improved_at = self._elapsed()
        self._improved_trial = 0
        self._front = Front()
        self.kept = BestKept()
        self.lost_with: Counter[str] = Counter()
        """How many fits were lost with which machine."""
        self.costs = ExpectedCosts(setup, self._note_broken)
        self._aside = Aside(ASK_PATIENCE * self._registry.aside.seconds)
        self.strategy = build_strategy(self.costs.estimate_trial)

    @property
    def n_slots(self) -> int:
        """How many slots there are now without those of GPUs; 1 where there is none."""
        return max(1, self.setup.assignment.n_slots)

    # --- proposing

    def ask(self, seconds_left: float) -> Proposal | None:
        """Return the strategy's next proposal; a strategy that raises has none."""
        try:
            return self._aside.call(partial(self.strategy.ask, seconds_left))
        except Exception as error:
            self._note_broken(self.settings.strategy, Stage.ASK, error)
            return None

    def tell(self, outcome: Outcome) -> None:
        """Tell the strategy what became of a proposal; that it raises costs nothing but what it would have learnt."""
        try:
            self._aside.call(partial(self.strategy.tell, outcome))
        except Exception as error:
            self._note_broken(self.settings.strategy, Stage.TELL, error)

    def propose(self, proposal: Proposal) -> Trial | Refusal:
        """Turn a proposal into a trial that is ready to run, or record that it is not run and say why."""
        spec, setup = self.models.get(proposal.model), self.setup
        if spec is None:
            cause = "the strategy proposed a model that is not part of this search"
            return self._refuse(proposal, Refusal.UNKNOWN, cause)
        try:
            schema, preprocessors = setup.table.dataset.schema, setup.table.preprocessors
            kind = setup.table.dataset.task.kind
            preparation = choose_preparation(
                spec, proposal.params, schema, preprocessors, running=setup.running, kind=kind
            )
        except LookupError as error:
            return self._refuse(proposal, Refusal.UNKNOWN, f"not run: {error}")
        candidate = Candidate(proposal.model, dict(proposal.params), preparation, proposal.seed, proposal.origin)
        if candidate.id in self.all:
            return Refusal.TRIED
        refusal, cause = self._why_not(spec, proposal)
        if refusal:
            return self._refuse(proposal, refusal, f"not run: {cause}", candidate.id)
        expected = self.costs.resources(proposal.model, proposal.params)
        trial = Trial(candidate, proposal, len(self.all), cap_seconds=float("inf"), memory_mb=expected.memory_mb)
        self.all[candidate.id] = self.open[candidate.id] = trial
        return trial

    def accept(self, proposal: Proposal) -> Trial | None:
        """Return the trial for a proposal; that one is not run is told to the strategy."""
        made = self.propose(proposal)
        if isinstance(made, Refusal):
            self.tell(Outcome(proposal, math.inf, 0.0, Status.SKIPPED, made))
            return None
        return made

    def spec(self, trial: Trial) -> ModelSpec:
        """Return the model of a trial."""
        return self.models[trial.candidate.model]

    def _why_not(self, spec: ModelSpec, proposal: Proposal) -> tuple[Refusal, str]:
        """Return why a proposal is not run, as a value and in words; NONE where it is."""
        size = self.costs.size(proposal.model, proposal.params)
        try:
            if spec.limits is not None and (reason := self._registry.aside.call(partial(spec.limits, size))):
                return Refusal.LIMITS, reason
        except Exception as error:
            self._note_broken(spec.name, Stage.LIMITS, error)
        memory = self.costs.resources(proposal.model, proposal.params).memory_mb
        if memory > self.setup.assignment.memory_mb:
            allowed = f"{self.setup.assignment.memory_mb:.0f} MB are allowed for one fit"
            return Refusal.MEMORY, f"would need about {memory:.0f} MB of memory; {allowed}"
        nowhere = self.setup.assignment.why_nowhere(spec, memory)
        return Refusal.MACHINES if nowhere else Refusal.NONE, nowhere

    def _refuse(self, proposal: Proposal, refusal: Refusal, cause: str, candidate_id: str = "") -> Refusal:
        """Record that a proposal is not run, and why."""
        params, stage = dict(proposal.params), Stage.CHOOSE
        self.fail(Failure(proposal.model, stage, cause, candidate_id=candidate_id, params=params, refusal=refusal))
        return refusal

    def _note_broken(self, name: str, stage: Stage, error: Exception) -> None:
        """Record that a plugin's own helper raised; the search goes on without what it would have said."""
        text = "".join(traceback.format_exception(error))
        self.fail(Failure(name, stage, error_line(error), text))

    # --- running

    def may_retry(self, finished: FinishedJob) -> bool:
        """Put back a fold that was lost with its machine, or that was ended for lack of memory.

        Then it is fitted once more with fewer fits beside it, and after that on fewer rows.
        """
        trial, result, again = self.all[finished.job.candidate.id], finished.result, finished.again
        if not isinstance(result, Failure) or trial.closed:
            return False
        fold = finished.job.fold
        if result.stage == Stage.MACHINE:
            return self._try_elsewhere(trial, fold, finished.slot, finished.machine, result.cause)
        if result.stage != Stage.MEMORY or not again:
            return False
        how = str(again)
        if again != Again.FEWER_FITS or fold in trial.retried:
            trial.rows_share = finished.job.rows_share / 2
            how = f"on {trial.rows_share:.0%} of the training rows"
        if trial.status != Status.RUNNING or trial.rows_share < LEAST_ROWS_SHARE:
            return False
        trial.retried.add(fold)
        trial.again.append(fold)
        self.fail(replace(result, cause=f"{result.cause}; it is tried again {how}"))
        return True

    def _try_elsewhere(self, trial: Trial, fold: int, slot: int, machine: str, cause: str) -> bool:
        """Put back a fold that was lost with its machine, however often it was tried for other reasons."""
        self.lost_with[machine] += 1
        trial.lost[fold] = trial.lost.get(fold, 0) + 1
        if trial.status != Status.RUNNING or trial.lost[fold] >= MOST_LOST:
            return False
        if not trial.done:
            trial.home = None
        trial.again.append(fold)
        model, id = trial.candidate.model, trial.candidate.id
        self._registry.tell(FoldLost(self._elapsed(), slot, model, id, fold, machine, cause))
        return True

    def job(self, trial: Trial, fold: int, slot: int, machine: str = "") -> FoldJob:
        """Return the job for one fold of a trial and note that it is handed out."""
        trial.handed_out = max(trial.handed_out, fold + 1)
        trial.begun = min(trial.begun, self._elapsed())
        job = self.fold_job(trial.candidate, fold, trial.cap_seconds if trial.done else trial.first_cap_seconds)
        if self.setup.log is None or not self.setup.log.knows(job):
            model, id = trial.candidate.model, trial.candidate.id
            self._registry.tell(FoldStarted(self._elapsed(), slot, model, id, fold, machine))
        return job

    def fold_job(self, candidate: Candidate, fold: int, seconds: float) -> FoldJob:
        """Return the job for one fit of a candidate, which may take so many seconds."""
        setup, preprocessors = self.setup, self.setup.table.preprocessors
        trial = self.all[candidate.id]
        used = (*candidate.preparation.encode, *candidate.preparation.finish)
        return FoldJob(
            stored=setup.stored,
            candidate=candidate,
            fold=fold,
            spec=self.models[candidate.model],
            preprocessors={step.preprocessor: preprocessors[step.preprocessor] for step in used},
            metric=self.judge.metric.name,
            objective=self.judge.metric.objective,
            seed=self.settings.random_state,
            threads=setup.assignment.threads,
            seconds=seconds,
            cache_mb=setup.assignment.cache_mb,
            rows_share=trial.rows_share,
            sharing=self._sharing(trial),
        )

    def _sharing(self, trial: Trial) -> int:
        """Return how many fits of a trial make together what all of them share: one on each slot that takes it."""
        if not trial.shares or trial.done:
            return 1
        n_gpus = len(self.setup.assignment.gpus)
        return n_gpus if n_gpus and self.models[trial.candidate.model].gpu else self.n_slots

    def record(self, trial: Trial, result: FoldResult | Failure, slot: int) -> None:
        """Take in what came of one fold; what comes back after the trial was closed, or once more, is passed over."""
        if trial.closed or result.fold in trial.done:
            return
        if isinstance(result, Failure):
            if trial.status == Status.RUNNING:
                trial.status = Status.FAILED
                self.fail(result)
            return
        self.costs.learn(trial.candidate.model, trial.candidate.params, result.seconds, result.machine)
        begun = time.monotonic()
        try:
            loss = self.judge.fold_loss(result)
        except Exception as error:  # a user's metric, which may be asked for what it cannot do
            cause, text = f"the metric raised {error_line(error)}", "".join(traceback.format_exception(error))
            self.record(trial, Failure.of(trial.candidate, Stage.SCORE, cause, text, result.fold), slot)
            return
        self.score_seconds = min(self.score_seconds, time.monotonic() - begun)
        result.predictions.setflags(write=False)  # watchers are shown them
        trial.done[result.fold] = result
        trial.losses[result.fold] = loss
        if result.fold == 0:
            self._front.add(loss, trial)
        score = self._score_of(trial.losses[result.fold])
        if self._improves(float(np.mean(list(trial.losses.values())))):
            self._improved_at = self._elapsed()  # a trial that leads so far is worth waiting for
        self._registry.tell(
            FoldFinished(
                self._elapsed(),
                slot,
                trial.candidate.model,
                trial.candidate.id,
                result.fold,
                score,
                result.seconds,
                result.cpu_seconds,
                result.machine,
            )
        )

    def judge_first_fold(self, trial: Trial) -> None:
        """After its first fold, drop a candidate that is clearly behind and that no ensemble would weight."""
        trial.judged = True
        try:
            if not still_promising((trial.losses[0], trial.done[0]), self._front.before(trial), self.judge):
                trial.status = Status.DROPPED
        except Exception as error:  # a user's metric, asked for a blend that it cannot score
            self._note_broken(self.judge.metric.name, Stage.SCORE, error)

    def close(self, trial: Trial) -> None:
        """End a trial: keep what it has, tell the strategy and the watchers."""
        if trial.closed:
            return
        trial.closed = True
        self.open.pop(trial.candidate.id, None)
        if trial.status == Status.FAILED or not trial.done:
            trial.status = Status.FAILED
            self._let_go(trial)
            self._tell(trial, float("inf"))
            return
        if trial.status == Status.DROPPED:
            self._let_go(trial)
        else:
            trial.status = Status.COMPLETE if len(trial.done) == self.n_folds else Status.PARTIAL
        folds = tuple(trial.done[fold] for fold in sorted(trial.done))
        loss = float(np.mean([trial.losses[fold] for fold in sorted(trial.losses)]))  # in an order that no slot decides
        result = CandidateResult(
            candidate=trial.candidate,
            folds=folds,
            loss=loss,
            score=self._score_of(loss),
            fold_losses=tuple(trial.losses[fold] for fold in sorted(trial.losses)),
            status=trial.status,
            order=trial.order,
            finished=self._elapsed(),
        )
        self.results.append(result)
        self._keep_best(result)
        if trial.status == Status.COMPLETE:
            self._note_improvement(loss)
        self._tell(trial, loss)
        self._registry.tell(CandidateFinished(self._elapsed(), result, self._score_of(self.best_loss)))

    def _keep_best(self, result: CandidateResult) -> None:
        """Let go of the worst of the finished candidates where there are more than can be kept."""
        if result.status == Status.DROPPED:
            return
        position = self.kept.add(result, len(self.results) - 1)
        if position is not None:
            worst = self.results[position]
            trial = self.all[worst.candidate.id]
            self._let_go(trial)
            self.results[position] = replace(
                worst, folds=tuple(trial.done[fold.fold] for fold in worst.folds), kept=False
            )

    def close_all(self) -> None:
        """End every trial that is still open; what it has finished is kept."""
        for trial in list(self.open.values()):
            self.close(trial)
        self._aside.close()

    def _note_improvement(self, loss: float) -> None:
        if self._improves(loss):
            self._improved_at, self._improved_trial = self._elapsed(), len(self.results)
        self.best_loss = min(self.best_loss, loss)

    def _improves(self, loss: float) -> bool:
        least_gain = 0.0 if np.isinf(self.best_loss) else 1e-4 * abs(self.best_loss)
        return loss < self.best_loss - least_gain

    def fail(self, failure: Failure) -> None:
        """Record a failure and tell the watchers."""
        self.failures.append(failure)
        self._registry.tell(CandidateFailed(self._elapsed(), failure))

    def give_up(self, trial: Trial, cause: str) -> None:
        """End a trial of which no fold is done, and record why."""
        trial.status = Status.FAILED
        self.fail(Failure.of(trial.candidate, Stage.CHOOSE, cause))

    def skip(self, proposal: Proposal, refusal: Refusal, cause: str) -> None:
        """Record that a proposal was not run, and tell the strategy."""
        self._refuse(proposal, refusal, f"not run: {cause}")
        self.tell(Outcome(proposal, math.inf, 0.0, Status.SKIPPED, refusal))

    def progress(self) -> SearchProgress:
        """Return what a stopping rule may look at."""
        now = self._elapsed()
        under_way = [trial for trial in self.open.values() if trial.status == Status.RUNNING and trial.handed_out]
        return SearchProgress(
            elapsed=now,
            time_limit=self.settings.time_limit,
            max_trials=self.settings.max_trials,
            n_finished=len(self.results),
            n_failed=len(self.failures),
            best_loss=self.best_loss,
            seconds_since_improvement=now - self._improved_at,
            trials_since_improvement=len(self.results) - self._improved_trial,
            longest_under_way=max((now - trial.begun for trial in under_way), default=0.0),
        )

    def _tell(self, trial: Trial, loss: float) -> None:
        seconds = sum(each.seconds for each in trial.done.values())
        self.tell(Outcome(trial.proposal, loss, seconds, trial.status))

    def _let_go(self, trial: Trial) -> None:
        """Give back what a candidate that joins no ensemble has taken: its predictions, and its fitted members' files.

        Where finished fits are written down the files stay: a search that goes on comes to the same point with them.
        """
        for fold, result in trial.done.items():
            if result.member is not None:
                self.setup.discard(result.member)
            trial.done[fold] = replace(result, predictions=np.empty((0, 0), dtype=np.float32))

    def _score_of(self, loss: float) -> float:
        return lower_is_better(self.judge.metric, loss)
