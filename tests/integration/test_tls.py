# SPDX-License-Identifier: ISC
"""FTPS: explicit and implicit, with certificates good and bad, against real servers and bad ones."""
import json
import ssl
import types

import pytest

import ftps
import realservers
import rig

REAL = {
    "vsftpd": {"allow_anon_ssl": "YES"},
    "proftpd": {},
    "pure-ftpd": {"flags": ["-e", "-Y", "1"]},
}
VSFTPD_IMPLICIT = {"implicit_ssl": "YES", **REAL["vsftpd"]}
PROFTPD_IMPLICIT = {"lines": "TLSOptions UseImplicitSSL"}
PURE_IMPLICIT = {"flags": ["-e", "-Y", "3"]}


@pytest.fixture(scope="module", name="pki")
def make_pki():
    folder = rig.temporary_folder()
    ca, other = ftps.Authority(folder), None
    good, revoked = ca.issue("good"), ca.issue("revoked")
    (folder / "other").mkdir()
    other = ftps.Authority(folder / "other", "Other CA")
    again = {}
    for kind in ("ec", "rsa"):  # a CA with a new key, and nothing that tells it from the old one
        for age in ("old", "new"):
            (folder / (kind + age)).mkdir()
            again[kind + age] = ftps.Authority(folder / (kind + age), "Same CA",
                                               getattr(ftps, "make_" + kind))
    yield types.SimpleNamespace(
        folder=folder, authority=ca, ca=ca.ca, other=other.ca, good=good, revoked=revoked,
        expired=ca.issue("expired", days=-1), wrong=ca.issue("wrong", "other.example", address=None),
        own=ca.issue("own", own=True), ending=ca.issue("ending", days=3),
        rekeyed={k: again[k + "old"].ca for k in ("ec", "rsa")},
        ec=again["ecnew"].issue("good"), rsa=again["rsanew"].issue("good"),
        client=ca.issue("client", "probe.example"), crl=ca.crl("crl", revoked),
        old_crl=ca.crl("old-crl", revoked, days=-1))
    rig.remove_folder(folder)


@pytest.fixture(name="server")
def make_server():
    made = []

    def make(*arguments, **keys):
        made.append(ftps.FtpsServer(*arguments, **keys))
        return made[-1]
    yield make
    for s in made:
        s.close()


def check(where, *tls, code=None, **keys):
    """The JSON of one probe; TLS are values of --tls."""
    options = [word for value in tls for word in ("--tls", str(value))]
    got, out, error = rig.run_ftphealth("check", "--json", *options, where, **keys)
    assert out, error
    result = json.loads(out)
    assert code is None or got == code, out
    return result


def ca(pki):
    return "ca=%s" % pki.ca


# ------------------------------------------------------------------ good ones


@pytest.mark.parametrize("mode", ["explicit", "implicit"])
def test_login(server, pki, mode):
    s = server(pki.good, implicit=mode == "implicit")
    r = check(s.where, mode, ca(pki), "server-name=localhost", code=0)
    assert (r["state"], r["outcome"], r["diagnosis"]) == ("ok", "ok", "none")
    t = r["tls"]
    assert (t["mode"], t["verify"], t["protocol"]) == (mode, "ok", "TLSv1.3")
    assert (t["subject"], t["issuer"]) == ("CN=localhost", "CN=Test CA")
    assert 363 <= t["days_left"] <= 365 and len(t["fingerprint"]) == 64 and t["cipher"]
    assert r["timing_us"]["tls"] > 0 and r["timing_us"]["auth"] > 0
    auth = ["AUTH TLS"] if mode == "explicit" else []
    rig.wait_until(lambda: "QUIT" in s.commands, "the goodbye")
    assert [c for c in s.commands if not c.startswith("PASS")] == [
        *auth, "PBSZ 0", "PROT P", "USER anonymous", "QUIT"]
    assert s.names == ["localhost"]


def test_names(server, pki):
    """An address is compared with those of the certificate, and is no name to be sent."""
    s = server(pki.good)
    assert check(s.where, "explicit", ca(pki), code=0)["tls"]["verify"] == "ok"
    assert s.names == [None]
    assert check("localhost:%d" % s.port, "explicit", ca(pki), code=0)["tls"]["verify"] == "ok"
    assert s.names[-1] == "localhost"


