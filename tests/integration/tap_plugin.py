# SPDX-License-Identifier: ISC
"""A pytest plugin that prints TAP, one line a test, for automake's driver.

To the descriptor named by TAP_FD, else to standard output; pytest's own report then goes to
standard error.
"""
import os
import sys


class Tap:
    def __init__(self, stream):
        self.stream, self.n = stream, 0

    def line(self, text):
        print(text, file=self.stream, flush=True)

    def result(self, good, name, directive=""):
        self.n += 1
        # '#' would start a directive (skip, todo).
        name = name.replace("#", "_").encode("ascii", "backslashreplace").decode()
        self.line("%s %d - %s%s" % ("ok" if good else "not ok", self.n, name, directive))

    def why(self, report):
        text = str(getattr(report, "longreprtext", "") or report.longrepr)
        for line in text.encode("ascii", "backslashreplace").decode().splitlines()[-30:]:
            self.line("# " + line)

    def pytest_runtest_logreport(self, report):
        if report.skipped and report.when in ("setup", "call"):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            reason = reason.removeprefix("Skipped: ").replace("\n", " ")
            self.result(True, report.nodeid, " # SKIP " + reason)
        elif report.failed:
            self.result(False, report.nodeid + ("" if report.when == "call" else
                                                " (%s)" % report.when))
            self.why(report)
        elif report.when == "call":
            self.result(True, report.nodeid)

    def pytest_collectreport(self, report):
        if report.failed:
            self.result(False, (report.nodeid or "collection") + " (collection)")
            self.why(report)
        elif report.skipped:
            self.result(True, report.nodeid, " # SKIP " + str(report.longrepr[2]))

    def pytest_sessionfinish(self, session, exitstatus):
        self.line("1..%d" % self.n)


def pytest_configure(config):
    fd = os.environ.get("TAP_FD")
    if fd is None:
        stream = os.fdopen(os.dup(1), "w")
        terminal = config.pluginmanager.getplugin("terminalreporter")
        if terminal:
            terminal._tw._file = sys.stderr
    else:
        stream = os.fdopen(int(fd), "w")
    config.pluginmanager.register(Tap(stream), "tap")
