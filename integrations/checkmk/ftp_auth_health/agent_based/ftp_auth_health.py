#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Checkmk 2.3 and later: FTP logins as ftphealthd sees them, one service a target, over SNMP.

Install the folder ftp_auth_health as site user in ~/local/lib/python3/cmk_addons/plugins/, then run cmk -R and rediscover the
host that ftphealthd runs on. The state is the agent's own, damped there: "Maximum number of check attempts" can be 1.

Rendered by integrations/render. Not run against the real thing.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmk.agent_based.v2 import (
    CheckPlugin,
    CheckResult,
    DiscoveryResult,
    OIDEnd,
    Result,
    Service,
    SNMPSection,
    SNMPTree,
    State,
    StringTable,
    check_levels,
    exists,
    render,
)

OBJECTS = ".1.3.6.1.4.1.8072.9999.9999.269241.1"
STATES = {
    1: "ok",
    2: "atRisk",
    3: "degraded",
    4: "refused",
    5: "unreachable",
    6: "unknown",
    7: "disabled",
}
DIAGNOSES = {
    1: "none",
    2: "other",
    3: "subAuthModuleMissing",
    4: "subAuthNotRegistered",
    5: "wrongCredentials",
    6: "logonRightMissing",
    7: "accountLocked",
    8: "anonymousDisabled",
    9: "anonymousOnly",
    10: "homeInaccessible",
    11: "hostDenied",
    12: "tooManyUsers",
    13: "tlsRequired",
    14: "tlsUnavailable",
    15: "serverMisconfigured",
    16: "shuttingDown",
    17: "virtualHostRequired",
    18: "nameUnresolved",
    19: "connectRefused",
    20: "noRoute",
    21: "timedOut",
    22: "protocolError",
    23: "tlsHandshake",
    24: "certificateInvalid",
    25: "commandRefused",
    26: "passiveRedirected",
    27: "dataConnectionFailed",
    28: "dataTlsFailed",
    29: "listingFailed",
    30: "fileUnavailable",
    31: "contentMismatch",
    32: "contentTooLarge",
    33: "transferStalled",
    34: "sessionDropped",
}
AGENT_STATES = {
    1: ("starting", State.WARN),
    2: ("running", State.OK),
    3: ("impaired", State.WARN),
    4: ("stopping", State.WARN),
}


@dataclass(frozen=True)
class Target:
    host: str
    service: State
    state: str
    reply: str
    diagnosis: str
    remedy: str
    seconds: float


@dataclass(frozen=True)
class Section:
    agent: tuple[str, State]
    error: str
    service: State
    text: str
    counts: Mapping[str, int]
    targets: Mapping[str, Target]


def parse_ftp_auth_health(string_table: Sequence[StringTable]) -> Section | None:
    scalars, rows = string_table
    if not scalars:
        return None
    agent, error, service, text, *counts = scalars[0]
    targets = {}
    for _index, name, host, target_service, state, code, reply, diagnosis, remedy, total in rows:
        targets[name] = Target(
            host=host,
            service=State(int(target_service)),
            state=STATES.get(int(state), state),
            reply=f"{code} {reply}".strip() if int(code) else "",
            diagnosis=DIAGNOSES.get(int(diagnosis), "other"),
            remedy=remedy,
            seconds=int(total) / 1e6,
        )
    return Section(
        agent=AGENT_STATES.get(int(agent), (agent, State.UNKNOWN)),
        error=error,
        service=State(int(service)),
        text=text,
        counts=dict(zip(("total", "refused", "unreachable", "at_risk", "degraded"), map(int, counts))),
        targets=targets,
    )


snmp_section_ftp_auth_health = SNMPSection(
    name="ftp_auth_health",
    detect=exists(OBJECTS + ".1.1.0"),
    fetch=[
        SNMPTree(
            base=OBJECTS,
            oids=[
                "1.4",  # ftpAuthAgentState
                "1.6",  # ftpAuthAgentConfigError
                "2.1",  # ftpAuthSummaryService
                "2.2",  # ftpAuthSummaryText
                "2.3",  # ftpAuthSummaryTotal
                "2.7",  # ftpAuthSummaryRefused
                "2.8",  # ftpAuthSummaryUnreachable
                "2.5",  # ftpAuthSummaryAtRisk
                "2.6",  # ftpAuthSummaryDegraded
            ],
        ),
        SNMPTree(
            base=OBJECTS,
            oids=[
                OIDEnd(),
                "4.1.2",  # ftpAuthTargetName
                "4.1.6",  # ftpAuthTargetHost
                "5.1.2",  # ftpAuthStatusService
                "5.1.1",  # ftpAuthStatusState
                "5.1.6",  # ftpAuthStatusReplyCode
                "5.1.7",  # ftpAuthStatusReplyText
                "5.1.3",  # ftpAuthStatusDiagnosis
                "5.1.24",  # ftpAuthStatusRemedy
                "6.1.8",  # ftpAuthTimingTotal
            ],
        ),
    ],
    parse_function=parse_ftp_auth_health,
)


def discover_ftp_auth_health(section: Section) -> DiscoveryResult:
    yield from (Service(item=name) for name in section.targets)


def check_ftp_auth_health(item: str, params: Mapping, section: Section) -> CheckResult:
    if (target := section.targets.get(item)) is None:
        return
    said = f": {target.reply}" if target.reply else ""
    yield Result(state=target.service, summary=f"{target.state}: {target.host}{said}")
    if target.diagnosis != "none":
        cause = f"Cause: {target.diagnosis}"
        yield Result(state=State.OK, summary=cause, details=f"{cause}. {target.remedy}")
    yield from check_levels(
        target.seconds,
        levels_upper=params["login_time"],
        metric_name="ftp_auth_login_time",
        label="Login time",
        render_func=render.timespan,
    )


check_plugin_ftp_auth_health = CheckPlugin(
    name="ftp_auth_health",
    service_name="FTP login %s",
    discovery_function=discover_ftp_auth_health,
    check_function=check_ftp_auth_health,
    check_default_parameters={"login_time": ("no_levels", None)},
    check_ruleset_name="ftp_auth_health",
)


def discover_ftp_auth_health_summary(section: Section) -> DiscoveryResult:
    yield Service()


def check_ftp_auth_health_summary(section: Section) -> CheckResult:
    word, state = section.agent
    yield Result(state=section.service, summary=section.text)
    yield Result(state=state, notice=f"The agent is {word}" + (f": {section.error}" if section.error else ""))
    for name, count in section.counts.items():
        yield from check_levels(
            count, metric_name=f"ftp_auth_{name}", label=name.replace("_", " ").capitalize(), render_func=str, notice_only=True
        )


check_plugin_ftp_auth_health_summary = CheckPlugin(
    name="ftp_auth_health_summary",
    sections=["ftp_auth_health"],
    service_name="FTP logins",
    discovery_function=discover_ftp_auth_health_summary,
    check_function=check_ftp_auth_health_summary,
)
