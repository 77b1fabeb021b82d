"""The form engine, on a toy form: colour, then size (reset with the colour), then an optional note, then a summary."""

from dataclasses import replace

import pytest

from bot.dialogue import form
from bot.dialogue.fields import Accepted, Ends, Field, Fixed, Form, Goto, Narrow, Refused, answers
from bot.model import FormState, Reply
from intents.commands import Command


def _shown(value, _talk):
    return str(value)


def _ask_colour(_values, _talk):
    return Reply("Colour?", answers({"red": "Red", "blue": "Blue"}))


def _parse_colour(said, _values, talk):
    if said == "reddish":
        return Narrow(Reply("Red?", answers({"red": "Yes, red"})), {"_said": said})
    if said == "greyish":
        return Narrow(Reply("Which grey?"), {}, missed=True)
    if said == "no colour":
        return Ends(talk.turn(Reply("Then not."), form=None))
    if said == "7":
        return Refused("A colour is no number.")
    return Accepted(said) if said in ("red", "blue") else Refused()


def _easier_colour(_values, _talk):
    return Reply("Red or blue?", answers({"red": "Red", "blue": "Blue"}))


def _parse_size(said, _values, _talk):
    return Accepted(int(said), {"_big": int(said) > 9}) if said.isdigit() else Refused()


def _summary(values, talk):
    return Reply(form.summary_text(TOY, values, talk), answers({"yes": "Send"}))


def _parse_summary(said, _values, _talk):
    return Accepted(value=True) if said == "yes" else Goto("trade" if said == "colour" else "")


def _finish(values, talk):
    return talk.turn(Reply(f"Done: {values['trade']} {values.get('birth_year')} {values.get('hamlet')}"), form=None)


COLOUR = Field("trade", _ask_colour, _parse_colour, _shown, easier=_easier_colour, resets=("birth_year", "_big"))
SIZE = Field("birth_year", lambda _v, _t: Reply("Size?"), _parse_size, _shown, needed=lambda v, _t: v["trade"] == "red")
NOTE = Field("hamlet", lambda _v, _t: Reply("Note?"), lambda s, _v, _t: Accepted(s), _shown, optional=True)
SUMMARY = Field(form.SUMMARY, _summary, _parse_summary)
FIXED = Fixed((COLOUR, SIZE, NOTE))


def _field_of(field_id, values, talk):
    return SUMMARY if field_id == form.SUMMARY else FIXED.field_of(field_id, values, talk)


TOY = Form("toy", _field_of, FIXED.following, _finish, summary=_summary, order=("trade", "birth_year", "hamlet"))
FREE = Form("free", _field_of, FIXED.following, _finish)


class Filling:
    """A toy form being filled: what is said goes through the engine, the state is kept."""

    def __init__(self, talk, the_form=TOY):
        self.talk, self.form = talk, the_form
        self.turn = form.start(the_form, talk, {})

    @property
    def state(self) -> FormState:
        return self.turn.session.form

    @property
    def text(self) -> str:
        return self.turn.replies[-1].text

    def say(self, *said):
        for one in said:
            self.turn = form.answer(self.form, self.state, one, self.talk) or form.missed(
                self.form, self.state, self.talk
            )
        return self

    def steer(self, name, field="", said=""):
        self.turn = form.steer(self.form, self.state, Command(name, field, said), self.talk)
        return self


@pytest.fixture
def filling(talk):
    return Filling(talk)


def test_fields_are_asked_in_order_then_the_summary_then_the_end(filling):
    assert filling.text == "Colour?"
    assert filling.say("red").text == "Size?"
    assert filling.say("12").text == "Note?"
    assert "red" in filling.say("thin").text
    assert filling.state.values["_big"] is True
    assert filling.say("yes").text == "Done: red 12 thin"
    assert filling.turn.session.form is None


def test_a_field_that_is_not_needed_is_not_asked(filling):
    assert filling.say("blue").text == "Note?"


def test_what_is_known_at_the_start_is_not_asked(talk):
    assert form.start(TOY, talk, {"trade": "red"}).replies[-1].text == "Size?"


def test_going_back_asks_the_answer_before_and_stops_at_the_first(filling):
    filling.say("red", "12").steer("back")
    assert filling.text == "Size?"
    assert filling.steer("back").text == "Colour?"
    assert filling.steer("back").turn.replies[0].text == filling.talk.say.say("form.at_the_start")
    assert filling.text == "Colour?"


def test_going_back_passes_over_what_is_no_longer_needed(filling):
    filling.say("red", "12", "thin").steer("correct", "trade").say("blue")
    assert "thin" in filling.text
    assert filling.steer("back").text == "Note?"
    assert filling.steer("back").text == "Colour?"


def test_correcting_resets_what_depends_on_it_and_returns_to_the_summary(filling):
    filling.say("red", "12", "thin").steer("correct", "trade")
    assert filling.text == "Colour?"
    assert filling.say("red").text == "Size?"
    assert filling.say("3").text.endswith("thin")


