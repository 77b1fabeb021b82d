"""step(): which topic answers this message. Pure: the same session, message and world give the same turn."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from bot.dialogue import acts, answering, consent, details, digression, form, handover, mine, parking, registration
from bot.dialogue import screening
from bot.dialogue.fields import ANSWER, Form
from bot.dialogue.learning import learn
from bot.dialogue.world import Talk, World
from bot.i18n import language
from bot.model import Incoming, Session, Turn
from intents.commands import Command
from intents.normalise import fold
