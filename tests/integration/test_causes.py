# SPDX-License-Identifier: ISC
"""Real FTP servers in the ways they fail: the first cause is right, or is `other`; where the words
of a server leave several causes open, one that is not right is never said with confidence."""
import ftplib
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest

import realservers
import rig
from test_probe import check_json, hold_a_session

DOUBT = 60  # percent: the most that a cause may have that is not the right one

VSFTPD, PROFTPD, PURE = "vsftpd", "proftpd", "pure-ftpd"
INETUTILS, LINUX, PYFTPDLIB = "inetutils-ftpd", "linux-ftpd-ssl", "pyftpdlib"

# What is published as the product, and where the greeting has the version.
PRODUCTS = {
    VSFTPD: ("vsftpd", r"\(vsFTPd (\S+)\)"),
    PROFTPD: ("ProFTPD", None),
    PURE: ("Pure-FTPd", None),
    INETUTILS: ("inetutils-ftpd", r"\(GNU inetutils (\S+)\)"),
    LINUX: ("BSD-generic", r"\(Version (\S+)\)"),
    PYFTPDLIB: ("pyftpdlib", r"pyftpdlib (\S+) ready"),
}


class Case(NamedTuple):
    server: str
    label: str
    want: str  # the cause, as we who made it know it
    mode: dict  # for realservers.RealServer
    says: str = None  # another cause, which the same words more often mean
    why: str = ""  # they can't tell
    held: int = 0  # sessions that are there already
    before: object = None  # called with the server
    arguments: tuple = ()
    product: str = None  # where the greeting does not show the usual one


def case(server, label, want, says=None, why="", held=0, before=None, arguments=(), product=None,
         **mode):
    return Case(server, label, want, mode, says, why, held, before, arguments, product)


def be_banned(server):
    client = ftplib.FTP()
    client.connect("127.0.0.1", server.port, timeout=rig.PATIENCE)
    with pytest.raises(ftplib.error_perm):
        client.login("bob", "wrong")
    client.close()


BOB = ("--user", "bob", "--password", "secret")
OFF = {"anonymous_enable": "NO", "local_enable": "YES"}
PAM_GONE = "auth required pam_gone.so\naccount required pam_gone.so\n"
DENY_ALL = "<Limit LOGIN>\nDenyAll\n</Limit>"
DENY_US = "<Limit LOGIN>\nOrder deny,allow\nDeny from 127.0.0.1\n</Limit>"
BAN = """
MaxLoginAttempts 1
BanEngine on
BanTable {folder}/ban
BanOnEvent MaxLoginAttempts 1/01:00:00 01:00:00
"""
LIKE_OFF = "the same 530 after the same 331 as with anonymous_enable=NO"
ONE_530 = "ProFTPD words all trouble inside of <Anonymous> alike, but that with its directory"
SILENT = "ProFTPD closes the connection without a word"
WRONG_PASSWORD = "a broken PAM service looks like a wrong password"
LEGAL = "Unauthorized users are denied; accounts are locked, addresses banned.\n"
RUMOUR = LEGAL + "530 Too many users: maximum reached, closed for maintenance\n"

