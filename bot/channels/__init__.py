"""Parse and send: nothing is decided here, and no channel knows another."""
