"""Linear support vector machine, one class against the rest, by dual coordinate descent over all classes at once."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from intents.features import Floats, Row


def train(
    rows: Sequence[Row],
    labels: npt.NDArray[np.int64],
    *,
    size: int,
    classes: int,
    costs: Floats,
    epochs: int = 8,
    seed: int = 7,
    progress: Callable[[float], None] = lambda _: None,
) -> Floats:
    """Weights (size + 1 × classes, the last row is the bias) minimising the squared hinge loss.

    `costs` (one a row) is the penalty C of each sentence. Hsieh et al. 2008, algorithm 1, without shrinking: the rows
    are visited in one order for all classes, so that a step is one gather, one product and one scatter.
    """
    weights = np.zeros((size + 1, classes), np.float32)
    alphas = np.zeros((len(rows), classes), np.float32)
    order = np.random.default_rng(seed)
    slack = (0.5 / costs).astype(np.float32)
    norms = np.array([float(row.values @ row.values) + 1.0 for row in rows], np.float32) + slack
    for epoch in range(epochs):
        for at in order.permutation(len(rows)):
            row = rows[at]
            label = labels[at]
            agreement = -(row.values @ weights[row.indices] + weights[-1])
            agreement[label] = -agreement[label]
            gradient = agreement - 1.0 + slack[at] * alphas[at]
            alpha = np.maximum(alphas[at] - gradient / norms[at], 0.0)
            step = alpha - alphas[at]
            if not step.any():
                continue
            alphas[at] = alpha
            step = -step
            step[label] = -step[label]
            weights[row.indices] += row.values[:, None] * step
            weights[-1] += step
        progress((epoch + 1) / epochs)
    return weights
