"""What to say and what to remember: pure, without I/O, clock or channel."""
