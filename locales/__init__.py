"""What we say around the facts: one folder a language, Vietnamese the source."""
