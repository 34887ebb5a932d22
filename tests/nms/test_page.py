# SPDX-License-Identifier: ISC
"""The page of ftphealth report in Chromium: no error, nothing too wide, enough contrast, nothing that
runs, in every colour scheme and width, and on paper."""
import base64
import math
import os
import pathlib
import random
import re
import shutil
import subprocess
import time

import pytest

import browser
import rig
import roots
from rig import run_ftphealth
from test_cli import AT_RISK, MODULE_MISSING, OK, REFUSED, TIMED_OUT, TIMEOUT, UNREACHABLE, Store
from test_cli import make_template  # noqa: F401 pylint: disable=unused-import

ALARM_MASS = 7
HOSTILE = "</code><script>document.title='run'</script><img src=/stolen onerror=\"document.title='run'\">"
AGENT = "noc1.example.com"  # as the story calls it
SECOND, MINUTE, HOUR = 10**6, 60 * 10**6, 3600 * 10**6

# Elements with text of their own whose contrast is below that of WCAG 2.1 AA: 4.5, or 3 when large.
CONTRAST = """
const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
	.map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
	.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
const background = e => {
	for (; e; e = e.parentElement) {
		const c = numbers(getComputedStyle(e).backgroundColor);
		if (c.length < 4 || c[3] > 0) return c;
	}
	return [255, 255, 255];
};
return [...document.querySelectorAll('body *')].filter(e => [...e.childNodes].some(
	n => n.nodeType === 3 && n.data.trim()) && !e.closest('svg')).map(e => {
	const style = getComputedStyle(e), a = luminance(numbers(style.color)), b = luminance(background(e));
	const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
	return {text: e.textContent.trim().slice(0, 40), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05),
		wanted: large ? 3 : 4.5};
}).filter(e => e.ratio < e.wanted);
"""

# Elements that reach beyond the window, or whose text does beyond themselves.
TOO_WIDE = """
const width = document.documentElement.clientWidth;
return [...document.querySelectorAll('body *')].filter(e => !e.closest('svg') &&
	(e.getBoundingClientRect().right > width + 0.5 || e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0))
	.map(e => e.tagName + ': ' + e.textContent.trim().slice(0, 40));
"""


class Story:
    """A store with a day of a few servers, as a NOC has it on its screen."""

    def __init__(self, template, path):
        self.store = Store(template, path)
        self.random = random.Random(269241)
        self.now = int(time.time() * 1e6)
        self.n = 0

    def worked(self, ms):
        """A login as of a server that takes MS: more by day than by night, and now and then longer."""
        def at(share):
            busy = 1 + .3 * math.sin(2 * math.pi * share)
            return dict(ms=ms * busy * (1 + self.random.expovariate(9)))
        return at

    @staticmethod
    def refused(unused):
        return dict(ms=0)

    @staticmethod
    def silent(unused):
        return dict(ms=0, outcome=TIMEOUT, reply_code=0, reply_text="", total_usec=15000000, state=UNREACHABLE,
                    diagnosis=TIMED_OUT)

    def add(self, name, state, what, probes=288, **keys):
        """A target and its probes, one every five minutes; WHAT is a function of the share of the day."""
        self.n += 1
        keys.setdefault("probe_time", self.now - 12 * SECOND)
        keys.setdefault("host", "192.0.2.%d" % (6 + self.n))
        self.store.target(self.n, name, state, **keys)
        for i in range(probes):
            keys = what(i / probes)
            keys["ms"] = int(keys["ms"])
            self.store.probe(i + 1, self.n, time=self.now - (probes - i) * 5 * MINUTE + 4 * MINUTE, **keys)

    def then(self, before, share, after):
        return lambda at: (before if at < share else after)(at)

    def tell(self):
        good = self.worked
        self.add("plant7-iis4", REFUSED, self.then(good(48), .78, self.refused),
                 reply_text="User ftphealth@probe1 cannot log in.", since=self.now - 19 * HOUR // 4,
                 ok_time=self.now - 24 * HOUR * 22 // 100)
        self.add("branch-oslo", UNREACHABLE, lambda at: (
            self.silent if .31 < at < .335 or .52 < at < .56 or at > .97 else good(140))(at),
                 host="2001:db8:47::21", flapping=1, since=self.now - 40 * MINUTE, ok_time=self.now - 44 * MINUTE)
        self.add("warehouse-iis5", AT_RISK, lambda at: dict(good(45)(at), state=AT_RISK if at > .92 else OK),
                 diagnosis=MODULE_MISSING, confidence=90, since=self.now - 115 * MINUTE)
        for name in ("billing", "cad-exchange", "depot-east", "depot-west", "edi-gateway", "fonts", "invoices",
                     "journal", "labels", "mirror1", "mirror2", "orders"):
            ms = self.random.uniform(15, 110)
            self.add(name, OK, good(ms), total_usec=int(ms * 1000), admin=2 if name == "fonts" else 1)
        self.store.close()
        return self.store


@pytest.fixture(scope="module", name="chromium")
def make_chromium():
    reason = roots.why_not()
    if reason:
        pytest.skip(reason)
    b = browser.Browser()
    yield b
    b.close()


@pytest.fixture(scope="module", name="site")
def make_site(template):
    """The story, a hostile page, one with many targets, one of an empty store."""
    folder = rig.temporary_folder()
    folder.chmod(0o755)
    Story(template, folder / "story.db").tell()
    hostile = Store(template, folder / "hostile.db").target(1, "x" * 64, REFUSED, host="h" * 255, reply_text=HOSTILE)
    hostile.target(2, "<script>document.title='run'</script>", OK, host="'\"><svg onload=\"document.title='run'\">")
    hostile.target(3, "long", REFUSED, reply_text="W" * 160)
    hostile.alarm(9, 0, "", kind=ALARM_MASS, text=HOSTILE)
    hostile.close()
    many = Store(template, folder / "many.db")
    many.db.execute("BEGIN")
    for i in range(1, 3001):
        many.target(i, "ftp%04d.example.com" % i, REFUSED if i <= 250 else OK, diagnosis=MODULE_MISSING + i % 3)
    for i in range(1, 600):
        many.probe(1, i, time=int(time.time() * 1e6) - 3 * HOUR)
    many.db.execute("COMMIT")
    many.close()
    Store(template, folder / "empty.db").close()
    for name in ("story", "hostile", "many", "empty"):
        code, _, err = run_ftphealth("report", "--html", "-o", str(folder / (name + ".html")),
                                     "--store", str(folder / (name + ".db")))
        assert code == 0, err
    story = folder / "story.html"
    story.write_text(re.sub("(from (<strong>)?)%s<" % re.escape(os.uname().nodename), r"\1%s<" % AGENT,
                            story.read_text("ascii")), "ascii")
    s = browser.Site(folder)
    yield s
    s.close()
    rig.remove_folder(folder)


WIDTHS = (320, 390, 768, 1200, 1920)  # pixels: telephones, a tablet, a desk, a wall


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page,width", [
    (page, width) for page in ("story", "hostile") for width in WIDTHS] + [("many", 390), ("empty", 390)])