def test_client_certificate(server, pki):
    s = server(pki.good, client_ca=pki.ca)
    assert check(s.where, ca(pki), "certificate=%s" % pki.client, code=0)["outcome"] == "ok"
    r = check(s.where, ca(pki), code=2)
    assert (r["outcome"], r["diagnosis"]) == ("tlsFailed", "tlsHandshake")
    assert r["detail"] == "the server ends it: it wants a certificate of ours"


def test_min_version(server, pki):
    def old(context):
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    s = server(pki.good, context=old)
    assert check(s.where, ca(pki), code=0)["tls"]["protocol"] == "TLSv1.2"
    r = check(s.where, ca(pki), "min-version=1.3", code=2)
    assert (r["outcome"], r["stage"], r["diagnosis"]) == ("tlsFailed", "tls", "tlsHandshake")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_version(server, pki):
    def ancient(context):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    s = server(pki.good, context=ancient)
    assert check(s.where, ca(pki), code=2)["diagnosis"] == "tlsHandshake"
    assert check(s.where, ca(pki), "min-version=1.0", code=0)["tls"]["protocol"] == "TLSv1"


# ------------------------------------------------------------------ bad certificates

BAD = [
    ("expired", (), "expired"),
    ("own", (), "untrusted"),
    ("wrong", (), "nameMismatch"),
    ("good", ("server-name=ftp.example",), "nameMismatch"),
    ("revoked", ("crl",), "revoked"),
    ("good", ("other",), "untrusted"),
    ("ec", ("rekeyed",), "failed"),
    ("rsa", ("rekeyed",), "failed"),
]


@pytest.mark.parametrize("cert,options,verify", BAD, ids=lambda v: str(v))
def test_bad_certificate(server, pki, cert, options, verify):
    s = server(getattr(pki, cert))
    options = [{"crl": "crl=%s" % pki.crl, "other": "ca=%s" % pki.other,
                "rekeyed": "ca=%s" % pki.rekeyed.get(cert)}.get(o, o) for o in options]
    r = check(s.where, "explicit", ca(pki), *options, code=2)
    assert (r["state"], r["outcome"], r["stage"]) == ("unreachable", "tlsFailed", "tls")
    assert (r["diagnosis"], r["tls"]["verify"]) == ("certificateInvalid", verify)
    assert r["detail"].startswith("certificate: ") and r["tls"]["subject"]
    assert s.commands == ["AUTH TLS"]  # nobody's name was said
    r = check(s.where, "explicit", "verify=false")
    assert (r["outcome"], r["tls"]["verify"]) == ("ok", "notChecked")


def test_not_revoked(server, pki):
    s = server(pki.good)
    assert check(s.where, ca(pki), "crl=%s" % pki.crl, code=0)["tls"]["verify"] == "ok"


def test_list_out_of_date(server, pki):
    """Our own list is no fault of the server's."""
    r = check(server(pki.good).where, ca(pki), "crl=%s" % pki.old_crl, code=3)
    assert (r["outcome"], r["state"]) == ("internalError", "unknown")
    assert "CRL has expired" in r["detail"]


def test_ending(server, pki):
    s = server(pki.ending)
    code, out, _ = rig.run_ftphealth("check", "--tls", ca(pki), s.where)
    assert code == 1 and "its certificate ends in" in out and " tls=" in out
    assert rig.run_ftphealth("check", "--tls", ca(pki), "--tls", "warn-days=1", s.where)[0] == 0
    expired = ("check", "--tls", "verify=false", server(pki.expired).where)
    code, out, _ = rig.run_ftphealth(*expired)
    assert code == 1 and "its certificate has expired" in out
    code, out, _ = rig.run_ftphealth(*expired, "--tls", "warn-days=0")
    assert code == 0 and "its certificate" not in out


def test_subject_of_terror(server, pki):
    """What a certificate says goes to no terminal as it is, and not at any length."""
    name = ftps.x509.Name([
        ftps.x509.NameAttribute(ftps.NameOID.COMMON_NAME, "a\x1b[2J%s|\n\u202e"),
        *[ftps.x509.NameAttribute(ftps.NameOID.ORGANIZATIONAL_UNIT_NAME, "u" * 64)] * 20])
    s = server(pki.authority.issue("terror", subject=name))
    code, out, error = rig.run_ftphealth("check", "-v", "--tls", ca(pki), s.where)
    assert code == 0 and not error and "\x1b" not in out and "certificate: OU=u" in out
    assert all(len(line) < 1000 for line in out.splitlines())


