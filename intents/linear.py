"""Two linear classifiers in numpy: a support vector machine and a logistic regression."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from intents.features import Floats, Row

_RATE, _FIRST, _SMALL = 0.5, 1e-2, 1e-4
_SLACK = np.float32(0.5)  # 1 / 2C
_SHARED = 0.25  # of the probability that each topic as fair as the main one is to have
_STILL = 1e-3  # a smaller step of a class is left for the next visit


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights in eight bits: `values` (features × classes) times `scales` (one a feature), and the `bias`."""

    values: npt.NDArray[np.int8]
    scales: Floats
    bias: Floats

    def margins(self, row: Row) -> Floats:
        """The margin of each class."""
        scaled = row.values * self.scales.take(row.indices)
        return np.asarray(scaled @ self.values.take(row.indices, 0).astype(np.float32) + self.bias, np.float32)


@dataclass(frozen=True, slots=True)
class Fair:
    """What a sentence is about: `label`, and `also` what it may be taken for without being wrong (class numbers)."""

    label: int
    also: tuple[int, ...] = ()


def packed(weights: Floats) -> Weights:
    """Trained weights (the last row the bias) in eight bits: a quarter of the memory, the same margins to 0.01."""
    rows = weights[:-1]
    scales = (np.abs(rows).max(axis=1) / 127).astype(np.float32)
    divisor = np.where(scales > 0, scales, 1.0)[:, None]
    return Weights(np.round(rows / divisor).astype(np.int8), scales, weights[-1].copy())


def train(
    rows: Sequence[Row],
    labels: Sequence[Fair],
    *,
    shape: tuple[int, int],
    epochs: int = 4,
    progress: Callable[[float], None] = lambda _: None,
) -> Floats:
    """Weights (features + 1 × classes, the last row is the bias) minimising the squared hinge loss, penalty C = 1.

    `shape` is (features, classes). Hsieh et al. 2008, algorithm 1, without shrinking: the rows are visited in one
    order for all classes, so that a step is one gather, one product and one scatter. A class that is as fair for a
    sentence learns nothing from it. The order is seeded: the same data give the same weights.
    """
    weights = np.zeros((shape[0] + 1, shape[1]), np.float32)
    alphas = np.zeros((len(rows), shape[1]), np.float32)
    order = np.random.default_rng(7)
    norms = np.array([float(row.values @ row.values) + 1.0 for row in rows], np.float32) + _SLACK
    for epoch in range(epochs):
        for at in order.permutation(len(rows)):
            row, label = rows[at], labels[at].label
            here = weights.take(row.indices, 0)
            agreement = -(row.values @ here + weights[-1])
            agreement[label] = -agreement[label]
            gradient = agreement - 1.0 + _SLACK * alphas[at]
            alpha = np.maximum(alphas[at] - gradient / norms[at], 0.0)
            step = alphas[at] - alpha
            for other in labels[at].also:
                step[other], alpha[other] = 0.0, 0.0
            moved = np.flatnonzero(np.abs(step) > _STILL)
            if not len(moved):
                continue
            alphas[at] = alpha
            step[label] = -step[label]
            if len(moved) < 8:
                weights[row.indices[:, None], moved] += row.values[:, None] * step[moved]
            else:
                weights[row.indices] = here + row.values[:, None] * step
            weights[-1] += step
        progress((epoch + 1) / epochs)
    return weights


def softmax(
    rows: Sequence[Row],
    labels: Sequence[Fair],
    *,
    shape: tuple[int, int],
    epochs: int = 4,
    progress: Callable[[float], None] = lambda _: None,
) -> Floats:
    """Weights (features + 1 × classes) of multinomial logistic regression by AdaGrad with one rate a feature.

    It ranks second and third topics better than the margins do; stopping early is its only regularisation.
    """
    weights = np.zeros((shape[0] + 1, shape[1]), np.float32)
    seen = np.full(shape[0] + 1, _FIRST, np.float32)
    order = np.random.default_rng(7)
    for epoch in range(epochs):
        for at in order.permutation(len(rows)):
            row = rows[at]
            here = weights.take(row.indices, 0)
            error = row.values @ here + weights[-1]
            error = np.exp(error - error.max())
            error /= error.sum()
            fair = labels[at]
            error[fair.label] -= 1.0 - _SHARED * len(fair.also)
            for other in fair.also:
                error[other] -= _SHARED
            size = float(error @ error)
            if size < _SMALL:
                continue
            total = seen.take(row.indices) + row.values * row.values * size
            seen[row.indices] = total
            seen[-1] += size
            weights[row.indices] = here - (_RATE * row.values / np.sqrt(total))[:, None] * error
            weights[-1] -= _RATE / math.sqrt(seen[-1]) * error
        progress((epoch + 1) / epochs)
    return weights
