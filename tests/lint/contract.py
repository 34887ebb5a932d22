#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Compares what the daemon publishes with what the MIB says, both ways, as TAP.

usage: contract.py CONTRACT MIB

CONTRACT is the output of `ftphealthd --contract`, MIB the module. The module is read by a reader of
our own: where the IETF's base modules are missing, smilint and smidump cannot read it.
"""
import re
import sys

IMPORTED = {
    "iso": (1,),
    "experimental": (1, 3, 6, 1, 3),
    "enterprises": (1, 3, 6, 1, 4, 1),
    "netSnmpPlaypen": (1, 3, 6, 1, 4, 1, 8072, 9999, 9999),
}
# Textual conventions of other modules that objects have, with the labels that we use.
IMPORTED_LABELS = {
    "TruthValue": {1: "true", 2: "false"},
    "InetAddressType": {0: "unknown", 1: "ipv4", 2: "ipv6"},
}
# What --#SEVERITY is for each FtpAuthSeverity: the words that snmpttconvertmib knows from HP OpenView.
SEVERITY_WORDS = {"cleared": "NORMAL", "indeterminate": "INFORMATIONAL", "warning": "WARNING", "minor": "MINOR",
                  "major": "MAJOR", "critical": "CRITICAL"}
OBJECT_KINDS = ("scalar", "column", "table", "notification")
TOKEN = re.compile(r'"[^"]*"|--[^\n]*|::=|\.\.|[A-Za-z][A-Za-z0-9-]*|\d+|[{}(),;|.]|\'[0-9A-Fa-f]*\'[HhBb]|\S')
OBJECT_FIELDS = ("kind", "oid", "syntax", "access")


class Definition:
    """One `name MACRO ... ::= { parent number }` of the module."""

    def __init__(self, name, macro, body, parent):
        self.name, self.macro, self.body, self.parent = name, macro, body, parent

    def clause(self, word):
        """The token after WORD, or None."""
        return self.body[self.body.index(word) + 1] if word in self.body else None

    def names(self, word):
        """The names in the braces after WORD."""
        if word not in self.body:
            return []
        start = self.body.index(word) + 1
        return [t for t in self.body[start : self.body.index("}", start)] if t[0].isalpha()]

    def syntax(self):
        """The SYNTAX clause's type, without sizes: SEQUENCE OF X counts as SEQUENCE."""
        word = self.clause("SYNTAX")
        return "OBJECT IDENTIFIER" if word == "OBJECT" else word