def test_answering_the_first_time_resets_nothing(talk):
    turn = form.start(TOY, talk, {"birth_year": 5})
    turn = form.answer(TOY, turn.session.form, "red", talk)
    assert turn.session.form.values["birth_year"] == 5


def test_a_correction_with_its_new_value_is_taken_at_once(filling):
    filling.say("red", "12", "thin").steer("correct", "birth_year", "8")
    assert filling.state.asking == form.SUMMARY
    assert filling.state.values["birth_year"] == 8


def test_a_correction_with_a_value_that_does_not_parse_asks_the_field(filling):
    assert filling.say("red", "12", "thin").steer("correct", "birth_year", "large").text == "Size?"


def test_correct_alone_asks_which_and_lists_only_what_was_answered(filling):
    filling.say("red").steer("correct")
    assert [c.value for c in filling.turn.replies[-1].choices] == ["correct:trade", "command:back"]
    assert filling.say("nghề").text == "Colour?"


def test_choosing_nothing_to_correct_goes_on_where_it_was(filling):
    assert filling.say("red").steer("correct").steer("back").text == "Size?"
    assert filling.say("12", "thin").steer("correct").steer("back").state.asking == form.SUMMARY


def test_correcting_what_was_not_asked_yet_says_so_and_goes_on(filling):
    filling.say("red").steer("correct", "hamlet")
    assert filling.turn.replies[0].text == filling.talk.say.say("form.not_yet")
    assert filling.text == "Size?"


def test_an_answer_may_lead_to_another_field(filling):
    assert filling.say("red", "12", "thin", "colour").text == "Colour?"


def test_skipping_is_for_optional_fields_alone(filling):
    assert filling.steer("skip").turn.replies[0].text == filling.talk.say.say("form.not_optional")
    filling.say("blue").steer("skip")
    assert filling.state.values["hamlet"] is None
    assert filling.state.asking == form.SUMMARY


def test_misses_go_from_hint_to_easier_to_officer_and_the_answer_still_counts(filling):
    assert filling.say("x").text == f"{filling.talk.say.say('form.hint')}\nColour?"
    assert filling.say("x").text == "Red or blue?"
    values = [c.value for c in filling.say("x").turn.replies[-1].choices]
    assert values == ["field:red", "field:blue", "act:human_lost", "command:cancel"]
    assert filling.say("x").text.startswith(filling.talk.say.say("form.officer_offer"))
    assert filling.say("red").state.misses == 0


def test_a_reason_stands_in_place_of_the_hint(filling):
    assert filling.say("7").text == "A colour is no number.\nColour?"


def test_without_an_easier_question_the_second_miss_hints_again(filling):
    assert filling.say("red", "x", "x").text.endswith("\nSize?")


def test_an_optional_field_can_be_skipped_from_the_officer_offer(talk):
    refusing = replace(NOTE, parse=lambda _s, _v, _t: Refused())
    optional = Form("optional", Fixed((refusing,)).field_of, Fixed((refusing,)).following, _finish, order=("hamlet",))
    values = [c.value for c in Filling(talk, optional).say("x", "x", "x").turn.replies[-1].choices]
    assert values == ["command:skip", "act:human_lost", "command:cancel"]


def test_a_narrower_question_keeps_what_was_said_and_counts_no_miss(filling):
    assert filling.say("reddish").text == "Red?"
    assert filling.state.values["_said"] == "reddish"
    assert filling.state.misses == 0


def test_a_guess_that_counts_as_missed_leads_to_the_officer(filling):
    assert filling.say("greyish").text == "Which grey?"
    assert filling.say("greyish", "greyish").text.startswith(filling.talk.say.say("form.officer_offer"))


def test_an_answer_may_end_the_form(filling):
    assert filling.say("no colour").text == "Then not."
    assert filling.turn.session.form is None


def test_without_an_order_back_and_correct_take_the_last_answer_back(talk):
    free = Filling(talk, FREE)
    assert free.steer("back").turn.replies[0].text == talk.say.say("form.at_the_start")
    assert free.say("red").steer("back").text == "Colour?"
    assert free.say("red", "12").steer("correct", "birth_year").text == "Size?"
    assert "trade" in free.state.values


def test_a_field_that_has_gone_is_passed_over(filling):
    state = replace(filling.state, asking="gone", values={"trade": "blue"})
    assert form.ask_again(TOY, state, filling.talk).replies[-1].text == "Note?"
    assert form.answer(TOY, state, "x", filling.talk) is None
    assert form.missed(TOY, state, filling.talk).replies[-1].text == "Note?"


def test_a_command_that_is_not_the_forms_affair_is_left_alone(filling):
    assert form.steer(TOY, filling.state, Command("menu"), filling.talk) is None


def test_a_long_label_is_cut_to_fit_a_button():
    assert len(answers({"x": "y" * 100})[0].label) == 60
