# SPDX-License-Identifier: ISC
"""ftphealth report --html: the page is well-formed, stands alone, and says what the store says."""
import base64
import hashlib
import html.parser
import os
import re
import stat
import subprocess

import pytest

import ftpserver
import rig
from rig import run_ftphealth, target
from test_cli import (AT_RISK, DAY, DEGRADED, DISABLED, MODULE_MISSING, NOW, OK, REFUSED, UNKNOWN, UNREACHABLE,
                      fill)
from test_cli import make_folder, make_store, make_template  # noqa: F401 pylint: disable=unused-import

CARDS_MAX, PLOTS_MAX = 200, 500
INTERNAL_ERROR, IMPAIRED, MASS, STOPPING = 9, 3, 7, 17
MINUTE = 60 * 1000000
HOSTILE = "</code></dd><script>alert('x')</script><img src=//evil.example/x onerror=alert(1)> &lt; \" ' -->"


class Element(dict):
    """An element: its attributes, None for those it has not; what is inside it."""

    def __init__(self, page, tag, attributes):
        super().__init__(attributes)
        self.tag, self.page = tag, page
        self.begin, self.end = (len(page.elements) + 1, len(page.data)), None

    def __missing__(self, key):
        return None

    text = property(lambda self: "".join(self.page.data[self.begin[1]:self.end[1]]))
    inside = property(lambda self: self.page.elements[self.begin[0]:self.end[0]])
    classes = property(lambda self: (self["class"] or "").split())


class Page(html.parser.HTMLParser):
    """The page as a browser reads it; whatever is not well-formed or not inert fails at once."""
    VOID = {"meta", "link", "br", "img", "hr"}
    KNOWN = {
        "html", "head", "title", "style", "body", "header", "main", "footer", "nav", "section", "article",
        "h1", "h2", "h3", "p", "ul", "li", "dl", "dt", "dd", "a", "b", "strong", "small", "code", "span", "time",
        "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "svg", "defs", "pattern", "symbol",
        "use", "path", "circle", "rect", "meta", "link"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.source = text
        self.elements, self.data, self.open, self.ids, self.links = [], [], [], set(), set()
        self.policy = None
        assert text.startswith("<!DOCTYPE html>\n")
        self.feed(text)
        self.close()
        assert not self.open, self.open
        assert not self.links - self.ids
        for e in self.elements:
            if e.tag == "svg":
                # A picture is named, or is not there for those who do not see it.
                titles = self.find("title", e)
                assert e["aria-hidden"] == "true" or (e["role"] == "img" and titles[0].text), e

    def handle_starttag(self, tag, attrs):
        assert tag in self.KNOWN, tag
        assert len(attrs) == len(dict(attrs)), attrs
        keys = dict(attrs)
        assert not [k for k in keys if k.startswith("on") or k in ("style", "src", "srcset", "action")], keys
        if keys.get("id"):
            assert keys["id"] not in self.ids, keys["id"]
            self.ids.add(keys["id"])
        if "href" in keys:
            if tag == "link":
                assert keys["rel"] == "icon" and keys["href"].startswith("data:image/svg+xml,")
            else:
                assert re.fullmatch(r"#[A-Za-z-]+", keys["href"]), keys
                self.links.add(keys["href"][1:])
        if keys.get("http-equiv") == "Content-Security-Policy":
            self.policy = keys["content"]
        if tag == "th":
            assert keys.get("scope") in ("col", "row")
        if tag == "path" and keys.get("d"):
            assert re.fullmatch(r"[MLHVCSAZmlhvcsaz0-9., -]+", keys["d"]), keys
        element = Element(self, tag, keys)
        self.elements.append(element)
        if tag in self.VOID:
            element.end = element.begin
        else:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1].tag == tag, (tag, [e.tag for e in self.open])
        self.open.pop().end = len(self.elements), len(self.data)

    def handle_data(self, data):
        assert re.fullmatch(r"[\n\t -~]*", data)
        self.data.append(data)

    def handle_comment(self, data):
        raise AssertionError("a comment: " + data)

    def find(self, tag, within=None, name=None):
        """All elements TAG, of class NAME."""
        return [e for e in (self.elements if within is None else within.inside)
                if e.tag == tag and (name is None or name in e.classes)]

    def section(self, name):
        return next((e for e in self.find("section") if e["id"] == name), None)

    def facts(self, name):
        """What the card of target NAME says."""
        card = next(c for c in self.find("article") if self.find("h3", c)[0].text.split()[0] == name)
        return dict(zip((e.text for e in self.find("dt", card)),
                        (e.text for e in self.find("dd", card))))

    def rows(self, section):
        return [[e.text for e in row.inside if e.tag in ("th", "td")]
                for row in self.find("tr", section)[1:]]

    def totals(self):
        return {e.classes[0]: int(self.find("span", e, "count")[0].text.replace(",", ""))
                for e in self.find("li", self.find("nav")[0])}

    def notes(self):
        return [e.text for lst in self.find("ul", name="notes") for e in self.find("li", lst)]