def test_it_renders(chromium, site, page, scheme, width):
    site.asked.clear()
    chromium.look(width=width, prefers_color_scheme=scheme)
    chromium.go(site.url(page + ".html"))
    assert chromium.console == []
    assert chromium.run("return document.documentElement.scrollWidth") == width
    assert chromium.run(TOO_WIDE) == []
    assert chromium.run(CONTRAST) == []
    assert chromium.run("return matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
    shade = int(re.findall(r"\d+", chromium.run("return getComputedStyle(document.body).backgroundColor"))[0])
    assert shade < 64 if scheme == "dark" else shade > 192
    # Nothing ran, and nothing but the page was asked for.
    agent = AGENT if page == "story" else os.uname().nodename
    assert chromium.run("return document.title").endswith(" - FTP logins from " + agent)
    assert chromium.run("return document.scripts.length + document.images.length") == 0
    assert not [line for line in site.asked if line != "/%s.html" % page]


def test_the_policy_is_in_force(chromium, site):
    """A style or script that came in all the same would do nothing."""
    text = (site.folder / "story.html").read_text("ascii")
    bad = text.replace("<body>", "<body><script>document.title='run'</script>"
                       "<style>body { background: red }</style><img src=\"/stolen\">")
    assert bad != text
    (site.folder / "bad.html").write_text(bad, "ascii")
    site.asked.clear()
    chromium.look()
    chromium.go(site.url("bad.html"))
    assert len([line for line in chromium.console if "Content Security Policy" in line]) == 3
    assert chromium.run("return document.title") != "run"
    assert chromium.run("return getComputedStyle(document.body).backgroundColor") != "rgb(255, 0, 0)"
    assert site.asked == ["/bad.html"]


def test_its_pictures_have_names(chromium, site):
    """As a screen reader finds it: headings, tables, pictures with words, no picture without."""
    chromium.look()
    chromium.go(site.url("story.html"))
    chromium.tools("Accessibility.enable")
    nodes = chromium.tools("Accessibility.getFullAXTree")["nodes"]
    seen = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n["ignored"]]
    assert ("heading", "2 of 15 targets failing, 1 at risk") in seen
    pictures = [name for role, name in seen if role in ("image", "img", "graphics-document", "SvgRoot")]
    assert len(pictures) == 15
    assert not [name for name in pictures if not name.startswith("Login time and state in the last day: ")]
    roles = [role for role, _ in seen]
    for role in ("banner", "main", "contentinfo", "navigation", "table", "columnheader", "rowheader"):
        assert role in roles, role


def words_on_paper(chromium, folder):
    """What can be read on the printed page; "" when Chromium could not print: its process for that
    is not there at once on a busy machine."""
    try:
        printed = chromium.tools("Page.printToPDF")["data"]
    except AssertionError as e:
        assert "Printing failed" in str(e)
        return ""
    (folder / "report.pdf").write_bytes(base64.b64decode(printed))
    p = browser.ROOT.run("pdftotext", "/paper/report.pdf", "-", binds=[(folder, "/paper")], stdout=subprocess.PIPE)
    return " ".join(p.stdout.decode().split())


def test_on_paper(chromium, site, tmp_path):
    """Black on white, whatever the scheme, and nothing lost."""
    chromium.look(prefers_color_scheme="dark")
    chromium.go(site.url("story.html"))
    text = rig.wait_until(lambda: words_on_paper(chromium, tmp_path), "the page on paper")
    for words in ("2 of 15 targets failing, 1 at risk", "plant7-iis4", "530 User ftphealth@probe1 cannot log in.",
                  "Turn off automatic password synchronization", "orders 192.0.2.21:21"):
        assert words in text, text
    chromium.tools("Emulation.setEmulatedMedia", media="print")
    assert chromium.run("return getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert chromium.run(CONTRAST) == []
    chromium.tools("Emulation.setEmulatedMedia", media="")


def test_the_picture_of_the_readme(chromium, site, tmp_path):
    """The picture of the README can be made; with FTPHEALTH_IMAGES it is kept there."""
    chromium.look(width=1200, prefers_color_scheme="light")
    chromium.go(site.url("story.html"))
    path = tmp_path / "report.png"
    chromium.picture(path, 1628)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert 20000 < path.stat().st_size < 200000
    keep = os.environ.get("FTPHEALTH_IMAGES")
    if keep:
        shutil.copy(path, pathlib.Path(keep, path.name))
