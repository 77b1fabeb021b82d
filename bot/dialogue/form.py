"""The one form engine: ask, parse, correct, go back, skip, summarise; one wrong answer gets a hint, the next an easier
question, the third the officer. What is asked is declared as Fields; the state is JSON (`FormState`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.dialogue.world import Talk
from bot.model import Choice, FormState, Json, Reply, Turn
from intents.commands import Command

Values = Mapping[str, Json]
SUMMARY = "summary"
MISSES_BEFORE_OFFICER = 3
ANSWER = "field:"  # prefix of a choice that answers the field being asked


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer, as it is kept; `also` are further values that were said with it."""

    value: Json
    also: Values | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Not an answer to this field. `hint` (a text) says what is wrong when that is known."""

    hint: str = ""


@dataclass(frozen=True, slots=True)
class Narrow:
    """Nearly an answer: ask the same field again with these choices; `remember` is kept beside the values.

    `missed`: it counts as not understood, so that the officer is offered in the end.
    """

    reply: Reply
    remember: Values
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Ends:
    """The form cannot go on (too young, nobody to send it to): this turn closes it."""

    turn: Turn


Parsed = Accepted | Refused | Narrow | Ends


def _always(_values: Values, _talk: Talk) -> bool:
    return True


def _hidden(_value: Json, _talk: Talk) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `parse` gets what was said, or a tapped choice's value without its prefix.

    `open_text`: nearly any words would parse, so a question in the middle is looked for first. `resets`: fields whose
    answers no longer hold once this one is corrected.
    """

    id: str
    ask: Callable[[Values, Talk], Reply]
    parse: Callable[[str, Values, Talk], Parsed]
    show: Callable[[Json, Talk], str] = _hidden
    easier: Callable[[Values, Talk], Reply] | None = None
    needed: Callable[[Values, Talk], bool] = _always
    optional: bool = False
    open_text: bool = False
    resets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A named list of fields. `field_of` finds one by id; `following` gives the next to ask, None when all is known."""

    name: str
    field_of: Callable[[str, Values, Talk], Field | None]
    following: Callable[[Values, Talk], Field | None]
    finish: Callable[[Values, Talk], Turn]
    summary: Callable[[Values, Talk], Reply] | None = None
    order: tuple[str, ...] = ()
    resumable: bool = False


@dataclass(frozen=True, slots=True)
class Fixed:
    """`field_of` and `following` for a fixed list of fields."""

    fields: tuple[Field, ...]

    def field_of(self, field_id: str, _values: Values, _talk: Talk) -> Field | None:
        """By id."""
        return next((f for f in self.fields if f.id == field_id), None)

    def following(self, values: Values, talk: Talk) -> Field | None:
        """The first that is needed and not answered yet."""
        return next((f for f in self.fields if f.id not in values and f.needed(values, talk)), None)


def answers(field_values: Mapping[str, str]) -> tuple[Choice, ...]:
    """Choices that answer the field being asked: {value: label}."""
    return tuple(Choice(ANSWER + value, label) for value, label in field_values.items())


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


def ask_again(form: Form, state: FormState, talk: Talk, *, before: tuple[Reply, ...] = ()) -> Turn:
    """Put the same question once more: after a digression, after a pause."""
    if state.asking == SUMMARY and form.summary is not None:
        return _asking(state, form.summary(state.values, talk), talk, before)
    field = form.field_of(state.asking, state.values, talk)
    if field is None:
        return go_on(form, state, talk, before=before)
    return _asking(state, field.ask(state.values, talk), talk, before)


def answer(form: Form, state: FormState, said: str, talk: Talk) -> Turn | None:
    """The turn if `said` answers the field being asked; None when it does not."""
    field = form.field_of(state.asking, state.values, talk)
    if field is None:
        return None
    parsed = field.parse(said, state.values, talk)
    if isinstance(parsed, Ends):
        return parsed.turn
    if isinstance(parsed, Narrow):
        state = replace(state, values={**state.values, **parsed.remember})
        if not parsed.missed:
            return _asking(state, parsed.reply, talk, ())
        if state.misses + 1 >= MISSES_BEFORE_OFFICER:
            return missed(form, state, talk)
        return _asking(replace(state, misses=state.misses + 1), parsed.reply, talk, ())
    if isinstance(parsed, Refused):
        if not parsed.hint:
            return None
        return missed(form, state, talk, hint=parsed.hint)
    values = (
        {k: v for k, v in state.values.items() if k not in field.resets} if state.correcting else dict(state.values)
    )
    values |= {field.id: parsed.value, **(parsed.also or {})}
    return go_on(form, replace(state, values=values, correcting=False), talk)


def missed(form: Form, state: FormState, talk: Talk, *, hint: str = "") -> Turn:
    """Not understood: first a hint, then an easier question, then the officer; nobody is trapped."""
    misses = state.misses + 1
    state = replace(state, misses=misses)
    field = form.field_of(state.asking, state.values, talk)
    if field is None:
        return ask_again(form, state, talk)
    asked = field.ask(state.values, talk)
    if misses == 1:
        reply = Reply(f"{hint or talk.say.say('form.hint')}\n{asked.text}", asked.choices)
    elif misses < MISSES_BEFORE_OFFICER and field.easier is not None:
        reply = field.easier(state.values, talk)
    else:
        skip = (talk.choice("command:skip", "form.skip"),) if field.optional else ()
        officer = talk.choice("act:human", "menu.officer")
        cancel = talk.choice("command:cancel", "form.leave")
        choices = (*asked.choices[:2], *skip, officer, cancel)
        reply = Reply(f"{talk.say.say('form.officer_offer')}\n{asked.text}", choices)
    return _asking(state, reply, talk, ())


def steer(form: Form, state: FormState, command: Command, talk: Talk) -> Turn | None:
    """Go back, skip, correct; None for a command that is not the form's affair."""
    if command.name == "back":
        return _back(form, state, talk)
    if command.name == "skip":
        field = form.field_of(state.asking, state.values, talk)
        if field is None or not field.optional:
            return ask_again(form, state, talk, before=(talk.reply("form.not_optional"),))
        return go_on(form, replace(state, values={**state.values, field.id: None}), talk)
    if command.name == "correct":
        return correct(form, state, command.field, talk)
    return None