def report(store, *arguments):
    """The page that a command line writes to standard output."""
    code, out, err = store.run("report", "--html", *arguments)
    assert (code, err) == (0, ""), err
    return Page(out)


def headline(page):
    return page.find("h1")[0].text


# ------------------------------------------------------------------ beside a daemon

def test_a_daemon_and_its_servers(daemon, ftp, tmp_path):
    """A good server, one that refuses, one at risk and one that is not there."""
    control, setting = tmp_path / "msv1_0.dll", tmp_path / "adsutil.txt"
    control.write_bytes(b"MZ")
    setting.write_text("AnonymousPasswordSync : (BOOLEAN) True\nAllowAnonymous : (BOOLEAN) True\n")
    tmp_path.chmod(0o755)
    good, risky, gone = ftp("good"), ftp("iis4"), ftp("good")
    refusing = ftp(ftpserver.script(PASS="530 " + HOSTILE))
    gone.down()
    d = daemon([target("good", good), target("no", refusing), target("away", gone),
                target("risky", risky, evidence={
                    "module": [str(tmp_path / "iissuba.dll")], "control": str(control),
                    "setting": {"url": str(setting), "format": "adsutil"}, "interval": "1s"})],
               listen=rig.free_port()).start()
    store = ["--store", str(d.folder / "state.db")]

    def page():
        code, out, err = run_ftphealth("report", "--html", *store)
        assert (code, err) == (0, "")
        return Page(out)

    def is_known(seen):
        """An event is written at once, probes up to a second later."""
        totals = seen.totals()
        return (totals["ok"] == totals["refused"] == totals["unreachable"] == totals["atRisk"] == 1
                and len([e for e in seen.find("svg", name="plot") if e["role"]]) == 4 and seen)

    # A module is missing only when it was seen before, or its neighbour is there: the latter.
    seen = rig.wait_until(lambda: is_known(page()), "all four states and their plots", 60)
    assert headline(seen) == "2 of 4 targets failing, 1 at risk"
    assert seen.facts("no")["Reply"] == "530 " + HOSTILE
    assert seen.facts("no")["Last login"] == "never"
    assert seen.facts("risky")["Cause"].endswith(" % sure")
    assert "subAuthModuleMissing" in seen.facts("risky")["Cause"]
    assert "Turn off automatic password" in seen.facts("risky")["Remedy"]
    assert seen.facts("risky")["Reference"] == "Q269241"
    assert seen.facts("away")["Reply"] == "none: connectionRefused"
    assert [r[0].split()[0] for r in seen.rows(seen.section("ok"))] == ["good"]
    assert len(seen.find("svg", name="large")) == 3
    titles = [seen.find("title", e)[0].text for e in seen.find("svg", name="plot") if e["role"]]
    assert len(titles) == 4 and not [t for t in titles if "in the last 15 minutes: " not in t]
    assert seen.notes() == []
    d.stop()
    assert "was stopped" in page().notes()[0]


