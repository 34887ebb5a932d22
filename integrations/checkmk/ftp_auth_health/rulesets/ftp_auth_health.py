#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Checkmk: levels for the login time. Rendered by integrations/render. Not run against the real thing."""
from cmk.rulesets.v1 import Help, Title
from cmk.rulesets.v1.form_specs import (
    DefaultValue,
    DictElement,
    Dictionary,
    LevelDirection,
    SimpleLevels,
    TimeMagnitude,
    TimeSpan,
)
from cmk.rulesets.v1.rule_specs import CheckParameters, HostAndItemCondition, Topic


def _parameter_form() -> Dictionary:
    return Dictionary(
        help_text=Help("The state itself is that of the agent, which damps it; these levels are beside it."),
        elements={
            "login_time": DictElement(
                parameter_form=SimpleLevels(
                    title=Title("Time for a whole login"),
                    form_spec_template=TimeSpan(displayed_magnitudes=[TimeMagnitude.SECOND, TimeMagnitude.MILLISECOND]),
                    level_direction=LevelDirection.UPPER,
                    prefill_fixed_levels=DefaultValue(value=(2.5, 5.0)),
                ),
                required=True,
            ),
        },
    )


rule_spec_ftp_auth_health = CheckParameters(
    name="ftp_auth_health",
    title=Title("FTP logins (ftphealthd)"),
    topic=Topic.APPLICATIONS,
    parameter_form=_parameter_form,
    condition=HostAndItemCondition(item_title=Title("Target")),
)