class Module:
    def __init__(self, text):
        self.definitions, self.types, self.sequences, self.arguments, self.severities = {}, {}, {}, {}, {}
        self.module, self.twice = None, []
        self.tokens = [t for t in TOKEN.findall(text) if not t.startswith("--")]
        self.at = self.tokens.index(";") + 1 if "IMPORTS" in self.tokens else self.tokens.index("BEGIN") + 1
        while self.tokens[self.at] != "END":
            self.read_one()
        for name, block in re.findall(r"^(\w+) NOTIFICATION-TYPE(.*?)::=", text, re.M | re.S):
            arguments = "".join(re.findall(r"--#ARGUMENTS(.*)", block))
            self.arguments[name] = [int(n) for n in re.findall(r"\d+", arguments)]
            self.severities[name] = "".join(re.findall(r"--#SEVERITY +(\w+)", block))
        about = re.search(r"FtpAuthDiagnosis ::=.*?DESCRIPTION\s+\"(.*?)\"", text, re.S)
        about = " ".join(about.group(1).split()) if about else ""
        # "label: what it is (Q269241). nextLabel: ..."
        self.references = dict(re.findall(r"(\w+): [^.:]*\((\w+)\)\.", about))

    def until(self, stop):
        start = self.at
        while self.tokens[self.at] != stop:
            self.at += 1
        self.at += 1
        return self.tokens[start : self.at - 1]

    def braces(self):
        assert self.tokens[self.at] == "{", self.tokens[self.at - 3 : self.at + 3]
        self.at += 1
        return self.until("}")

    def read_one(self):
        name, second = self.tokens[self.at], self.tokens[self.at + 1]
        if second == "::=":
            self.at += 2
            self.read_type(name)
            return
        body = self.until("::=")[2:]
        if name in self.definitions:
            self.twice.append(name)
        self.definitions[name] = Definition(name, second, body, self.braces())
        if second == "MODULE-IDENTITY":
            self.module = name

    def read_type(self, name):
        if self.tokens[self.at] == "SEQUENCE":
            self.at += 1
            body = [t for t in self.braces() if t != ","]
            body = [t for t in re.sub(r"\([^)]*\)", "", " ".join(body)).split() if t not in "()"]
            body = " ".join(body).replace("OBJECT IDENTIFIER", "OBJECT_IDENTIFIER").split()
            self.sequences[name] = list(zip(body[::2], (t.replace("_", " ") for t in body[1::2])))
            return
        self.until("SYNTAX")
        base = self.tokens[self.at]
        self.at += 1
        labels = {}
        if self.tokens[self.at] == "{":
            items = re.findall(r"(\w+) \( (\d+) \)", " ".join(self.braces()))
            labels = {int(number): label for label, number in items}
        elif self.tokens[self.at] == "(":
            self.until(")")
        self.types[name] = (base, labels)

    def oid(self, name):
        if name in IMPORTED:
            return IMPORTED[name]
        parent = self.definitions[name].parent
        return self.oid(parent[0]) + tuple(int(n) for n in parent[1:])

    def published(self):
        """name -> (kind, oid, syntax, access), as the contract says it."""
        things = {self.module: ("module", "." + ".".join(map(str, self.oid(self.module))), "-", "-")}
        for d in self.definitions.values():
            oid = "." + ".".join(map(str, self.oid(d.name)))
            access = d.clause("MAX-ACCESS")
            if d.macro == "NOTIFICATION-TYPE":
                things[d.name] = ("notification", oid, ",".join(d.names("OBJECTS")), "-")
                things["severity " + d.name] = ("severity", "-", self.severities[d.name], "-")
            elif d.macro == "OBJECT-TYPE" and d.syntax() == "SEQUENCE":
                things[d.name] = ("table", oid, "-", access)
            elif d.macro == "OBJECT-TYPE" and access != "not-accessible":
                things[d.name] = ("column" if self.row_of(d) else "scalar", oid, d.syntax(), access)
        for name, labels in self.enumerations().items():
            things.update({f"label {name}.{label}": ("label", str(number), "-", "-") for number, label in labels.items()})
        for number, label in self.types.get("FtpAuthDiagnosis", (None, {}))[1].items():
            things["diagnosis " + label] = ("diagnosis", str(number), self.references.get(label, "-"), "-")
        return things

    def enumerations(self):
        """name -> {number: label}, of textual conventions and of objects that alone have one."""
        found = {name: labels for name, (_, labels) in self.types.items() if labels}
        for d in self.of("OBJECT-TYPE"):
            if d.syntax() == "INTEGER" and "{" in d.body:
                inside = " ".join(d.body[d.body.index("{") : d.body.index("}")])
                labels = re.findall(r"(\w+) \( (\d+) \)", inside)
                found[d.name] = {int(number): label for label, number in labels}
            elif d.syntax() in IMPORTED_LABELS:
                found[d.syntax()] = IMPORTED_LABELS[d.syntax()]
        return found

    def row_of(self, d):
        """The definition of the row that D is a column of, or None."""
        row = self.definitions.get(d.parent[0])
        return row if row and row.macro == "OBJECT-TYPE" else None

    def columns(self, row):
        return [d for d in self.definitions.values() if d.macro == "OBJECT-TYPE" and d.parent[0] == row.name]

    def of(self, *macros):
        return [d for d in self.definitions.values() if d.macro in macros]


class Tap:
    def __init__(self):
        self.n = self.bad = 0

    def check(self, good, what, *why):
        self.n += 1
        self.bad += not good
        print(f"{'ok' if good else 'not ok'} {self.n} - {what}")
        if not good:
            for line in why:
                print(f"# {line}")

    def end(self):
        print(f"1..{self.n}")
        return 1 if self.bad else 0


def read_contract(path):
    """name -> (kind, oid, syntax, access), and the lines that cannot be read."""
    things, bad = {}, []
    with open(path, encoding="ascii") as f:
        rows = [line.split("\t") for line in f.read().splitlines()]
    for row in rows:
        kind, name, *rest = row
        if len(row) != 5:
            bad.append("not five fields: " + " ".join(row))
        elif kind in ("key", "summary", "clears"):
            continue  # the MIB says nothing of them that a program can read
        elif kind == "module":
            things[name] = (kind, rest[0], "-", "-")
        elif kind == "severity":
            things["severity " + name] = (kind, "-", SEVERITY_WORDS.get(rest[1]), "-")
        elif kind in OBJECT_KINDS and name not in things:
            things[name] = (kind, *rest)
        elif kind == "label" and f"label {name}" not in things:
            things["label " + name] = (kind, rest[0], "-", "-")
        elif kind == "diagnosis" and f"{kind} {name}" not in things:
            things[f"{kind} {name}"] = (kind, *rest)
        else:
            bad.append("unknown, or twice: " + " ".join(row))
    return things, bad


