"""HọcNghề: the assistant that carries a rural worker from a question to the commune's list."""

__version__ = "0.1.0"
