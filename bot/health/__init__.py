"""How the program is: facts gathered, what they mean in plain words, `/healthz`, `/metrics`."""
