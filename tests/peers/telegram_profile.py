"""What people see of the bot before they talk: commands, name, descriptions, the menu button."""

import re
from typing import Any
from urllib.parse import urlsplit

from peers.telegram_methods import Call, Handler
from peers.telegram_state import World, bad

COMMANDS_MOST, WORDS_MOST = 100, 256
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE = re.compile(r"[a-z]{2}")
SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
CHAT_SCOPES = {"chat", "chat_administrators", "chat_member"}
# Method's ending: the parameter, its longest, what Telegram calls it when too long.
WORDS = {
    "Name": ("name", 64, "BOT_TITLE_INVALID"),
    "Description": ("description", 512, "BOT_DESCRIPTION_INVALID"),
    "ShortDescription": ("short_description", 120, "BOT_ABOUT_INVALID"),
}
NAME = "Trợ lý học nghề (thử)"


class Profile:
    """One list of commands per scope and language; words per language; one menu button per chat."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.words: dict[tuple[str, str], str] = {}
        self.buttons: dict[int, dict[str, Any]] = {}

    def seen_by(self, chat_id: int, language: str) -> list[str]:
        """The commands that a person with this app language finds in a private chat."""
        for scope in (f"chat:{chat_id}", "all_private_chats", "default"):
            for spoken in (language, ""):
                if (scope, spoken) in self.commands:
                    return [c["command"] for c in self.commands[scope, spoken]]
        return []

    def set_commands(self, call: Call) -> bool:
        given = call.value("commands")
        if not isinstance(given, list):
            raise bad('parameter "commands" is required and must be an Array')
        if len(given) > COMMANDS_MOST:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        key = self._scope(call)
        self.commands[key] = [_command(c) for c in given]
        if not given:
            del self.commands[key]
        return True

    def get_commands(self, call: Call) -> list[dict[str, str]]:
        return self.commands.get(self._scope(call), [])

    def delete_commands(self, call: Call) -> bool:
        self.commands.pop(self._scope(call), None)
        return True

    def set_words(self, ending: str, call: Call) -> bool:
        name, most, fault = WORDS[ending]
        if len(call.text(name)) > most:
            raise bad(fault)
        self.words[name, _language(call)] = call.text(name)
        return True

    def get_words(self, ending: str, call: Call) -> dict[str, str]:
        name, _, _ = WORDS[ending]
        usual = self.words.get((name, "")) or (NAME if name == "name" else "")
        return {name: self.words.get((name, _language(call))) or usual}

    def set_menu_button(self, call: Call) -> bool:
        button = call.value("menu_button") or {"type": "default"}
        kind = button.get("type") if isinstance(button, dict) else None
        if kind not in ("commands", "default", "web_app"):
            raise bad("can't parse menu button: unsupported type")
        if kind == "web_app":
            app = button.get("web_app")
            address = urlsplit(str(app.get("url", ""))) if isinstance(app, dict) else urlsplit("")
            if not button.get("text") or address.scheme != "https" or not address.hostname:
                raise bad("BUTTON_URL_INVALID")
        self.buttons[self._private(call)] = button
        return True

    def get_menu_button(self, call: Call) -> dict[str, Any]:
        return self.buttons.get(self._private(call)) or self.buttons.get(0) or {"type": "commands"}

    def _private(self, call: Call) -> int:
        if not call.text("chat_id"):
            return 0
        chat = self._world.reachable(call.text("chat_id"))
        if chat.kind != "private":
            raise bad("chat must be private")
        return chat.id

    def _scope(self, call: Call) -> tuple[str, str]:
        scope = call.value("scope") or {"type": "default"}
        kind = scope.get("type") if isinstance(scope, dict) else None
        if kind in CHAT_SCOPES:
            chat = self._world.reachable(str(scope.get("chat_id", "")))
            return f"{kind}:{chat.id}", _language(call)
        if kind not in SCOPES:
            raise bad("can't parse BotCommandScope: unsupported type specified")
        return str(kind), _language(call)


def _language(call: Call) -> str:
    language = call.text("language_code")
    if language and not LANGUAGE.fullmatch(language):
        raise bad("invalid language code specified")
    return language


def _command(given: Any) -> dict[str, str]:
    name = given.get("command") if isinstance(given, dict) else None
    words = given.get("description") if isinstance(given, dict) else None
    if not isinstance(name, str) or not isinstance(words, str):
        raise bad('can\'t parse BotCommand: fields "command" and "description" must be of type String')
    name = name.strip().removeprefix("/")
    if not COMMAND.fullmatch(name):
        raise bad("BOT_COMMAND_INVALID")
    if not 1 <= len(words.strip()) <= WORDS_MOST:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": words.strip()}


def table(profile: Profile) -> dict[str, tuple[Handler, set[str]]]:
    """Method name to what does it and the parameters that it knows."""
    where, menu = {"scope", "language_code"}, {"chat_id", "menu_button"}
    methods: dict[str, tuple[Handler, set[str]]] = {
        "setMyCommands": (profile.set_commands, where | {"commands"}),
        "getMyCommands": (profile.get_commands, where),
        "deleteMyCommands": (profile.delete_commands, where),
        "setChatMenuButton": (profile.set_menu_button, menu),
        "getChatMenuButton": (profile.get_menu_button, {"chat_id"}),
    }
    for ending, (name, _, _) in WORDS.items():
        methods[f"setMy{ending}"] = (
            lambda call, ending=ending: profile.set_words(ending, call),
            {name, "language_code"},
        )
        methods[f"getMy{ending}"] = (lambda call, ending=ending: profile.get_words(ending, call), {"language_code"})
    return methods
