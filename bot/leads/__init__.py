"""The commune's list: read in, shown, printed, forwarded; and what follows a registration."""

WORK = ".hocnghe-"  # begins the name of a folder in which a file is made: what a killed program left is swept by it
