# SPDX-License-Identifier: ISC
"""integrations/prometheus against the real programs: promtool, snmp_exporter and its generator, and a
Prometheus that scrapes both ways until its alerts fire."""
import itertools
import json
import os
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

import pytest
import yaml

import nms
import rig
from ftpserver import session
from rig import target

SOURCE = rig.ROOT / "integrations"
RULES = ("ftphealth.rules", "ftphealth-snmp.rules")
DASHBOARDS = ("grafana-dashboard.json", "grafana-dashboard-snmp.json")


def need(name):
    """The path of a program of Prometheus and its kin."""
    path = nms.program("prometheus", name)
    return path or pytest.skip(nms.why_not("prometheus", "usr/bin/" + name))


def run(*command, **keys):
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                       timeout=rig.PATIENCE, **keys)
    return p.returncode, p.stdout.decode()


@pytest.fixture
def files():
    """What a user copies to /etc/prometheus."""
    folder = rig.temporary_folder()
    for path in (SOURCE / "prometheus", rig.INTEGRATIONS / "prometheus"):
        shutil.copytree(path, folder, dirs_exist_ok=True)
    yield folder
    rig.remove_folder(folder)


# ------------------------------------------------------------------ promtool


@pytest.mark.parametrize("name", RULES)
def test_rules(files, name):
    promtool = need("promtool")
    code, out = run(promtool, "check", "rules", "%s.yml" % name, cwd=files)
    assert code == 0 and "SUCCESS" in out, out
    code, out = run(promtool, "test", "rules", "%s.test.yml" % name, cwd=files)
    assert code == 0, out


@pytest.mark.parametrize("name", RULES)
def test_every_alert_is_tested(files, name):
    """And each is named in both ways alike."""
    alerts = [r["alert"] for g in yaml.safe_load((files / (name + ".yml")).read_text())["groups"]
              for r in g["rules"]]
    tested = [t for suite in yaml.safe_load((files / (name + ".test.yml")).read_text())["tests"]
              for t in suite["alert_rule_test"]]
    assert {t["alertname"] for t in tested if t["exp_alerts"]} == set(alerts)
    other = yaml.safe_load((files / (RULES[1 - RULES.index(name)] + ".yml")).read_text())
    assert alerts == [r["alert"] for g in other["groups"] for r in g["rules"]]


def both_ways(files):
    """The text of the example configuration with the pair that it leaves out."""
    return re.sub(r"(?m)^#(?=  )", "", (files / "prometheus.yml").read_text())


def test_example_configuration(files):
    """With one job and its rules, and with both."""
    for text, jobs in ((None, ["ftphealth"]), (both_ways(files), ["ftphealth", "ftphealth-snmp"])):
        if text:
            (files / "prometheus.yml").write_text(text)
        code, out = run(need("promtool"), "check", "config", "prometheus.yml", cwd=files)
        assert code == 0, out
        config = yaml.safe_load((files / "prometheus.yml").read_text())
        assert [job["job_name"] for job in config["scrape_configs"]] == jobs
        assert config["rule_files"] == [job + ".rules.yml" for job in jobs]


# ------------------------------------------------------------------ snmp_exporter's module


@pytest.mark.parametrize("base", [None, "1.3.6.1.4.1.32473.7"])
def test_module_is_the_generators(tmp_path, base):
    """snmp.yml is what the generator makes of the MIB and generator.yml, for any base."""
    generator = need("prometheus-snmp-generator")
    base = base or os.environ.get("PUBLISHED_OID_BASE") or "1.3.6.1.4.1.8072.9999.9999.269241"
    code, made = run(str(SOURCE / "snmp-exporter-module"), base, env=dict(
        os.environ, PATH="%s:%s" % (os.path.dirname(generator), os.environ["PATH"])))
    assert code == 0, made
    code, out = run(str(SOURCE / "render"), "--oid-base", base, "--out", str(tmp_path),
                    env=dict(os.environ, FTPHEALTHD=rig.program("ftphealthd")))
    assert code == 0, out
    made = yaml.safe_load(made)
    assert base in str(made)
    old, new = (yaml.safe_load((tmp_path / "prometheus" / name).read_text())
                for name in ("snmp.yml", "snmp-0.23.yml"))
    assert old == new["modules"] == made, \
        "run integrations/snmp-exporter-module --template, then integrations/render"


