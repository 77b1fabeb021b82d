"""What is so: laws, dated values, rules, answers, trades, contacts and places; knows nothing of bot or intents."""
