"""Teaching at the desk: tried first, published at once, nobody's work lost, nobody else's communes."""

import html
import re

from desk.desk_stage import FAR, HERE, NEAR, PROVINCE

from bot.effects import QuestionUnanswered
from bot.model import Contact
from bot.store.desk_port import Scope

WIFI = "nhà văn hóa bản mình có sóng wifi chưa"
ME, OTHER = Contact("web", "", "m" * 32), Contact("telegram", "bot", "7")
OWN = {"text": "Có rồi, bà con vào bắt wifi.", "own": "1"}


def told(answer_text):
    """A page's words."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer_text)))


def ask(house, said=WIFI, contact=ME, place=HERE):
    house.app._place = place
    return house.says(said, contact)


def question(house, said=WIFI, **where):
    """Asked in vain; the number it is kept by."""
    ask(house, said, **where)
    with house.store.reading() as desk:
        return max(q.id for q in desk.lessons.questions.all(Scope(None)) if q.text == said)


def unclear(house, said):
    """A question whose offered topics were all not meant."""
    with house.store.transaction() as unit:
        unit.apply(unit.lock(ME, house.clock[0]), QuestionUnanswered(said, "clarify", HERE), house.clock[0])


def lessons(house):
    with house.store.reading() as desk:
        return desk.lessons.all(Scope(None))


async def test_from_a_question_in_vain_to_its_answer_on_another_channel(house, officer):
    number = question(house)
    page = told(await officer.page("/desk/questions"))
    assert WIFI in page
    assert "1 lần · Xã Nà Pàn" in page
    assert (await officer.send(f"/desk/questions/{number}/answer", **OWN)).headers["Location"] == (
        "/desk/questions?said=taught&n=1"
    )
    assert "Không còn câu nào chờ" in told(await officer.page("/desk/questions?said=taught&n=1"))
    for contact in (ME, OTHER, Contact("terminal", "", "me")):
        answer = ask(house, "nha van hoa ban minh co song wifi chua a", contact)[-1]
        assert answer.startswith("Có rồi, bà con vào bắt wifi.")
    assert "lesson:1" in {subject for _officer, act, subject in house.audited() if act == "taught"}


async def test_one_button_teaches_a_topic(house, officer):
    said = "có được mang theo trẻ nhỏ vào lớp không"
    unclear(house, said)
    page = await officer.page("/desk/questions")
    button = re.search(r'name="topic" value="(\w+)"', page)
    number = re.search(r"/desk/questions/(\d+)/teach", page)[1]
    done = await officer.send(f"/desk/questions/{number}/teach", topic=button[1])
    assert done.status == 303
    assert lessons(house)[0].target == button[1]
    assert lessons(house)[0].communes == (HERE,)


async def test_a_phrasing_that_breaks_a_case_is_refused_with_the_case(house, officer):
    case = "Đăng ký học nghề cần nộp những giấy tờ gì?"
    unclear(house, case)
    answer = await officer.send("/desk/questions/1/teach", topic="cost", sure="1")
    assert answer.status == 409
    page = told(await answer.text())
    assert f"Trái với câu mẫu: “{case}” phải hiểu là “Cần giấy tờ gì?”" in page
    assert "Vẫn dạy" not in page
    assert lessons(house) == ()


async def test_what_would_change_is_shown_before_it_is_taught(house, officer):
    ask(house, "học lái xe nâng có bằng không")
    unclear(house, "hoc lai xe nang co bang khong")
    answer = await officer.send("/desk/questions/1/teach", topic="certificate")
    page = told(await answer.text())
    assert answer.status == 409
    assert "1 câu sẽ đổi nghĩa" in page
    assert "đang hiểu là Học lái xe" in page
    assert lessons(house) == ()
    assert (await officer.send("/desk/questions/1/teach", topic="certificate", sure="1")).status == 303
    assert lessons(house)[0].target == "certificate"


async def test_two_officers_at_once_both_see_both(house, officer):
    number = question(house)
    colleague = await house.signed_in(house.hire("Cô Hai"))
    assert (await officer.send(f"/desk/questions/{number}/answer", **OWN)).status == 303
    answer = await colleague.send(f"/desk/questions/{number}/teach", topic="location")
    page = told(await answer.text())
    assert answer.status == 409
    assert "Câu này đã có người dạy ý khác" in page
    assert "Có rồi, bà con vào bắt wifi." in page
    assert "Học ở đâu?" in page
    first = lessons(house)[0].id
    done = await colleague.send(f"/desk/questions/{number}/teach", topic="location", sure="1", instead=str(first))
    assert done.status == 303
    assert "Có rồi" not in ask(house)[-1]
    history = told(await officer.page("/desk/taught"))
    assert "thay điều đã dạy" in history
    assert "Có rồi, bà con vào bắt wifi." in history, "what the first one wrote is not lost"


async def test_one_button_takes_it_back(house, officer):
    number = question(house)
    await officer.send(f"/desk/questions/{number}/answer", **OWN)
    assert (await officer.send("/desk/taught/1/withdraw")).headers["Location"] == "/desk/taught?said=withdrawn"
    assert "bắt wifi" not in ask(house)[-1]
    assert WIFI in told(await officer.page("/desk/questions"))
    assert "đã rút lại" in told(await officer.page("/desk/taught"))


async def test_an_admin_makes_it_hold_in_all_communes(house, officer):
    number = question(house)
    await officer.send(f"/desk/questions/{number}/answer", **OWN)
    assert "bắt wifi" not in ask(house, place=NEAR, contact=OTHER)[-1]
    admin = await house.signed_in(house.hire(role="admin", places=()))
    assert (await officer.send("/desk/taught/1/promote")).status == 403
    assert (await admin.send("/desk/taught/1/promote")).status == 303
    text = ask(house, place=NEAR, contact=Contact("web", "", "n" * 32))[-1]
    assert text.startswith("Có rồi")
    assert "Lời của xã Nà Pàn" in text, "whose word it is stays said"


async def test_an_admin_teaches_for_the_askers_commune_or_for_all(house):
    admin = await house.signed_in(house.hire(role="admin", places=()))
    first = question(house)
    await admin.send(f"/desk/questions/{first}/teach", other="location", place=NEAR)
    second = question(house, "bao giờ trời mưa ở bản ta")
    await admin.send(f"/desk/questions/{second}/teach", other="schedule", place="all")
    assert [lesson.communes for lesson in lessons(house)] == [("",), (NEAR,)]


async def test_money_and_days_need_a_paper_and_anything_else_a_paper_or_the_communes_word(house, officer):
    number = question(house)
    for fields, fault in (
        ({"text": "Mất 50 nghìn một tháng.", "own": "1"}, "phải ghi theo văn bản nào"),
        ({"text": "Có rồi."}, "hoặc đánh dấu đây là lời của xã"),
        ({"text": "", "own": "1"}, "Anh/chị viết câu trả lời"),
        ({"text": "a " * 300, "own": "1"}, "Dài quá"),
    ):
        answer = await officer.send(f"/desk/questions/{number}/answer", **fields)
        page = told(await answer.text())
        assert answer.status == 400
        assert fault in page, fields
        assert lessons(house) == ()
    kept = await officer.send(f"/desk/questions/{number}/answer", text="Mất 50 nghìn một tháng.", own="1")
    assert "Mất 50 nghìn một tháng." in await kept.text(), "what was typed is still there"
    paper = {"text": "Mất 50 nghìn một tháng.", "source": "Thông báo 12 của UBND xã"}
    assert (await officer.send(f"/desk/questions/{number}/answer", **paper)).status == 303
    assert ask(house)[-1].endswith("Theo: Thông báo 12 của UBND xã")
    assert (await officer.send(f"/desk/questions/{number}/teach", other="no such topic")).status in (400, 404)


async def test_an_answer_that_a_colleague_changed_meanwhile_is_shown_beside_ones_own(house, officer):
    number = question(house)
    await officer.send(f"/desk/questions/{number}/answer", **OWN)
    colleague = await house.signed_in(house.hire("Cô Hai"))
    done = await colleague.send("/desk/answers/1", text="Có, ở trường học.", own="1", version="1")
    assert done.status == 303
    late = await officer.send("/desk/answers/1", text="Có, ở trạm y tế.", own="1", version="1")
    page = told(await late.text())
    assert late.status == 409
    assert "Cô Hai vừa sửa" in page
    assert "Có, ở trường học." in page
    assert "Có, ở trạm y tế." in page
    assert ask(house)[-1].startswith("Có, ở trường học.")
    again = await officer.send("/desk/answers/1", text="Có, ở trường và trạm y tế.", own="1", version="2")
    assert again.status == 303
    assert ask(house)[-1].startswith("Có, ở trường và trạm y tế.")


async def test_each_commune_of_an_officer_gives_its_own_word(house):
    number = question(house)
    both = await house.signed_in(house.hire(places=(HERE, NEAR)))
    await both.send(f"/desk/questions/{number}/answer", **OWN)
    said = {place: ask(house, contact=Contact("web", "", place * 6), place=place)[-1] for place in (HERE, NEAR)}
    assert "Lời của xã Nà Pàn" in said[HERE]
    assert "Lời của xã Than Uyên" in said[NEAR]
    sourced = question(house, "bao giờ trời mưa ở bản ta")
    await both.send(f"/desk/questions/{sourced}/answer", text="Mai mưa.", source="Đài khí tượng")
    assert lessons(house)[0].communes == (NEAR, HERE)


async def test_put_aside_are_these_and_all_that_will_be_like_them(house, officer):
    number = question(house)
    await officer.send(f"/desk/questions/{number}/dismiss")
    ask(house, "nha van hoa ban minh da co song wifi chua", OTHER)
    assert "wifi" not in told(await officer.page("/desk/questions"))
    assert WIFI in told(await officer.page("/desk/questions?dismissed=1"))
    await officer.send(f"/desk/questions/{number}/reopen")
    assert WIFI in told(await officer.page("/desk/questions"))


async def test_another_communes_questions_and_lessons_are_not_there(house, officer):
    number = question(house)
    await officer.send(f"/desk/questions/{number}/answer", **OWN)
    other = question(house, "bao giờ trời mưa ở bản ta")
    stranger = await house.signed_in(house.hire(places=(FAR,)))
    assert "trời mưa" not in told(await stranger.page("/desk/questions"))
    assert "wifi" not in told(await stranger.page("/desk/taught"))
    for path in (f"/desk/questions/{other}/teach", "/desk/taught/1/withdraw", "/desk/answers/1"):
        assert (await stranger.send(path, topic="cost", **OWN)).status == 404, path
    assert (await stranger.get("/desk/answers/1")).status == 404
    coordinator = await house.signed_in(house.hire(role="coordinator", places=(PROVINCE,)))
    assert "trời mưa" in told(await coordinator.page("/desk/questions"))
    assert "Bỏ qua" not in told(await coordinator.page("/desk/questions"))
    assert (await coordinator.send(f"/desk/questions/{other}/teach", topic="cost")).status == 403


async def test_what_people_wrote_is_drawn_as_words(house, officer):
    nasty = "<script>alert(1)</script> wifi ở đâu đó {{7*7}}"
    ask(house, nasty)
    page = await officer.page("/desk/questions")
    assert "<script>alert" not in page
    answer = await officer.send("/desk/questions/1/answer", text=nasty, own="1")
    if answer.status == 303:
        assert "<script>alert" not in await officer.page("/desk/taught")


async def test_the_office_is_told_from_the_next_moment_on(house, officer):
    fields = {"commune": HERE, "name": "Phòng Văn hóa – Xã hội", "phone": "0900 000 009", "version": "0"}
    assert (await officer.send("/desk/office", **fields)).status == 303
    assert "điện thoại 0900 000 009" in ask(house, "hỏi chuyện học nghề thì gặp ai ở xã")[-1]
    late = await officer.send("/desk/office", **{**fields, "phone": "0900 000 008"})
    page = told(await late.text())
    assert late.status == 409
    assert "0900 000 009" in page
    assert (await officer.send("/desk/office", **{**fields, "commune": FAR})).status == 400
    assert (await officer.get(f"/desk/office?commune={FAR}")).status == 404


async def test_today_says_that_questions_wait(house, officer):
    question(house)
    assert "Dạy trợ lý 1 câu bà con hỏi mà chưa đáp được" in told(await officer.page("/desk"))
