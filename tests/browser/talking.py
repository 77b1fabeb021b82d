"""What a person does with the page."""

from playwright.sync_api import Locator, Page, expect


def replies(page: Page) -> Locator:
    return page.locator(".bot")


def greeted(page: Page) -> Page:
    """The page once the assistant has said hello."""
    expect(page.locator(".choices button").first).to_be_visible()
    return page


def type_in(page: Page, text: str) -> None:
    page.fill("#say", text)
    page.locator("#composer button").tap()


def said(page: Page, text: str) -> None:
    """Type a message and wait for its answer."""
    before = replies(page).count()
    type_in(page, text)
    expect(replies(page).nth(before)).to_be_visible()
    expect(page.locator("#typing")).to_be_hidden()


def tapped(page: Page, label: str) -> None:
    """Tap a choice by its words and wait for the answer."""
    before = replies(page).count()
    page.locator(".choices button", has_text=label).first.tap()
    expect(replies(page).nth(before)).to_be_visible()
    expect(page.locator("#typing")).to_be_hidden()


def last(page: Page) -> str:
    return replies(page).last.locator(".bubble").inner_text()


def mine(page: Page) -> list[str]:
    return page.locator(".me .bubble").all_inner_texts()
