"""Served communes, coordinated provinces and classes."""

from dataclasses import replace
from datetime import date

import pytest
from store.factories import COMMUNE, COURSE, DAY, NOW, OTHER_COMMUNE, PROVINCE, counts


def test_nothing_is_served_at_first(store):
    with store.transaction() as unit:
        assert (unit.served(), unit.coordinated()) == (frozenset(), frozenset())


def test_a_commune_is_served_and_a_province_is_coordinated(store):
    with store.transaction() as unit:
        for code in (COMMUNE, OTHER_COMMUNE, PROVINCE, COMMUNE):
            unit.serve(code, NOW)
    with store.transaction() as unit:
        unit.serve(COMMUNE, NOW + DAY)
        assert unit.served() == {COMMUNE, OTHER_COMMUNE}
        assert unit.coordinated() == {PROVINCE}
    assert counts(store) == {"served_places": 3}


@pytest.mark.parametrize(
    "course",
    [
        COURSE,
        replace(COURSE, starts_on=None, ends_on=date(2027, 6, 30), deadline=None, target_groups=()),
        replace(COURSE, target_groups=("poor",), demonstration=True, state="planned"),
    ],
)
def test_a_class_comes_back_as_it_was_entered(store, course):
    with store.transaction() as unit:
        unit.save_course(course)
    with store.transaction() as unit:
        assert unit.courses() == (course,)


def test_a_class_entered_again_is_replaced(store):
    changed = replace(COURSE, seats=12, state="full", target_groups=())
    with store.transaction() as unit:
        unit.save_course(COURSE)
        unit.save_course(changed)
        assert unit.courses() == (changed,)


def test_classes_come_soonest_first_those_without_a_day_last(store):
    days = {"d": None, "c": date(2027, 2, 1), "b": date(2027, 3, 1), "a": None, "e": date(2027, 2, 1)}
    with store.transaction() as unit:
        for name, day in days.items():
            unit.save_course(replace(COURSE, id=name, starts_on=day))
        assert [c.id for c in unit.courses()] == ["c", "e", "b", "a", "d"]


@pytest.mark.parametrize(
    ("state", "shown"),
    [("planned", True), ("open", True), ("full", True), ("running", True), ("done", False), ("cancelled", False)],
)
def test_classes_that_are_over_are_not_shown(store, state, shown):
    with store.transaction() as unit:
        unit.save_course(replace(COURSE, state=state))
        assert len(unit.courses()) == shown
    assert counts(store) == {"courses": 1}
