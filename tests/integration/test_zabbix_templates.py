# SPDX-License-Identifier: ISC
"""The Zabbix templates as files: what an import would refuse, or would take and never work. That they
work is shown by a real server of each version (`make nms`)."""
import re

import pytest

import rig

yaml = pytest.importorskip("yaml", reason="python3-yaml is not installed")

FOLDER = rig.ROOT / "integrations" / "zabbix"
TEMPLATE = "FTP auth health by SNMP"
UUID4 = re.compile(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}")
APPLICATIONS = "a571c0d144b14fd4a87a9d9b2aa9fcd6"  # Zabbix's own uuid of Templates/Applications
OID = re.compile(r"(?<![\d.])1\.3\.6\.1(?:\.\d+)+")


class Export:
    """One template file, and lists of what is in it."""

    def __init__(self, version):
        self.version = version
        self.text = (FOLDER / version / "ftp_auth_health.yaml").read_text(encoding="utf-8")
        self.root = yaml.safe_load(self.text)["zabbix_export"]
        self.template = self.root["templates"][0]
        self.rules = self.template["discovery_rules"]
        self.prototypes = [i for rule in self.rules for i in rule["item_prototypes"]]
        self.items = self.template["items"] + self.prototypes
        self.keys = [i["key"] for i in self.items + self.rules]
        self.triggers = self.root["triggers"] + [
            t for rule in self.rules for t in rule.get("trigger_prototypes", [])]
        self.graphs = self.root["graphs"] + [
            g for rule in self.rules for g in rule.get("graph_prototypes", [])]

    def every(self, name):
        """All values of the key NAME, wherever it is."""
        def walk(node):
            if isinstance(node, dict):
                if name in node:
                    yield node[name]
                node = list(node.values())
            if isinstance(node, list):
                for child in node:
                    yield from walk(child)
        return list(walk(self.root))


@pytest.fixture(scope="module", params=["6.0", "7.0"])
def export(request):
    return Export(request.param)


def test_uuids(export):
    """Each is of version 4 and stands once."""
    found = export.every("uuid")
    assert len(found) == len(set(found)) > 100
    assert [u for u in found if not UUID4.fullmatch(u) and u != APPLICATIONS] == []


def test_uuids_of_versions():
    """The same thing has the same one in both versions: an upgrade keeps its history."""
    def uuids(version):
        e = Export(version)
        return {i["key"]: i["uuid"] for i in e.items + e.rules} | {
            t["name"]: t["uuid"] for t in e.triggers}
    old, new = uuids("6.0"), uuids("7.0")
    assert {k: new[k] for k in old} == old
    assert all("walk" in key for key in set(new) - set(old))


def test_head(export):
    assert export.root["version"] == export.version
    assert ("groups" in export.root) == (export.version == "6.0")
    assert ("template_groups" in export.root) == (export.version == "7.0")
    assert ("vendor" in export.template) == (export.version == "7.0")


def test_keys(export):
    """Each key stands once, and all that is named exists: in triggers, graphs, masters, widgets."""
    assert len(export.keys) == len(set(export.keys))
    used = set(re.findall(r"/%s/((?:[\w.]+)(?:\[[^\]]*\])?)" % TEMPLATE, export.text))
    assert used and used <= set(export.keys)
    for master in export.every("master_item"):
        assert master["key"] in export.keys
    for item in export.every("item"):
        assert item["host"] == TEMPLATE and item["key"] in export.keys
    graphs = {g["name"] for g in export.graphs}
    for field in export.every("fields"):
        for f in field:
            if f["type"] == "ITEM":
                assert f["value"]["key"] in export.keys
            elif f["type"].startswith("GRAPH"):
                assert f["value"]["name"] in graphs


def test_dependencies(export):
    """Each names a trigger by its name and expressions; all that polling finds waits for the agent."""
    known = {(t["name"], t["expression"], t.get("recovery_expression")) for t in export.triggers}
    silent = "FTP auth: the agent is silent"
    for t in export.triggers:
        after = t.get("dependencies", [])
        for d in after:
            assert (d["name"], d["expression"], d.get("recovery_expression")) in known
        told = "/ftp.auth.event" in t["expression"]
        assert told or t["name"] == silent or silent in [d["name"] for d in after], t["name"]
        assert t["priority"] and t["description"] and t["tags"]


def test_macros(export):
    """Each is declared, used and described, in the file and in the table of README.md."""
    declared = {m["macro"]: m for m in export.template["macros"]}
    rest = re.sub(r"\n      macros:\n(        .*\n)+", "\n", export.text)
    used = {m + "}" for m in re.findall(r"(\{\$[A-Z._]+)[:}]", rest)}
    only = {"{$FTP.AUTH.DISCOVERY.INTERVAL}"} if export.version == "7.0" else set()
    assert used | only == set(declared)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name, macro in declared.items():
        assert macro["description"]
        assert "| `%s` | `%s` |" % (name, macro["value"]) in readme


