"""How fast a message is understood, beside two baselines over the same phrasings in the same run."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from intents.catalogue import IntentData
from intents.normalise import fold


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds a message (median, 99th of 100) and messages a second; `top1` where the messages were labelled."""

    p50_ms: float
    p99_ms: float
    per_s: float
    top1: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Rounded for printing."""
        told = {"p50_ms": round(self.p50_ms, 4), "p99_ms": round(self.p99_ms, 4), "per_s": round(self.per_s, 1)}
        return told if self.top1 is None else {**told, "top1": round(self.top1, 4)}


def measure(
    understand: Callable[[str], str],
    texts: Sequence[str],
    *,
    labels: Sequence[tuple[str, ...]] = (),
    warm: int = 50,
) -> Speed:
    """Time `understand` on every text, one at a time on this core; `labels` are the acceptable topics of each."""
    for text in texts[:warm]:
        understand(text)
    times, found = [], []
    for text in texts:
        start = time.perf_counter()
        found.append(understand(text))
        times.append(time.perf_counter() - start)
    ranked = sorted(times)
    right = [topic in wanted for topic, wanted in zip(found, labels, strict=True)] if labels else []
    return Speed(
        ranked[len(ranked) // 2] * 1000,
        ranked[min(len(ranked) - 1, math.ceil(len(ranked) * 0.99) - 1)] * 1000,
        len(times) / sum(times),
        sum(right) / len(right) if right else None,
    )


def baselines(data: IntentData) -> Mapping[str, Callable[[str], str]]:
    """rapidfuzz token_set_ratio over all phrasings, and TF-IDF + LinearSVC when scikit-learn is installed."""
    topics = [topic for topic, _ in data.phrases()]
    phrases = [fold(phrase.text) for _, phrase in data.phrases()]

    def nearest(text: str) -> str:
        best = process.extractOne(fold(text), phrases, scorer=fuzz.token_set_ratio)
        return topics[best[2]] if best else ""

    found: dict[str, Callable[[str], str]] = {"rapidfuzz_token_set_ratio": nearest}
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_pipeline
        from sklearn.svm import LinearSVC
    except ImportError:
        return found
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC())
    pipeline.fit(phrases, topics)
    found["sklearn_tfidf_linearsvc"] = lambda text: str(pipeline.predict([fold(text)])[0])
    return found
