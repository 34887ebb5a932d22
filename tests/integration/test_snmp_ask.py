# SPDX-License-Identifier: ISC
"""ftphealth-snmp against Debian's snmpd, and against agents that are worse."""
import json
import os
import pathlib
import resource
import socket
import struct
import subprocess
import threading

import pytest

import rig

FTP = ".1.3.6.1.4.1.311.1.7.2.1"
SERVICES = ".1.3.6.1.4.1.77.1.2.3.1.1"
WEB, FTPSVC, FTPSVC7, ADMIN = (
    "World Wide Web Publishing Service", "FTP Publishing Service", "Microsoft FTP Service",
    "IIS Admin Service")
FIGURES = {"anonymousUsers": 5, "namedUsers": 3, "logonAttempts": 4294967295}


def row(name):
    octets = name.encode()
    return "%s.%s" % (SERVICES, ".".join(map(str, [len(octets), *octets])))


def windows(services=(), ftp=True):
    """Lines for snmpd.conf that make it a Windows host."""
    lines = ['override %s octet_str "x"' % row(name) for name in services]
    if ftp:
        lines += ["override %s.%d.0 counter %d" % (FTP, n, value)
                  for n, value in zip((9, 10, 16), FIGURES.values())]
    return "\n".join(lines)


def run(request, env=None, **keys):
    """(exit code, standard output, standard error); REQUEST is an object or octets."""
    code, out, error = rig.run_program(rig.program("ftphealth-snmp"), request, env, **keys)
    return code, out.decode(), error


def ask(agent, env=None, limit=60000, **keys):
    """The answer; AGENT is an address or has a `where`."""
    request = dict({"version": 1, "agent": getattr(agent, "where", agent), "timeLimit": limit},
                   **keys)
    code, out, error = run(request, env)
    assert code == 0 and error == "", error
    assert out.endswith("\n") and out.count("\n") == 1 and len(out) <= 2048 and out.isascii()
    answer = json.loads(out)
    assert answer.pop("version") == 1
    return answer


def ask_patiently(*arguments, **keys):
    """The answer to what is told only when the time is over: a busy machine gets more of it."""
    for limit in (400, 4000, 20000):
        answer = ask(*arguments, limit=limit, **keys)
        if answer["state"] != "timeout":
            break
    return answer


def facts(answer):
    """(state, webService, ftp)"""
    return answer["state"], answer.get("webService"), answer.get("ftp")


@pytest.fixture
def snmp_conf():
    """A file in the format of snmp.conf."""
    folder = rig.temporary_folder()

    def write(*lines, mode=0o600):
        path = folder / "snmp.conf"
        path.write_text("".join(line + "\n" for line in lines))
        path.chmod(mode)
        return str(path)
    yield write
    rig.remove_folder(folder)


def v3(user="reader", auth="authpass123", priv="privpass123", level="authPriv"):
    return ("# who asks", "", "defVersion 3", "defSecurityName " + user,
            "defSecurityLevel " + level, "defAuthType SHA", "defAuthPassphrase " + auth,
            "defPrivType AES", "defPrivPassphrase " + priv)


@pytest.fixture(scope="module")
def iis():
    """A host with all services, for all that do not change it."""
    s = rig.Snmpd(sinks=windows(["Alerter", FTPSVC, ADMIN, WEB, "Workstation"]))
    s.start()
    yield s
    s.close()


EVERYTHING = ("ok", "running", FIGURES)


# ------------------------------------------------------------------ what an agent tells


@pytest.mark.parametrize("lines", [
    None, ["defVersion 1", "defCommunity public"], ["defVersion 2c", "defCommunity public"],
    ['defversion 2c\r', '\tdefCommunity  "public" '], ["# nothing"], v3(),
    v3()[:2] + v3()[3:]], ids=["default", "v1", "v2c", "forms", "comment", "v3", "user-is-v3"])
