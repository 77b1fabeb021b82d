"""HọcNghề: the assistant that carries a rural worker from a question to the commune's list."""

__version__ = "1.0.0"
