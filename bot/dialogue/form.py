"""The one form engine: ask, parse, correct, go back, skip, summarise; one wrong answer gets a hint, the next an easier
question, the third the officer. What is asked is declared as Fields; the state is JSON (`FormState`)."""

from bot.dialogue.fields import ANSWER, SAME_AGAIN, Ends, Field, Form, Goto, Narrow, Parsed, Refused, Values, hidden
from bot.dialogue.world import Talk
from bot.frozen import replace
from bot.model import Choice, FormState, Reply, Turn
from intents.commands import Command
from intents.normalise import fold

SUMMARY = "summary"
WHICH = "which"  # asked: which answer is to be corrected
MISSES_BEFORE_OFFICER = 3
MOST_CHOICES = 10
MOST_SAID = 30  # characters of somebody's own words on a button
CORRECT = "correct:"  # prefix of a choice that names the field to be corrected
TYPED = "_typed"  # among the values: the words, folded, that answered the question before


def start(form: Form, talk: Talk, values: Values, *, before: tuple[Reply, ...] = ()) -> Turn:
    """Open a form with what is already known."""
    return go_on(form, FormState(form.name, values=dict(values)), talk, before=before)


def go_on(form: Form, state: FormState, talk: Talk, *, before: tuple[Reply, ...] = ()) -> Turn:
    """Ask what is missing, else show the summary, else finish."""
    field = form.following(state.values, talk)
    if field is not None:
        return _asking(replace(state, asking=field.id, misses=0), field.ask(state.values, talk), talk, before)
    if form.summary is not None and state.asking != SUMMARY:
        reply = form.summary(state.values, talk)
        return _asking(replace(state, asking=SUMMARY, misses=0, correcting=False), reply, talk, before)
    turn = form.finish(state.values, replace(talk, session=replace(talk.session, form=None)))
    return replace(turn, replies=(*before, *turn.replies))


def asked(form: Form, state: FormState, talk: Talk) -> Field | None:
    """The field that `state` waits for an answer to."""
    if state.asking == WHICH:
        return Field(WHICH, lambda _v, t: _which(form, state, t), _parse_which)
    return form.field_of(state.asking, state.values, talk)


def pending(form: Form, state: FormState, talk: Talk) -> FormState:
    """The state that waits for the form's own question again, not for which answer is to be corrected."""
    if state.asking != WHICH:
        return state
    field = form.following(state.values, talk)
    return replace(state, asking=field.id if field else SUMMARY)


def ask_again(form: Form, state: FormState, talk: Talk, *, before: tuple[Reply, ...] = ()) -> Turn:
    """Put the same question once more: after a digression, after a pause."""
    field = asked(form, state, talk)
    if field is None:
        return go_on(form, replace(state, asking=""), talk, before=before)
    return _asking(state, field.ask(state.values, talk), talk, before)


def answer(form: Form, state: FormState, said: str, talk: Talk) -> Turn | None:
    """The turn if `said` answers the field being asked; None when it does not."""
    field = asked(form, state, talk)
    if field is None:
        return None
    parsed = field.parse(str(state.values.get(SAME_AGAIN) or said) if said == SAME_AGAIN else said, state.values, talk)
    if isinstance(parsed, Ends):
        return parsed.turn
    if isinstance(parsed, Goto):
        return correct(form, state, parsed.field, talk)
    if isinstance(parsed, Narrow):
        return _narrowed(form, state, parsed, talk)
    if isinstance(parsed, Refused):
        return missed(form, state, talk, hint=parsed.hint) if parsed.hint else None
    values = (
        {k: v for k, v in state.values.items() if k not in field.resets} if state.correcting else dict(state.values)
    )
    values |= {field.id: parsed.value, **(parsed.also or {})}
    if form.order:  # elsewhere the last value is the last answer
        numbered = not any(c.isalpha() for c in talk.text)
        values[TYPED] = "" if talk.incoming.choice or numbered else fold(talk.text)
    return go_on(form, replace(state, values=values, correcting=False), talk)


def repeated(form: Form, state: FormState, talk: Talk) -> Turn | None:
    """The words that answered the question before, sent once more: the network was slow, or the question came late.

    They are not taken for an answer to this question, where nearly any words would be one, unless a tap says so.
    """
    field = asked(form, state, talk)
    said = fold(talk.text)
    if field is None or not field.open_text or state.correcting or not said or said != state.values.get(TYPED):
        return None
    question = field.ask(state.values, talk)
    words = " ".join(talk.text.split())
    same = Choice(ANSWER + SAME_AGAIN, talk.say.say("form.same_again", said=words[:MOST_SAID]))
    text = f"{talk.say.say('form.repeated', said=words)}\n{question.text}"
    reply = replace(question, text=text, choices=(*question.choices, same))
    return _narrowed(form, state, Narrow(reply, {SAME_AGAIN: words}, missed=True), talk)


def _narrowed(form: Form, state: FormState, parsed: Narrow, talk: Talk) -> Turn:
    state = replace(state, values={**state.values, **parsed.remember})
    if not parsed.missed:
        return _asking(state, parsed.reply, talk, ())
    if state.misses + 1 >= MISSES_BEFORE_OFFICER:
        return missed(form, state, talk)
    return _asking(replace(state, misses=state.misses + 1), parsed.reply, talk, ())