def test_everything(iis, snmp_conf, lines):
    answer = ask(iis, **({"file": snmp_conf(*lines)} if lines else {}))
    assert facts(answer) == EVERYTHING and "reason" not in answer
    before = answer["upTime"]
    assert iis.client.get(".1.3.6.1.2.1.1.3.0")[0].value is not None
    assert ask(iis)["upTime"] >= before > 0


@pytest.mark.parametrize("form", ["udp:127.0.0.1:%d", "127.0.0.1:%d", "localhost:%d"])
def test_forms_of_an_address(iis, form):
    assert facts(ask(form % iis.port)) == EVERYTHING


def listening(snmpd, lines, where):
    """An snmpd that listens on WHERE too."""
    s = snmpd(sinks=lines)
    conf = s.netsnmp.conf / "snmpd.conf"
    own = "agentaddress udp:127.0.0.1:%d" % s.port
    conf.write_text(conf.read_text().replace(own, own + "," + where))
    return s.start()


def test_ipv6(snmpd):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    port = rig.free_port()
    listening(snmpd, windows([WEB]) + "\nrocommunity6 public ::1", "udp6:[::1]:%d" % port)
    for form in ("[::1]:%d", "udp6:[::1]:%d"):
        assert facts(ask(form % port)) == EVERYTHING
    closed = ask("[::1]:%d" % rig.free_port())
    assert closed["state"] == "unreachable" and "refused" in closed["reason"]


@pytest.mark.parametrize("services, web", [
    ([FTPSVC, WEB], "running"), ([WEB], "running"), ([FTPSVC], "notListed"),
    ([FTPSVC7], "notListed"), ([ADMIN, "Alerter"], "notListed"), ([], None),
    (["Alerter", "Workstation"], None), (["IIS-Verwaltungsdienst", "WWW-Publishingdienst"], None),
    ([FTPSVC + "x", ADMIN[:-1], WEB + "2"], None)], ids=[
        "both", "web-alone", "ftp", "ftp-of-today", "admin", "none", "others", "german", "similar"])
def test_services(snmpd, snmp_conf, services, web):
    s = snmpd(sinks=windows(services)).start()
    for version in ("1", "2c"):
        answer = ask(s, file=snmp_conf("defVersion " + version))
        assert facts(answer) == ("ok", web, FIGURES), version


def test_no_counters(snmpd, snmp_conf):
    s = snmpd(sinks=windows([FTPSVC], ftp=False)).start()
    for version in ("1", "2c", "3"):
        lines = v3() if version == "3" else ["defVersion " + version]
        assert facts(ask(s, file=snmp_conf(*lines))) == ("ok", "notListed", None)


def test_no_windows(snmpd):
    """An agent that has nothing of all that."""
    answer = ask(snmpd().start())
    assert facts(answer) == ("ok", None, None) and answer["upTime"] > 0


def test_counters_incomplete_or_odd(snmpd):
    s = snmpd(sinks="""
override %s.9.0 counter 1
override %s.16.0 counter 1
""" % (FTP, FTP)).start()
    assert facts(ask(s)) == ("ok", None, None)
    s = snmpd(sinks="""
override %s.9.0 counter 1
override %s.10.0 octet_str "12"
override %s.16.0 counter 1
""" % (FTP, FTP, FTP)).start()
    assert facts(ask(s)) == ("ok", None, None)


# ------------------------------------------------------------------ credentials


@pytest.mark.parametrize("lines, state, word", [
    (v3(user="nosuch"), "wrongPassword", "user"),
    (v3(auth="wrongpass123"), "wrongPassword", "authentication"),
    (v3(priv="wrongpass123"), "timeout", "privacy"),
    (v3() + ("defAuthType MD5",), "wrongPassword", "authentication"),
    (v3() + ("defContext nosuch",), "timeout", "context"),
    (v3(level="authNoPriv"), "accessDenied", "read"),
    (v3(level="noAuthNoPriv"), "accessDenied", "read"),
    (v3(user="notifier"), "accessDenied", "read")], ids=[
        "user", "auth", "priv", "auth-type", "context", "level",
        "no-auth", "no-view"])
