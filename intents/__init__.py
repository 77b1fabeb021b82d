"""Words to meaning: knows nothing of bot or knowledge."""
