"""Every address of the desk, and who may come there."""

from bot.desk import case, classes, inbox, officers, pages, people, saved, sessions, sharing, signing_in, today, walkin
from bot.desk.guard import Route
from bot.store.desk_port import Role

WRITERS: tuple[Role, ...] = ("officer", "admin")
ADMINS: tuple[Role, ...] = ("admin",)
_ID, _COURSE = r"{id:\d{1,9}}", r"{id:[A-Za-z0-9_\-]{1,40}}"
_PERSON, _CLASS = f"/desk/people/{_ID}", f"/desk/classes/{_COURSE}"

ROUTES: tuple[Route, ...] = (
    Route("GET", "/desk/sign-in", signing_in.ask_page, roles=()),
    Route("POST", "/desk/sign-in", signing_in.ask, roles=()),
    Route("GET", "/desk/sign-in/{token}", signing_in.link_page, roles=()),
    Route("POST", "/desk/sign-in/{token}", signing_in.enter, roles=()),
    Route("GET", pages.PREFIX + "{name}", pages.static, roles=()),
    Route("GET", sharing.POSTERS + "{name}", sharing.poster, roles=()),
    Route("POST", "/desk/sign-out", signing_in.leave),
    Route("GET", "/desk", today.page),
    Route("GET", "/desk/", today.page),
    Route("GET", "/desk/pulse", today.pulse),
    Route("GET", "/desk/waiting", inbox.page),
    Route("GET", f"/desk/waiting/{_ID}", inbox.talk),
    Route("GET", f"/desk/waiting/{_ID}/news", inbox.news),
    Route("POST", f"/desk/waiting/{_ID}/open", inbox.reveal),
    Route("POST", f"/desk/waiting/{_ID}/take", inbox.take),
    Route("POST", f"/desk/waiting/{_ID}/reply", inbox.reply),
    Route("POST", f"/desk/waiting/{_ID}/answered", inbox.close),
    Route("GET", "/desk/replies", saved.page, roles=WRITERS),
    Route("POST", "/desk/replies", saved.save, roles=WRITERS),
    Route("POST", f"/desk/replies/{_ID}/drop", saved.drop, roles=WRITERS),
    Route("GET", "/desk/people", people.page),
    Route("POST", "/desk/people", people.change),
    Route("GET", "/desk/people/new", walkin.form, roles=WRITERS),
    Route("POST", "/desk/people/new", walkin.enter, roles=WRITERS),
    Route("GET", _PERSON, case.page),
    Route("POST", f"{_PERSON}/open", case.reveal),
    Route("POST", f"{_PERSON}/state", case.state),
    Route("POST", f"{_PERSON}/note", case.note),
    Route("POST", f"{_PERSON}/call", case.call),
    Route("POST", f"{_PERSON}/verify", case.verify),
    Route("POST", f"{_PERSON}/class", case.assign),
    Route("POST", f"{_PERSON}/merge", case.merge),
    Route("GET", "/desk/classes", classes.page),
    Route("GET", "/desk/classes/new", classes.form, roles=WRITERS),
    Route("POST", "/desk/classes/new", classes.create, roles=WRITERS),
    Route("GET", _CLASS, classes.view),
    Route("GET", f"{_CLASS}/edit", classes.edit_form, roles=WRITERS),
    Route("POST", f"{_CLASS}/edit", classes.edit, roles=WRITERS),
    Route("POST", f"{_CLASS}/state", classes.state, roles=WRITERS),
    Route("POST", f"{_CLASS}/fill", classes.fill, roles=WRITERS),
    Route("POST", f"{_CLASS}/poster", sharing.put_poster, roles=WRITERS, upload=sharing.POSTER_BYTES),
    Route("POST", f"{_CLASS}/poster/drop", sharing.drop_poster, roles=WRITERS),
    Route("GET", f"{_CLASS}/sheet", sharing.sheet),
    Route("GET", f"{_CLASS}/qr/{{way}}.svg", sharing.qr),
    Route("GET", "/desk/account", sessions.page),
    Route("POST", "/desk/account/code", sessions.code),
    Route("POST", "/desk/account/email", sessions.email),
    Route("POST", f"/desk/account/sessions/{_ID}/end", sessions.end),
    Route("POST", "/desk/account/sessions/end-others", sessions.end_others),
    Route("POST", f"/desk/account/chats/{_ID}/unlink", sessions.unlink),
    Route("GET", "/desk/audit", officers.audit),
    Route("GET", "/desk/officers", officers.page, roles=ADMINS),
    Route("POST", "/desk/officers", officers.add, roles=ADMINS),
    Route("POST", f"/desk/officers/{_ID}/link", officers.issue, roles=ADMINS),
    Route("POST", f"/desk/officers/{_ID}/end", officers.end, roles=ADMINS),
)
