"""Whether a message speaks of danger: that is answered before anything else."""

from intents.recogniser import EMERGENCY, Recognition

_DOUBTFUL = 0.3  # share from which danger is answered though another topic is as likely
_LEADING = 0.05  # … and when of our topics none is likelier, in a message of so many words
_FEWEST = 4


def heard(recognition: Recognition, text: str, *, answers: bool) -> bool:
    """Danger is answered when sure, and in doubt when it is among the likeliest: a number too many harms nobody.

    `answers`: the message is a good answer to what a form asks; a name that sounds like it is then no danger.
    """
    if recognition.decision == "answer":
        return recognition.best == EMERGENCY
    if answers or recognition.decision == "unknown":
        return False
    enough = len(text.split()) >= _FEWEST
    leads = enough and recognition.best == EMERGENCY and recognition.topics[0].score >= _LEADING
    return leads or any(t.topic == EMERGENCY and t.score >= _DOUBTFUL for t in recognition.topics)
