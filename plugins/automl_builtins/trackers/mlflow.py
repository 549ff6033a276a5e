"""MLflow: keeps each search as a run, with curves, what was asked for, and tables of candidates and failures."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

from automl.plugin_api import Event, SearchFinished, SearchStarted, TrackerSpec, TrackRequest, hookimpl
from automl_builtins.trackers._course import Course, facts_of

RUN_NAME = "automl"


class MlflowTracker:
    """An MLflow run for one search: below the active run where there is one, in MLflow's current experiment or PLACE's.

    Where runs are kept is MLflow's own setting (`mlflow.set_tracking_uri`, MLFLOW_TRACKING_URI). The run is the active
    one until the search ends, and then FINISHED, or FAILED where the search raised.
    """

    def __init__(self, request: TrackRequest) -> None:
        """Begin the run, so that a server that cannot be reached is noticed before any fit."""
        import mlflow

        check_store(mlflow.get_tracking_uri())
        self._mlflow: Any = mlflow
        self._client: Any = mlflow.MlflowClient()
        experiment = None if not request.place else self._experiment(request.place)
        run = mlflow.start_run(experiment_id=experiment, run_name=RUN_NAME, nested=True)
        self._run_id: str = run.info.run_id
        self._course = Course()

    def observe(self, event: Event) -> None:
        """Write what happened; where that fails the run ends as FAILED, and the error is raised."""
        try:
            self._write(event)
        except Exception:
            self._end("FAILED")
            raise

    def _write(self, event: Event) -> None:
        numbers, now = self._course.take(event), int(time.time() * 1000)
        if isinstance(event, SearchStarted):
            params = [self._mlflow.entities.Param(name, value) for name, value in facts_of(event).items()]
            self._client.log_batch(self._run_id, params=params)
        if numbers:
            step, entity = self._course.step, self._mlflow.entities.Metric
            metrics = [entity(name, value, now, step) for name, value in numbers.items()]
            self._client.log_batch(self._run_id, metrics=metrics)
        if isinstance(event, SearchFinished):
            self._write_tables()
            self._client.set_tag(self._run_id, "automl.ended", event.reason)
            self._end("FAILED" if event.error else "FINISHED")

    def _write_tables(self) -> None:
        """Write the tables as MLflow's own `log_table` would, which warns with pandas 3."""
        written = []
        for name, rows in self._course.tables.items():
            if rows:
                table = {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}
                self._client.log_dict(self._run_id, table, f"{name}.json")
                written.append({"path": f"{name}.json", "type": "table"})
        self._client.set_tag(self._run_id, "mlflow.loggedArtifacts", json.dumps(written))

    def _experiment(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        return str(self._client.create_experiment(name) if found is None else found.experiment_id)

    def _end(self, status: str) -> None:
        active = self._mlflow.active_run()
        if active is not None and active.info.run_id == self._run_id:
            with suppress(Exception):  # of a server that is gone; the run is not the active one any more all the same
                self._mlflow.end_run(status)


def check_store(address: str) -> None:
    """Refuse MLflow's default store, a database in a file, where the part of MLflow that writes it is missing."""
    if address.startswith("sqlite:") and find_spec("sqlalchemy") is None:
        raise ModuleNotFoundError(
            f"Found mlflow-skinny, which cannot write to {address}; expected the whole of MLflow, or a server. Run "
            f"pip install mlflow, or set MLFLOW_TRACKING_URI to the address of a server."
        )


MLFLOW = TrackerSpec(
    name="mlflow", build=MlflowTracker, requires=("mlflow",), install="pip install 'ensemble-automl[mlflow]'"
)


@hookimpl
def automl_trackers() -> tuple[TrackerSpec, ...]:
    """Offer MLflow."""
    return (MLFLOW,)
