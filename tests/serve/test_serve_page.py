"""The page in a real browser: fill, send, see; a wrong file; twenty at once."""

import shutil
import signal

import numpy as np
import pytest
from server_process import server_process
from serving import png

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra 'browser'")

pytestmark = [
    pytest.mark.slow,  # starts a process and a browser
    pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed"),
]


@pytest.fixture(scope="module")
def address(served_model, tmp_path_factory):
    """Where the page is."""
    path = tmp_path_factory.mktemp("page") / "mixed.skmtl"
    served_model.save(path)
    with server_process(path) as (process, port):
        yield f"http://127.0.0.1:{port}/"
        process.send_signal(signal.SIGINT)  # Ctrl-C
        assert process.wait(60) == 0


@pytest.fixture(scope="module")
def browser():
    """Chromium."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, address):
    """A function that opens the page; afterwards nothing may have gone wrong on it."""
    contexts, problems = [], []

    def open_page(locale="en-US", width=1280):
        context = browser.new_context(locale=locale, viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console", lambda line: problems.append(line.text) if line.type == "error" else None
        )
        page.on(
            "request",
            lambda request: problems.append(request.url) if not is_local(request.url) else None,
        )
        page.goto(address)
        page.wait_for_selector("#fields select")
        return page

    def is_local(url):
        return url.startswith((address, "blob:", "data:"))

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def fill(page, price="1.5"):
    """Fill a row in."""
    pixels = np.random.default_rng(0).integers(0, 255, (16, 16, 3), np.uint8)
    image = {"name": "a.png", "mimeType": "image/png", "buffer": png(pixels)}
    page.get_by_label("photo").set_input_files(image)
    page.get_by_label("title").fill("一 好 二")
    page.get_by_label("price").fill(price)
    page.get_by_label("brand").select_option("b")


def send(page):
    """Send the row; wait for the predictions."""
    page.locator("button[type=submit]").click()
    page.wait_for_selector(".task")


@pytest.mark.parametrize(("locale", "button"), [("en-US", "Predict"), ("zh-CN", "预测")])
@pytest.mark.parametrize("width", [1280, 400])
def test_fill_send_see(open_page, locale, button, width):
    page = open_page(locale, width)
    assert page.locator("button[type=submit]").inner_text() == button
    assert page.locator("html").get_attribute("lang") == locale.replace("-US", "")
    fill(page)
    send(page)
    tasks = page.locator(".task h3").all_inner_texts()
    assert tasks == ["corner", "mood", "cost", "weight", "grade", "tags"]
    shares = (
        page.locator(".task").first.locator("ul.bars").first.locator(".number").all_inner_texts()
    )
    assert sum(float(share.removesuffix(" %")) for share in shares) == pytest.approx(100, abs=0.2)
    assert page.locator(".task .why").count() == 6
    assert page.locator(".words mark").count() > 0
    assert page.locator(".regions svg rect").count() >= 64
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_language_is_switched_and_the_answer_stays(open_page):
    page = open_page()
    fill(page)
    send(page)
    page.get_by_role("button", name="中文").click()
    assert page.locator("#results-heading").inner_text() == "结果"
    assert page.locator(".task").count() == 6
    assert page.get_by_label("price").input_value() == "1.5"


def test_wrong_entries_get_friendly_words(open_page):
    page = open_page()
    text = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no image"}
    page.get_by_label("photo").set_input_files(text)
    page.get_by_text("This file is no image.").wait_for()
    page.locator("button[type=submit]").click()
    assert page.locator(".task").count() == 0
    page.get_by_role("button", name="Remove").click()
    page.get_by_label("price").fill("1,5")
    page.locator("button[type=submit]").click()
    page.get_by_text("This is no number.").wait_for()
    assert page.get_by_label("price").get_attribute("aria-invalid") == "true"
    page.get_by_label("price").fill("1.5")
    send(page)
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("The predictions appear here.").wait_for()
    page.locator("button[type=submit]").click()
    page.get_by_text("Fill in at least one field.").wait_for()


def test_what_the_server_refuses_is_said_at_the_field(browser, address):
    page = browser.new_page()
    page.goto(address)
    page.wait_for_selector("#fields select")
    image = {"name": "a.png", "mimeType": "image/png", "buffer": png(size=(9, 9))}
    page.get_by_label("photo").set_input_files(image)
    page.locator("button[type=submit]").click()
    page.locator("#problem small").wait_for()
    assert "has the size (9, 9)" in page.locator("#problem small").inner_text()
    assert page.get_by_label("photo").get_attribute("aria-invalid") == "true"
    page.close()


def test_the_keyboard_reaches_everything(open_page):
    page = open_page()
    seen = []
    for _ in range(14):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "document.activeElement.labels?.[0]?.firstChild.textContent || document.activeElement.textContent"
            )
        )
    for name in ("photo", "title", "price", "brand", "Predict", "Clear"):
        assert any(text.startswith(name) for text in seen), seen


def test_twenty_at_once(open_page):
    page = open_page()
    statuses = page.evaluate(
        """async () => {
            const ask = async (price) => {
                const form = new FormData();
                form.append("price", price);
                return (await fetch("v1/predict?explain=column", { method: "POST", body: form })).status;
            };
            return Promise.all([...Array(20).keys()].map(ask));
        }"""
    )
    assert statuses == [200] * 20