CASES = [
    case(VSFTPD, "open", "none"),
    case(VSFTPD, "no password asked", "none", no_anon_password="YES"),
    case(VSFTPD, "anonymous off", "anonymousDisabled", **OFF),
    case(VSFTPD, "anonymous off behind an own greeting", "anonymousDisabled", product="vsftpd",
         ftpd_banner="Welcome to our files", **OFF),
    case(VSFTPD, "all off", "anonymousDisabled", anonymous_enable="NO"),
    case(VSFTPD, "banned e-mail", "hostDenied", "anonymousDisabled", LIKE_OFF,
         arguments=("--password", "a@b.c"), files={"mails": "a@b.c\n"}, deny_email_enable="YES",
         banned_email_file="{folder}/mails"),
    case(VSFTPD, "in the list of users", "anonymousDisabled", local_enable="YES",
         files={"users": "anonymous\nftp\nFTP\n"}, userlist_enable="YES",
         userlist_file="{folder}/users"),
    case(VSFTPD, "not in the list of users", "anonymousDisabled", local_enable="YES",
         files={"users": "bob\n"}, userlist_enable="YES", userlist_deny="NO",
         userlist_file="{folder}/users"),
    case(VSFTPD, "anonymous only", "anonymousOnly", arguments=BOB),
    case(VSFTPD, "max_clients", "tooManyUsers", held=1, max_clients=1),
    case(VSFTPD, "max_per_ip", "tooManyUsers", held=1, max_per_ip=1),
    case(VSFTPD, "root missing", "homeInaccessible", root="missing"),
    case(VSFTPD, "root writable", "homeInaccessible", root="writable"),
    case(VSFTPD, "root writable for its owner", "homeInaccessible", root="owned"),
    case(VSFTPD, "tcp_wrappers", "hostDenied", etc={"hosts.deny": "ALL: ALL\n"},
         tcp_wrappers="YES"),
    case(VSFTPD, "TLS for anonymous", "tlsRequired", tls=True, allow_anon_ssl="YES",
         force_anon_logins_ssl="YES"),
    case(VSFTPD, "TLS for names", "tlsRequired", tls=True, local_enable="YES",
         force_local_logins_ssl="YES", arguments=BOB),
    case(VSFTPD, "no such PAM service", "serverMisconfigured", "wrongCredentials", WRONG_PASSWORD,
         arguments=BOB, etc={"pam.d/other": "auth required pam_deny.so\n"},
         pam_service_name="nothing-of-that-name", **OFF),
    case(VSFTPD, "PAM module missing", "serverMisconfigured", "wrongCredentials", WRONG_PASSWORD,
         arguments=BOB, etc={"pam.d/gone": PAM_GONE}, pam_service_name="gone", **OFF),
    case(VSFTPD, "no account for its work", "serverMisconfigured",
         nopriv_user="nobody-of-that-name"),
    case(VSFTPD, "no account ftp", "serverMisconfigured", account=False),
    case(VSFTPD, "no secure_chroot_dir", "serverMisconfigured", secure_chroot_dir="/nowhere"),
    case(VSFTPD, "open, with a greeting of refusals", "none", product="vsftpd",
         files={"greeting": RUMOUR}, banner_file="{folder}/greeting"),
    case(VSFTPD, "anonymous off, with a greeting of refusals", "anonymousDisabled",
         product="vsftpd", files={"greeting": RUMOUR}, banner_file="{folder}/greeting", **OFF),
    case(VSFTPD, "open, with a directory's message of refusals", "none",
         files={"anon/.message": RUMOUR}, dirmessage_enable="YES"),

    case(PROFTPD, "open", "none"),
    case(PROFTPD, "no <Anonymous>", "anonymousDisabled", anonymous=None),
    case(PROFTPD, "no <Anonymous>, ServerIdent off", "anonymousDisabled", anonymous=None,
         lines="ServerIdent off"),
    case(PROFTPD, "no <Anonymous>, own greeting", "anonymousDisabled", product="",
         anonymous=None, lines='ServerIdent on "Welcome"'),
    case(PROFTPD, "no <Anonymous>, own words", "anonymousDisabled", anonymous=None,
         lines='AccessDenyMsg "No way, %u"'),
    case(PROFTPD, "<Anonymous> with a password", "anonymousDisabled",
         anonymous="AnonRequirePassword on"),
    case(PROFTPD, "MaxLoginAttempts", "anonymousDisabled", anonymous=None,
         lines="MaxLoginAttempts 1"),
    case(PROFTPD, "DenyAll", "hostDenied", lines=DENY_ALL),
    case(PROFTPD, "our address denied", "hostDenied", lines=DENY_US),
    case(PROFTPD, "DenyAll in <Anonymous>", "hostDenied", "homeInaccessible", ONE_530,
         anonymous=DENY_ALL),
    case(PROFTPD, "our address denied in <Anonymous>", "hostDenied", "homeInaccessible", ONE_530,
         anonymous=DENY_US),
    case(PROFTPD, "e-mail rejected", "hostDenied", "homeInaccessible", ONE_530,
         anonymous="AnonRejectPasswords .*@.*"),
    case(PROFTPD, "in ftpusers", "anonymousDisabled", "homeInaccessible", ONE_530,
         anonymous="UseFtpUsers on", etc={"ftpusers": "ftp\nanonymous\n"}),
    case(PROFTPD, "no account ftp", "serverMisconfigured", "homeInaccessible", ONE_530,
         account=False),
    case(PROFTPD, "mod_wrap2", "hostDenied", modules=["wrap2", "wrap2_file"],
         files={"allow": "", "deny": "ALL: ALL\n"},
         lines="WrapEngine on\nWrapTables file:{folder}/allow file:{folder}/deny"),
    case(PROFTPD, "banned", "hostDenied", before=be_banned, modules=["ban"], anonymous=None,
         lines=BAN),
    case(PROFTPD, "banned, with a message", "hostDenied", before=be_banned, modules=["ban"],
         anonymous=None, lines=BAN + 'BanMessage "Host %a has been banned"'),
    case(PROFTPD, "MaxClients", "tooManyUsers", held=1, anonymous="MaxClients 1"),
    case(PROFTPD, "MaxClients of the server", "tooManyUsers", held=1, lines="MaxClients 1"),
    case(PROFTPD, "MaxClients, words that say nothing", "tooManyUsers", "other",
         "nobody could see it", held=1, anonymous='MaxClients 1 "Come back tomorrow"'),
    case(PROFTPD, "MaxClients, own words", "tooManyUsers", held=1,
         anonymous='MaxClients 1 "Sorry, max %m users -- try again later"'),
    case(PROFTPD, "MaxClientsPerHost", "tooManyUsers", held=1, anonymous="MaxClientsPerHost 1"),
    case(PROFTPD, "MaxClientsPerUser", "tooManyUsers", held=1, anonymous="MaxClientsPerUser 1"),
    case(PROFTPD, "MaxConnectionsPerHost", "tooManyUsers", held=1,
         lines="MaxConnectionsPerHost 1"),
    case(PROFTPD, "MaxInstances", "tooManyUsers", "hostDenied", SILENT, held=1,
         lines="MaxInstances 1"),
    case(PROFTPD, "shutmsg", "shuttingDown",
         etc={"shutmsg": "2020 00 01 00 00 0010 0005\nClosed for the winter\n"}),
    case(PROFTPD, "root missing", "homeInaccessible", root="missing"),
    case(PROFTPD, "root closed", "homeInaccessible", root="closed"),
    case(PROFTPD, "TLSRequired", "tlsRequired", tls=True, lines="TLSRequired on"),
    case(PROFTPD, "a name", "wrongCredentials", arguments=BOB),
    case(PROFTPD, "open, with a greeting of refusals", "none", files={"greeting": RUMOUR},
         lines="DisplayConnect {folder}/greeting"),
    case(PROFTPD, "open, with a welcome of refusals", "none", files={"anon/welcome": RUMOUR},
         anonymous="DisplayLogin welcome"),
    case(PROFTPD, "no <Anonymous>, with a greeting of refusals", "anonymousDisabled",
         files={"greeting": RUMOUR}, anonymous=None, lines="DisplayConnect {folder}/greeting"),
    case(PROFTPD, "MaxClients, in German", "tooManyUsers", held=1,
         anonymous='MaxClients 1 "Leider sind alle %m Plätze belegt"'),
    case(PROFTPD, "MaxClientsPerHost, in French", "tooManyUsers", held=1,
         anonymous='MaxClientsPerHost 1 "Trop de connexions ouvertes depuis votre machine"'),
    case(PROFTPD, "MaxClientsPerUser, in Polish", "tooManyUsers", held=1,
         anonymous='MaxClientsPerUser 1 "Ten użytkownik jest już zalogowany, limit: %m"'),
    case(PROFTPD, "mod_wrap2, own words", "hostDenied", modules=["wrap2", "wrap2_file"],
         files={"allow": "", "deny": "ALL: ALL\n"},
         lines="WrapEngine on\nWrapTables file:{folder}/allow file:{folder}/deny\n"
               'WrapDenyMsg "Hosts outside of our network have no business here"'),
    case(PROFTPD, "banned, in Spanish", "hostDenied", before=be_banned, modules=["ban"],
         anonymous=None, lines=BAN + 'BanMessage "La dirección %a ha sido vetada"'),

    case(PURE, "open", "none"),
    case(PURE, "no uploads (-i)", "none", flags=["-e", "-i"]),
    case(PURE, "no anonymous (-E)", "anonymousDisabled", flags=["-E"]),
    case(PURE, "no anonymous (-E -b)", "anonymousDisabled", flags=["-E", "-b"]),
    case(PURE, "clients (-c)", "tooManyUsers", held=1, flags=["-e", "-c", "1"]),
    case(PURE, "clients of an address (-C)", "tooManyUsers", held=1, flags=["-e", "-C", "1"]),
    case(PURE, "sessions of a user (-y)", "tooManyUsers", held=1, flags=["-e", "-y", "1:1"]),
    case(PURE, "TLS (-Y 2)", "tlsRequired", tls=True, flags=["-e", "-Y", "2"]),
    case(PURE, "no account ftp", "serverMisconfigured", account=False),
    case(PURE, "root missing", "homeInaccessible", root="missing"),
    case(PURE, "a name", "wrongCredentials", arguments=BOB, flags=["-E", "-l", "unix"]),
    case(PURE, "open, with a cookie of refusals", "none", product="",
         etc={"cookie": RUMOUR}, flags=["-e", "-F", "/etc/cookie"]),
    case(PURE, "PAM module missing", "serverMisconfigured", "wrongCredentials", WRONG_PASSWORD,
         arguments=BOB, etc={"pam.d/pure-ftpd": PAM_GONE}, flags=["-E", "-l", "pam"]),

    case(INETUTILS, "open", "none"),
    case(INETUTILS, "no account ftp", "anonymousDisabled", account=False),
    case(INETUTILS, "no account ftp, no version", "anonymousDisabled", product="BSD-generic",
         account=False, flags=["-q"]),
    case(INETUTILS, "no account ftp, plain words", "anonymousDisabled", account=False,
         flags=["--non-rfc2577"]),
    case(INETUTILS, "in ftpusers", "anonymousDisabled", etc={"ftpusers": "ftp\nanonymous\n"}),
    case(INETUTILS, "root missing", "homeInaccessible", root="missing"),
    case(INETUTILS, "nologin", "shuttingDown", etc={"nologin": "Closed for the winter\n"}),
    case(INETUTILS, "nologin, empty", "shuttingDown", etc={"nologin": ""}),
    case(INETUTILS, "anonymous only (-A)", "anonymousOnly", arguments=BOB, flags=["-A"]),
    case(INETUTILS, "a name", "wrongCredentials", arguments=BOB),
    case(INETUTILS, "open, with a greeting of refusals", "none", etc={"ftpwelcome": RUMOUR}),
    case(INETUTILS, "no account ftp, with one", "anonymousDisabled", account=False,
         etc={"ftpwelcome": RUMOUR}),
    case(INETUTILS, "PAM module missing", "serverMisconfigured", "wrongCredentials",
         WRONG_PASSWORD, arguments=BOB, flags=["-a", "pam"], etc={"pam.d/ftp": PAM_GONE}),

    case(LINUX, "open", "none", own_pam="ftp"),
    case(LINUX, "no account ftp", "anonymousDisabled", "wrongCredentials",
         "it says 'Guest login ok' and then 'Login incorrect', of PAM or of ftpusers",
         own_pam="ftp", account=False),
    case(LINUX, "in ftpusers", "anonymousDisabled", "wrongCredentials", "as without the account",
         own_pam="ftp", etc={"ftpusers": "ftp\nanonymous\n"}),
    case(LINUX, "root missing", "homeInaccessible", own_pam="ftp", root="missing"),
    case(LINUX, "nologin", "shuttingDown", own_pam="ftp",
         etc={"nologin": "Closed for the winter\n"}),
    case(LINUX, "TLS (-z secure)", "tlsRequired", own_pam="ftp", flags=["-z", "secure"]),
    case(LINUX, "PAM module missing", "serverMisconfigured", "wrongCredentials",
         "'Authentication failure' to USER", etc={"pam.d/ftp": PAM_GONE}),
    case(LINUX, "PAM module missing, a name", "serverMisconfigured", "wrongCredentials",
         "'Authentication failure' to USER", etc={"pam.d/ftp": PAM_GONE}, arguments=BOB),

    case(PYFTPDLIB, "open", "none"),
    case(PYFTPDLIB, "no anonymous", "anonymousDisabled", anonymous=False),
    case(PYFTPDLIB, "no anonymous, own greeting", "anonymousDisabled", product="pyftpdlib",
         anonymous=False, handler={"banner": "Welcome to the mirror"}),
    case(PYFTPDLIB, "one attempt", "anonymousDisabled", anonymous=False,
         handler={"max_login_attempts": 1}),
    case(PYFTPDLIB, "max_cons", "tooManyUsers", held=1, limits={"max_cons": 2}),  # + listening
    case(PYFTPDLIB, "max_cons_per_ip", "tooManyUsers", held=1, limits={"max_cons_per_ip": 1}),
    case(PYFTPDLIB, "TLS", "tlsRequired", tls=True, handler={"tls_control_required": True}),
    case(PYFTPDLIB, "a name", "wrongCredentials", arguments=BOB),
    case(PYFTPDLIB, "message: suspended", "accountLocked",
         message="Sorry, your account has been suspended."),
    case(PYFTPDLIB, "message: maintenance", "shuttingDown",
         message="We are closed for maintenance, come back tomorrow"),
    case(PYFTPDLIB, "message: members", "anonymousDisabled", message="Members only"),
    case(PYFTPDLIB, "message: no", "anonymousDisabled", "wrongCredentials", "one word says nothing",
         message="Nope."),
    case(PYFTPDLIB, "open, with a greeting of refusals", "none", product="pyftpdlib",
         handler={"banner": RUMOUR}),
    case(PYFTPDLIB, "message: what it is not", "other", "wrongCredentials", "it does not tell",
         message="Your account is not locked and your address is not banned"),
    case(PYFTPDLIB, "message: what may be", "other", "accountLocked", "it only supposes",
         message="Should your account be locked, call us"),
    case(PYFTPDLIB, "message: locked, in Russian", "accountLocked",
         message="Ваша учётная запись заблокирована"),
    case(PYFTPDLIB, "message: full, in Japanese", "tooManyUsers",
         message="接続数が上限に達しています"),
    case(PYFTPDLIB, "message: a wrong password, in Arabic", "wrongCredentials",
         message="كلمة المرور غير صحيحة"),
    case(PYFTPDLIB, "message: failed, in German", "anonymousDisabled", "wrongCredentials",
         "a login failed, for whatever reason", message="Anmeldung fehlgeschlagen"),
]