def correct(form: Form, state: FormState, field_id: str, talk: Talk) -> Turn:
    """Ask a field anew, or which one when none was named."""
    field = form.field_of(field_id, state.values, talk) if field_id else None
    if field is None or field_id not in state.values:
        known = [
            f for i in form.order if (f := form.field_of(i, state.values, talk)) and state.values.get(i) is not None
        ]
        choices = tuple(Choice(f"correct:{f.id}", talk.say.say(f"field.{f.id}")) for f in known)
        return _asking(state, Reply(talk.say.say("form.which_to_correct"), choices), talk, ())
    state = replace(state, asking=field.id, misses=0, correcting=True)
    return _asking(state, field.ask(state.values, talk), talk, ())


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
    if not form.order and state.values:  # fields that come as they are needed: take the last answer back
        kept = dict(list(state.values.items())[:-1])
        return go_on(form, replace(state, values=kept), talk)
    done = [i for i in form.order if i in state.values]
    if state.asking in done:
        done = done[: done.index(state.asking)]
    if not done:
        return ask_again(form, state, talk, before=(talk.reply("form.at_the_start"),))
    previous = form.field_of(done[-1], state.values, talk)
    if previous is None:
        return ask_again(form, state, talk)
    state = replace(state, asking=previous.id, misses=0, correcting=True)
    return _asking(state, previous.ask(state.values, talk), talk, ())


def _asking(state: FormState, reply: Reply, talk: Talk, before: tuple[Reply, ...]) -> Turn:
    state = replace(state, updated=talk.world.now.isoformat(timespec="seconds"))
    return talk.turn(*before, reply, form=state)