# ------------------------------------------------------------------ no TLS


def test_in_clear(ftp):
    s = ftp("good")
    where = "127.0.0.1:%d" % s.port
    r = check(where, "explicit", code=2)
    assert (r["outcome"], r["stage"], r["reply_code"]) == ("tlsFailed", "auth", 502)
    assert r["diagnosis"] == "tlsUnavailable"
    r = check(where, "implicit", code=2)
    assert (r["outcome"], r["stage"], r["diagnosis"]) == ("tlsFailed", "tls", "tlsUnavailable")


@pytest.mark.parametrize("misdeed,outcome,diagnosis", [
    ("hang", "timeout", "timedOut"), ("drip", "timeout", "timedOut"),
    ("second", "timeout", "timedOut"),
    ("flood", "tlsFailed", "tlsHandshake"), ("close", "connectionClosed", "tlsHandshake")])
def test_misdeeds(server, misdeed, outcome, diagnosis):
    for implicit in (True, False):
        s = server(implicit=implicit, misdeed=misdeed)
        r = check(s.where, "implicit" if implicit else "explicit", "verify=false", code=2)\
            if misdeed in ("flood", "close") else json.loads(rig.run_ftphealth(
                "check", "--json", "-t", "500ms", "--tls",
                "implicit" if implicit else "explicit", s.where)[1])
        assert (r["outcome"], r["stage"], r["diagnosis"]) == (outcome, "tls", diagnosis), r


def test_auth_an_octet_a_second(ftp):
    out = rig.run_ftphealth("check", "--json", "-t", "2", "--tls", "explicit",
                            ftp("second-auth").where)[1]
    r = json.loads(out)
    assert (r["outcome"], r["stage"], r["diagnosis"]) == ("timeout", "auth", "timedOut")


# ------------------------------------------------------------------ real servers


@pytest.mark.parametrize("name", REAL)
def test_real(name, pki):
    reason = realservers.why_not(name)
    if reason:
        pytest.skip(reason)
    with realservers.RealServer(name, tls=pki.good, **REAL[name]) as s:
        r = check(s.where, "explicit", ca(pki), code=0)
        assert (r["outcome"], r["tls"]["verify"]) == ("ok", "ok")
        assert check(s.where, "explicit", "ca=%s" % pki.other, code=2)["diagnosis"] == "certificateInvalid"
        r = check(s.where, "implicit", ca(pki), code=2)
        assert (r["outcome"], r["diagnosis"]) == ("tlsFailed", "tlsUnavailable")
    with realservers.RealServer(name) as s:
        r = check(s.where, "explicit", code=2)
        assert (r["outcome"], r["stage"], r["diagnosis"]) == ("tlsFailed", "auth", "tlsUnavailable")


@pytest.mark.parametrize("name,mode", [("vsftpd", VSFTPD_IMPLICIT), ("proftpd", PROFTPD_IMPLICIT)])
def test_real_implicit(name, mode, pki):
    reason = realservers.why_not(name)
    if reason:
        pytest.skip(reason)
    with realservers.RealServer(name, tls=pki.good, **mode) as s:
        r = check(s.where, "implicit", ca(pki), code=0)
        assert (r["outcome"], r["tls"]["verify"]) == ("ok", "ok")


@pytest.mark.parametrize("name,mode", [
    ("vsftpd", {**REAL["vsftpd"], "force_anon_logins_ssl": "YES", "force_anon_data_ssl": "YES"}),
    ("proftpd", {"lines": "TLSRequired on"}),
    ("pure-ftpd", {"flags": ["-e", "-Y", "2"]})])
def test_real_required(name, mode, pki):
    reason = realservers.why_not(name)
    if reason:
        pytest.skip(reason)
    with realservers.RealServer(name, tls=pki.good, **mode) as s:
        assert check(s.where, code=2)["diagnosis"] == "tlsRequired"
        assert check(s.where, "explicit", ca(pki), code=0)["outcome"] == "ok"


# ------------------------------------------------------------------ configuration

