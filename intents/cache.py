"""The trained weights on disk: keyed by data and code, written once by one trainer at a time, without pickle."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from intents.features import Names, Vectoriser
from intents.linear import Weights
from intents.model import Trained

try:
    import fcntl
except ImportError:  # Windows: two trainers may then work at once; the file is still written in one move
    fcntl = None  # type: ignore[assignment]


def folder() -> Path:
    """`HOCNGHE_CACHE_DIR`, else the user's cache folder."""
    named = os.environ.get("HOCNGHE_CACHE_DIR")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "hocnghe"


_CODE = ("augment", "features", "linear", "normalise", "sentence", "swaps", "syllables", "training")
_MOST_KEPT = 4
_LISTS = ("_also.toml", "_none.toml", "_short.toml", "_swaps.toml", "_words.toml")


def key(root: Path) -> str:
    """A hash of the data and code that training reads: a change of either trains anew, another change does not."""
    digest = hashlib.sha256(np.__version__.encode())
    code = [Path(__file__).parent / f"{name}.py" for name in _CODE]
    data = [path for path in sorted(root.rglob("*.toml")) if not path.name.startswith("_") or path.name in _LISTS]
    for path in [*code, *data]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:24]


def kept(where: Path, name: str) -> bool:
    """Whether weights are kept under `name`."""
    return (where / f"intents-{name}.npz").is_file()


def load_or_train(where: Path, name: str, train: Callable[[], Trained]) -> Trained:
    """The weights kept under `name`; trained and kept when there are none or the file is broken."""
    path = where / f"intents-{name}.npz"
    found = read(path)
    if found:
        return found
    try:
        where.mkdir(parents=True, exist_ok=True)
    except OSError:
        return train()
    with _locked(where / "intents.lock"):
        found = read(path)
        if found:
            return found
        trained = train()
        with suppress(OSError):
            write(path, trained)
            _forget_others(path)
        return trained


def read(path: Path) -> Trained | None:
    """The weights in `path`, None when it is missing or broken."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            words = {word: at for at, word in enumerate(_texts(kept["known"]))}
            codes, places = kept["codes"], kept["places"]
            letters = {group: len(codes) + at for at, group in enumerate(_texts(kept["letters"]))}
            vectoriser = Vectoriser(Names(words, codes, places, letters), kept["idf"], kept["scales"].tolist())
            counts = dict(zip(_texts(kept["words"]), kept["counts"].tolist(), strict=True))
            topics = tuple(_texts(kept["topics"]))
            weights = Weights(kept["weights"], kept["steps"], kept["bias"])
            return Trained(topics, vectoriser, weights, counts)
    except (OSError, ValueError, KeyError, EOFError):
        return None


def write(path: Path, trained: Trained) -> None:
    """Keep `trained` in `path`, in one move."""
    part = path.with_suffix(f".{os.getpid()}.part")
    vectoriser, names = trained.vectoriser, trained.vectoriser.names
    arrays = {
        "topics": _bytes(trained.topics),
        "weights": trained.weights.values,
        "steps": trained.weights.scales,
        "bias": trained.weights.bias,
        "known": _bytes(tuple(names.words)),
        "codes": names.codes,
        "places": names.places,
        "letters": _bytes(tuple(names.letters)),
        "idf": vectoriser.idf,
        "scales": np.array(vectoriser.scales, np.float32),
        "words": _bytes(tuple(trained.counts)),
        "counts": np.array(list(trained.counts.values()), np.int32),
    }
    with part.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    part.replace(path)


def _bytes(names: tuple[str, ...]) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
    return np.frombuffer("\n".join(names).encode(), np.uint8)


def _texts(raw: "np.ndarray[tuple[int], np.dtype[np.uint8]]") -> list[str]:
    return bytes(raw).decode().split("\n")


def _forget_others(path: Path) -> None:
    """Keep the newest few: two versions of the program may run on one machine."""
    kept = sorted(path.parent.glob("intents-*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
    for other in kept[_MOST_KEPT:]:
        if other != path:
            other.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