def test_refused(iis, snmp_conf, lines, state, word):
    answer = ask(iis, file=snmp_conf(*lines), limit=4000)
    assert word in answer.get("reason", ""), answer
    assert answer["state"] == state, answer
    assert "upTime" not in answer and "ftp" not in answer
    assert "wrongpass" not in json.dumps(answer)


@pytest.mark.parametrize("version", ["1", "2c"])
def test_wrong_community(iis, snmp_conf, version):
    """An agent drops it without a word; but one with SNMPv3 tells that it is there."""
    answer = ask_patiently(iis, file=snmp_conf("defVersion " + version, "defCommunity wrong"))
    assert answer == {"state": "accessDenied", "reason":
                      "the agent is there, but takes no such community from this host"}


def test_systemd_credential(iis, snmp_conf):
    path = pathlib.Path(snmp_conf(*v3(), mode=0o440))
    env = {"CREDENTIALS_DIRECTORY": str(path.parent)}
    assert facts(ask(iis, env, credential="snmp.conf")) == EVERYTHING
    code, out, error = run({"version": 1, "agent": iis.where, "timeLimit": 1000,
                            "credential": "nosuch"}, env)
    assert (code, out) == (64, "") and "nosuch" in error


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_file_open_to_others(iis, snmp_conf, mode):
    code, out, error = run({"version": 1, "agent": iis.where, "timeLimit": 1000,
                            "file": snmp_conf("defCommunity s3cret", mode=mode)})
    assert (code, out) == (64, "") and "chmod 600" in error and "s3cret" not in error


@pytest.mark.parametrize("line, word", [
    ("s3cret", "line 2: not one of"), ("mibs s3cret", "not one of"),
    ("[snmp] defVersion 1", "not one of"),
    ("defTarget snmp udp s3cret", "not one of"), ("includeFile /s3cret", "not one of"),
    ("debugTokens s3cret", "not one of"), ("logOption f /s3cret", "not one of"),
    ("defCommunity", "without a value"), ("defCommunity \t", "without a value"),
    ("defVersion s3cret", "this value"), ("defAuthType s3cret", "this value"),
    ("defPrivType s3cret", "this value"), ("defSecurityLevel s3cret", "this value"),
    ("defCommunity " + "s3cret" * 200, "1000 octets"), ("defCommunity s3cret\x1b", "control"),
    ("defVersion 3", "defSecurityName"), ("defCommunity s3cret\0", "NUL"),
    ("defSecurityName x\ndefSecurityLevel authNoPriv", "defAuthPassphrase"),
    ("defSecurityName x\ndefSecurityLevel authPriv\ndefAuthPassphrase s3cret", "8 octets"),
    ("defSecurityName x\ndefSecurityLevel authPriv\ndefAuthPassphrase s3cret s3cret",
     "defPrivPassphrase")])
def test_file_is_bad(iis, snmp_conf, line, word):
    path = snmp_conf("# ours", line)
    code, out, error = run({"version": 1, "agent": iis.where, "timeLimit": 1000, "file": path})
    assert (code, out) == (64, "") and word in error and error.count("\n") == 1, error
    assert "s3cret" not in error and "\x1b" not in error


# ------------------------------------------------------------------ agents that are worse


def ber(tag, *parts):
    body = b"".join(parts)
    length = (bytes([len(body)]) if len(body) < 128
              else b"\x82" + struct.pack(">H", len(body)))
    return bytes([tag]) + length + body


