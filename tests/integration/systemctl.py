#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The little of systemctl and journalctl that the pages of doc/ use, for a place where no systemd
runs: it starts a service as its unit says, as its user and with its folders, waits until it is
ready, ends it, and shows what it wrote. It knows nothing of dependencies and sandboxes; those are
tested with a real systemd. Sockets that wait for a service are none here, and stopped at once.

    systemctl.py VERB UNIT...
    systemctl.py journal -o cat -u UNIT [-n LINES] [-g PATTERN]
"""
import grp
import os
import pathlib
import pwd
import re
import shlex
import signal
import socket
import subprocess
import sys
import time

FOLDERS = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
RUN = pathlib.Path("/run/services")
PATIENCE = 20


class Unit:
    """The keys of [Service]; of a key that comes twice, the latter."""

    def __init__(self, name):
        self.name = name.removesuffix(".service")
        for folder in FOLDERS:
            path = pathlib.Path(folder, self.name + ".service")
            if path.exists():
                break
        else:
            sys.exit("Unit %s.service could not be found." % self.name)
        lines = path.read_text().replace("\\\n", " ").splitlines()
        self.keys = dict(line.split("=", 1) for line in lines if "=" in line and line[0] not in "#;")

    def get(self, key, default=""):
        return self.keys.get(key, default).strip()

    def environment(self):
        env = dict(os.environ)
        for word in shlex.split(self.get("Environment")):
            env.update([word.split("=", 1)])
        path = self.get("EnvironmentFile")
        if path and os.path.exists(path.lstrip("-")):
            for line in pathlib.Path(path.lstrip("-")).read_text().splitlines():
                if "=" in line and not line.startswith("#"):
                    name, value = line.split("=", 1)
                    env[name] = " ".join(shlex.split(value))
        return env

    def command(self, key, env):
        """$WORD by itself is split, ${WORD} is not, and $$ is a dollar."""
        words = []
        for word in shlex.split(self.get(key).lstrip("-!@+")):
            if re.fullmatch(r"\$\w+", word):
                words += shlex.split(env.get(word[1:], ""))
            else:
                words.append(re.sub(r"\$(?:(\$)|\{(\w+)\})", lambda m: m[1] or env.get(m[2], ""),
                                    word.replace("\\\\", "\\")))
        return words

    def identity(self):
        user = self.get("User")
        if not user:
            return {}
        entry = pwd.getpwnam(user)
        group = grp.getgrnam(self.get("Group")).gr_gid if self.get("Group") else entry.pw_gid
        extra = [grp.getgrnam(name).gr_gid for name in self.get("SupplementaryGroups").split()]
        return {"user": entry.pw_uid, "group": group,
                "extra_groups": sorted({*extra, *os.getgrouplist(user, group)})}

    def make_folders(self, identity):
        for key, top in (("RuntimeDirectory", "/run"), ("StateDirectory", "/var/lib"),
                         ("CacheDirectory", "/var/cache"), ("LogsDirectory", "/var/log")):
            for name in self.get(key).split():
                path = pathlib.Path(top, name)
                path.mkdir(parents=True, exist_ok=True)
                path.chmod(int(self.get(key + "Mode", "755"), 8))
                os.chown(path, identity.get("user", -1), identity.get("group", -1))

    pid_file = property(lambda self: RUN / (self.name + ".pid"))
    log = property(lambda self: RUN / (self.name + ".log"))

    def pid(self):
        """Of the process, when it runs; one that has ended waits for nobody to ask for it."""
        try:
            pid = int(self.pid_file.read_text())
            state = pathlib.Path("/proc/%d/stat" % pid).read_text().rpartition(")")[2].split()[0]
        except (OSError, ValueError):
            return None
        return None if state == "Z" else pid

    def start(self):
        if self.pid():
            return 0
        identity, env = self.identity(), self.environment()
        self.make_folders(identity)
        if self.get("ExecStartPre"):
            subprocess.run(self.command("ExecStartPre", env), env=env, check=True,
                           stdout=subprocess.DEVNULL, **identity)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            path = RUN / (self.name + ".notify")
            path.unlink(missing_ok=True)
            manager.bind(str(path))
            path.chmod(0o666)
            manager.settimeout(0.1)
            env["NOTIFY_SOCKET"] = str(path)
            with open(self.log, "ab") as log:
                process = subprocess.Popen(self.command("ExecStart", env), env=env, stdout=log,
                                           stderr=log, stdin=subprocess.DEVNULL, cwd="/",
                                           start_new_session=True,
                                           umask=int(self.get("UMask", "022"), 8), **identity)
            self.pid_file.write_text(str(process.pid))
            if self.is_ready(process, manager):
                return 0
        sys.stderr.write("Job for %s.service failed.\n%s" % (self.name, self.log.read_text()))
        return 1

    def is_ready(self, process, manager):
        end = time.monotonic() + PATIENCE
        while self.get("Type") == "notify" and time.monotonic() < end and process.poll() is None:
            try:
                if b"READY=1" in manager.recv(65536):
                    return True
            except socket.timeout:
                pass
        return self.get("Type") != "notify"

    def stop(self):
        pid = self.pid()
        end = time.monotonic() + PATIENCE
        if pid:
            os.kill(pid, signal.SIGTERM)
        while self.pid() and time.monotonic() < end:
            time.sleep(0.01)
        return 1 if self.pid() else 0

    def restart(self):
        return self.stop() or self.start()

    def reload(self):
        """systemd waits for its end; here the page's next command does."""
        pid = self.pid()
        if not pid:
            sys.exit("%s.service is not active, cannot reload." % self.name)
        os.kill(pid, signal.SIGHUP)
        return 0

    def is_active(self):
        print("active" if self.pid() else "inactive")
        return 0 if self.pid() else 3


def journal(arguments):
    """Of one unit, without the times: "-o cat"."""
    options = dict(zip(arguments[::2], arguments[1::2]))
    assert options["-o"] == "cat", "as here are no times, write -o cat"
    unit = Unit(options["-u"])
    lines = unit.log.read_text("utf-8", "replace").splitlines() if unit.log.exists() else []
    lines = [line.removeprefix(unit.name + ": ") for line in lines]
    lines = [line for line in lines if re.search(options.get("-g", ""), line)]
    print("\n".join(lines[-int(options.get("-n", len(lines) or 1)):]))
    return 0


def main(arguments):
    RUN.mkdir(exist_ok=True)
    if arguments[0] == "journal":
        return journal(arguments[1:])
    verb, names = arguments[0], [a for a in arguments[1:] if not a.startswith("-")]
    names = [name for name in names if not name.endswith(".socket")]
    if verb == "daemon-reload" or not names:
        return 0
    if verb in ("enable", "disable"):
        now = {"enable": "start", "disable": "stop"}[verb]
        return max(getattr(Unit(n), now)() if "--now" in arguments else 0 for n in names)
    return max(getattr(Unit(n), verb.replace("-", "_"))() for n in names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
