"""The page in Debian's chromium, on a real exchange and a real web process. Screenshots stay in BUILD/screenshots."""
import os
import sys

import pytest

from exchange_process import BUILD, Exchange, free_port, wait_for
from web_process import Web

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "web"))
import browser as chromium  # noqa: E402

pytestmark = pytest.mark.skipif(bool(chromium.missing()), reason=f"the page: {chromium.missing()}")

ALICE, BOB = "1", "2"
SHOTS = os.path.join(os.path.abspath(BUILD), "screenshots")
OPEN = ".orders tbody tr"
LADDER = """({bids: rows('.bids'), asks: rows('.asks')});
    function rows(side) {
        return [...document.querySelectorAll(`.levels${side} .level:enabled`)]
            .map(row => [row.querySelector('.price').textContent, row.querySelector('.qty').textContent]);
    }"""


@pytest.fixture(scope="module", name="venue")
def venue_fixture(session_path):
    page = os.path.join(os.path.abspath(BUILD), "page")
    chromium.page_build(page)
    os.makedirs(SHOTS, exist_ok=True)
    exchange = Exchange(session_path / "var").start()
    exchange.fill()
    # A port of its own, so that the web process comes back to where the page looks for it.
    web = Web(exchange.folder, f"web.plain_port={free_port()}", f"web.page_path={page}").start()
    yield exchange, web
    web.stop()
    exchange.stop()


@pytest.fixture(scope="module", name="chrome")
def chrome_fixture():
    chrome = chromium.Browser(SHOTS)
    yield chrome
    chrome.quit()


@pytest.fixture(name="page")
def page_fixture(venue, chrome):
    """The page on an empty TATA_INR book, as alice. Whatever the console complains of fails the test."""
    _, web = venue
    web.cancel_all(ALICE, BOB)
    show(chrome, web)
    yield chrome
    complaints = chrome.do("complaints")
    chrome.do("close")
    assert not complaints, complaints


def show(chrome, web, **size):
    chrome.open(f"http://127.0.0.1:{web.ports['plain']}/#TATA_INR", **size)
    chrome.wait("document.querySelector('#link')?.innerText === 'live' && document.querySelector('[data-asset=INR]') !== null")


def ladder(page):
    return page.evaluate(LADDER)


def free(page, asset):
    """What stands beside the asset, as (free, locked)."""
    cells = page.texts(f"[data-asset={asset}] td")
    return tuple(float(cell.replace(",", "")) for cell in cells)


def enter(page, side="buy", kind="limit", **fields):
    page.click(f"label.choice-{side}")
    page.click(f"label.choice-{kind}")
    for name, text in fields.items():
        page.fill(f"#{name}", text)
    page.click("#submit")


def test_the_page_shows_the_book_and_the_trades_that_there_are(venue, page):
    _, web = venue
    web.limit(BOB, "buy", "99", "5")
    web.limit(BOB, "sell", "101", "7")
    web.limit(BOB, "sell", "101.5", "2")
    page.wait_text(".bids .price", "99.00")
    page.wait_text(".asks .price", "101.50")
    assert ladder(page) == {"bids": [["99.00", "5"]], "asks": [["101.00", "7"], ["101.50", "2"]]}
    web.limit(ALICE, "buy", "101", "3")
    page.wait_text(".tape .print:first-child", "101.00")
    assert page.evaluate("document.querySelector('.print').className") == "print buy"
    page.wait_text(".top .now", "101.00")
    page.wait("document.title.startsWith('101.00 TATA_INR')")
    web.order(market="TATA_INR", type="market", side="sell", quantity="1", user_id=ALICE)
    page.wait("document.querySelector('.print').className === 'print sell'")


def test_a_limit_order_rests_in_list_and_ladder_until_it_is_cancelled(page):
    before = free(page, "INR")
    enter(page, price="98.5", qty="10")
    page.wait_text(OPEN, "98.50")
    page.wait_text(".bids .level.own", "98.50")
    page.wait_text(".toast", "Buy 10 TATA: accepted")
    page.wait("document.querySelector('[data-asset=INR] .locked').innerText === '985.00'")
    assert free(page, "INR") == (before[0] - 985, 985)
    page.click(f"{OPEN} .cancel")
    page.wait_text(".orders .empty", "No open orders")
    page.wait("document.querySelector('.bids .level:enabled') === null")
    page.wait("document.querySelector('[data-asset=INR] .locked').innerText === '0.00'")
    assert free(page, "INR") == before
    page.click("#list-orders")
    page.wait_text(OPEN, "Cancelled")


