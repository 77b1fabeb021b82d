"""HọcNghề: the assistant that carries a rural worker from a question to the commune's list."""

__version__ = "1.0.0"

ADDRESS = "http://127.0.0.1:8080"  # where `hocnghe serve` is reached unless it is told otherwise
