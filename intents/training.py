"""Training on the machine it serves: from the data files to weights, seeded, in under a minute."""

import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from intents import cache, catalogue, features, linear
from intents.augment import COPIES, copies
from intents.guard import Guard
from intents.model import LinearRecogniser, Trained
from intents.normalise import fold, normalise
from intents.swaps import Swaps

Progress = Callable[[float, str], None]
_SEED = 7
_SHARE_OF_SOFTMAX = np.float32(0.15)


def _silent(_share: float, _step: str) -> None: ...


def train(data: catalogue.IntentData, *, progress: Progress = _silent) -> Trained:
    """Train on all phrasings of `data`; `progress` is told the share done and the step."""
    owned = [(topic, normalise(phrase.text), phrase.also) for topic, phrase in data.phrases()]
    topics = tuple(sorted({topic for topic, _, _ in owned}))
    index = {topic: at for at, topic in enumerate(topics)}
    progress(0.05, "đọc câu mẫu")
    vectoriser = features.fit(sentence for _, sentence, _ in owned)
    counts = Counter(word for _, sentence, _ in owned for word in fold(sentence).split())
    rng = random.Random(_SEED)  # noqa: S311 (noise for training, no secret)
    swaps = Swaps(data.swaps)
    rows: list[features.Row] = []
    fair: list[linear.Fair] = []
    for topic, sentence, also in owned:
        label = linear.Fair(index[topic], tuple(index[other] for other in also if other in index))
        made = [vectoriser.row(copy) for copy in copies(sentence, rng, swaps=swaps)]
        rows += made
        fair += [label] * len(made)
    shape = (vectoriser.size, len(topics))
    progress(0.25, "đếm chữ")
    weights = linear.train(rows, fair, shape=shape, progress=lambda share: progress(0.25 + 0.5 * share, "học"))
    some = [at for at in range(len(rows)) if at % COPIES in (0, COPIES - 1)]  # as written, and noisy
    weights += _SHARE_OF_SOFTMAX * linear.softmax(
        [rows[at] for at in some],
        [fair[at] for at in some],
        shape=shape,
        progress=lambda share: progress(0.75 + 0.25 * share, "học thêm"),
    )
    return Trained(topics, vectoriser, linear.packed(weights), dict(sorted(counts.items())))


def recogniser(data: catalogue.IntentData, *, cache_dir: Path | None = None) -> LinearRecogniser:
    """The recogniser of `data`, from the cache or trained now."""
    folder = cache_dir or cache.folder()
    trained = cache.load_or_train(folder, cache.key(data.root), lambda: train(data))
    return of(trained, data)


def of(trained: Trained, data: catalogue.IntentData) -> LinearRecogniser:
    """The recogniser of weights and of the word lists in `data`."""
    return LinearRecogniser(trained, data.whole, guard=Guard(data.guard))


def main() -> None:
    """`python -m intents.training`: train, showing how far it is, and keep the result."""

    def show(share: float, step: str) -> None:
        sys.stdout.write(f"\r{share:4.0%} {step:<20}")
        sys.stdout.flush()

    data = catalogue.load()
    cache.load_or_train(cache.folder(), cache.key(data.root), lambda: train(data, progress=show))
    sys.stdout.write(f"\r100% xong: {cache.folder()}\n")


if __name__ == "__main__":
    main()
