"""From TOML tables to conditions, benefits and questions."""

from collections.abc import Mapping
from datetime import date
from typing import Final, get_args

from knowledge.benefits import (
    AmountKind,
    AmountRule,
    Asked,
    Benefit,
    Choice,
    ContradictionRule,
    Fact,
    QuestionKind,
    Remark,
)
from knowledge.conditions import ALWAYS, Compare, Condition, Doubt, Every, Never, Operator, Some
from knowledge.table import Table

_OPERATORS: Final[tuple[Operator, ...]] = get_args(Operator)
_KINDS: Final[Mapping[str, QuestionKind]] = {kind: kind for kind in get_args(QuestionKind)}
_AMOUNTS: Final[Mapping[str, AmountKind]] = {kind: kind for kind in get_args(AmountKind)}
_ASKS: Final[Mapping[str, Asked]] = {ask: ask for ask in get_args(Asked)}


def read_condition(table: Table | None) -> Condition:
    """A condition: a list under `all` or `any`, a table under `not`, one `fact` compared, or a text for `officer`."""
    if table is None:
        return ALWAYS
    forms = [key for key in ("all", "any", "not", "fact", "officer") if table.has(key)]
    if len(forms) != 1:
        table.fault(
            "is no condition", "write exactly one of: all = [[…]], any = [[…]], not = {…}, fact = …, officer = {…}"
        )
        return ALWAYS
    if forms == ["fact"]:
        return _read_comparison(table)
    if forms == ["officer"]:
        return _read_doubt(table)
    if forms == ["not"]:
        condition: Condition = Never(read_condition(table.table("not")))
    else:
        parts = tuple(read_condition(part) for part in table.tables(forms[0]))
        if not parts:
            table.fault(f"{forms[0]} is empty", "write at least one condition below it")
        condition = Every(parts) if forms == ["all"] else Some(parts)
    table.close()
    return condition


def _read_doubt(table: Table) -> Doubt:
    source = table.table("source")
    doubt = Doubt(table.text("officer"), source.source() if source else None)
    table.close()
    return doubt


def _read_comparison(table: Table) -> Compare:
    given = [operator for operator in _OPERATORS if table.has(operator)]
    unsure = table.names("unsure")
    if len(given) > 1 or not (given or unsure):
        table.fault("compares with nothing, or twice", f"write one of {', '.join(_OPERATORS)}, or unsure = […]")
    operator = given[0] if given else "is"
    source = table.table("source")
    comparison = Compare(
        fact=table.words("fact"),
        operator=operator,
        operand=table.names(operator),
        unsure=unsure,
        met=table.text("met", required=False) or None,
        unmet=table.text("unmet", required=False) or None,
        doubt=table.text("doubt", required=False) or None,
        see=table.words("see", required=False),
        source=source.source() if source else None,
    )
    table.close()
    return comparison


def read_benefit(table: Table) -> Benefit:
    """A benefit: one file of `benefits/`."""
    when, rule = read_condition(table.table("when")), read_condition(table.table("rule", required=True))
    benefit = Benefit(
        id=table.words("id"),
        title=table.text("title"),
        purpose=table.words("purpose"),
        rank=table.whole("rank", default=50),
        since=table.day("since", required=True) or date.max,
        until=table.day("until"),
        when=when,
        rule=rule,
        amounts=tuple(_read_amount(item) for item in table.tables("amount")),
        remarks=tuple(_read_remark(item) for item in table.tables("remark")),
        papers=table.texts("papers"),
        hand_in=table.text("hand_in"),
        duration=table.words("duration", required=False),
        topic=table.words("topic"),
        sources=table.sources("sources"),
        only_for=table.names("only_for"),
        whole=Every((when, rule)),
    )
    table.close()
    return benefit


def _read_amount(table: Table) -> AmountRule:
    amount = AmountRule(
        kind=_AMOUNTS[table.one_of("kind", tuple(_AMOUNTS))],
        label=table.text("label"),
        parameters=table.names("parameter", required=True),
        when=read_condition(table.table("when")),
        times=table.words("times", required=False),
        pays=table.words("pays", required=False),
        group=table.words("group", required=False),
    )
    table.close()
    return amount


def _read_remark(table: Table) -> Remark:
    remark = Remark(read_condition(table.table("when")), table.text("text"), table.flag("officer"))
    table.close()
    return remark


def read_fact(table: Table) -> Fact:
    """A fact about a person and its question: one `[[fact]]` of questions.toml."""
    derived, only_if = table.table("derived"), table.table("only_if")
    choices = tuple(_read_choice(item) for item in table.tables("choice"))
    fact = Fact(
        id=table.words("id"),
        kind=_KINDS[table.one_of("kind", tuple(_KINDS))],
        ask=_ASKS[table.one_of("ask", tuple(_ASKS), default="interview")],
        sensitive=table.flag("sensitive"),
        text=table.text("text"),
        hint=table.text("hint"),
        easier=table.text("easier"),
        doubt=table.text("doubt"),
        choices=choices,
        low=table.whole("low"),
        high=table.whole("high", default=1000),
        only_if=read_condition(only_if) if only_if else None,
        derived=read_condition(derived) if derived else None,
    )
    if (fact.kind == "number") == bool(choices):
        table.fault("a number has no choices, anything else has some", "write or strike out its [[fact.choice]]")
    table.close()
    return fact


def _read_choice(table: Table) -> Choice:
    choice = Choice(table.words("value"), table.text("label"))
    table.close()
    return choice


def read_contradiction(table: Table) -> ContradictionRule:
    """One `[[contradiction]]` of contradictions.toml."""
    return ContradictionRule(
        id=table.words("id"),
        when=read_condition(table.table("when", required=True)),
        text=table.text("text"),
        ask=table.words("ask"),
    )
