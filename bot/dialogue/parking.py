"""A registration left unfinished is parked; one tap takes it up again."""

from bot.dialogue.world import Talk
from bot.frozen import replace
from bot.model import Choice, FormState, Turn

KEPT = "registration"
RESUME = "resume:"
# What a stranger at the same screen must not see of somebody's unfinished registration.
PERSONAL = (
    {"consents", "owner", "agreed", "full_name", "birth_year", "birth_date", "had_birthday", "_born", "phone"}
    | {"told_by", "guardian_name", "guardian_phone", "guardian_consent", "summary"}
)  # fmt: skip


def keep(state: FormState | None) -> FormState | None:
    """What of a form is worth parking: a registration with at least one answer."""
    return state if state is not None and state.name == KEPT and state.values else None


def parked(talk: Talk) -> Talk:
    """The talk with its form parked: somebody turns to something else."""
    if talk.session.form is None:
        return talk
    kept = keep(talk.session.form) or talk.session.parked
    return replace(talk, session=replace(talk.session, form=None, parked=kept))


def wish_only(state: FormState | None) -> FormState | None:
    """The parked form without the person: trade, commune and hamlet stay, the rest is asked anew."""
    if state is None:
        return None
    values = {k: v for k, v in state.values.items() if k not in PERSONAL}
    return replace(state, asking="", values=values, misses=0, correcting=False) if values else None


def resume_choice(talk: Talk) -> Choice:
    """ "Làm tiếp đăng ký"."""
    return talk.choice(RESUME, "form.resume")


def way_back(turn: Turn, talk: Talk) -> Turn:
    """A form that this turn parked can be taken up again with the next tap."""
    session = turn.session
    if talk.session.form is None or session.form is not None or session.parked is None or not turn.replies:
        return turn
    last = turn.replies[-1]
    if any(c.value == RESUME for c in last.choices):
        return turn
    others = tuple(c for c in last.choices if c.value != "form:registration")
    return replace(turn, replies=(*turn.replies[:-1], replace(last, choices=(resume_choice(talk), *others))))
