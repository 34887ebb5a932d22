# SPDX-License-Identifier: ISC
"""The options of the programs: what --help says is what the manual pages and the completions of the
shells have, and nothing else; and what the completions do in a real shell."""
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

import nms
import rig

BASH = rig.ROOT / "dist/completion/bash"
ZSH = rig.ROOT / "dist/completion/zsh/_ftphealth"
VIEWS = ("status", "history", "alarms", "events", "report")
COMMANDS = ("check", *VIEWS)
PLUGIN = "check_ftp_auth_health"
MANUAL = {"ftphealth": "ftphealth.1", "ftphealthd": "ftphealthd.8", PLUGIN: PLUGIN + ".8"}
HELP = {"-h", "--help", "-V", "--version"}
ALL = [("ftphealth", c) for c in COMMANDS] + [("ftphealthd", None), (PLUGIN, None)]


def output(*command):
    return subprocess.run([rig.program(command[0]), *command[1:]], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, timeout=rig.PATIENCE).stdout.decode()


def of_help(program, command):
    """All forms of all options."""
    text = output(program, *filter(None, (command,)), "--help")
    found = set()
    for line in re.findall(r"^ {2,6}(-.*)", text, re.M):
        for form in re.split(r"[,;] +(?=-)", re.split(r" {2,}", line)[0]):
            found.add(form.split()[0])
    assert found, text
    return found


def mdoc_options(lines):
    """Those after each Fl; "Fl 46v" is three."""
    found = set()
    for line in lines:
        for word in re.findall(r"(?:\bFl (?=[\w-])|[,;] (?=-))([\w-]+)", line):
            found |= {"-" + word} if word.startswith("-") else {"-" + letter for letter in word}
    return found


def manual(program):
    return (rig.ROOT / "man" / MANUAL[program]).read_text().splitlines()


def synopsis(program):
    """{command or None: its options}"""
    lines = manual(program)
    lines = lines[lines.index(".Sh SYNOPSIS") + 1:lines.index(".Sh DESCRIPTION")]
    found, command = {}, None
    for n, line in enumerate(lines):
        if line == ".Nm":
            command = lines[n + 1][4:] if lines[n + 1].startswith(".Cm ") else None
        found.setdefault(command, []).append(line)
    return {c: mdoc_options(block) for c, block in found.items()}


# ------------------------------------------------------------------ the manual

def test_contract():
    """Printed, or told by the exit status that the manual names."""
    for place, code in ((os.devnull, os.EX_OK), ("/dev/full", os.EX_IOERR)):
        with open(place, "wb") as out:
            p = subprocess.run([rig.program("ftphealthd"), "--contract"], stdout=out, check=False,
                               timeout=rig.PATIENCE)
        assert p.returncode == code
        assert ".It %d" % code in manual("ftphealthd")


@pytest.mark.parametrize("program", MANUAL)
def test_manual(program):
    told = set().union(*(of_help(p, c) for p, c in ALL if p == program))
    described = mdoc_options(line for line in manual(program) if re.match(r"\.It Fl", line))
    assert described - {"-V", "--version"} == told - {"-V", "--version"}


@pytest.mark.parametrize("program,command", ALL)
def test_synopsis(program, command):
    """One form of each option, and none that the program does not know."""
    shown = synopsis(program)[command] - HELP
    told = of_help(program, command) - HELP
    assert shown <= told
    text = output(program, *filter(None, (command,)), "--help")
    for line in re.findall(r"^ {2,6}(-.*)", text, re.M):
        for option in re.split(r"; +", re.split(r" {2,}", line)[0]):
            forms = {form.split()[0] for form in option.split(", ")}
            assert forms & (shown | HELP), "%s is not in the synopsis" % forms


# ------------------------------------------------------------------ bash