def test_a_market_order_trades_and_tape_balances_and_histories_say_so(venue, page):
    _, web = venue
    web.limit(BOB, "sell", "100", "4")
    web.limit(BOB, "sell", "102", "4")
    page.wait_text(".asks .price", "102.00")
    tata = free(page, "TATA")[0]
    enter(page, kind="market", qty="6")
    page.wait_text(".toast", "Buy 6 TATA: filled at 100.66")
    page.wait_text(".tape .print:first-child", "102.00")
    page.wait(f"Number(document.querySelector('[data-asset=TATA] .free').innerText.replace(/,/g, '')) > {tata + 5.9}")
    page.click("#list-orders")
    page.wait_text(f"{OPEN}:first-child", "Filled")
    page.click("#list-trades")
    page.wait_text(f"{OPEN}:first-child", "102.00")
    page.wait_text(f"{OPEN}:first-child", "Taker")
    assert ladder(page)["asks"] == [["102.00", "2"]]


def test_a_refusal_is_shown_in_the_servers_words_and_changes_nothing(venue, page):
    _, web = venue
    for fields in ({"price": "98.51", "qty": "1"}, {"price": "100", "qty": "99999999"}, {"price": "-1", "qty": "1"}):
        status, answer = web.order(market="TATA_INR", side="buy", price=fields["price"], quantity=fields["qty"], user_id=ALICE)
        assert status == 400
        enter(page, **fields)
        page.wait_text("#problem", answer["msg"])
    page.fill("#qty", "one")
    page.click("#submit")
    page.wait_text("#problem", "Enter a quantity.")
    assert page.texts(OPEN) == []
    # What the browser says of a 400 is no complaint of ours.
    assert all("400" in complaint for complaint in page.do("complaints"))


def test_a_stop_waits_and_the_key_x_cancels_all_after_a_question(venue, page):
    _, web = venue
    web.limit(BOB, "sell", "100", "1")
    web.limit(ALICE, "buy", "100", "1")
    page.wait_text(".print:first-child", "100.00")
    enter(page, kind="stop", stop="110", qty="2")
    page.wait_text(OPEN, "Waiting")
    page.wait_text(OPEN, "110.00")
    enter(page, price="97", qty="1")
    page.wait("document.querySelector('#list-open .count').innerText === '2'")
    page.press("Escape", "x")
    page.wait_text("dialog[open]", "All 2 open orders")
    page.press("Escape")
    page.wait("document.querySelector('dialog[open]') === null")
    assert len(page.texts(OPEN)) == 2
    page.press("x")
    page.wait("document.activeElement?.id === 'confirm'")
    page.press("Enter")
    page.wait_text(".orders .empty", "No open orders")
    assert web.get("/orders/open", user_id=ALICE) == (200, [])


def test_a_click_on_a_price_and_a_share_of_the_balance_fill_the_form(venue, page):
    _, web = venue
    web.limit(BOB, "sell", "103.25", "9")
    page.wait_text(".asks .price", "103.25")
    page.click(".asks .level:enabled")
    assert page.evaluate("document.querySelector('#price').value") == "103.25"
    page.click(".shares button:nth-child(2)")
    held = int(free(page, "INR")[0] * 100) // 2 // 10325
    assert page.evaluate("document.querySelector('#qty').value") == str(held)
    page.click("label.choice-sell")
    page.click(".shares button:nth-child(4)")
    assert page.evaluate("document.querySelector('#qty').value") == str(int(free(page, "TATA")[0]))


def test_grouping_gathers_levels_away_from_the_middle(venue, page):
    _, web = venue
    for price, qty in (("99.95", "1"), ("99.90", "2"), ("99.45", "4")):
        web.limit(BOB, "buy", price, qty)
    web.limit(BOB, "sell", "100.05", "8")
    page.wait("document.querySelectorAll('.bids .level:enabled').length === 3")
    page.do("choose", on=".group select", value="50")
    page.wait("document.querySelectorAll('.bids .level:enabled').length === 2")
    assert ladder(page) == {"bids": [["99.50", "3"], ["99.00", "4"]], "asks": [["100.50", "8"]]}
    page.do("choose", on=".group select", value="5")


def test_keys_lead_to_the_form_and_escape_leaves_it(page):
    page.press("s")
    page.wait("document.activeElement?.id === 'price' && document.querySelector('#side-sell').checked")
    page.press("1", "0", "0", "ArrowUp")
    assert page.evaluate("document.querySelector('#price').value") == "100.05"
    page.press("Escape", "b")
    page.wait("document.activeElement?.id === 'qty' && document.querySelector('#side-buy').checked")
    page.press("Escape", "i")
    page.wait("document.querySelector('.picker') !== null")
    page.press("Escape", "Shift+?")
    page.wait_text("dialog[open]", "Keys")
    page.press("Escape")
    page.wait("document.querySelector('dialog[open], .picker') === null")