def compare(tap, mib, contract):
    for name in sorted(mib.keys() | contract.keys()):
        if name not in contract:
            tap.check(False, f"{name} of the MIB is published", "the daemon has no such thing")
        elif name not in mib:
            tap.check(False, f"{name}, published, is in the MIB", "the MIB has no such thing")
        else:
            said = zip(OBJECT_FIELDS, mib[name], contract[name])
            tap.check(mib[name] == contract[name], f"{name} is published as the MIB says",
                      *(f"{field}: MIB {a}, daemon {b}" for field, a, b in said if a != b))


def check_groups(tap, module):
    """RFC 2580: everything accessible and every notification is in a group, every group in the compliance."""
    for macro, word, group in (("OBJECT-TYPE", "OBJECTS", "OBJECT-GROUP"),
                               ("NOTIFICATION-TYPE", "NOTIFICATIONS", "NOTIFICATION-GROUP")):
        grouped = [name for g in module.of(group) for name in g.names(word)]
        wanted = [d.name for d in module.of(macro) if d.clause("MAX-ACCESS") != "not-accessible"]
        for name in wanted:
            tap.check(grouped.count(name) == 1, f"{name} is in one group", f"in {grouped.count(name)}")
        unknown = set(grouped) - set(wanted)
        tap.check(not unknown, f"each {group} holds what exists", *sorted(unknown))
    named = {t for c in module.of("MODULE-COMPLIANCE") for t in c.body}
    missing = [g.name for g in module.of("OBJECT-GROUP", "NOTIFICATION-GROUP") if g.name not in named]
    tap.check(not missing, "each group is named in the compliance", *missing)


def check_rows(tap, module):
    """The SEQUENCE of each row names its columns, in order, with their types."""
    for name, sequence in module.sequences.items():
        row = next((d for d in module.of("OBJECT-TYPE") if d.syntax() == name), None)
        columns = sorted(module.columns(row), key=lambda d: int(d.parent[1])) if row else []
        real = [(d.name, d.syntax()) for d in columns]
        differences = [f"{a} against {b}" for a, b in zip(sequence, real) if a != b]
        tap.check(row is not None and sequence == real, f"{name} names its columns", *differences,
                  f"{len(sequence)} against {len(real)}")


def check_notifications(tap, module):
    kinds = module.of("NOTIFICATION-TYPE")
    first = [d.names("OBJECTS")[:8] for d in kinds]
    tap.check(first and all(f == first[0] for f in first), "the first eight objects are the same in all notifications",
              *(f"{d.name}: {f}" for d, f in zip(kinds, first) if f != first[0]))
    for d in kinds:
        numbers, objects = module.arguments.get(d.name, []), d.names("OBJECTS")
        tap.check(numbers and max(numbers) < len(objects),
                  f"{d.name}: --#ARGUMENTS are among its objects", str(numbers))
        tap.check(len(objects) == len(set(objects)), f"{d.name} carries no object twice", *objects)


def check_labels(tap, module):
    """check_snmp judges the first digits that it sees in a printed value."""
    labels = [f"{name}.{label}" for name, (_, found) in module.types.items() for label in found.values()]
    bad = [label for label in labels if any(c.isdigit() for c in label)]
    tap.check(labels and not bad, "no label of an enumeration has a digit", *bad)


def main(argv):
    if len(argv) != 3:
        print(__doc__, file=sys.stderr)
        return 64
    try:
        with open(argv[2], encoding="ascii") as f:
            module = Module(f.read())
        contract, bad = read_contract(argv[1])
    except (OSError, UnicodeDecodeError) as e:
        print(f"Bail out! {e}")
        return 99
    tap = Tap()
    tap.check(not module.twice, "no name is defined twice", *module.twice)
    tap.check(contract and not bad, "the contract can be read", *bad)
    compare(tap, module.published(), contract)
    check_groups(tap, module)
    check_rows(tap, module)
    check_notifications(tap, module)
    check_labels(tap, module)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