# ------------------------------------------------------------------ what it says

def test_all_states(store):
    fill(store)
    page = report(store)
    assert headline(page) == "2 of 8 targets failing, 2 at risk"
    assert page.totals() == {"refused": 1, "unreachable": 1, "atRisk": 1, "degraded": 1, "unknown": 1, "ok": 2,
                             "disabled": 1}
    assert [e["id"] for e in page.find("section")] == [
        "refused", "unreachable", "atRisk", "degraded", "unknown", "ok", "disabled"]
    assert len(page.find("article")) == 4
    facts = page.facts("ftp4")
    assert "the sub-authentication module it needs is gone" in facts["Cause"]
    assert facts["Cause"].endswith("subAuthModuleMissing, 95 % sure")
    assert facts["Reply"] == "530 User anonymous cannot log in."
    assert facts["Since"].endswith("9d ago") and facts["Last login"].endswith("9d ago")
    assert page.facts("ftp5")["Last login"] == "never"
    assert page.rows(page.section("ok")) == [["a-good-one 192.0.2.7:2121", "9d", "41.3 ms"],
                                             ["ftp1 192.0.2.7:21", "9d", "41.3 ms"]]
    assert "5d ago" in page.find("header")[0].text
    levels = [int(e.tag[1]) for e in page.elements if e.tag in ("h1", "h2", "h3")]
    assert levels[0] == 1 and max(b - a for a, b in zip(levels, levels[1:])) <= 1


def test_only_some(store):
    fill(store)
    page = report(store, "--failing")
    assert not page.section("ok") and not page.section("disabled") and page.section("unknown")
    assert page.totals()["ok"] == 2
    page = report(store, "ftp1", "ftp2")
    assert headline(page) == "1 of 2 targets at risk"
    code, out, err = store.run("report", "--html", "ftp1", "nobody")
    assert (code, out) == (66, "") and "there is no target nobody" in err


@pytest.mark.parametrize("states,words", [
    ((), "No targets"), ((OK, OK), "All logins work"), ((OK, DISABLED), "All logins work"),
    ((DISABLED,), "No target is probed"), ((OK, UNKNOWN), "1 of 2 targets not known yet"),
    ((UNREACHABLE, REFUSED), "2 of 2 targets failing"), ((DEGRADED,), "1 of 1 targets at risk")])
def test_headlines(store, states, words):
    for i, state in enumerate(states, 1):
        store.target(i, "ftp%d" % i, state)
    assert headline(report(store)) == words


def test_what_limits_a_state_is_said(store):
    store.target(1, "a", REFUSED, flapping=1).target(2, "b", OK, admin=2, host="2001:db8::1")
    page = report(store)
    assert page.find("h3")[0].text == " a 192.0.2.7:21 flapping"
    assert page.rows(page.section("ok"))[0][0] == "b [2001:db8::1]:21 in maintenance"


def test_plots(store):
    now = NOW
    store.target(1, "bad", REFUSED).target(2, "good", OK).target(3, "new", OK)
    for n in range(1, 61):
        store.probe(n, 1, ms=0 if n > 45 else 40, time=now - (61 - n) * 5 * MINUTE)
        store.probe(n, 2, ms=20 + n, time=now - (61 - n) * MINUTE)
    store.probe(100, 1, ms=9000, time=now - 2 * DAY)
    page = report(store)
    titles = [e.text for e in page.find("title")]
    assert ("Login time and state in the last 6 hours: median 40.0 ms, longest 40.0 ms, "
            "15 of 60 probes failed") in titles
    assert ("Login time and state in the last 6 hours: median 50.5 ms, longest 80.0 ms, "
            "0 of 60 probes failed") in titles
    card = page.find("article")[0]
    assert {e["class"] for e in page.find("path", card)} == {"failed", "bar", "ok", "refused"}
    assert "Login time: median 40.0 ms, longest 40.0 ms; 15 of 60 probes failed" in card.text
    assert len([e for e in page.find("svg", name="plot") if e["role"] == "img"]) == 2
    assert "The plots show the last 6 hours" in page.find("p", name="legend")[0].text
    # Without a probe in a day there is nothing to plot.
    store.db.execute("DELETE FROM history WHERE number < 100")
    page = report(store)
    assert not [e for e in page.find("svg", name="plot") if e["role"] == "img"]
    assert not page.find("p", name="legend")


