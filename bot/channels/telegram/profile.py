"""What people see of the bot before they talk: commands, descriptions, the menu button."""

from collections.abc import Mapping

from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats, MenuButtonCommands

from bot.i18n import Language, language

# In private chats alone: a group gets no commands. "" is for every app language without a list of its own.
LANGUAGES: Mapping[str, str] = {"": "vi", "vi": "vi", "en": "en"}
COMMANDS = ("start", "lop", "dangky", "dieukien", "canbo")


async def set_up(bot: Bot) -> int:
    """Set what differs from what Telegram holds: each change is dear there. The number of changes; TelegramError."""
    changed = 0
    for code, texts in LANGUAGES.items():
        changed += await _words(bot, code, language(texts))
    if not isinstance(await bot.get_chat_menu_button(), MenuButtonCommands):
        await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
        changed += 1
    return changed


async def _words(bot: Bot, code: str, say: Language) -> int:
    changed, spoken, scope = 0, code or None, BotCommandScopeAllPrivateChats()
    commands = tuple(BotCommand(name, say.say(f"telegram.command.{name}")) for name in COMMANDS)
    if await bot.get_my_commands(scope=scope, language_code=spoken) != commands:
        await bot.set_my_commands(commands, scope=scope, language_code=spoken)
        changed += 1
    description, about = say.say("telegram.description"), say.say("telegram.short_description")
    if (await bot.get_my_description(language_code=spoken)).description != description:
        await bot.set_my_description(description, language_code=spoken)
        changed += 1
    if (await bot.get_my_short_description(language_code=spoken)).short_description != about:
        await bot.set_my_short_description(about, language_code=spoken)
        changed += 1
    return changed