def test_value_maps(export):
    """All enumerations of the contract, with their numbers; each that is used exists."""
    maps = {m["name"]: {int(e["value"]): e["newvalue"] for e in m["mappings"]}
            for m in export.template["valuemaps"]}
    labels = {}
    for kind, name, number, *_ in rig.Contract().rows:
        if kind == "label":
            labels.setdefault(name.split(".")[0], {})[int(number)] = name.split(".")[1]
    assert {name.split("::")[1]: m for name, m in maps.items()} == labels
    assert {v["name"] for v in export.every("valuemap")} <= set(maps)


def test_oids(export):
    """Each is an object of the contract: a column with an index, a scalar's instance, or a column
    or branch that is walked."""
    contract = rig.Contract()
    if contract.base.lstrip(".") not in export.text:
        pytest.skip("the files are of another base than ftphealthd")
    objects = {oid.lstrip("."): name for oid, name in contract.names.items()}
    for item in export.items:
        oid = item.get("snmp_oid")
        described = re.fullmatch(r"FTP-AUTH-HEALTH-MIB::(\w+)", item.get("description", ""))
        if not described:
            continue
        if export.version == "7.0":
            oid = next(p["parameters"][0] for p in item["preprocessing"]
                       if p["type"] == "SNMP_WALK_VALUE")
        column, index = oid.rsplit(".", 1)
        assert objects[column] == described[1]
        assert index == ("0" if contract.kinds[described[1]] == "scalar" else "{#SNMPINDEX}")
    for oid in OID.findall(export.text):
        assert any(o == oid or o.startswith(oid + ".") or oid.startswith(o + ".") for o in objects), oid


def test_walks(export):
    """7.0: each value is within what its master reads, and no walk is longer than a key may be."""
    if export.version == "6.0":
        assert "walk[" not in export.text
        return
    walks = {i["key"]: i["snmp_oid"][len("walk["):-1].split(",") for i in export.items
             if i.get("snmp_oid", "").startswith("walk[")}
    assert max(len(",".join(oids)) for oids in walks.values()) < 500
    for thing in export.items + export.rules:
        master = walks.get(thing.get("master_item", {}).get("key"))
        if master is None:
            continue
        for p in thing["preprocessing"]:
            oids = OID.findall(" ".join(p["parameters"])) if p["type"].startswith("SNMP_WALK") else []
            for oid in oids:
                assert any(oid == o or oid.startswith(o + ".") for o in master), (thing["key"], oid)


def test_maintenance(export):
    """Polling raises no problem of a target that is in maintenance or disabled."""
    found = 0
    for t in export.triggers:
        if "{#NAME}" in t["name"] and "/ftp.auth.event" not in t["expression"]:
            assert re.search(r"admin\[ftpAuthTargetAdmin\.\{#SNMPINDEX\}\]\)=1( |$)", t["expression"])
            found += 1
    assert found == 9


def test_prototypes(export):
    """A trigger prototype takes its values from the discovery that it belongs to, or from plain
    items: others are refused."""
    plain = {i["key"] for i in export.template["items"]}
    for rule in export.rules:
        own = plain | {i["key"] for i in rule["item_prototypes"]}
        for t in rule.get("trigger_prototypes", []):
            text = t["expression"] + t.get("recovery_expression", "")
            assert set(re.findall(r"/%s/([\w.]+(?:\[[^\]]*\])?)" % TEMPLATE, text)) <= own, t["name"]


def test_ends(export):
    """What polling cannot see ends by itself, or is said not to: only functions of time are
    calculated without a new value."""
    by_name = {t["name"].split(": ", 1)[1]: t for t in export.triggers}
    sync = by_name["password synchronization was turned on or off"]
    assert " and nodata(/%s/ftp.auth.event[{#SNMPINDEX}],1h)=0" % TEMPLATE in sync["expression"]
    for t in export.triggers:
        if t["name"].endswith("(notified)"):
            by_hand = "by hand" in t["description"]
            ok = "last(/%s/ftp.auth.state[ftpAuthStatusState.{#SNMPINDEX}])=1" % TEMPLATE
            assert by_hand != (ok in t["recovery_expression"]), t["name"]
            assert by_hand == ("certificate" in t["name"] or "many" in t["name"])


def test_readme(export):
    """The numbers in its text."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    walks = [i for i in export.items if i.get("snmp_oid", "").startswith("walk[")]
    assert export.version == "6.0" or "with %d `walk[]` items" % len(walks) in text