def bash(line, program=None, setup=""):
    """What bash offers for the last word of LINE, as readline splits it."""
    program = program or line.split()[0]
    script = """
source %s
%s
line=$1
COMP_LINE=$line COMP_POINT=${#line} COMP_TYPE=9
mapfile -t COMP_WORDS < <(printf '%%s' "$line" | grep -oE "=|([^ =\\\\\\\\]|\\\\\\\\.)+")
[[ $line == *[^\\\\]' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { :; }
_%s
printf '%%s\\n' "${COMPREPLY[@]}"
""" % (BASH / program, setup, program)
    path = os.pathsep.join((str(rig.program("ftphealth")).rsplit("/", 1)[0], os.environ["PATH"]))
    p = subprocess.run(["bash", "--norc", "-c", script, "bash", line], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       check=False, timeout=rig.PATIENCE, env=dict(os.environ, PATH=path))
    assert (p.returncode, p.stderr) == (0, b""), p.stderr.decode()
    return [word for word in p.stdout.decode().splitlines() if word]


@pytest.mark.parametrize("program,command", ALL)
def test_bash_has_the_options(program, command):
    line = " ".join(filter(None, (program, command, "-")))
    offered = bash(line)
    assert sorted(offered) == sorted(set(offered))
    assert set(offered) == of_help(program, command) | ({"-h", "--help"} if program == "ftphealth" else HELP)


def test_bash_has_the_commands():
    commands = re.findall(r"^  (\w+) ", output("ftphealth", "--help"), re.M)
    assert tuple(commands) == COMMANDS
    assert set(bash("ftphealth ")) == {*commands, *HELP}
    assert bash("ftphealth st") == ["status"]
    assert bash("ftphealth no-such -") == []


@pytest.fixture(name="store")
def make_store(daemon, ftp):
    server = ftp("good")
    d = daemon([rig.target(name, server) for name in ("ftp1", "ftp2", "plant 7")], listen=rig.free_port())
    d.start()
    rig.wait_until(lambda: rig.run_ftphealth("status", "--no-header", "-c", str(d.config))[1].count("\n") == 3,
                   "the targets in the store")
    return d


def test_bash_has_the_targets(store):
    for command in VIEWS:
        line = "ftphealth %s -c %s " % (command, store.config)
        assert sorted(bash(line)) == ["ftp1", "ftp2", "plant\\ 7"]
        assert bash(line + "plant\\ ") == ["plant\\ 7"]
        assert sorted(bash(line + "f")) == ["ftp1", "ftp2"]
    assert sorted(bash("ftphealth status --store %s/state.db f" % store.folder)) == ["ftp1", "ftp2"]
    assert bash("ftphealth status --store /no/such f") == []


def test_bash_has_values(tmp_path):
    (tmp_path / "iis4.yaml").write_text("")
    there = str(tmp_path / "iis4.yaml")
    for line in ("ftphealth status -c ", "ftphealth history --store ", "ftphealthd --config ",
                 PLUGIN + " -f ", "ftphealth report -o ", "ftphealth check -e netrc="):
        assert bash(line + there[:-2]) == [there], line
    assert "1h" in bash("ftphealth events --since ")
    assert bash("ftphealth history -n ") == []
    assert bash("ftphealth check -e set") == ["setting.format=", "setting.site=", "setting.url="]
    assert bash("ftphealth check --evidence setting.format=met") == ["metabase-xml"]
    assert bash("ftphealth check -e ntlmv1=") == ["true", "false"]
    assert bash("ftphealth check --tls min-version=1.") == ["1.0", "1.1", "1.2", "1.3"]
    assert bash("ftphealth check --tls e") == ["explicit"]
    assert bash("ftphealth check -e min-protocol=SMB") == ["SMB2", "SMB3"]
    assert "--verbose" in bash("ftphealth check -e ntlmv1=true --verb")


def keys(contract, prefix="targets.evidence."):
    found = {row[1][len(prefix):]: row[3] for row in contract.rows if row[0] == "key" and row[1].startswith(prefix)}
    return {name for name, syntax in found.items() if syntax != "mapping"}


