"""The commands of `hocnghe`, one module a kind; heavy parts are imported where used, so that each starts fast."""
