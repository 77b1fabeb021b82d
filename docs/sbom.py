"""The bill of materials: what the program consists of, as CycloneDX JSON, from what is installed (`make sbom`).

    python docs/sbom.py OUT.json

The same packages give the same file: no time, no machine, no path stands in it.
"""

import json
import re
import sys
import uuid
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

PROGRAM = "hocnghe"
SPDX = {  # what older packages call their licence
    "MIT License": "MIT", "ISC License (ISCL)": "ISC", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Apache Software License": "Apache-2.0", "Python Software Foundation License": "PSF-2.0",
    "BSD License": "BSD-3-Clause",
}  # fmt: skip


def normal(name: str) -> str:
    """As the index compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """What a package asks for here, by name."""
    found = set()
    for said in metadata.requires(name) or []:
        asked = Requirement(said)
        if any(asked.marker is None or asked.marker.evaluate({"extra": e}) for e in extras | {""}):
            found.add((normal(asked.name), frozenset(asked.extras)))
    return found


def closure(program: str = PROGRAM) -> dict[str, set[str]]:
    """Package -> what it needs, beginning with the program."""
    graph: dict[str, set[str]] = {}
    todo = [(program, frozenset())]
    while todo:
        name, extras = todo.pop()
        asked = needed(name, extras)
        fresh = {n for n, _ in asked} - graph.get(name, set())
        if name not in graph or fresh:
            graph.setdefault(name, set()).update(fresh)
            todo += sorted((n, e) for n, e in asked)
    return graph


def component(name: str) -> dict[str, Any]:
    """A package: its version, address in the index's own scheme, licence where it tells one."""
    about = metadata.metadata(name)
    licence = about.get("License-Expression") or ""
    if not licence:
        told = [c.split("::")[-1].strip() for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
        licence = SPDX.get(told[-1] if told else "", "")
    version = metadata.version(name)
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{version}",
        "name": name,
        "version": version,
    }
    made["purl"] = made["bom-ref"]
    if licence:
        made["licenses"] = [{"expression": licence}]
    return made


def bill() -> dict[str, Any]:
    """The whole, as CycloneDX 1.6."""
    graph = closure()
    parts = {name: component(name) for name in sorted(graph)}
    program = parts.pop(PROGRAM) | {"type": "application"}
    refs = {name: part["bom-ref"] for name, part in {**parts, PROGRAM: program}.items()}
    body: dict[str, Any] = {
        "metadata": {"component": program},
        "components": list(parts.values()),
        "dependencies": [{"ref": refs[n], "dependsOn": sorted(refs[d] for d in graph[n])} for n in sorted(graph)],
    }
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{number}", "version": 1}
    return head | body


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(bill(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{out}\n")
