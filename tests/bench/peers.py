# SPDX-License-Identifier: ISC
"""The same login by other programs: CPU of each for one check."""
import concurrent.futures
import http.client
import os
import shutil
import subprocess
import urllib.parse

from measure import OURS, cpu_seconds, pinned, rig

PLUGINS = ("/usr/lib/nagios/plugins", "/usr/lib/monitoring-plugins", "/usr/lib64/nagios/plugins")

FTPLIB = """
import ftplib, sys
f = ftplib.FTP()
f.connect(sys.argv[1], int(sys.argv[2]), 15)
f.login('anonymous', 'bench@example.net')
f.quit()
"""

BLACKBOX = """
modules:
  ftp:
    prober: tcp
    timeout: 15s
    tcp:
      query_response:
        - expect: "^220 "
        - send: "USER anonymous\\r"
        - expect: "^331 "
        - send: "PASS bench@example.net\\r"
        - expect: "^230 "
        - send: "QUIT\\r"
        - expect: "^221 "
"""


def find(name):
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", *PLUGINS])
    return shutil.which(name, path=path)


def forked(command, total, in_flight):
    """CPU, in us, of one run of COMMAND, its start included; what forking costs us is not."""

    def one(_):
        p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        if p.returncode != 0:
            raise SystemExit("bench: %s ended with %d" % (command[0], p.returncode))
        return usage.ru_utime + usage.ru_stime

    # Children inherit the CPUs of the thread that starts them.
    with concurrent.futures.ThreadPoolExecutor(in_flight, initializer=os.sched_setaffinity,
                                               initargs=(0, {OURS})) as pool:
        return sum(pool.map(one, range(total))) / total * 1e6


class Blackbox:
    def __init__(self, program):
        self.folder = rig.temporary_folder()
        (self.folder / "blackbox.yml").write_text(BLACKBOX)
        self.port = rig.free_port()
        self.process = subprocess.Popen(
            pinned(OURS, program, "--config.file", self.folder / "blackbox.yml",
                   "--web.listen-address", "127.0.0.1:%d" % self.port, "--log.level", "error"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rig.wait_until(self.up, "blackbox_exporter to answer")

    def up(self):
        if self.process.poll() is not None:
            raise SystemExit("bench: blackbox_exporter ended with %d" % self.process.returncode)
        try:
            c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
            c.request("GET", "/-/healthy")
            return c.getresponse().status == 200
        except OSError:
            return False

    def checks(self, host, port, total, in_flight):
        query = urllib.parse.urlencode({"module": "ftp", "target": "%s:%d" % (host, port)})
        share = max(1, total // in_flight)

        def some(_):
            c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            for _ in range(share):
                c.request("GET", "/probe?" + query)
                if b"\nprobe_success 1\n" not in c.getresponse().read():
                    raise SystemExit("bench: a login of blackbox_exporter failed")
            c.close()

        before = cpu_seconds(self.process.pid)
        with concurrent.futures.ThreadPoolExecutor(in_flight) as pool:
            list(pool.map(some, range(in_flight)))
        return (cpu_seconds(self.process.pid) - before) / (share * in_flight) * 1e6

    def close(self):
        rig.end_process(self.process)
        rig.remove_folder(self.folder)


def fork_peers(host, port):
    """(name, command or None, why it is missing, bar, checks)"""
    check_ftp, curl = find("check_ftp"), find("curl")
    url = "ftp://%s:%d/" % (host, port)
    return [
        ("check_ftp", check_ftp and [check_ftp, "-H", host, "-p", port, "-t", 15],
         "Debian's monitoring-plugins-basic has it", 30, 200),
        ("curl", curl and [curl, "-q", "-s", "-I", "-m", 15, "-u",
                           "anonymous:bench@example.net", url], "Debian's curl has it", 80, 100),
        ("python-ftplib", ["/usr/bin/python3", "-c", FTPLIB, host, port], "", 400, 32),
    ]


def run(report, server, ours_usec, quick):
    """OURS_USEC: CPU a login of ftphealth, 100 in flight; who may be measured, is."""
    host, port = "127.1.0.1", server.ports[0]
    for name, command, why, bar, total in fork_peers(host, port):
        if not command:
            report.missed(name, why)
            continue
        command = list(map(str, command))
        at = {}
        for in_flight in (10,) if quick else (1, 10, 100):
            checks = total // 8 if quick else total
            at[in_flight] = forked(command, max(checks, 8), min(in_flight, checks))
            report.point(name, in_flight, at[in_flight])
        report.figure(name, at[10], "us-a-check", baseline=ours_usec,
                      bar=(">=", bar), ratio=at[10] / ours_usec)
    program = find("prometheus-blackbox-exporter") or find("blackbox_exporter")
    if not program:
        report.missed("blackbox_exporter", "Debian's prometheus-blackbox-exporter has it")
        return
    blackbox = Blackbox(program)
    try:
        blackbox.checks(host, port, 100, 10)
        at = {}
        for in_flight in (100,) if quick else (1, 10, 100, 1000):
            at[in_flight] = blackbox.checks(host, port, 500 if quick else 2000, in_flight)
            report.point("blackbox_exporter", in_flight, at[in_flight])
        report.figure("blackbox_exporter", at[100], "us-a-check", baseline=ours_usec,
                      bar=(">=", 6), ratio=at[100] / ours_usec)
    finally:
        blackbox.close()
