# SPDX-License-Identifier: ISC
"""What net-snmp's tools print, as OIDs and values; OIDs as they are sorted."""
import re


class Value:
    """One variable binding: `type` as net-snmp names it, `value` an int, a str or bytes."""

    INTEGERS = ("INTEGER", "Gauge32", "Unsigned32", "Counter32", "Counter64")
    EXCEPTIONS = {"No Such Object": "noSuchObject", "No Such Instance": "noSuchInstance",
                  "No more variables": "endOfMibView"}

    def __init__(self, text):
        kind, _, rest = text.partition(": ")
        self.type, self.value = kind, rest
        if kind in self.INTEGERS:
            self.value = int(rest)
        elif kind == "Timeticks":
            self.value = int(re.match(r"\((\d+)\)", rest).group(1))
        elif kind == "STRING":
            self.value = unquote(rest)
        elif kind == "Hex-STRING":
            self.type, self.value = "STRING", bytes.fromhex(rest)
        elif kind == "OID":
            pass
        elif text.strip() in ('""', "STRING:"):
            self.type, self.value = "STRING", ""
        else:
            for start, name in self.EXCEPTIONS.items():
                if text.startswith(start):
                    self.type, self.value = name, None

    def __repr__(self):
        return "%s: %r" % (self.type, self.value)


def unquote(text):
    if text.startswith('"') and text.endswith('"'):
        text = text[1:-1]
    return re.sub(r"\\(.)", r"\1", text)


def parse_bindings(lines):
    """[(numeric OID, Value)] of lines such as `.1.3.6.1 = INTEGER: 4`."""
    bindings = []
    for line in lines:
        m = re.match(r"(\.[\d.]+) = (.*)$", line)
        if m:
            bindings.append([m.group(1), m.group(2)])
        elif bindings and line.strip():  # a value over several lines
            bindings[-1][1] += " " + line.strip()
    return [(oid, Value(text.strip())) for oid, text in bindings]


def oid_key(oid):
    return tuple(int(i) for i in oid.strip(".").split("."))


def name_index(name):
    """The index of the by-name table: length, then octets."""
    return ".".join(str(i) for i in (len(name), *name.encode()))


class Notification:
    """One notification as it came: `way` is "trap", "inform" or "v3"."""

    def __init__(self, source, security, bindings):
        self.source = source
        self.way = "v3" if "v3" in security else "inform" if "INFORM" in security else "trap"
        self.security = security
        self.bindings = parse_bindings(bindings.split("\t"))
        self.oid = next((v.value for o, v in self.bindings if o == ".1.3.6.1.6.3.1.1.4.1.0"), None)
        self.uptime = self.bindings[0][1].value if self.bindings else None
        self.objects = self.bindings[2:]  # behind sysUpTime and snmpTrapOID

    def name(self, contract):
        return contract.names.get(self.oid)

    def named(self, contract):
        """{object name: value}"""
        return {contract.split(oid)[0]: v.value for oid, v in self.objects}

    def __repr__(self):
        return "<%s %s %s>" % (self.way, self.oid, self.objects)
