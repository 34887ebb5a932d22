# SPDX-License-Identifier: ISC
"""Headless Chromium in a root folder of its own: pictures of pages, and a browser that is driven over
WebDriver (W3C) and, where that has no word for it, the protocol of the developer tools."""
import base64
import http.server
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request

import rig
import roots

ROOT = roots.Root("chromium", "bookworm",
                  "chromium chromium-driver fonts-liberation fonts-dejavu-core fonts-noto-core "
                  "fonts-noto-mono pngquant poppler-utils")
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-quic", "--hide-scrollbars")


def picture(url, path, width=1400, height=900, patience=15000):
    """Writes the page at URL to PATH as PNG; PATIENCE: milliseconds that its scripts may take."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="picture.", dir="/tmp"))
    try:
        p = ROOT.make().run(
            "chromium", *QUIET, "--user-data-dir=/tmp/profile", "--window-size=%d,%d" % (width, height),
            "--screenshot=/out/page.png", "--virtual-time-budget=%d" % patience, url,
            binds=[(folder, "/out")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert (folder / "page.png").exists(), p.stdout.decode("utf-8", "replace")[-2000:]
        shutil.copyfile(folder / "page.png", path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Browser:
    """One window. `console` is what the pages have complained of since it was asked last."""

    def __init__(self):
        self.port = rig.free_port()
        self.process = subprocess.Popen(
            ROOT.make().command("chromedriver", "--port=%d" % self.port, "--log-level=OFF",
                                binds=[("/etc/hosts", "/etc/hosts")]),  # localhost is asked for
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.session = ""
        rig.wait_until(self._is_ready, "chromedriver")
        made = self._call("POST", "", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": [*QUIET, "--force-color-profile=srgb"]}}}})
        self.session = "/" + made["sessionId"]

    def _is_ready(self):
        assert self.process.poll() is None, "chromedriver has ended"
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d/status" % self.port, timeout=5) as r:
                return json.load(r)["value"]["ready"]
        except OSError:
            return False

    def _call(self, method, path, what=None):
        url = "http://127.0.0.1:%d/session%s%s" % (self.port, self.session, path)
        request = urllib.request.Request(url, method=method, data=json.dumps(what or {}).encode())
        try:
            with urllib.request.urlopen(request, timeout=120) as r:
                return json.load(r)["value"]
        except urllib.error.HTTPError as e:
            raise AssertionError(json.load(e)["value"]["message"]) from None

    def go(self, url):
        self._call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """What a function of this body returns, on the page."""
        return self._call("POST", "/execute/sync", {"script": script, "args": arguments})

    def tools(self, command, **keys):
        """A command of the developer tools."""
        return self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": keys})

    @property
    def console(self):
        return [line["message"] for line in self._call("POST", "/se/log", {"type": "browser"})]

    def look(self, width=1200, height=900, **features):
        """From now on a window so large, and media features such as prefers_color_scheme="dark"."""
        self.tools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                   deviceScaleFactor=1, mobile=width < 600)
        self.tools("Emulation.setEmulatedMedia", features=[
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def picture(self, path, height=None):
        """The page as PNG of 256 colours, its upper HEIGHT or all of it."""
        width, whole = self.run("const e = document.documentElement; return [e.clientWidth, e.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height or whole, whole), "scale": 1}
        got = self.tools("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(got["data"]))
        p = ROOT.run("pngquant", "--force", "--speed=1", "--strip", "--output=/picture/" + path.name,
                     "256", "/picture/" + path.name, binds=[(path.parent, "/picture")])
        assert p.returncode == 0

    def close(self):
        try:
            if self.session:
                self._call("DELETE", "")
        finally:
            rig.end_process(self.process, signal.SIGKILL)  # the first of its namespace: all go


class Site:
    """The files of a folder, served on loopback; `asked` are the paths that were asked for."""

    def __init__(self, folder):
        self.folder, self.asked = folder, []
        asked = self.asked

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(folder))

            def log_message(self, *unused):
                asked.append(self.path)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, name):
        return "http://127.0.0.1:%d/%s" % (self.server.server_address[1], name)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
