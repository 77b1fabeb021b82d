"""What stands before every route: how many connections, how fast, how often, and the headers of every answer."""
