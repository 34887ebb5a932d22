# SPDX-License-Identifier: ISC
"""What the benchmarks share: programs on CPUs of their own, CPU and memory of a process, and the
lines and the JSON in which figures are told."""
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILDDIR", ROOT / "build"))
sys.path.insert(0, str(ROOT / "tests" / "integration"))
import rig  # noqa: E402  pylint: disable=wrong-import-position

CPUS = sorted(os.sched_getaffinity(0))
OURS, THEIRS = CPUS[0], CPUS[-1]  # what is measured, and all else
FIRST_ADDRESS = (127 << 24) + (1 << 16) + 1  # 127.1.0.1, as in pace.c


def address(number):
    value = FIRST_ADDRESS + number
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def pinned(cpu, *command):
    return ["taskset", "-c", str(cpu), *map(str, command)]


def bench_program(name):
    return BUILD / "tests" / "bench" / name


def descriptors(wanted):
    """Raises our limit and that of our children; returns how many of WANTED there are."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


class FakeServer:
    """fakeserver with one port for each of MANNERS, at `ports` in this order."""

    def __init__(self, *manners, delay=0, log=None, in_a_row=False):
        first = rig.free_port()
        self.ports = [first + i if in_a_row else rig.free_port() for i in range(len(manners))]
        options = ["--delay", delay] + (["--log", log] if log else [])
        where = ["%d:%s" % pair for pair in zip(self.ports, manners)]
        self.process = subprocess.Popen(
            pinned(THEIRS, bench_program("fakeserver"), *options, *where), text=True,
            stdout=subprocess.PIPE)
        if self.process.stdout.readline() != "ready\n":
            raise SystemExit("bench: fakeserver does not start; see above")

    def signal(self, number):
        self.process.send_signal(number)

    def close(self):
        rig.end_process(self.process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def cpu_seconds(pid):
    """User and system time of a process, all threads that still run, to the microsecond."""
    total = 0
    for task in pathlib.Path("/proc/%d/task" % pid).iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def resident_kilobytes(pid):
    for line in open("/proc/%d/status" % pid, encoding="ascii"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise SystemExit("bench: no VmRSS in /proc")


def client(name, port, ports=1, **options):
    """One run of rawclient or probes: what it prints."""
    words = ["--port", port, "--ports", ports]
    for key, value in options.items():
        words += ["--" + key.replace("_", "-"), value]
    p = subprocess.run(pinned(OURS, bench_program(name), *words), stdout=subprocess.PIPE,
                       check=False, timeout=120)
    if not p.stdout:
        raise SystemExit("bench: %s ended with %d" % (name, p.returncode))
    result = json.loads(p.stdout)
    if result["failed"]:
        raise SystemExit("bench: %d logins of %s failed" % (result["failed"], name))
    return result


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cpu": model, "cpus": len(CPUS), "memory_gb": round(memory, 1),
            "kernel": platform.release(), "load": os.getloadavg()[0]}


class Report:
    """Figures, as they come: `name value unit`, the baseline, the ratio and the bar."""

    def __init__(self):
        self.figures, self.missing, self.series = [], [], {}

    def figure(self, name, value, unit, baseline=None, bar=None, ratio=None):
        """BAR is ("<=", 1.7): of the ratio to the baseline when there is one, else of the value.
        RATIO in place of value to baseline, where more is better."""
        if ratio is None and baseline:
            ratio = value / baseline
        row = {"name": name, "value": round(value, 3), "unit": unit}
        text = "%s %.6g %s" % (name, value, unit)
        if baseline is not None:
            row["baseline"] = round(baseline, 3)
            text += " baseline %.6g" % baseline
        if ratio is not None:
            row["ratio"] = round(ratio, 3)
            text += " ratio %.3g" % ratio
        if bar:
            judged = value if ratio is None else ratio
            row["bar"] = "%s %g" % bar
            row["met"] = judged <= bar[1] if bar[0] == "<=" else judged >= bar[1]
            text += " bar %s%g %s" % (*bar, "met" if row["met"] else "NOT MET")
        self.figures.append(row)
        print(text, flush=True)

    def missed(self, name, why):
        """A figure that could not be taken."""
        self.missing.append({"name": name, "why": why})
        print("%s missing: %s" % (name, why), flush=True)

    def point(self, series, in_flight, usec):
        self.series.setdefault(series, []).append((in_flight, round(usec, 2)))

    def write(self, path):
        path.write_text(json.dumps({"machine": machine(), "figures": self.figures,
                                    "missing": self.missing, "cpu_usec_a_login": self.series},
                                   indent=1) + "\n")


median = statistics.median