def test_no_texts_of_servers(files):
    """Each would be a new series."""
    module = yaml.safe_load((files / "snmp.yml").read_text())["ftp_auth_health"]
    assert all(m["type"] != "DisplayString" for m in module["metrics"])


# ------------------------------------------------------------------ dashboards


def panels(path):
    return json.loads(path.read_text())["panels"]


def queries(path):
    """All queries of a dashboard as Grafana would send them with all variables at All."""
    for panel in panels(path):
        for t in panel["targets"]:
            yield panel["title"], re.sub(r"\$(instance|target)\b", ".*", t["expr"]).replace(
                "$__rate_interval", "4s")


@pytest.mark.parametrize("name", DASHBOARDS)
def test_dashboard(files, name):
    """Sound JSON: no two panels at one place, every data source the variable, every query parses."""
    promtool = need("promtool")
    dashboard = json.loads((files / name).read_text())
    assert [v["name"] for v in dashboard["templating"]["list"]] == ["datasource", "instance", "target"]
    ids = [p["id"] for p in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    for p, q in itertools.combinations([p["gridPos"] for p in dashboard["panels"]], 2):
        assert (p["x"] + p["w"] <= q["x"] or q["x"] + q["w"] <= p["x"]
                or p["y"] + p["h"] <= q["y"] or q["y"] + q["h"] <= p["y"])
        assert p["x"] + p["w"] <= 24
    text = (files / name).read_text()
    assert text.count('"uid": "${datasource}"') == text.count('"datasource": {')
    rules = [{"record": "q:%d" % i, "expr": expr}
             for i, (_, expr) in enumerate(queries(files / name))]
    (files / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "q", "rules": rules}]}))
    code, out = run(promtool, "check", "rules", "queries.yml", cwd=files)
    assert code == 0 and "%d rules found" % len(rules) in out, out


def test_dashboards_are_whole(files):
    """Every state, stage and outcome is in both."""
    snmp = {p["title"]: p["targets"] for p in panels(files / DASHBOARDS[1])}
    for panel, table, column in (("Where the time goes", "stage", "ftpAuthTiming"),
                                 ("Probes by outcome", "outcome", "ftpAuthCount")):
        words = set(re.findall(r'%s\("\w+",\s+"(%s\w+)"\)|OF\(\w+, "(%s\w+)"\), WITH\("%s"' % (
            table.upper() + "_SAMPLE", column, column, table),
            (rig.ROOT / "agent/metrics.c").read_text()))
        objects = {a or b for a, b in words}
        assert len(objects) >= 7
        asked = {re.search(r"(%s\w+)\{" % column, t["expr"])[1] for t in snmp[panel]}
        assert asked == objects
        assert len({t["refId"] for t in snmp[panel]}) == len(snmp[panel])
    for name in DASHBOARDS:
        assert {p["title"] for p in panels(files / name) if p["type"] == "stat"} >= {
            "Log in", "At risk", "Degraded", "Refused", "Unreachable", "Unknown"}


# ------------------------------------------------------------------ the real thing


