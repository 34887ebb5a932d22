# SPDX-License-Identifier: ISC
"""How the pages of doc/ are written, so that a test can do what they say; place.py does it.

Their reader sees plain Markdown:

```console          commands, and below each what it prints. `$ ` is any user, `# ` is root. A line of
                    `...` stands for any lines, and ... in a line for any text; dates, times and
                    durations are compared by their form.
```text             only to be read
`/etc/some/file`:   the last words before a fenced block: the block is that file.
                    With "Add to" before it, it is added to the file.
<!-- not run: why --> before a block: the block is not run.
<!-- test: HOST SCRIPT --> from now on the FTP server HOST is this script of ftpserver.py.
<!-- test: run COMMAND --> what was the case on the reader's machine before.
<!-- test: windows VERB --> the host iis4: it starts, its module goes, or its FTP log tells of a
                    refusal.
<!-- test: snmpd connected --> the reader has done what snmpd.md says.
<!-- test: packages NAME... --> the reader has installed these, as scripts/fetch-nms unpacks them.
"""
import os
import pathlib
import re
import shlex

# They only look: they are run again until what they print is what the page says.
LOOKS = {"cat", "check_ftp_auth_health", "check_snmp", "curl", "ftphealth", "grep", "journalctl", "promtool",
         "snmpbulkget", "snmpbulkwalk", "snmpget", "snmptable", "snmpwalk", "tail"}
HOME = "/home/you"  # of any user


def without_times(text):
    """Dates, times, durations and the width of columns are other ones in each run."""
    for form, word in ((r"\b\d{4}-\d\d-\d\d(?=\b|T)", "DATE"), (r"\b\d\d-\d\d \d\d:\d\d\b", "TIME"),
                       (r"\b\d\d:\d\d:\d\d\b", "TIME"), (r"(?<!:)\b\d+\.\d{6}", "SECONDS"),
                       (r"\b\d+(?:\.\d+)?(?:us|ms|s|m|h|d)\b", "DURATION"), (r"[ \t]+", " ")):
        text = re.sub(form, word, text)
    return text.replace(" \n", "\n")


class Command:
    """PROMPT is that of root or of any user; `shown` is what the page says that it prints."""

    def __init__(self, line, prompt, text):
        self.line, self.prompt, self.text = line, prompt, text
        self.shown = []

    def matches(self, printed):
        pattern = ""
        for line in without_times("\n".join(self.shown) + "\n").splitlines() if self.shown else ():
            if line.strip() == "...":
                pattern += r"(?:.*\n)*?"
            else:
                pattern += ".*".join(map(re.escape, line.split("..."))) + "\n"
        return re.fullmatch(pattern, without_times(printed)) is not None

    @property
    def looks(self):
        words = re.findall(r"[^\s|;]+", re.sub(r"^runuser -u \S+ -- ", "", self.text))
        return os.path.basename(words[0]) in LOOKS and ">" not in self.text


class File:
    """A file that the reader writes, or adds to."""

    def __init__(self, line, path, text, add):
        self.line, self.text, self.add = line, text, add
        self.mine = path.startswith("~")
        self.path = pathlib.Path(path.replace("~", HOME))


class World:
    """What happens beside, and its reader is told in words."""

    def __init__(self, line, words):
        self.line, self.words = line, words


class PageError(Exception):
    pass


def commands_of(line, block):
    out = []
    for n, text in enumerate(block, line):
        if out and out[-1].text.endswith("\\") and not out[-1].shown:
            out[-1].text = out[-1].text[:-1] + text.strip()
        elif text.startswith(("$ ", "# ")):
            out.append(Command(n, text[0], text[2:]))
        elif out:
            out[-1].shown.append(text)
        else:
            raise PageError("%d: what is printed stands before any command" % n)
    return out


def block_of(language, paragraph, line, block):
    """The steps that a fenced block stands for; PARAGRAPH is the one before it."""
    where = re.search(r"(\b[Aa]dd to )?`([~/][^`]+)`(?: is| has)?:$", paragraph)
    if language == "console":
        return commands_of(line, block)
    if where:
        return [File(line, where[2], "\n".join(block) + "\n", where[1])]
    if language != "text":
        raise PageError("%d: a block that is neither run nor a file, and says not why" % line)
    return []


def read_page(text):
    """What is to be done, in the order of the page."""
    steps, paragraph, above, run, block, language = [], "", "", True, None, ""
    for n, line in enumerate(text.splitlines(), 1):
        fence = re.match(r"^( *)```(\w*)$", line)
        if fence and block is None:
            block, language, indent, start = [], fence[2], len(fence[1]), n + 1
        elif fence:
            steps += block_of(language, paragraph, start, block) if run else []
            block, paragraph, run = None, "", True
        elif block is not None:
            block.append(line[indent:])
        elif line.startswith("<!-- not run: "):
            run = False
        elif line.startswith("<!-- test: "):
            steps.append(World(n, shlex.split(re.fullmatch(r"<!-- test: (.*) -->", line)[1])))
        elif line.strip():
            paragraph = (paragraph + " " if above.strip() else "") + line.strip()
        above = line
    return steps