def test_a_reload_finds_instrument_account_theme_and_orders_again(venue, page):
    _, web = venue
    page.do("choose", on="#account", value=BOB)
    page.click("#theme")
    web.limit(BOB, "buy", "91", "3")
    page.wait_text(OPEN, "91.00")
    page.do("reload")
    page.wait_text(OPEN, "91.00")
    page.wait_text(".bids .level.own", "91.00")
    assert page.evaluate("[document.documentElement.dataset.theme, document.querySelector('#account').value, location.hash]") \
        == ["light", BOB, "#TATA_INR"]


def test_an_update_that_was_missed_is_made_good_by_a_snapshot(venue, page):
    _, web = venue
    web.limit(BOB, "buy", "90", "1")
    page.wait_text(".bids .price", "90.00")
    page.do("drop", count=1)
    web.limit(BOB, "buy", "90.05", "2")
    wait_for(lambda: page.do("dropped"))
    web.limit(BOB, "buy", "90.10", "3")
    page.wait_text(".bids .price", "90.10")
    assert ladder(page)["bids"] == [["90.10", "3"], ["90.05", "2"], ["90.00", "1"]]


def test_when_the_web_process_dies_the_page_says_so_and_recovers_by_itself(venue, page):
    _, web = venue
    web.limit(BOB, "buy", "92", "1")
    page.wait_text(".bids .price", "92.00")
    web.process.kill()
    web.process.wait()
    page.wait_text("#link", "reconnecting")
    web.start()
    page.wait("document.querySelector('#link').innerText === 'live'")
    web.limit(BOB, "buy", "92.50", "2")
    page.wait_text(".bids .price", "92.50")
    assert ladder(page)["bids"] == [["92.50", "2"], ["92.00", "1"]]
    enter(page, price="93", qty="1")
    page.wait_text(OPEN, "93.00")
    page.do("complaints")  # of the connections that were refused meanwhile


def test_while_the_exchange_is_away_the_page_says_so_and_orders_wait(venue, page):
    exchange, web = venue
    web.limit(BOB, "buy", "94", "1")
    page.wait_text(".bids .price", "94.00")
    exchange.kill()
    page.wait_text("#link", "exchange away")
    page.wait("document.querySelector('#submit').disabled")
    assert ladder(page)["bids"] == [["94.00", "1"]]
    exchange.start()
    web.wait_attached()
    page.wait("document.querySelector('#link').innerText === 'live'")
    enter(page, price="94.5", qty="1")
    page.wait_text(".bids .price", "94.50")


def lifelike(web):
    for i in range(24):
        web.limit(BOB, "buy", f"{99.95 - i * 0.05 * (1 + i % 3):.2f}", str(3 + 7 * i % 40))
        web.limit(BOB, "sell", f"{100.05 + i * 0.05 * (1 + i % 3):.2f}", str(4 + 5 * i % 50))
    for i in range(30):
        web.order(market="TATA_INR", type="market", side="buy" if i * 7 % 5 < 3 else "sell", quantity=str(1 + i % 4), user_id=ALICE)
    web.limit(ALICE, "buy", "98.50", "20")
    web.limit(ALICE, "sell", "102.50", "15")


def test_at_desktop_width_nothing_is_cut_off(venue, page):
    _, web = venue
    lifelike(web)
    page.wait_text(OPEN, "102.50")
    page.wait("document.querySelectorAll('.print.buy').length > 5")
    page.do("shot", path=os.path.join(SHOTS, "desktop-dark.png"))
    page.click("#theme")
    page.wait("document.documentElement.dataset.theme === 'light'")
    page.do("shot", path=os.path.join(SHOTS, "desktop-light.png"))
    assert fits(page)


def test_at_phone_width_each_tab_fits_and_the_form_trades(venue, page):
    _, web = venue
    lifelike(web)
    show(page, web, width=390, height=844, phone=True)
    for name in ("Chart", "Book", "Trade", "Orders", "Funds"):
        page.click(f".phone-tabs button:has-text('{name}')")
        page.wait("document.querySelectorAll('.desk > .panel').length === 6")
        page.do("shot", path=os.path.join(SHOTS, f"phone-{name.lower()}.png"))
        assert fits(page), name
    page.click(".phone-tabs button:has-text('Trade')")
    enter(page, price="97", qty="2")
    page.click(".phone-tabs button:has-text('Orders')")
    page.wait_text(OPEN, "97.00")


def fits(page):
    """Nothing scrolls sideways, neither the page nor a panel."""
    return page.evaluate("""[document.documentElement, ...document.querySelectorAll('.panel, .list, .top')]
        .every(each => each.scrollWidth <= each.clientWidth + 1)""")