class Server:
    """A program with an HTTP port of its own."""

    def __init__(self, folder, program, ready, *options):
        self.port = rig.free_port()
        self.log = folder / (os.path.basename(program) + ".log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program, *options, "--web.listen-address=127.0.0.1:%d" % self.port], cwd=folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.ready = ready

    def get(self, path, **query):
        url = "http://127.0.0.1:%d%s?%s" % (self.port, path, urllib.parse.urlencode(query))
        with urllib.request.urlopen(url, timeout=rig.PATIENCE) as answer:
            return answer.read().decode()

    def wait(self):
        def answers():
            assert self.process.poll() is None, self.log.read_text()
            try:
                return self.get(self.ready) is not None
            except OSError:
                return False
        rig.wait_until(answers, "an answer of port %d" % self.port)

    def close(self):
        rig.end_process(self.process)


class Prometheus(Server):
    """Scrapes and evaluates each second, with the example configuration but for who is where."""

    def __init__(self, files, native, agent, exporter):
        config = yaml.safe_load(both_ways(files))
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        by_name = {job["job_name"]: job for job in config["scrape_configs"]}
        by_name["ftphealth"]["static_configs"][0]["targets"] = [native]
        by_name["ftphealth-snmp"]["static_configs"][0]["targets"] = [agent]
        by_name["ftphealth-snmp"]["relabel_configs"][-1]["replacement"] = exporter
        (files / "prometheus.yml").write_text(yaml.safe_dump(config))
        super().__init__(files, need("prometheus"), "/-/ready", "--config.file=prometheus.yml",
                         "--storage.tsdb.path=%s" % (files / "data"), "--log.level=warn")

    def query(self, expr):
        return json.loads(self.get("/api/v1/query", query=expr))["data"]["result"]

    def alerts(self):
        """{(name, job): alert} of those that fire."""
        return {(a["labels"]["alertname"], a["labels"].get("job")): a
                for a in json.loads(self.get("/api/v1/alerts"))["data"]["alerts"]
                if a["state"] == "firing"}


def test_prometheus(daemon, ftp, snmpd, files, contract):
    """A server refuses the login: both ways an alert fires that names the server and the cause; it
    is over when the server lets us in again. Every query of the dashboards has an answer."""
    server, listen, master = ftp("good"), "127.0.0.1:%d" % rig.free_port(), snmpd().start()
    servers = []
    try:
        exporter = Server(files, need("prometheus-snmp-exporter"), "/", "--config.file=snmp.yml")
        servers.append(exporter)
        other = target("other", ftp(session()), **{"after-login": {"command": "pwd"}})
        daemon([target("iis4", server), other], agentx=master.agentx,
               top={"metrics": {"listen": listen}}).start()
        prometheus = Prometheus(files, listen, master.where, "127.0.0.1:%d" % exporter.port)
        servers.append(prometheus)
        for s in servers:
            s.wait()
        rig.wait_until(lambda: len(prometheus.query("up == 1")) == 2
                       and prometheus.query('ftphealth_state{state="ok"} == 1')
                       and prometheus.query('ftpAuthStatusState{ftpAuthStatusState="ok"} == 1'),
                       "both ways")
        for expr in ('ftphealth_after_login_success{target="other"} == 1',
                     'ftpAuthSessionResult_info{ftpAuthTargetName="other", ftpAuthSessionResult="ok"}',
                     'ftpAuthSessionTotal{ftpAuthTargetName="other"} > 0'):
            rig.wait_until(lambda e=expr: prometheus.query(e), expr)
        server.behave("q269241")
        both = {("FtpLoginRefused", "ftphealth"), ("FtpLoginRefused", "ftphealth-snmp")}
        rig.wait_until(lambda: both <= set(prometheus.alerts()), "the alerts")
        alerts = prometheus.alerts()
        for alert in (alerts[key] for key in both):
            assert alert["annotations"]["summary"] == "iis4 refuses the login"
            assert re.match(r"Likely cause: [a-zA-Z]+ \(\d+%\)\. ",
                            alert["annotations"]["description"])
            assert alert["labels"]["severity"] == "critical"
        for name in DASHBOARDS:
            for title, expr in queries(files / name):
                rig.wait_until(lambda e=expr: prometheus.query(e), "%s: %s" % (title, expr))
        failing = [next(e for title, e in queries(files / name) if title == "What fails")
                   for name in DASHBOARDS]
        assert prometheus.query(failing[0])[0]["metric"]["outcome"] == "loginRefused"
        assert prometheus.query(failing[1])[0]["metric"]["ftpAuthStatusOutcome"] == "loginRefused"
        admin = contract("ftpAuthTargetAdmin", 1)
        master.writer.set(admin, "i", 2)
        rig.wait_until(lambda: not both & set(prometheus.alerts()), "maintenance to hold them back")
        assert prometheus.query('ftphealth_maintenance{target="iis4"} == 1')
        assert not prometheus.query('ftphealth_maintenance{target="other"} == 1')
        master.writer.set(admin, "i", 1)
        rig.wait_until(lambda: both <= set(prometheus.alerts()), "the alerts again")
        server.behave("good")
        rig.wait_until(lambda: not both & set(prometheus.alerts()), "the end of the alerts")
    finally:
        for s in reversed(servers):
            s.close()
