"""From SQLite to PostgreSQL and back: every row, and numbers go on where they were."""

from pathlib import Path

from store.factories import KEY, NEIGHBOUR, NOW, consent, happen, lead, own_database, person, turn

from bot import demo
from bot.store import backing_up, copying, restoring
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.sql_desk_store import SqlDeskStore


def test_every_row_goes_there_and_back(request, tmp_path):
    source = connect(f"sqlite:///{tmp_path}/one.sqlite3")
    from bot.store.migrate import upgrade

    upgrade(source)
    store = SqlDeskStore(source, Cipher(KEY))
    with store.transaction() as unit:
        demo.seed(unit, NOW)
        turn(unit, "u1", "chào em")
    happen(store, lead(), consent())
    server = connect(own_database(request.node.name))
    back = connect(f"sqlite:///{tmp_path}/two.sqlite3")
    there, again = copying.copy_all(source, server), copying.copy_all(server, back)
    assert there == again
    assert there["people"].rows == 1
    assert there["messages"].rows == 2
    on_server = SqlDeskStore(server, Cipher(KEY))
    happen(on_server, lead("HN-BBBBBB", person(2)), consent(), contact=NEIGHBOUR)
    with on_server.transaction() as unit:
        assert {record.receipt for record in unit.leads("06862")} == {"HN-AAAAAA", "HN-BBBBBB"}
    kept = Path(tmp_path, "server.sqlite3")
    assert backing_up.back_up(server, Cipher(KEY), kept).rows["people"] == 2
    happen(on_server, lead("HN-CCCCCC", person(3)), consent(), contact=NEIGHBOUR)
    done = restoring.restore_into(kept, server, Cipher(KEY), Path(tmp_path, "aside.sqlite3"), NOW)
    assert (done.settled.known, done.settled.unknown) == (True, 0)  # what waits for its page to be opened waits on
    assert backing_up.check(Path(tmp_path, "aside.sqlite3"), Cipher(KEY)).rows["people"] == 3
    with on_server.transaction() as unit:
        assert {record.receipt for record in unit.leads("06862")} == {"HN-AAAAAA", "HN-BBBBBB"}
    for engine in (source, server, back):
        engine.dispose()
