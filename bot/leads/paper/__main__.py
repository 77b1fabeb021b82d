"""Makes one paper: `python -m bot.leads.paper KIND`; the values come as JSON on standard input, the file goes out."""

import json
import sys

from bot.leads.paper import content


def main() -> None:
    """The libraries are loaded here, in a process that ends, and not where turns are served."""
    asked = json.load(sys.stdin)
    lines = content.lines(asked["known"])
    if sys.argv[1] == "pdf":
        from bot.leads.paper import pdf as maker
    else:
        from bot.leads.paper import docx as maker  # type: ignore[no-redef]
    sys.stdout.buffer.write(maker.render(lines, asked["title"]))


if __name__ == "__main__":
    main()