def missed(form: Form, state: FormState, talk: Talk, *, hint: str = "") -> Turn:
    """Not understood: first a hint, then an easier question, then the officer; nobody is trapped."""
    state = replace(state, misses=state.misses + 1)
    field = asked(form, state, talk)
    if field is None:
        return ask_again(form, state, talk)
    question = field.ask(state.values, talk)
    if state.misses >= MISSES_BEFORE_OFFICER:
        return _asking(state, _officer_offered(field, question, talk), talk, ())
    if state.misses > 1 and field.easier is not None:
        return _asking(state, field.easier(state.values, talk), talk, ())
    return _asking(state, replace(question, text=f"{hint or talk.say.say('form.hint')}\n{question.text}"), talk, ())


def _officer_offered(field: Field, question: Reply, talk: Talk) -> Reply:
    """The same question with all its answers, then the ways out."""
    ways = [talk.choice("act:human_lost", "menu.officer"), talk.choice("command:cancel", "form.leave")]
    if field.optional and all(c.value != "command:skip" for c in question.choices):
        ways.insert(0, talk.choice("command:skip", "form.skip"))
    choices = (*question.choices[: MOST_CHOICES - len(ways)], *ways)
    return replace(question, text=f"{talk.say.say('form.officer_offer')}\n{question.text}", choices=choices)


def steer(form: Form, state: FormState, command: Command, talk: Talk) -> Turn | None:
    """Go back, skip, correct; None for a command that is not the form's affair."""
    if command.name == "back":
        return _back(form, state, talk)
    if command.name == "skip":
        return _skip(form, state, talk)
    if command.name == "correct":
        return correct(form, state, command.field, talk, said=command.said)
    return None


def _skip(form: Form, state: FormState, talk: Talk) -> Turn:
    field = asked(form, state, talk)
    if field is None or not field.optional:
        return ask_again(form, state, talk, before=(talk.reply("form.not_optional"),))
    values = {k: v for k, v in state.values.items() if k not in field.resets}
    return go_on(form, replace(state, values={**values, field.id: field.skipped}, correcting=False), talk)


def correct(form: Form, state: FormState, field_id: str, talk: Talk, *, said: str = "") -> Turn:
    """Ask a field anew, or take `said` for it at once; which one, when none was named that can be."""
    if not form.order:  # fields that come as they are needed: take that answer, or the last one, back
        return _retake(form, state, form.called.get(field_id, field_id), talk)
    known = {f.id for f in _correctable(form, state, talk)}
    if field_id not in known:
        if field_id in form.order:
            return ask_again(form, pending(form, state, talk), talk, before=(talk.reply("form.not_yet"),))
        if not known:
            return _back(form, state, talk)
        return _asking(replace(state, asking=WHICH, misses=0), _which(form, state, talk), talk, ())
    state = replace(state, asking=field_id, misses=0, correcting=True)
    if said and (turn := answer(form, state, said, talk)) is not None:
        return turn
    return ask_again(form, state, talk)


def _correctable(form: Form, state: FormState, talk: Talk) -> list[Field]:
    """Fields whose answers the person has seen, answered or skipped."""
    found = (form.field_of(i, state.values, talk) for i in form.order if i in state.values)
    return [f for f in found if f and f.show is not hidden and f.needed(state.values, talk)]


def _which(form: Form, state: FormState, talk: Talk) -> Reply:
    known = _correctable(form, state, talk)[: MOST_CHOICES - 1]
    choices = tuple(Choice(CORRECT + f.id, talk.say.say(f"field.{f.id}")) for f in known)
    return Reply(talk.say.say("form.which_to_correct"), (*choices, talk.choice("command:back", "form.correct_nothing")))


def _parse_which(said: str, _values: Values, talk: Talk) -> Parsed:
    named = talk.world.understanding.commands.field(said)
    return Goto(named) if named else Refused()


def summary_text(form: Form, values: Values, talk: Talk) -> str:
    """The lines "Nghề: may" of all fields that are shown."""
    lines = []
    for field_id in form.order:
        field = form.field_of(field_id, values, talk)
        shown = field.show(values[field_id], talk) if field and values.get(field_id) is not None else ""
        if shown:
            lines.append(f"{talk.say.say(f'field.{field_id}')}: {shown}")
    return "\n".join(lines)


def _back(form: Form, state: FormState, talk: Talk) -> Turn:
    if not form.order:
        return _retake(form, state, "", talk)
    if state.asking == WHICH:
        return ask_again(form, pending(form, state, talk), talk)
    fields = (form.field_of(i, state.values, talk) for i in form.order if i in state.values)
    done = [f.id for f in fields if f and f.needed(state.values, talk)]
    if state.asking in done:
        done = done[: done.index(state.asking)]
    if not done:
        return ask_again(form, state, talk, before=(talk.reply("form.at_the_start"),))
    return ask_again(form, replace(state, asking=done[-1], misses=0, correcting=True), talk)


def _retake(form: Form, state: FormState, field_id: str, talk: Talk) -> Turn:
    if not state.values:
        return ask_again(form, state, talk, before=(talk.reply("form.at_the_start"),))
    gone = field_id if field_id in state.values else list(state.values)[-1]
    return go_on(form, replace(state, values={k: v for k, v in state.values.items() if k != gone}), talk)


def _asking(state: FormState, reply: Reply, talk: Talk, before: tuple[Reply, ...]) -> Turn:
    state = replace(state, updated=talk.world.now.isoformat(timespec="seconds"))
    return talk.turn(*before, reply, form=state)
