"""The words in which understanding is told: decision, topics and their scores."""

from dataclasses import dataclass
from typing import Literal, Protocol

Decision = Literal["answer", "clarify", "unknown"]

TOPICS = (
    "eligibility_general", "eligibility_poor_household", "eligibility_near_poor", "eligibility_disability",
    "eligibility_ethnic", "eligibility_policy_family", "eligibility_age", "eligibility_education",
    "eligibility_residence", "eligibility_already_trained", "support_tuition", "support_meals_travel",
    "support_payment", "cost", "course_list", "course_specific", "course_advice", "schedule", "location", "duration",
    "documents", "register", "register_status", "cancel_registration", "certificate", "dropout_rules",
    "loan_jobcreation", "loan_study", "loan_work_abroad", "job_referral", "job_fair", "work_abroad",
    "work_abroad_scam", "unemployment_insurance_training", "unemployment_benefit", "discharged_soldier",
    "land_recovered", "ex_prisoner", "student_after_THCS", "driving_licence", "contact_officer",
)  # fmt: skip
OUT_OF_SCOPE = "out_of_scope"
EMERGENCY = "emergency"
ACTS = frozenset(
    {
        "greeting",
        "thanks",
        "goodbye",
        "affirm",
        "deny",
        "human",
        "bot_identity",
        "delete_data",
        "stop_messages",
    }
)


@dataclass(frozen=True, slots=True)
class Scored:
    """A topic and how likely it is, 0 to 1."""

    topic: str
    score: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a message is about; `topics` best first and at most three, `further` a second question in the message."""

    decision: Decision
    topics: tuple[Scored, ...]
    further: tuple[Scored, ...] = ()

    @property
    def best(self) -> str:
        """The likeliest topic, "" when there is none."""
        return self.topics[0].topic if self.topics else ""


class Recogniser(Protocol):
    """Anything that reads a message."""

    def recognise(self, text: str) -> Recognition:
        """What `text` is about; never raises."""
        ...