def test_keys_of_tls(contract):
    words = {"explicit", "implicit", "mode"} | keys(contract, "targets.tls-")
    assert {word.rstrip("=") for word in bash("ftphealth check --tls ")} == words
    block = ZSH.read_text().split("_ftphealth_tls() {")[1].split("\n}")[0]
    assert set(re.findall(r"'([\w.-]+)\[", block)) == words


def test_keys_of_evidence(contract):
    assert {word.rstrip("=") for word in bash("ftphealth check -e ")} == keys(contract)
    block = ZSH.read_text().split("_ftphealth_evidence() {")[1].split("\n}")[0]
    assert set(re.findall(r"'([\w.-]+)\[", block)) == keys(contract)


# ------------------------------------------------------------------ zsh

def of_zsh(program, command):
    """The options of one block of _arguments."""
    text = ZSH.read_text()
    common = text.split("common=(")[1].split(")\n\tcase")[0] if command in VIEWS else ""
    block = text.split("\n\t%s)\n" % (command or program))[-1].split(";;")[0]
    found = set()
    for line in (common + block).splitlines():
        line = re.sub(r"'\([^)]*\)'?", "", line.strip())
        braces = re.match(r"(?:'\*')?\{([^}]*)\}", line)
        plain = re.match(r"'?\*?(-[\w-]*)\[", line)
        if braces:
            found |= set(braces[1].split(","))
        elif plain:
            found.add(plain[1])
    return found


@pytest.mark.parametrize("program,command", ALL)
def test_zsh_has_the_options(program, command):
    assert of_zsh(program, command) == of_help(program, command) | (
        {"-h", "--help"} if program == "ftphealth" else HELP)


def test_zsh_has_the_commands():
    block = ZSH.read_text().split("commands=(")[1].split("\n\t)")[0]
    assert re.findall(r"'(\w+):", block) == list(COMMANDS)


class Zsh:
    """A real one, at a terminal."""

    def __init__(self, root):
        self.master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        library = next(root.glob("usr/lib/*/zsh/*"))
        path = os.pathsep.join((str(pathlib.Path(rig.program("ftphealth")).parent), os.environ["PATH"]))
        self.process = subprocess.Popen(
            [root / "bin/zsh", "-f", "-i"], stdin=terminal, stdout=terminal, stderr=terminal,
            start_new_session=True, env=dict(os.environ, PATH=path, TERM="dumb", LC_ALL="C"))
        os.close(terminal)
        self.heard = ""
        self.say("module_path=(%s); fpath=(%s %s/usr/share/zsh/functions/**/*(/N))\n" % (library, ZSH.parent, root))
        self.say("autoload -Uz compinit; compinit -D -u; LISTMAX=0; PS1=; print rea''dy\n")
        self.wait("ready\r\n")

    def say(self, text):
        os.write(self.master, text.encode())

    def wait(self, *words):
        end = time.monotonic() + rig.PATIENCE
        while not all(word in self.heard for word in words):
            assert time.monotonic() < end, (words, self.heard)
            if select.select([self.master], [], [], 0.1)[0]:
                self.heard += os.read(self.master, 65536).decode("utf-8", "replace")
        self.heard = ""

    def offers(self, line, *words):
        """Tab twice, and the line is wiped out."""
        self.say(line + "\t\t")
        self.wait(*words)
        self.say("\x15")

    def close(self):
        rig.end_process(self.process, signal.SIGKILL)
        os.close(self.master)


def test_zsh():
    root = nms.unpacked("zsh", "bin/zsh")
    if not root:
        pytest.skip(nms.why_not("zsh", "bin/zsh"))
    zsh = Zsh(root)
    try:
        zsh.offers("ftphealth ", "-- log in to one server", "-- what happened")
        zsh.offers("ftphealth history --", "--since", "-- nothing older")
        zsh.offers("ftphealth check -e setting.", "setting.format", "setting.site")
        zsh.offers("ftphealth check -e setting.format=", "metabase-xml", "pure-ftpd")
        zsh.offers("ftphealthd --c", "--check-config", "--contract")
        zsh.offers(PLUGIN + " --cr", "--critical", "--credentials")
    finally:
        zsh.close()