# ------------------------------------------------------------------ the servers, several at a time


def probe(c):
    """(exit code, what `ftphealth check --json` says) of the server in the case C."""
    with realservers.RealServer(c.server, **c.mode) as server:
        held = [hold_a_session(server) for _ in range(c.held)]
        if c.before:
            c.before(server)
        try:
            return check_json("--timeout", "25", *c.arguments, server.where)
        finally:
            for client in held:
                client.close()


def gives_mount_namespaces():
    return subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def reason_to_skip(c, mounts):
    own_etc = c.mode.get("etc") or c.mode.get("own_pam")
    return realservers.why_not(c.server) or (
        "this machine gives no mount namespace" if own_etc and not mounts else None)


@pytest.fixture(scope="module")
def probed(request):
    """Starts all cases that are selected; most of their time they wait for a server's delay."""
    mounts = gives_mount_namespaces()
    cases = [item.callspec.params["c"] for item in request.session.items
             if getattr(item, "originalname", "") == "test_cause"]
    with ThreadPoolExecutor(6) as pool:
        skipped = {(c.server, c.label): reason_to_skip(c, mounts) for c in cases}
        futures = {(c.server, c.label): pool.submit(probe, c) for c in cases
                   if not skipped[c.server, c.label]}

        def result(c):
            if skipped[c.server, c.label]:
                pytest.skip(skipped[c.server, c.label])
            return futures[c.server, c.label].result()
        yield result