FAULTS = [
    ({"mode": "explicit", "ca": "/no/such"}, "tls-ca: /no/such: No such file"),
    ({"mode": "explicit", "ca": "{good_text}"}, "tls-ca: {good_text}: no certificate"),
    ({"mode": "explicit", "crl": "{ca}"}, "tls-crl: {ca}: no revocation list"),
    ({"mode": "explicit", "key": "{client}"}, "tls-key: there is no certificate"),
    ({"mode": "explicit", "certificate": "{client}", "key": "{good}"},
     "tls-key: {good}: the private key is not that of the certificate"),
    ({"mode": "explicit", "certificate": "{open}"}, "tls-certificate: file {open}: open to group or others"),
    ({"mode": "sometimes"}, 'tls: "sometimes" is not a mode; write none, explicit or implicit'),
    ({"min-version": "3"}, 'tls-min-version: "3" is not a version'),
    ({"ca": "ca.pem"}, 'tls-ca: "ca.pem" is not an absolute path'),
]


@pytest.fixture(name="paths")
def make_paths(pki):
    text, wide = pki.folder / "text", pki.folder / "wide.pem"
    text.write_text("nothing\n")
    wide.write_bytes(pki.client.read_bytes())
    wide.chmod(0o644)
    return {"good_text": text, "ca": pki.ca, "client": pki.client, "good": pki.good, "open": wide}


@pytest.mark.parametrize("tls,fault", FAULTS, ids=lambda v: v if isinstance(v, str) else "")
def test_faults(daemon, paths, tls, fault):
    """Told once, however many targets inherit it."""
    tls = {key: value.format(**paths) for key, value in tls.items()}
    d = daemon([rig.target("t%d" % i, 21) for i in range(3)],
               defaults=rig.tls_keys(tls.pop("mode", None), **tls))
    code, _, error = d.check_config()
    assert code == 78 and error.count("\n") == 1, error
    assert "defaults." + fault.format(**paths) in error
    code, _, error = d.check_config()


def test_layers(daemon, pki):
    d = daemon([rig.target("a", 21), {"name": "b", "host": "127.0.0.1", "tls": "implicit"},
                rig.target("c", 21, **rig.tls_keys("none", ca="/no/such"))],
               defaults=rig.tls_keys(ca=pki.ca, verify=False))
    code, _, error = d.check_config()
    assert (code, error) == (0, "")


# ------------------------------------------------------------------ what managers see

SNMP = "rocommunity public 127.0.0.1\ntrap2sink %s public\n"


def told(receiver, contract, name, count=1):
    """The objects of the COUNTth notification NAME, once it is there."""
    def look():
        return [n.named(contract) for n in receiver.received if n.name(contract) == name][count - 1:]
    return rig.wait_until(look, name)[0]


def rows(d, contract, name):
    return {int(i): v for i, v in d.client.column(contract(name)).items()}


def test_certificate_ends(daemon, server, ftp, pki, contract, receiver):
    """Told, shown, cleared by two probes when it is renewed; told again; gone with TLS."""
    s, plain = server(pki.ending), ftp("good")
    tls = rig.tls_keys("explicit", ca=pki.ca)
    targets = [rig.target("plain", plain), rig.target("ftps", s, **tls, description="x")]
    d = daemon(targets, listen=rig.free_port(), snmp=SNMP % receiver.where,
               defaults={"clear": 2})
    d.start()
    n = told(receiver, contract, "ftpAuthCertExpiring")
    assert n["ftpAuthNotifyName"] == "ftps" and n["ftpAuthNotifySeverity"] == 3
    assert 2 <= n["ftpAuthTlsDaysLeft"] <= 3 and n["ftpAuthTlsSubject"] == "CN=localhost"
    assert n["ftpAuthNotifyFrom"] == n["ftpAuthNotifyTo"] == 1
    assert n["ftpAuthNotifyText"] == "the certificate ends in %d days" % n["ftpAuthTlsDaysLeft"]
    assert rows(d, contract, "ftpAuthTlsSubject") == {2: "CN=localhost"}
    assert rows(d, contract, "ftpAuthTlsVerify") == {2: 2}
    assert rows(d, contract, "ftpAuthTlsProtocol") == {2: "TLSv1.3"}
    assert len(rows(d, contract, "ftpAuthTlsFingerprint")[2]) == 64
    assert rows(d, contract, "ftpAuthTargetSecurity") == {1: 1, 2: 2}
    assert rows(d, contract, "ftpAuthTimingTls")[1] == 0 < rows(d, contract, "ftpAuthTimingTls")[2]
    assert list(rows(d, contract, "ftpAuthAlarmKind").values()) == [5]
    s.context.load_cert_chain(pki.good)
    n = told(receiver, contract, "ftpAuthCertRenewed")
    assert n["ftpAuthNotifySeverity"] == 1 and n["ftpAuthTlsDaysLeft"] >= 363
    assert not rows(d, contract, "ftpAuthAlarmKind")
    s.context.load_cert_chain(pki.ending)
    told(receiver, contract, "ftpAuthCertExpiring", 2)
    d.configure([rig.target("plain", plain), rig.target("ftps", s)])
    d.reload()
    n = told(receiver, contract, "ftpAuthCertRenewed", 2)
    assert n["ftpAuthNotifyText"] == "no certificate is looked at any more"
    assert not rows(d, contract, "ftpAuthTlsSubject")
    assert set(rows(d, contract, "ftpAuthStatusState").values()) == {1}


