"""Recommendation as ranking: cheap recommenders propose items for each user, and a ranking puts them in order.

Run it with `python examples/recommend.py`; it makes up the purchases of a shop. What is to be learnt is hidden first:
of each user the newest purchases are taken away, candidates are made of what is left, and the hidden ones are relevant.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl import AutoML

N_USERS, N_ITEMS, N_TASTES = 150, 60, 4
PROPOSED = 12
"""Candidates of each recommender for a user."""
RIDGE = 20.0


def purchases(seed=0):
    """Return who bought what and when: users have a taste, items come into fashion and go."""
    rng = np.random.default_rng(seed)
    taste, kind = rng.integers(0, N_TASTES, N_USERS), rng.integers(0, N_TASTES, N_ITEMS)
    appeal, fashion = rng.gamma(1.0, 1.0, N_ITEMS), rng.uniform(0, 1, N_ITEMS)
    rows = []
    for user in range(N_USERS):
        times = np.sort(rng.uniform(0, 1, rng.integers(6, 14)))
        for time in times:
            likes = appeal * np.exp(2.0 * (kind == taste[user]) - 3.0 * abs(time - fashion))
            rows.append((user, int(rng.choice(N_ITEMS, p=likes / likes.sum())), time))
    return pd.DataFrame(rows, columns=["user", "item", "time"]).drop_duplicates(["user", "item"])


class Recommenders:
    """Four ways to score every item for every user, from interactions alone; each `(n_users, n_items)`."""

    def __init__(self, history):
        """Count who has had what."""
        self.seen = np.zeros((N_USERS, N_ITEMS))
        self.seen[history["user"], history["item"]] = 1.0
        late = history[history["time"] > history["time"].quantile(0.8)]
        self.scores = {
            "popular": np.tile(self.seen.sum(axis=0), (N_USERS, 1)),
            "recent": np.tile(np.bincount(late["item"], minlength=N_ITEMS), (N_USERS, 1)).astype(float),
            "neighbours": self.seen @ self.neighbours(),
            "ease": self.seen @ self.ease(),
        }

    def neighbours(self):
        """Return how often items were had together, over how often each was: cosines, shrunk for rare ones."""
        together = self.seen.T @ self.seen
        size = np.sqrt(np.diag(together))
        found = together / (np.outer(size, size) + 5.0)
        np.fill_diagonal(found, 0.0)
        return found

    def ease(self):
        """Return the weights of EASE (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019)."""
        inverse = np.linalg.inv(self.seen.T @ self.seen + RIDGE * np.eye(N_ITEMS))
        found = inverse / -np.diag(inverse)
        np.fill_diagonal(found, 0.0)
        return found

    def candidates(self, users):
        """Return a row for each user and item that some recommender proposes, with all of their scores."""
        chosen = np.zeros((N_USERS, N_ITEMS), dtype=bool)
        for scores in self.scores.values():
            new = np.where(self.seen > 0, -np.inf, scores)  # nobody is recommended what they have
            best = np.argsort(-new, axis=1, kind="stable")[:, :PROPOSED]
            np.put_along_axis(chosen, best, True, axis=1)
        chosen[~np.isin(np.arange(N_USERS), users)] = False
        user, item = np.nonzero(chosen & (self.seen == 0))
        frame = pd.DataFrame({"user": user, "item": item})
        for name, scores in self.scores.items():
            frame[name] = scores[user, item]
            frame[f"{name} share"] = frame[name] / np.maximum(scores.max(axis=1), 1e-9)[user]
        return frame.assign(history=self.seen.sum(axis=1)[user])


def newest(interactions, share=0.25):
    """Tell which interactions are the newest of their user."""
    age = interactions.groupby("user")["time"].rank(ascending=False)
    return age <= np.maximum(1, share * interactions.groupby("user")["item"].transform("size"))


def labelled(candidates, hidden):
    """Return candidates with whether they are among the hidden interactions, of users of whom one was proposed."""
    pairs = pd.MultiIndex.from_frame(hidden[["user", "item"]])
    candidates = candidates.assign(
        bought=pd.MultiIndex.from_frame(candidates[["user", "item"]]).isin(pairs).astype(int)
    )
    return candidates[candidates.groupby("user")["bought"].transform("max") > 0].reset_index(drop=True)


def hits(lists, hidden):
    """Return the share of users of whose first ten items one was bought later."""
    bought = hidden.groupby("user")["item"].agg(set)
    return float(np.mean([bool(bought[user] & set(lists.get(user, []))) for user in bought.index]))


def main():
    """Hide the newest purchases, learn to rank candidates, and recommend for the time after."""
    known = purchases()
    later, known = known[newest(known)], known[~newest(known)]
    asked, history = known[newest(known)], known[~newest(known)]
    train = labelled(Recommenders(history).candidates(asked["user"].unique()), asked)
    model = AutoML(task="ranking", time_limit="1m", verbose=0).fit(train, "bought", groups="user")

    today = Recommenders(known)
    proposed = today.candidates(later["user"].unique())
    best = model.rank(proposed, k=10).groupby("user")["item"].agg(list)
    popular = proposed.sort_values("popular", ascending=False).groupby("user").head(10)
    print(f"{model.metric_} of candidates: {model.score_:.3f}")
    print(f"users of whose ten items one was bought: {hits(best, later):.1%}")
    print(f"with the most popular items: {hits(popular.groupby('user')['item'].agg(list), later):.1%}")
    print("for user 0:", best.get(0))
    return model


if __name__ == "__main__":
    main()