def test_notes_on_the_agent(store):
    store.target(1, "a", OK, probe_time=NOW, outcome=INTERNAL_ERROR)
    assert [n.split(":")[0] for n in report(store).notes()] == [
        "The latest probe of 1 target failed in the agent itself, which says nothing of the server; its log "
        "says why."]
    store.db.execute("UPDATE state SET outcome = 1")
    assert report(store).notes() == []
    store.db.execute("INSERT OR REPLACE INTO number VALUES ('agent', ?)", (IMPAIRED,))
    assert report(store).notes()[0].startswith("The agent is impaired: ")
    assert store.run("status")[1].splitlines()[0].endswith("; the agent is impaired")
    assert store.json("status")[1]["agent_impaired"] is True
    store.db.execute("UPDATE state SET probe_time = ?", (NOW - 2 * DAY,))
    assert report(store).notes()[0].startswith("No probe for 2d: ")
    store.alarm(9, 0, "", kind=MASS, text="300 <of> 400 targets fail")
    assert report(store).notes()[2].startswith("300 <of> 400 targets fail since 20")
    store.event(1000, 0, "", kind=STOPPING, alarm=0, text="stopping")
    notes = report(store).notes()
    assert notes[0].startswith("The daemon was stopped ") and len(notes) == 2
    assert store.json("status")[1]["agent_impaired"] is False


def test_an_agent_that_becomes_impaired_says_so_in_the_store(daemon, ftp):
    d = daemon([target("good", ftp())], listen=rig.free_port()).start()

    def notes():
        return Page(run_ftphealth("report", "--html", "--store", str(d.folder / "state.db"))[1]).notes()

    assert notes() == []
    whole = d.config.read_text()
    d.config.write_text("targets: {")
    d.reload()
    rig.wait_until(lambda: [n for n in notes() if n.startswith("The agent is impaired: ")], "the note")
    d.config.write_text(whole)
    d.reload()
    rig.wait_until(lambda: notes() == [], "the end of the note")


# ------------------------------------------------------------------ hostile, and many

def test_hostile_text_is_inert(store):
    """In every text that comes from elsewhere; a store may be made to harm us, too."""
    name = "<a href=x>"
    store.target(1, name, REFUSED, host="\"><img>", reply_text=HOSTILE)
    store.target(2, "<script>", OK, host="</table>")
    store.target(3, "raw", REFUSED, reply_text=b"\xff\x00\x1b[31m\xc0\xbcscript>\xe2\x80\xae\r\n\x9b".decode("latin-1"))
    store.alarm(9, 0, "", kind=MASS, text="<iframe>")
    page = report(store)
    assert page.find("h3")[0].text.strip().startswith("<a href=x> \"><img>:21")
    assert page.facts("<a")["Reply"] == "530 " + HOSTILE
    assert page.rows(page.section("ok"))[0][0] == "<script> </table>:21"
    assert "\\x1B[31m" in page.facts("raw")["Reply"]
    assert "<iframe>" in page.notes()[-1]
    assert "<img" not in page.source and "<iframe" not in page.source


def test_it_stands_alone(store):
    page = report(fill(store))
    style = page.source.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert page.policy == ("default-src 'none'; style-src 'sha256-%s'; img-src data:; base-uri 'none'; "
                           "form-action 'none'" % digest)
    assert not re.search(r"@import|@font-face|url\((?!#)|expression", style)
    rest = page.source.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|src=|//[a-z]", rest.replace(style, ""))
    for words in ("prefers-color-scheme: dark", "@media print", "forced-colors"):
        assert words in style