def check_product(c, got):
    """What the greeting shows; a server that refuses at once shows none, or what its words are."""
    product, version = PRODUCTS[c.server]
    greeting = got["replies"][0] if got["replies"] else None
    if not greeting or greeting["code"] != 220:
        assert (got["product"] or product, got["version"]) == (product, "")
        return
    if c.product is not None:
        assert (got["product"], got["version"]) == (c.product, "")
        return
    assert got["product"] == product
    assert got["version"] == (re.search(version, greeting["text"]).group(1) if version else "")


def test_cases_differ():
    assert len({(c.server, c.label) for c in CASES}) == len(CASES)


@pytest.mark.parametrize("c", CASES, ids=["%s: %s" % (c.server, c.label) for c in CASES])
def test_cause(probed, c):
    code, got = probed(c)
    print(got)
    first = got["diagnosis"]
    check_product(c, got)
    if c.want == "none":
        assert (code, got["state"], first, got["candidates"]) == (0, "ok", "none", [])
        return
    assert (code, got["state"]) == (2, "refused" if got["replies"] else "unreachable")
    assert got["candidates"][0] == {"diagnosis": first, "confidence": got["confidence"]}
    assert got["remedy"]
    if c.says:
        assert first in (c.says, c.want, "other"), c.why
    else:
        assert first == c.want
    if first not in (c.want, "other"):
        assert got["confidence"] <= DOUBT, c.why
