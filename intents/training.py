"""Training on the machine it serves: from the data files to weights, seeded, in under a minute."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from intents import cache, catalogue, features, linear
from intents.model import LinearRecogniser, Trained
from intents.normalise import fold, normalise

_Progress = Callable[[float, str], None]


def train(data: catalogue.IntentData, *, progress: _Progress = lambda _share, _step: None) -> Trained:
    """Train on all phrasings of `data`."""
    owned = data.phrases()
    topics = tuple(sorted({topic for topic, _ in owned}))
    index = {topic: at for at, topic in enumerate(topics)}
    sentences: list[str] = []
    labels: list[int] = []
    for topic, phrase in owned:
        clean = normalise(phrase.text)
        sentences += [clean, fold(clean)]
        labels += [index[topic]] * 2
    progress(0.05, "đọc câu mẫu")
    vectoriser = features.fit(sentences)
    rows = [vectoriser.row(sentence) for sentence in sentences]
    progress(0.3, "đếm chữ")
    weights = linear.train(
        rows,
        np.array(labels, np.int64),
        size=vectoriser.size,
        classes=len(topics),
        costs=np.full(len(rows), 1.0, np.float32),
        progress=lambda share: progress(0.3 + 0.7 * share, "học"),
    )
    return Trained(topics, vectoriser, weights)


def recogniser(data: catalogue.IntentData, *, cache_dir: Path | None = None) -> LinearRecogniser:
    """The recogniser of `data`, from the cache or trained now."""
    folder = cache_dir or cache.folder()
    trained = cache.load_or_train(folder, cache.key(data.root), lambda: train(data))
    return LinearRecogniser(trained, data.whole)


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
