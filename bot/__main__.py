"""`python -m bot` is the command `hocnghe`."""

from bot.cli import main

if __name__ == "__main__":
    main()
