#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Checkmk: the metrics of ftp_auth_health. Rendered by integrations/render. Not run against the real thing."""
from cmk.graphing.v1 import Title
from cmk.graphing.v1.graphs import Graph
from cmk.graphing.v1.metrics import Color, DecimalNotation, Metric, StrictPrecision, TimeNotation, Unit
from cmk.graphing.v1.perfometers import Closed, FocusRange, Open, Perfometer

_COUNT = Unit(DecimalNotation(""), StrictPrecision(0))

metric_ftp_auth_login_time = Metric(
    name="ftp_auth_login_time", title=Title("FTP login time"), unit=Unit(TimeNotation()), color=Color.BLUE
)
metric_ftp_auth_total = Metric(name="ftp_auth_total", title=Title("FTP servers"), unit=_COUNT, color=Color.GRAY)
metric_ftp_auth_refused = Metric(
    name="ftp_auth_refused", title=Title("FTP servers that refuse logins"), unit=_COUNT, color=Color.RED
)
metric_ftp_auth_unreachable = Metric(
    name="ftp_auth_unreachable", title=Title("FTP servers that cannot be reached"), unit=_COUNT, color=Color.ORANGE
)
metric_ftp_auth_at_risk = Metric(
    name="ftp_auth_at_risk", title=Title("FTP servers whose logins will stop"), unit=_COUNT, color=Color.YELLOW
)
metric_ftp_auth_degraded = Metric(
    name="ftp_auth_degraded", title=Title("FTP servers on which what follows the login fails"), unit=_COUNT, color=Color.BROWN
)

perfometer_ftp_auth_login_time = Perfometer(
    name="ftp_auth_login_time",
    focus_range=FocusRange(Closed(0), Open(15)),
    segments=["ftp_auth_login_time"],
)

graph_ftp_auth_failing = Graph(
    name="ftp_auth_failing",
    title=Title("Failing FTP servers"),
    compound_lines=["ftp_auth_refused", "ftp_auth_unreachable", "ftp_auth_at_risk", "ftp_auth_degraded"],
    simple_lines=["ftp_auth_total"],
)