def ber_integer(number, tag=2):
    return ber(tag, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def ber_oid(text):
    first, second, *rest = map(int, text.strip(".").split("."))
    out = bytes([first * 40 + second])
    for n in rest:
        groups = [n & 127]
        while n > 127:
            n >>= 7
            groups.append(n & 127 | 128)
        out += bytes(reversed(groups))
    return ber(6, out)


def parse(data):
    """(tag, content, rest)"""
    length, start = data[1], 2
    if length & 128:
        start += length & 127
        length = int.from_bytes(data[2:start], "big")
    return data[0], data[start:start + length], data[start + length:]


def parse_oid(data):
    out, n = [data[0] // 40, data[0] % 40], 0
    for c in data[1:]:
        n = n << 7 | c & 127
        if not c & 128:
            out.append(n)
            n = 0
    return "." + ".".join(map(str, out))


class Request:
    def __init__(self, data):
        _, message, _ = parse(data)
        _, self.version, rest = parse(message)
        _, self.community, rest = parse(rest)
        self.kind, pdu, _ = parse(rest)
        _, self.number, rest = parse(pdu)
        _, _, rest = parse(rest)
        _, _, rest = parse(rest)
        _, bindings, _ = parse(rest)
        self.oids = []
        while bindings:
            _, binding, bindings = parse(bindings)
            self.oids.append(parse_oid(parse(binding)[1]))

    def reply(self, bindings, error=0, kind=0xa2):
        """BINDINGS are (OID, encoded value)."""
        return ber(0x30, ber(2, self.version), ber(4, self.community), ber(
            kind, ber(2, self.number), ber_integer(error), ber_integer(1 if error else 0),
            ber(0x30, *(ber(0x30, ber_oid(o), value) for o, value in bindings))))


class Agent:
    """A UDP port whose datagrams are what ANSWER(request as octets) returns: a list."""

    def __init__(self, answer):
        self.answer, self.requests = answer, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.where = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.done = False
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            data, peer = self.socket.recvfrom(65536)
            if self.done:
                return
            self.requests.append(data)
            self.deliver(data, peer)

    def deliver(self, data, peer):
        for datagram in self.answer(data):
            self.socket.sendto(datagram, peer)

    def close(self):
        self.done = True
        self.socket.sendto(b"", self.socket.getsockname())
        self.thread.join(rig.PATIENCE)
        self.socket.close()


@pytest.fixture
def agent():
    made = []

    def make(answer):
        made.append(Agent(answer))
        return made[-1]
    yield make
    for a in made:
        a.close()


NULL = b"\x05\x00"
NO_SUCH_OBJECT = b"\x80\x00"


def scripted(table, errors=None):
    """An agent with uptime 7 and TABLE(request) for GETNEXT and GETBULK; ERRORS: kind -> status."""
    def answer(data):
        r = Request(data)
        status = (errors or {}).get(r.kind, 0)
        if status:
            return [r.reply([(o, NULL) for o in r.oids], status)]
        if r.kind == 0xa0:
            return [r.reply([(o, ber_integer(7, 0x43) if o.endswith(".1.3.0") else NO_SUCH_OBJECT)
                             for o in r.oids])]
        return [table(r)]
    return answer


def endless(names):
    """A table that goes on for ever."""
    def table(r):
        last = r.oids[0][len(SERVICES):].strip(".")
        n = int(last.split(".")[-1]) + 1 if last else 0
        rows = [row(names[0])] if not last and names else []
        return r.reply([(o, ber(4, b"x")) for o in rows] +
                       [("%s.99.%d" % (SERVICES, n + i), ber(4, b"x")) for i in range(10)])
    return table


def test_endless_table(agent):
    a = agent(scripted(endless([FTPSVC])))
    answer = ask(a)
    # The end was not seen, so nothing is known to be missing.
    assert facts(answer) == ("ok", None, None) and answer["upTime"] == 7
    assert "2000 rows" in answer["reason"] and len(a.requests) < 210
    assert facts(ask(agent(scripted(endless([WEB]))))) == ("ok", "running", None)


def test_table_in_circles(agent):
    a = agent(scripted(lambda r: r.reply([(row(ADMIN), ber(4, b"x"))])))
    answer = ask(a)
    assert facts(answer) == ("ok", None, None) and "circles" in answer["reason"]
    assert len(a.requests) < 6


def test_empty_response(agent):
    answer = ask(agent(scripted(lambda r: r.reply([]))))
    assert facts(answer) == ("ok", None, None) and "empty" in answer["reason"]


def test_end_of_table_by_another_column(agent):
    def table(r):
        state = row(ADMIN).replace(SERVICES, SERVICES[:-1] + "2")
        return r.reply([(row(ADMIN), ber(4, b"x")), (state, ber_integer(4))])
    a = agent(scripted(table))
    assert ask(a) == {"state": "ok", "upTime": 7, "webService": "notListed"}
    assert len(a.requests) == 3


def test_index_that_is_no_name(agent):
    """Lengths that are wrong, arcs that are no octets: rows that say nothing."""
    octets = row(FTPSVC)[len(SERVICES + ".22"):]

    def table(r):
        rows = [SERVICES + i for i in (
            ".0", ".2.65.4294967295", ".3.65.0.66", ".5.65", ".7" + octets, ".22" + octets + ".1",
            ".4294967295.1")]
        return r.reply([(o, ber(4, b"x")) for o in rows] + [(".1.3.6.1.4.1.77.2", ber(4, b"x"))])
    assert ask(agent(scripted(table))) == {"state": "ok", "upTime": 7}


def test_table_with_error(agent):
    """Windows Server 2019 answers genError for the whole table."""
    answer = ask(agent(scripted(None, {0xa5: 5})))
    assert facts(answer) == ("ok", None, None) and "genError" in answer["reason"]
    assert answer["upTime"] == 7


@pytest.mark.parametrize("status", [6, 16])
def test_table_denied(agent, status):
    answer = ask(agent(scripted(None, {0xa5: status})))
    assert answer["state"] == "accessDenied" and answer["upTime"] == 7


def test_partial_answer(agent):
    """Falls silent in the middle: what came before counts."""
    def answer(data):
        r = Request(data)
        return scripted(None)(data) if r.kind == 0xa0 else []
    got = ask(agent(answer), limit=2500)
    assert got == {"state": "timeout", "reason": "the agent stopped answering", "upTime": 7}


def test_partial_answer_at_the_end_of_the_time(agent):
    """A table that trickles in takes longer than there is time."""
    release = threading.Event()

    def table(r):
        release.wait(0.05)
        return endless([])(r)
    got = ask(agent(scripted(table)), limit=2500)
    release.set()
    assert got["state"] == "timeout" and got["upTime"] == 7


def test_other_objects_than_asked(agent):
    def answer(data):
        r = Request(data)
        return [r.reply([(".1.3.6.1.2.1.1.9.0", ber_integer(9, 0x43))] * 3)]
    assert facts(ask(agent(answer))) == ("ok", None, None)


def test_figures_of_any_size(agent):
    def answer(data):
        r = Request(data)
        if r.kind != 0xa0:
            return [r.reply([(".2.1", NULL)])]
        values = [b"\x41\x05\x00\xff\xff\xff\xff", b"\x42\x01\x01", b"\x41\x00"]
        return [r.reply([(o, v) for o, v in zip(r.oids, values)])]
    answer = ask(agent(answer), limit=3000)
    assert answer["state"] in ("ok", "failed", "timeout")
    assert all(0 <= n < 1 << 32 for n in answer.get("ftp", {}).values())


@pytest.mark.parametrize("octets", [
    b"", b"\0", b"220 ftp ready\r\n", b"\0" * 1400, b"\xff" * 60000, b"\x30\x84\xff\xff\xff\xff",
    b"\x30\x82\x05\x78\x02\x01\x01\x04\x06public\xa2", b"\x30\x80\x02\x01\x01",
    b"\x1b[2J\x1b]0;x\x07"], ids=[
        "empty", "nul", "ftp", "zeros", "ones", "huge", "cut", "indefinite", "escapes"])
def test_nonsense(agent, snmp_conf, octets):
    for lines in (["defVersion 2c"], v3()):
        answer = ask_patiently(agent(lambda data: [octets]), file=snmp_conf(*lines))
        assert answer["state"] == "failed" and "packet" in answer["reason"], answer


def test_bent_answers(agent):
    """The right answer with one octet changed: never more than an answer or none."""
    def bend(position):
        def answer(data):
            reply = bytearray(scripted(endless([WEB]))(data)[0])
            reply[position % len(reply)] ^= 0xff
            return [bytes(reply)]
        return answer
    for position in range(0, 60, 3):
        answer = ask(agent(bend(position)), limit=100)
        assert answer["state"] in ("ok", "failed", "timeout")


def test_report_instead_of_a_response(agent):
    for kind in (0xa8, 0xa0, 0xa7):
        answer = ask_patiently(agent(lambda data, k=kind: [Request(data).reply([], kind=k)]))
        assert answer["state"] == "failed", answer


def finite(r):
    return r.reply([(row(WEB), ber(4, b"x")), (".1.3.6.1.4.1.77.2", ber(4, b"x"))])


def test_lost_packet(agent):
    """What is lost is sent again."""
    seen = []

    def answer(data):
        seen.append(data)
        return scripted(finite)(data) if len(seen) > 1 else []
    assert facts(ask(agent(answer), limit=10000)) == ("ok", "running", None)
    assert seen[0] == seen[1]


def test_answer_from_another_address(agent):
    """A host with several addresses may answer from any."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.2", 0))

        def serve(data, peer):
            for datagram in scripted(finite)(data):
                other.sendto(datagram, peer)
        a = agent(lambda data: [])
        a.deliver = serve
        assert facts(ask(a)) == ("ok", "running", None)


def test_silent_agent(agent, snmp_conf):
    for lines, word in ((["defVersion 1"], "community"), (["defVersion 2c"], "version"),
                        (v3(), "without SNMPv3")):
        a = agent(lambda data: [])
        answer = ask(a, file=snmp_conf(*lines), limit=1500)
        assert answer["state"] == "timeout" and word in answer["reason"]
        assert 1 <= len(a.requests) <= 4


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_no_agent(snmp_conf, transport):
    where = "%s:127.0.0.1:%d" % (transport, rig.free_port())
    for lines in (["defVersion 2c"], v3()):
        answer = ask(where, file=snmp_conf(*lines))
        assert answer["state"] == "unreachable" and "refused" in answer["reason"]


def test_tcp(snmpd):
    port = rig.free_port()
    listening(snmpd, windows([WEB]), "tcp:127.0.0.1:%d" % port)
    assert facts(ask("tcp:127.0.0.1:%d" % port)) == EVERYTHING


def test_tcp_that_closes():
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            c, _ = server.accept()
            c.recv(65536)
            c.close()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        answer = ask("tcp:127.0.0.1:%d" % server.getsockname()[1])
        thread.join(rig.PATIENCE)
    assert answer["state"] == "unreachable"


@pytest.mark.parametrize("where", [
    "nosuch.invalid", "udp:nosuch.invalid:161", "127.0.0.1:99999999", "unix:/dev/log", "/dev/log",
    "alias:x", "ssh:127.0.0.1", "stdin:", "tlstcp:127.0.0.1:1", "[::1", "-v"])
def test_no_address(where):
    answer = ask(where)
    assert answer["state"] == "unreachable" and answer["reason"], answer


# ------------------------------------------------------------------ objects by their OIDs

UP, NAME, NONE = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.4.1.99999.1.0"


@pytest.mark.parametrize("lines", [["defVersion 1"], ["defVersion 2c"], v3()],
                         ids=["v1", "v2c", "v3"])
def test_objects(iis, snmp_conf, lines):
    answer = ask(iis, file=snmp_conf(*lines), get=[NONE, UP, NONE, NAME, FTP[1:] + ".16.0"])
    assert answer["state"] == "ok" and "upTime" not in answer and "ftp" not in answer
    none, up, none2, name, figure = answer["values"]
    assert none is none2 is None and up > 0 and isinstance(name, str) and figure == 4294967295
    assert "module" not in answer


def test_community_of_the_request(iis):
    assert ask(iis, community="public", get=[UP])["state"] == "ok"
    answer = ask_patiently(iis, community="s3cret", get=[UP])
    assert answer["state"] == "accessDenied" and "the agent is there" in answer["reason"]
    assert "s3cret" not in json.dumps(answer)


@pytest.mark.parametrize("version", ["1", "2c"])
def test_module(iis, snmp_conf, version):
    f = snmp_conf("defVersion " + version)
    answer = ask(iis, file=f, get=[NONE], module="The MIB module for SNMPv2")
    assert answer == {"state": "ok", "values": [None], "module": "1.3.6.1.6.3.1"}
    assert "module" not in ask(iis, file=f, get=[NONE], module="nosuch")
    assert "module" not in ask(iis, file=f, get=[UP], module="The MIB module for SNMPv2")


def test_values_of_all_types(agent):
    values = {"1.3.1": ber(2, b"\xfb"), "1.3.2": ber(4, b"a\0\xff|\n"), "1.3.3": NULL,
              "1.3.4": ber(0x46, b"\0\xff\xff\xff\xff\xff\xff\xff\xff"), "1.3.5": ber_oid(".1.3.6"),
              "1.3.6": ber(0x40, b"\x7f\0\0\1"), "1.3.7": ber_integer(9, 0x43),
              "1.3.8": ber(4, b"x" * 1000), "1.3.9": NO_SUCH_OBJECT}

    def answer(data):
        r = Request(data)
        return [r.reply([(o, values[o.strip(".")]) for o in r.oids])]
    got = ask(agent(answer), get=list(values))["values"]
    assert got == [-5, "a\\x00\\xFF|\\x0A", None, (1 << 63) - 1, None, None, 9, "x" * 255, None]


def test_values_that_do_not_fit(agent):
    def answer(data):
        r = Request(data)
        return [r.reply([(o, ber(4, b'"' * 255)) for o in r.oids])]
    got = ask(agent(answer), get=["1.3.%d" % i for i in range(16)])
    assert got["state"] == "failed" and "longer" in got["reason"] and "values" not in got


@pytest.mark.parametrize("status, word", [(5, "genErr"), (1, "error 1"), (2, "not asked for")])
def test_objects_with_error(agent, status, word):
    def answer(data):
        r = Request(data)
        reply = r.reply([(o, NULL) for o in r.oids], status)
        # For noSuchName: of a binding that is not there.
        return [reply.replace(b"\x02\x01\x01\x30", b"\x02\x01\x09\x30") if status == 2 else reply]
    got = ask(agent(answer), get=["1.3.1", "1.3.2"])
    assert got["state"] == "failed" and word in got["reason"], got


def test_other_objects_than_got(agent):
    for bindings in ([], [(".1.3.9", NULL)], [(".1.3.1", NULL)]):
        got = ask(agent(lambda data, b=bindings: [Request(data).reply(b)]), get=["1.3.1", "1.3.2"])
        assert got["state"] == "failed" and "other objects" in got["reason"]


def test_modules_in_circles(agent):
    def answer(data):
        r = Request(data)
        if r.kind == 0xa0:
            return [r.reply([(o, NO_SUCH_OBJECT) for o in r.oids])]
        return [r.reply([(".1.3.6.1.2.1.1.9.1.2.1", ber_oid(".1.3")),
                         (".1.3.6.1.2.1.1.9.1.3.1", ber(4, b"x"))])]
    a = agent(answer)
    assert ask(a, get=["1.3.1"], module="y") == {"state": "ok", "values": [None]}
    assert len(a.requests) < 510


def test_agent_that_answers_for_itself_alone(agent):
    """As snmpd does, whose subagent hangs."""
    def answer(data):
        r = Request(data)
        return [r.reply([(o, ber_integer(7, 0x43)) for o in r.oids])] if r.oids == ["." + UP] else []
    for limit in (400, 4000, 20000):
        got = ask(agent(answer), get=["1.3.1"], limit=limit)
        if "whom" in got["reason"]:
            break
    assert got["state"] == "timeout" and "whom it asks in turn hangs" in got["reason"]


# ------------------------------------------------------------------ the process


def request_of(**keys):
    return dict({"version": 1, "agent": "127.0.0.1", "timeLimit": 1000}, **keys)


@pytest.mark.parametrize("request_, word", [
    (b"", "no JSON"), (b"{", "no JSON"), (b"[]", "object"), (b"\0" * 100, "no JSON"),
    (b" " * 70000, "longer"), (request_of(agent=""), "agent"), (request_of(agent="a b"), "agent"),
    (request_of(timeLimit=0), "timeLimit"), (request_of(password="x"), "password"),
    (request_of(file="/a", credential="b"), "one of them"), (request_of(file="a"), "absolute"),
    (request_of(file="/a", community="b"), "one of them"), (request_of(get=["1.x"]), "get"),
    (request_of(get=["1.3.99999999999"]), "99999999999"),
    (request_of(file="/nosuch/file"), "No such file"), (request_of(file="/dev/zero"), "regular"),
    (request_of(credential="x"), "No such file")], ids=[
        "empty", "half", "list", "zeros", "long", "no-agent", "blank", "limit", "key", "both",
        "relative", "both-too", "oid", "large-id", "no-file", "device", "no-folder"])
def test_bad_request(request_, word):
    code, out, error = run(request_)
    assert (code, out) == (64, "") and word in error and error.count("\n") == 1


def test_arguments_are_refused():
    p = subprocess.run([rig.program("ftphealth-snmp"), "-c", "public"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60)
    assert p.returncode == 64 and b"usage" in p.stderr and p.stdout == b""


def test_request_that_does_not_come():
    reader, writer = os.pipe()
    code, out, error = run(b"", stdin=reader)
    os.close(reader)
    os.close(writer)
    assert (code, out) == (64, "") and "no request" in error


def test_nothing_of_the_host(iis, tmp_path):
    """Neither the user's nor the host's net-snmp configuration counts, nor is anything written."""
    (tmp_path / ".snmp").mkdir()
    conf = "defVersion 3\ndefCommunity wrong\nclientaddr 192.0.2.1\nlogOption f %s/log\n" % tmp_path
    for name in (".snmp/snmp.conf", "snmp.conf", ".snmp/ftphealth-snmp.conf",
                 "ftphealth-snmp.conf"):
        (tmp_path / name).write_text(conf)
    (tmp_path / "hosts").mkdir()
    (tmp_path / "hosts/localhost.conf").write_text("defCommunity wrong\n")
    before = sorted(tmp_path.rglob("*"))
    env = {"HOME": str(tmp_path), "SNMPCONFPATH": str(tmp_path), "MIBS": "ALL",
           "SNMP_PERSISTENT_DIR": str(tmp_path), "MIBDIRS": str(tmp_path)}
    assert facts(ask("localhost:%d" % iis.port, env)) == EVERYTHING
    assert sorted(tmp_path.rglob("*")) == before


def test_confined(agent, snmp_conf):
    """While it waits: no core file, no debugger, no new privileges, no descriptor of ours, and
    the secrets are nowhere to be seen."""
    a = agent(lambda data: [])
    extra = os.open("/dev/null", os.O_RDONLY)
    data = json.dumps(request_of(agent=a.where, timeLimit=60000, file=snmp_conf(
        "defCommunity s3cret"))).encode()
    p = subprocess.Popen([rig.program("ftphealth-snmp")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         pass_fds=(extra,))
    try:
        p.stdin.write(data)
        p.stdin.close()
        rig.wait_until(lambda: a.requests, "it to ask")
        assert Request(a.requests[0]).community == b"s3cret"
        status = dict(line.split(":", 1) for line in
                      pathlib.Path("/proc/%d/status" % p.pid).read_text().splitlines())
        assert status["NoNewPrivs"].strip() == "1"
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
        assert resource.prlimit(p.pid, resource.RLIMIT_CORE) == (0, 0)
        assert resource.prlimit(p.pid, resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
        if os.geteuid() == 0:
            links = [os.readlink(f) for f in pathlib.Path("/proc/%d/fd" % p.pid).iterdir()]
            assert links.count("/dev/null") == 1, links  # its own standard output
            for name in ("environ", "cmdline"):
                assert b"s3cret" not in pathlib.Path("/proc/%d" % p.pid, name).read_bytes()
    finally:
        p.kill()
        p.wait()
        p.stdout.close()
        os.close(extra)
