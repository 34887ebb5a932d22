# SPDX-License-Identifier: ISC
"""Root folders of Debian with other people's programs in them: nothing is installed on the machine,
nothing of it is changed, and no service is started.

A root is made once by mmdebstrap, below $FTPHEALTH_ROOTS (default /var/tmp/ftphealth-nms), and made
anew when what it shall contain has changed. Commands run in a throw-away copy of it (an overlay), in
process and mount namespaces of their own: when the first process ends, the kernel ends the others
and takes the copy away. The network is the machine's.
"""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess

HOME = pathlib.Path(os.environ.get("FTPHEALTH_ROOTS", "/var/tmp/ftphealth-nms"))
MIRROR = "http://deb.debian.org/debian"
NO_SERVICES = r"""printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d" &&
	chmod 755 "$1/usr/sbin/policy-rc.d" """

# What a command finds in its copy: proc, some devices, the files and folders of the machine that it
# is given. $1 is the root, $2 where to mount, then pairs of paths up to "--".
ENTER = r"""
set -eu
root=$1 copy=$2
shift 2
mount -t tmpfs -o mode=755 tmpfs "$copy"
mkdir "$copy/upper" "$copy/work" "$copy/root"
mount -t overlay -o "lowerdir=$root,upperdir=$copy/upper,workdir=$copy/work" overlay "$copy/root"
cd "$copy/root"
mount -t proc proc proc
mount --rbind /dev dev
while [ "$1" != -- ]; do
	if [ -d "$1" ]; then mkdir -p ".$2"; else mkdir -p "$(dirname ".$2")"; : >".$2"; fi
	mount --bind "$1" ".$2"
	shift 2
done
shift
exec chroot . "$@"
"""


def why_not():
    """What keeps this machine from having roots, in one line; None when nothing does."""
    if os.geteuid() != 0:
        return "a root folder can be made by root only"
    for tool in ("mmdebstrap", "unshare", "chroot"):
        if not shutil.which(tool):
            return "%s is missing" % tool
    return None


class Root:
    """SUITE of Debian with PACKAGES; then SETUP, a script of bash, is run in it once."""

    def __init__(self, name, suite, packages, setup=""):
        self.path = HOME / name
        self.suite, self.packages, self.setup = suite, packages.split(), setup

    @property
    def _stamp(self):
        return self.path.with_suffix(self.path.suffix + ".made")

    @property
    def _recipe(self):
        text = "\n".join([self.suite, *self.packages, self.setup])
        return hashlib.sha256(text.encode()).hexdigest()

    def make(self):
        """Makes it, unless it is there; returns itself."""
        HOME.mkdir(parents=True, exist_ok=True)
        with open(self.path.with_suffix(self.path.suffix + ".lock"), "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self._stamp.exists() and self._stamp.read_text() == self._recipe):
                self._make()
        return self

    def _make(self):
        self._stamp.unlink(missing_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)
        self._logged(["mmdebstrap", "--mode=root", "--variant=apt", *self._apt_options(),
                      "--include=" + ",".join(self.packages), "--essential-hook=" + NO_SERVICES,
                      self.suite, str(self.path), MIRROR])
        if self.setup:
            self._logged(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc",
                          'cd "$1"; mount -t proc proc proc; mount --rbind /dev dev; '
                          'exec chroot . bash -euc "$2"', "sh", str(self.path), self.setup])
        self._stamp.write_text(self._recipe)

    @staticmethod
    def _apt_options():
        """This machine's own way to the mirror, if it has one."""
        out = subprocess.run(["apt-config", "dump", "Acquire::http::Proxy"],
                             stdout=subprocess.PIPE, check=False).stdout.decode()
        return ["--aptopt=" + line for line in ['Acquire::Languages "none";', *out.splitlines()]]

    def _logged(self, command):
        log = self.path.with_suffix(self.path.suffix + ".log")
        with open(log, "ab") as f:
            code = subprocess.run(command, stdout=f, stderr=f, stdin=subprocess.DEVNULL,
                                  check=False).returncode
        assert code == 0, "%s failed with %d; see %s:\n%s" % (
            command[0], code, log, log.read_text("utf-8", "replace")[-2000:])

    def command(self, *command, binds=()):
        """The command line that runs COMMAND in a copy; BINDS are pairs (here, there)."""
        copy = HOME / "copy"  # a place to mount at, in a namespace of its own: one is enough
        copy.mkdir(parents=True, exist_ok=True)
        pairs = [str(path) for pair in binds for path in pair]
        return ["setpriv", "--pdeathsig", "KILL",  # it does not outlive who started it
                "unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private",
                "sh", "-c", ENTER, "sh", str(self.path), str(copy), *pairs, "--", *command]

    def run(self, *command, binds=(), timeout=300, **keys):
        keys.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(self.command(*command, binds=binds), check=False, timeout=timeout, **keys)
