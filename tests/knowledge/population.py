"""Simulated people, drawn as the rural population of Vietnam is made up, and how many questions they are asked."""

import random
from datetime import date
from typing import Any

from knowledge.catalogue import Catalogue
from knowledge.conditions import DONT_KNOW
from knowledge.dated import NATION, Where
from knowledge.eligibility import next_question

SERVICES = ["military_service", "police_service", "youth_volunteer", "young_intellectual"]
UNKNOWN = 0.15


def simulated(rng: random.Random) -> dict[str, Any]:
    """The answers that a person would give, each of them "không biết" in 15 of 100."""

    def chance(share: float) -> bool:
        return rng.random() < share

    def yes(share: float) -> str:
        return "yes" if chance(share) else "no"

    situations = [rng.choice(SERVICES)] if chance(0.06) else []
    situations += [name for name, share in (("land_recovered", 0.05), ("insured_unemployed", 0.08)) if chance(share)]
    situations += ["ex_prisoner"] if chance(0.01) else []
    person = {
        "age": rng.randint(15, 70),
        "area": "xa" if chance(0.7) else rng.choice(["phuong", "phuong", "phuong", "dac_khu"]),
        "situations": situations or ["none"],
        "trained_before": yes(0.2),
        "job_loss": yes(0.2),
        "service_recent": yes(0.8),
        "trained_after_service": yes(0.3),
        "ui_status": rng.choice(["receiving", "paid", "no"]),
        "household": rng.choices(["poor", "near_poor", "none"], [12, 12, 76])[0],
        "ethnic": yes(0.25),
        "disabled": yes(0.05),
        "distance_km": rng.randint(0, 40),
        "difficult_area": yes(0.2),
        "course_days": rng.randint(10, 80),
    }
    return {name: DONT_KNOW if chance(UNKNOWN) else value for name, value in person.items()}


class QuestionsAsked:
    """Counts the questions to many people; whoever has said the same so far is asked the same next."""

    def __init__(self, catalogue: Catalogue, on: date, where: Where = NATION) -> None:
        self.catalogue = catalogue
        self.on = on
        self.where = where
        self.next: dict[str, str] = {}

    def of(self, person: dict[str, Any]) -> int:
        facts: dict[str, Any] = {}
        while fact := self.after(facts):
            facts[fact] = person[fact]
        return len(facts)

    def after(self, facts: dict[str, Any]) -> str:
        said = repr(facts)
        if said not in self.next:
            question = next_question(facts, where=self.where, on=self.on, catalogue=self.catalogue)
            self.next[said] = question.fact if question else ""
        return self.next[said]

    def counts(self, people: int, *, seed: int) -> tuple[float, int]:
        """The questions to so many people: on average, and at most."""
        rng = random.Random(seed)
        asked = [self.of(simulated(rng)) for _ in range(people)]
        return sum(asked) / people, max(asked)
