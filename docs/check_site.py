"""Look at every page of the built site in a headless Chromium: `check_site.py docs/_build/html`.

There are no errors on the console, no request leaves the machine, every internal link leads
somewhere, and nothing is cut off or scrolls sideways on a desktop (1280 pixels) or a phone (400).
"""

import argparse
import functools
import http.server
import os
import shutil
import sys
import threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

WIDTHS = (1280, 400)

# what is wider than the window, and not inside something that scrolls by itself or hides it
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (element) => {
    for (let e = element.parentElement; e && e !== document.body; e = e.parentElement) {
      if (getComputedStyle(e).overflowX !== "visible") return true;
    }
    return false;
  };
  const shown = [...document.querySelectorAll("article *, footer *, header *")];
  const wide = shown.filter((e) => e.getBoundingClientRect().right > width + 1 && !scrolls(e));
  const code = [...document.querySelectorAll("pre")];
  wide.push(...code.filter((e) => e.scrollWidth > e.clientWidth + 1));
  if (document.documentElement.scrollWidth > width + 1 && !wide.length) return ["the page"];
  return wide.map((e) => `<${e.tagName.toLowerCase()}> ${e.textContent.trim().slice(0, 60)}`);
}"""


class Anchors(HTMLParser):
    """Links and names of a page."""

    def __init__(self):
        super().__init__()
        self.links, self.names = [], {"", "top"}

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.names |= {attrs[key] for key in ("id", "name") if attrs.get(key)}
        key = {"a": "href", "link": "href", "img": "src", "script": "src"}.get(tag)
        if attrs.get(key):
            self.links.append(attrs[key])


def read_anchors(file):
    anchors = Anchors()
    anchors.feed(file.read_text(encoding="utf-8"))
    return anchors


def dead_links(folder, pages):
    """Return page and target of every internal link that leads nowhere."""
    found = {page: read_anchors(page) for page in pages}
    dead = []
    for page, anchors in found.items():
        base = "http://site/" + page.relative_to(folder).as_posix()
        for link in anchors.links:
            target, name = urldefrag(urljoin(base, link))
            url = urlsplit(target)
            if url.netloc != "site" or url.scheme != "http":
                continue
            file = folder / unquote(url.path).lstrip("/")
            names = found[file].names if file in found else {unquote(name)}
            if not file.is_file() or unquote(name) not in names:
                dead.append(f"{page.relative_to(folder)}: {link}")
    return dead


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def look_at(folder, pages, chromium, shots):
    """Return what is wrong on pages, as texts; keep screenshots in the folder `shots`, if any."""
    from playwright.sync_api import sync_playwright

    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}/"
    wrong = []
    with sync_playwright() as playwright:
        # Chromium's sandbox does not start for root, as in a container
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        tab = browser.new_page()
        here = ""

        def complain(what):
            wrong.append(f"{here}: {what}")

        def stay(route):
            if route.request.url.startswith((home, "data:")):
                route.continue_()
            else:
                complain(f"a request leaves the machine: {route.request.url}")
                route.abort()

        tab.route("**/*", stay)
        tab.on("pageerror", lambda error: complain(f"an error of a script: {error}"))
        tab.on("console", lambda m: m.type == "error" and complain(f"on the console: {m.text}"))
        for page in pages:
            here = page.relative_to(folder).as_posix()
            tab.goto(home + here)
            for width in WIDTHS:
                tab.set_viewport_size({"width": width, "height": 900})
                for element in tab.evaluate(TOO_WIDE)[:5]:
                    complain(f"cut off at {width} pixels: {element}")
                if shots:
                    name = f"{here.replace('/', '.')}-{width}.png"
                    tab.screenshot(path=shots / name, full_page=True)
        browser.close()
    server.shutdown()
    server.server_close()
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument("--shots", type=Path, help="a folder for screenshots")
    parser.add_argument("--only", default="*.html", help="a pattern of pages to look at")
    arguments = parser.parse_args()
    folder = arguments.site.resolve()
    pages = sorted(folder.rglob("*.html"))
    wrong = dead_links(folder, pages)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("No Chromium: pages are not looked at, only their links are followed.")
    else:
        if arguments.shots:
            arguments.shots.mkdir(parents=True, exist_ok=True)
        chosen = sorted(folder.rglob(arguments.only))
        wrong += look_at(folder, chosen, chromium, arguments.shots)
    print(*wrong, f"{len(pages)} pages, {len(wrong)} faults", sep="\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
