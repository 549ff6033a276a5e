"""Run this engine on TabArena's small tables, first split each, and compare with the results of others."""

import argparse
from pathlib import Path


def main():
    """Build the experiment, run it here, print the leaderboard."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--time-limit", type=float, default=60, help="seconds for each fit")
    parser.add_argument("--output", type=Path, default=Path("tabarena-output"), help="folder for results and figures")
    arguments = parser.parse_args()

    from system import EnsembleAutoMLSystem
    from tabarena.benchmark.experiment import TabArenaV0pt1ExperimentBundle
    from tabarena.contexts import TabArenaContext
    from tabarena.utils.config_utils import SystemConfigGenerator

    generator = SystemConfigGenerator(model_cls=EnsembleAutoMLSystem, name="EnsembleAutoML", manual_configs=[{}])
    bundle = TabArenaV0pt1ExperimentBundle(models=[(generator, 0)], system_experiments=True)
    experiments = bundle.build_experiments(time_limit=arguments.time_limit)
    context = TabArenaContext()
    context.build_and_run_jobs(experiments, expname=str(arguments.output / "results"), subset=["small", "lite"])
    print(context.compare(output_dir=arguments.output / "comparison").to_string())


if __name__ == "__main__":
    main()
