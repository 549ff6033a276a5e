"""The verbs of the engine: one step of `run_search` per file."""
