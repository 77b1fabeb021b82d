"""What has happened in a turn, as facts: each is made so by the store in the turn's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Json = Any  # what json.dumps takes: None, bool, int, float, str, list, dict


@dataclass(frozen=True, slots=True)
class Applicant:
    """The person a lead is about, as they gave themselves. `birth_date` is given when they said the whole date."""

    full_name: str
    birth_year: int
    phone: str
    told_by: str
    commune: str
    hamlet: str
    birth_date: date | None = None
    guardian_name: str = ""
    guardian_phone: str = ""
    helper_relation: str = ""


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """An answer to one purpose, yes or no; the text's version is the proof of what was read (L91 Đ9; NĐ 356 Đ6)."""

    purpose: str
    given: bool
    text_version: str
    receipt: str = ""
    by: str = "self"


@dataclass(frozen=True, slots=True)
class LeadRegistered:
    """Somebody is to be put on a commune's list (or on the coordinator's, when `served` is false)."""

    receipt: str
    applicant: Applicant
    trade: str
    trade_text: str
    course: str
    served: bool
    verification: str


@dataclass(frozen=True, slots=True)
class LeadDetailed:
    """Something offered after the receipt was answered: target group, sensitive fact, screening result."""

    receipt: str
    details: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class SurveyAnswered:
    """Somebody said, so many months after their course, whether they work; `job`, `place` as they said it, or ""."""

    receipt: str
    month: int
    works: bool
    job: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class LeadWithdrawn:
    """The person took a registration back."""

    receipt: str


@dataclass(frozen=True, slots=True)
class OfficerAsked:
    """A ticket: somebody is to be answered by a human."""

    reason: str
    text: str
    commune: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class CallBackAsked:
    """Where an officer may call about the ticket that this contact opened last."""

    phone: str


@dataclass(frozen=True, slots=True)
class QuestionUnanswered:
    """A question nobody could answer; `text` is scrubbed of personal details before it gets here."""

    text: str
    decision: str
    commune: str = ""


@dataclass(frozen=True, slots=True)
class MessagesStopped:
    """The contact wants no more messages unasked, or wants them again.

    `kind`: of one kind (classes, reminders, surveys), "" of all.
    """

    stopped: bool
    kind: str = ""


@dataclass(frozen=True, slots=True)
class AnnouncementTapped:
    """The contact tapped the button under this announcement."""

    announcement: int


@dataclass(frozen=True, slots=True)
class PersonErased:
    """The contact wants everything about them erased."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """'Xong, xóa khỏi máy này': the talk is forgotten on this device; registrations stay."""


@dataclass(frozen=True, slots=True)
class WroteToOfficer:
    """The contact wrote while an officer has the talk: it waits for the officer."""


@dataclass(frozen=True, slots=True)
class TalkReturned:
    """The assistant has the talk again. `why`: "person" (they asked for it), "timer" (the officer was silent)."""

    why: str


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """An answer to a topic was shown. It is counted, with nobody's name."""

    topic: str
    commune: str


@dataclass(frozen=True, slots=True)
class AnswerFollowed:
    """What came after an answer: the next topic, a form's name, or a word for what else."""

    topic: str
    commune: str
    by: str


@dataclass(frozen=True, slots=True)
class AnswerJudged:
    """ "Có ích" or "chưa"."""

    topic: str
    commune: str
    useful: bool


Effect = (
    ConsentGiven
    | LeadRegistered
    | LeadDetailed
    | SurveyAnswered
    | LeadWithdrawn
    | OfficerAsked
    | CallBackAsked
    | QuestionUnanswered
    | MessagesStopped
    | AnnouncementTapped
    | PersonErased
    | Forgotten
    | WroteToOfficer
    | TalkReturned
    | AnswerShown
    | AnswerFollowed
    | AnswerJudged
)
