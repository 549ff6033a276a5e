"""EnsembleAutoML for AMLB: the half that runs in AMLB's own Python, and calls exec.py in the engine's."""


def setup(*args, **kwargs):
    """Make the virtual environment of exec.py."""
    from amlb.utils import call_script_in_same_dir

    call_script_in_same_dir(__file__, "setup.sh", *args, **kwargs)


def run(dataset, config):
    """Hand a task to exec.py, and its predictions to AMLB."""
    from frameworks.shared.caller import run_in_venv

    data = {
        "train": {"path": dataset.train.data_path("parquet")},
        "test": {"path": dataset.test.data_path("parquet")},
        "target": {"name": dataset.target.name, "classes": dataset.target.values},
        "problem_type": dataset.type.name,
    }
    if config.measure_inference_time:
        data["inference_subsample_files"] = dataset.inference_subsample_files(fmt="parquet")
    return run_in_venv(__file__, "exec.py", input_data=data, dataset=dataset, config=config)
