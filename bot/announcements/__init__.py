"""Announcements: who gets one and who does not, in which wave, at what hours, in what words. Pure."""
