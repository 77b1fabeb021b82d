"""`hocnghe bench turns`: whole turns over HTTP beside bare echoes, in one run on this machine."""