def test_ten_thousand_targets(store):
    """Its size is bounded: so many in full, so many plots; the others are short."""
    n, bad, now = 10000, 2000, NOW
    store.db.execute("BEGIN")
    for i in range(1, n + 1):
        if i <= bad:
            store.target(i, "ftp%05d" % i, REFUSED, reply_text="<" * 160, diagnosis=MODULE_MISSING + i % 2)
        else:
            store.target(i, "ftp%05d" % i, OK)
    store.db.executemany(
        "INSERT INTO history VALUES (?, ?, ?, ?, 1, 230, 'in', ?, ?, 1)",
        [(i, k, now - (40 - k) * 30 * MINUTE, 1 + k % 2, (20 + k % 7) * 1000, OK if k % 2 else REFUSED)
         for i in range(1, PLOTS_MAX + 100) for k in range(40)])
    store.db.execute("COMMIT")
    page = report(store)
    assert headline(page) == "2,000 of 10,000 targets failing"
    assert len(page.find("article")) == CARDS_MAX
    assert len([e for e in page.find("svg", name="plot") if e["role"] == "img"]) == PLOTS_MAX
    assert len(page.rows(page.section("refused"))) == bad - CARDS_MAX
    assert len(page.rows(page.section("ok"))) == n - bad
    causes = page.rows(page.section("causes"))
    assert [c[1] for c in causes] == ["1,000", "1,000"]
    assert "Turn off automatic password" in causes[0][2] + causes[1][2]
    assert "Only the first 500 targets have a plot." in page.find("footer")[0].text
    # 160 < are 640 octets; without them it is half of it
    assert len(page.source) < 5000000
    short = report(store, "--failing").source
    assert len(short) < len(page.source) - (n - bad) * 100


# ------------------------------------------------------------------ where it goes

def written(folder):
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("state.db"))


def test_a_file_comes_whole(store, folder):
    """By rename: the old file stays as it was for those who have it open."""
    fill(store)
    path = folder / "report.html"
    path.write_text("old")
    os.chmod(path, 0o600)
    with open(path, encoding="ascii") as old:
        code, out, err = store.run("report", "--html", "-o", str(path))
        assert (code, out, err) == (0, "", "")
        assert old.read() == "old"
    assert Page(path.read_text("ascii")).totals()["ok"] == 2
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    assert written(folder) == ["report.html"]
    assert store.run("report", "--html", "--output", "-")[1].startswith("<!DOCTYPE html>")


def test_where_nothing_can_be_written(store, folder):
    store.target(1, "a", OK)
    (folder / "report").mkdir()
    for path in (folder / "no" / "report.html", folder / "report"):
        code, out, err = store.run("report", "--html", "-o", str(path))
        assert (code, out) == (73, ""), err
        assert err.startswith("ftphealth report: cannot write %s: " % path) and err.count("\n") == 1
    assert written(folder) == ["report"] and not list((folder / "report").iterdir())
    with open("/dev/full", "wb") as full:
        p = subprocess.run([rig.program("ftphealth"), "report", "--html", "--store", str(store.path)],
                           stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert p.returncode == 74 and b"cannot write" in p.stderr


@pytest.mark.parametrize("arguments,words", [
    ((), "say --html"), (("--html", "--json"), "--json: no option of this command"),
    (("--html", "--no-header"), "--no-header: no option of this command"),
    (("--html", "-n", "3"), "-n: no option of this command")])
def test_bad_command_lines(store, arguments, words):
    code, out, err = store.run("report", *arguments)
    assert (code, out) == (64, "")
    assert words in err and "usage: ftphealth report --html [-o FILE]" in err


def test_options_of_pages_are_no_others(store):
    for arguments in (("--html",), ("-o", "x")):
        code, _, err = store.run("status", *arguments)
        assert code == 64 and "no option of this command" in err
