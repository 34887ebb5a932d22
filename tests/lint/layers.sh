#!/bin/bash
# SPDX-License-Identifier: ISC
# Who may include whom: agent -> probes -> common, never the other way; net-snmp in agent/snmp* only, libcurl in
# probes/ only, curl_multi_* in one file.
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 99
shopt -s extglob
n=0
deny() { # FILES PATTERN WHY
	local hits
	n=$((n + 1))
	# shellcheck disable=SC2086 # the first argument is a list of patterns
	hits=$(grep -nE "$2" $1 | sed 's/^/# /')
	if [ -z "$hits" ]; then echo "ok $n - $3"; else printf 'not ok %s - %s\n%s\n' "$n" "$3" "$hits"; fi
}
echo 1..9
deny "common/*" '#include "(agent|probes)/' 'common stands alone'
deny "probes/*" '#include "agent/' 'probes know nothing of the agent'
deny "common/* probes/*" '#include <net-snmp' 'net-snmp is not seen below the agent'
deny "agent/!(snmp*)" '#include <net-snmp' 'net-snmp is seen in agent/snmp* only'
deny "common/* agent/*" '#include <curl/|curl_(easy|multi)_' 'libcurl is seen in probes only'
deny "probes/!(transfer*)" 'curl_multi_' 'curl_multi_* is called in probes/transfer.c only'
deny 'common/* probes/* agent/!(metrics_server.c)' '#include <microhttpd' 'libmicrohttpd is seen in agent/metrics_server.c only'
deny 'common/* agent/* probes/!(tls_*|digest.c)' '#include <openssl/' 'OpenSSL is seen in probes/tls* and probes/digest.c only'
deny 'common/* agent/* probes/!(smb_session.c)' '#include <libsmbclient' 'libsmbclient is seen in probes/smb_session.c only'
