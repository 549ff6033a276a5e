"""Tables of queries, whose rows stand in no order, for tests of rankings."""

import numpy as np
import pandas as pd


def queries(n_queries=30, each=8, seed=0, grades=3):
    """Return rows of queries with a relevance from 0 on; every fifth query has no relevant row."""
    rng = np.random.default_rng(seed)
    query = np.repeat(np.arange(n_queries), each)
    x = rng.normal(size=(len(query), 2)).astype(np.float32)
    latent = x[:, 0] + 0.5 * rng.normal(size=len(query))
    relevance = np.digitize(latent, np.quantile(latent, np.linspace(0.6, 0.95, grades - 1)))
    relevance[query % 5 == 4] = 0
    names = np.array([f"query {number}" for number in query])
    frame = pd.DataFrame({"x": x[:, 0], "noise": x[:, 1], "query": names, "relevance": relevance})
    return frame.sample(frac=1.0, random_state=seed).reset_index(drop=True)