def test_unreachable(daemon, server, pki, contract, receiver):
    """A certificate that is not valid, its row and its counter; and a list that was revoked since."""
    s, crl = server(pki.good), pki.folder / "live-crl.pem"
    crl.write_bytes(pki.authority.crl("none").read_bytes())
    tls = rig.tls_keys("explicit", ca=pki.ca, crl=crl)
    targets = [rig.target("ftps", s, **tls)]
    d = daemon(targets, listen=rig.free_port(), snmp=SNMP % receiver.where)
    d.start()
    rig.wait_until(lambda: d.manager.status().endswith("1 ok"), "the first login")
    crl.write_bytes(pki.authority.crl("now", pki.good).read_bytes())
    d.reload()
    n = told(receiver, contract, "ftpAuthUnreachable")
    assert n["ftpAuthStatusDiagnosis"] == contract.diagnoses["certificateInvalid"]
    assert rows(d, contract, "ftpAuthTlsVerify") == {1: 7}
    assert rows(d, contract, "ftpAuthCountTlsFailed")[1] >= 1
    crl.write_bytes(pki.authority.crl("none").read_bytes())
    d.reload()
    told(receiver, contract, "ftpAuthReachable")


# ------------------------------------------------------------------ other targets keep their pace


def test_hung_handshakes(daemon, server, ftp, pki, contract):
    """200 servers that say nothing, or an octet at a time, where the handshake should be."""
    hung = server(misdeed="hang"), rig.tls_keys("explicit", ca=pki.ca)
    drip = server(implicit=True, misdeed="drip"), rig.tls_keys("implicit", ca=pki.ca)
    good, plain = server(pki.good), ftp("good")
    targets = [rig.target("bad%d" % i, s, **tls, interval="2s", timeout="2s")
               for i, (s, tls) in enumerate((hung, drip) * 100)]
    targets += [rig.target("tls%d" % i, good, **rig.tls_keys("explicit", ca=pki.ca))
                for i in range(5)]
    targets += [rig.target("plain%d" % i, plain) for i in range(15)]
    beside = daemon(targets[200:], listen=rig.free_port()).start()  # the good ones alone
    d = daemon(targets, listen=rig.free_port())
    d.show_log = False
    d.start()

    rig.wait_until(lambda: sum(rows(d, contract, "ftpAuthCountTimeout").values()) >= 200, "200 time-outs")
    rig.wait_until(lambda: min(v for i, v in rows(d, contract, "ftpAuthCountOk").items() if i > 200) >= 4,
                   "the good ones to be asked four times")
    for name in ("ftpAuthCountTimeout", "ftpAuthCountInternalError", "ftpAuthCountClosed",
                 "ftpAuthCountConnectFailed"):
        assert not any(v for i, v in rows(d, contract, name).items() if i > 200), name
    stages = rows(d, contract, "ftpAuthStatusFailedStage")
    assert {stages[i] for i in range(1, 201)} == {4}  # tls
    # One handshake that kept the others waiting would have done so for two seconds. A busy machine
    # keeps those without such neighbours waiting, too.
    for name in ("ftpAuthAgentLongestStall", "ftpAuthAgentScheduleLag"):
        assert d.client.value(contract(name)) < max(1000, 3 * beside.client.value(contract(name))), name
