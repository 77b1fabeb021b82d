"""JSON on one line, by one encoder made once: `json.dumps` with options makes another at every call."""

import json

# Letters stay letters; what is written never holds itself.
compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
