"""The desk's pages as its head offers them: five of every day, the others under "Thêm" ("More")."""

from dataclasses import dataclass

from bot.store.desk_port import Role

_WRITERS: frozenset[Role] = frozenset({"officer", "admin"})
_ADMINS: frozenset[Role] = frozenset({"admin"})
_ALL: frozenset[Role] = _WRITERS | {"coordinator"}


@dataclass(frozen=True)
class Page:
    """A page in the head: `key` names its text `desk.nav.KEY`; `parts` are addresses that belong to it."""

    key: str
    href: str
    parts: tuple[str, ...] = ()
    roles: frozenset[Role] = _ALL


@dataclass(frozen=True)
class Link:
    """A page as offered on another: `here` is its aria-current: "page", "true" on a page below it, or ""."""

    key: str
    href: str
    here: str


@dataclass(frozen=True)
class Navigation:
    """What the head offers; `within`: the page that is open is one of `more`."""

    daily: tuple[Link, ...]
    more: tuple[Link, ...]
    within: bool


DAILY = (
    Page("today", "/desk"),
    Page("people", "/desk/people", ("/desk/workbook", "/desk/import", "/desk/errands")),
    Page("classes", "/desk/classes"),
    Page("announcements", "/desk/announcements"),
    Page("waiting", "/desk/waiting", ("/desk/replies",)),
)
MORE = (
    Page("calls", "/desk/calls"),
    Page("questions", "/desk/questions", ("/desk/taught", "/desk/answers")),
    Page("figures", "/desk/figures"),
    Page("report", "/desk/report"),
    Page("forwarding", "/desk/forwarding", roles=_WRITERS),
    Page("requests", "/desk/requests", roles=_WRITERS),
    Page("office", "/desk/office", roles=_WRITERS),
    Page("officers", "/desk/officers", ("/desk/identity",), _ADMINS),
    Page("machine", "/desk/machine", roles=_ADMINS),
    Page("account", "/desk/account"),
    Page("audit", "/desk/audit"),
)


def navigation(path: str, role: Role) -> Navigation:
    """The head's links for who looks at `path`."""
    daily, more = (tuple(_link(p, path) for p in pages if role in p.roles) for pages in (DAILY, MORE))
    return Navigation(daily, more, any(link.here for link in more))


def _link(page: Page, path: str) -> Link:
    if path.rstrip("/") == page.href:
        return Link(page.key, page.href, "page")
    below = page.href != "/desk" and any(path.startswith(part) for part in (page.href + "/", *page.parts))
    return Link(page.key, page.href, "true" if below else "")
