/* SPDX-License-Identifier: ISC */
/* The configuration reader: values of good files, and the line that each bad one earns. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/socket.h>

#include "agent/config.h"
#include "tests/unit/config_folder.h"

/* ---------------------------------------------------------------- good files */

/* One target as text: every field of struct target_config. */
static void describe(const struct target_config *t, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s|%s|%u|%s|%s|%s|%s|%s|%s|%u|%llu|%llu|%u|%u|%s", t->name, t->host,
		t->port, t->group, t->description, t->contact, t->user,
		strncmp(t->password, "ftphealth@", 10) == 0 ? "*" : t->password,
		t->family == AF_INET            ? "4"
			: t->family == AF_INET6 ? "6"
						: "any",
		t->index, (unsigned long long)(t->interval_usec / 1000),
		(unsigned long long)(t->timeout_usec / 1000), t->raise, t->clear,
		t->enabled ? "on" : "off");
}

#define PLAIN(name, host) name "|" host "|21||||anonymous|*|any|0|60000|15000|1|1|on"

/* clang-format off */
static const struct good {
	const char *label, *text;
	const char *extra[12];
	const char *targets[8]; /* as describe() writes them, with interval and timeout in ms */
} good_rows[] = {
	{ "smallest", "targets: [ { name: ftp1, host: ftp1.example.com } ]\n", { NULL },
		{ PLAIN("ftp1", "ftp1.example.com") } },
	{ "every key of a target",
		"targets:\n"
		"  - name: iis 4\n"
		"    host: 192.0.2.7\n"
		"    port: 2121\n"
		"    group: plant-a\n"
		"    description: the old one\n"
		"    contact: ops@example.com\n"
		"    user: ftp\n"
		"    password: \"a b\"\n"
		"    interval: 5m\n"
		"    timeout: 1500ms\n"
		"    raise: 3\n"
		"    clear: 2\n"
		"    address-family: ipv4\n"
		"    index: 7\n"
		"    enabled: no\n", { NULL },
		{ "iis 4|192.0.2.7|2121|plant-a|the old one|ops@example.com|ftp|a b|4|7|300000|1500|3|2|off" } },
	{ "no targets at all", "targets: []\n", { NULL }, { NULL } },
	{ "no key targets", "store: /tmp/x\n", { NULL }, { NULL } },
	{ "everything commented out", "defaults:\ngroups:\ntargets:\ninclude:\nagentx:\n", { NULL }, { NULL } },
	{ "target over group over defaults over built in",
		"defaults: { port: 1, interval: 10m, raise: 4, contact: d, group: g }\n"
		"groups: [ { name: g, port: 2, interval: 20m }, { name: h, contact: h } ]\n"
		"targets:\n"
		"  - { name: a, host: a, port: 3 }\n"
		"  - { name: b, host: b }\n"
		"  - { name: c, host: c, group: h }\n"
		"  - { name: d, host: d, group: unknown }\n", { NULL },
		{ "a|a|3|g||d|anonymous|*|any|0|1200000|15000|4|1|on",
		  "b|b|2|g||d|anonymous|*|any|0|1200000|15000|4|1|on",
		  "c|c|1|h||h|anonymous|*|any|0|600000|15000|4|1|on",
		  "d|d|1|unknown||d|anonymous|*|any|0|600000|15000|4|1|on" } },
	{ "the built-in timeout yields to the interval",
		"defaults: { interval: 5s }\n"
		"targets: [ { name: a, host: a }, { name: b, host: b, interval: 2 }, { name: c, host: c, interval: 1h } ]\n", { NULL },
		{ "a|a|21||||anonymous|*|any|0|5000|5000|1|1|on",
		  "b|b|21||||anonymous|*|any|0|2000|2000|1|1|on",
		  "c|c|21||||anonymous|*|any|0|3600000|15000|1|1|on" } },
	{ "an interval as long as the timeout", "targets: [ { name: a, host: a, interval: 30s, timeout: 30s } ]\n", { NULL },
		{ "a|a|21||||anonymous|*|any|0|30000|30000|1|1|on" } },
	{ "durations in each unit, to their limits",
		"targets:\n"
		"- { name: a, host: a, interval: 1d, timeout: 300s }\n"
		"- { name: b, host: b, interval: 24h, timeout: 100ms }\n"
		"- { name: c, host: c, interval: 1s, timeout: 1000ms }\n"
		"- { name: d, host: d, interval: 86400, timeout: 5m }\n", { NULL },
		{ "a|a|21||||anonymous|*|any|0|86400000|300000|1|1|on",
		  "b|b|21||||anonymous|*|any|0|86400000|100|1|1|on",
		  "c|c|21||||anonymous|*|any|0|1000|1000|1|1|on",
		  "d|d|21||||anonymous|*|any|0|86400000|300000|1|1|on" } },
	{ "hosts of each kind",
		"targets:\n"
		"- { name: a, host: \"2001:db8::1\", address-family: ipv6 }\n"
		"- { name: b, host: \"fe80::1%eth0\" }\n"
		"- { name: c, host: ftp_1.example.com. }\n"
		"- { name: d, host: 3com.example, address-family: ANY }\n"
		"- { name: e, host: xn--bcher-kva.example }\n", { NULL },
		{ "a|2001:db8::1|21||||anonymous|*|6|0|60000|15000|1|1|on",
		  PLAIN("b", "fe80::1%eth0"), PLAIN("c", "ftp_1.example.com."),
		  PLAIN("d", "3com.example"), PLAIN("e", "xn--bcher-kva.example") } },
	{ "aliases, anchors, tags, quotes, CRLF and a BOM",
		"\xef\xbb\xbf" "defaults: { user: &u 'ftp', contact: !!str 5 }\r\n"
		"targets:\r\n"
		"  - { name: \"a\", host: &h h.example, password: *u }\r\n"
		"  - { name: b, host: *h, description: \"caf\\u00e9\" }\r\n", { NULL },
		{ "a|h.example|21|||5|ftp|ftp|any|0|60000|15000|1|1|on",
		  "b|h.example|21||caf\xc3\xa9|5|ftp|*|any|0|60000|15000|1|1|on" } },
	{ "an empty password, percent signs, escapes that are no NUL",
		"targets: [ { name: \"%s%n\", host: a, description: \"\\\\0 %d\", password: \"\" } ]\n", { NULL },
		{ "%s%n|a|21||\\0 %d||anonymous||any|0|60000|15000|1|1|on" } },
	{ "longest name, user and host",
		"targets: [ { name: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn, host: a } ]\n", { NULL },
		{ PLAIN("nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", "a") } },
	{ "drop-ins by name, groups for all, a wildcard that matches nothing",
		"include: [ \"targets.d/*.yaml\", \"none.d/*.yaml\", extra.yaml ]\n"
		"targets: [ { name: a, host: a, group: g } ]\n",
		{ "targets.d/", "", "targets.d/20.yaml", "targets: [ { name: c, host: c } ]\n",
		  "targets.d/10.yaml", "targets: [ { name: b, host: b } ]\ngroups: [ { name: g, port: 9 } ]\n",
		  "targets.d/30.txt", "not: read\n", "extra.yaml", "targets: [ { name: d, host: d } ]\n" },
		{ "a|a|9|g|||anonymous|*|any|0|60000|15000|1|1|on", PLAIN("b", "b"), PLAIN("c", "c"),
		  PLAIN("d", "d") } },
	{ "a file that two patterns match is read once, the main file never again",
		"include: [ \"*.yaml\", b.yaml, \"[b].yaml\" ]\n",
		{ "b.yaml", "targets: [ { name: b, host: b } ]\n" }, { PLAIN("b", "b") } },
};
/* clang-format on */

static void test_good(void **state)
{
	const struct good *row = *state;
	struct config *config;
	struct said said;
	char text[512];
	size_t n = 0;

	if (load(row->text, strlen(row->text), row->extra, &said, &config) != 0)
		fail_msg("refused: %s", said.text);
	assert_null(said.text);
	while (row->targets[n])
		n++;
	assert_int_equal(config->n_targets, n);
	for (size_t i = 0; i < n; i++) {
		describe(&config->targets[i], text, sizeof(text));
		assert_string_equal(text, row->targets[i]);
	}
	config_free(config);
}

/* ---------------------------------------------------------------- bad files */

#define ALLOWED_TOP \
	"the keys allowed here are store agentx oid-base max-concurrent history events notifications flap metrics defaults groups targets " \
	"include"
#define ALLOWED_TARGET \
	"the keys allowed here are name host port group description contact user password netrc credential " \
	"source proxy " \
	"interval timeout raise clear address-family index enabled " \
	"tls tls-verify tls-ca tls-crl tls-server-name tls-min-version tls-certificate tls-key tls-warn-days after-login evidence"
#define ALLOWED_DEFAULTS \
	"the keys allowed here are port group contact user password netrc credential source proxy interval timeout raise clear " \
	"address-family enabled tls tls-verify tls-ca tls-crl tls-server-name tls-min-version tls-certificate tls-key tls-warn-days after-login evidence"
#define HEAD "targets:\n- { name: a, host: a, "
#define N16 "nnnnnnnnnnnnnnnn"
#define N64 N16 N16 N16 N16

/* clang-format off */
static const struct bad {
	const char *label, *text;
	const char *want; /* all complaints; the folder stands as @ */
	const char *extra[8];
} bad_rows[] = {
	{ .label = "unknown key, spelling", "targets:\n- name: a\n  host: a\n  intervall: 3\n",
		"@/main.yaml:4: targets[0].intervall: unknown key, did you mean interval?; " ALLOWED_TARGET "\n" },
	{ .label = "unknown key, like none", "targets: []\nfrobnicate: { a: [ b ] }\n",
		"@/main.yaml:2: frobnicate: unknown key; " ALLOWED_TOP "\n" },
	{ .label = "unknown key, like one of another place", "targets: []\nintervall: 3\n",
		"@/main.yaml:2: intervall: unknown key, did you mean interval, which belongs in defaults, groups, targets, evidence?; " ALLOWED_TOP "\n" },
	{ .label = "key in the wrong place", "defaults:\n  host: a\n",
		"@/main.yaml:2: defaults.host: the key is not allowed here, only in targets; " ALLOWED_DEFAULTS "\n" },
	{ .label = "key that is no word", "targets: []\n? [ a ]\n: b\n",
		"@/main.yaml:2: ?: a key is a list, not a word; write KEY: VALUE\n" },
	{ .label = "mapping for a list", "targets: { a: b }\n",
		"@/main.yaml:1: targets: is a mapping, not a list; write a list of mappings, such as [ { name: ftp1, host: ftp1.example.com } ]\n" },
	{ .label = "list for a value", "targets:\n- name: a\n  host:\n  - a\n",
		"@/main.yaml:4: targets[0].host: is a list, not a single value; write a host name, an IPv4 or an IPv6 address\n" },
	{ .label = "value for a mapping", "defaults: 5\ntargets:\n- ftp1\n",
		"@/main.yaml:1: defaults: is a single value, not a mapping; write a mapping, such as { interval: 60s }\n"
		"@/main.yaml:3: targets[0]: is a single value, not a mapping; write KEY: VALUE pairs, such as name: NAME\n" },
	{ .label = "a list in the list of patterns", "include:\n- [ a ]\n",
		"@/main.yaml:2: include[0]: is a list, not a pattern; write a list of patterns, such as [ \"targets.d/*.yaml\" ]\n" },
	{ .label = "not a mapping at all", "- a\n", "@/main.yaml:1: file: is a list, not a mapping; write KEY: VALUE lines\n" },
	{ .label = "duplicate key", "targets:\n- name: a\n  host: a\n  port: 1\n  port: 2\n",
		"@/main.yaml:5: targets[0].port: the key is there a second time; keep one of the two\n" },
	{ .label = "duplicate target name", "targets:\n- { name: a, host: a }\n- { name: b, host: b }\n- { host: c, \n name: a }\n",
		"@/main.yaml:5: targets[2].name: \"a\" is already the name of the target at @/main.yaml:2; give each target a name of its own\n" },
	{ .label = "duplicate name in another file", "targets:\n- { name: a, host: a }\ninclude: [ b.yaml ]\n",
		"@/b.yaml:3: targets[1].name: \"a\" is already the name of the target at @/main.yaml:2; give each target a name of its own\n",
		{ "b.yaml", "targets:\n- { name: b, host: b }\n- { name: a, host: a }\n" } },
	{ .label = "duplicate index", "targets:\n- { name: a, host: a, index: 3 }\n- { name: b, host: b, index: 3 }\n- { name: c, host: c }\n- { name: d, host: d }\n",
		"@/main.yaml:3: targets[1].index: 3 is already the index of the target at @/main.yaml:2; give each target an index of its own\n" },
	{ .label = "duplicate group", "groups:\n- { name: g }\n- { name: g }\n",
		"@/main.yaml:3: groups[1].name: \"g\" is already the name of the group at @/main.yaml:2; give each group a name of its own, or make them one\n" },
	{ .label = "no name, no host", "targets:\n- { host: a }\n- { name: b }\ngroups:\n- { port: 1 }\n",
		"@/main.yaml:2: targets[0]: there is no name; add name: NAME\n"
		"@/main.yaml:3: targets[1]: there is no host; add host: HOST\n"
		"@/main.yaml:5: groups[0]: there is no name; add name: NAME\n" },
	{ .label = "port 0", HEAD "port: 0 }\n", "@/main.yaml:2: targets[0].port: \"0\" is not a port; write a number from 1 to 65535\n" },
	{ .label = "port 65536", HEAD "port: 65536 }\n", "@/main.yaml:2: targets[0].port: \"65536\" is not a port; write a number from 1 to 65535\n" },
	{ .label = "port ftp", HEAD "port: ftp }\n", "@/main.yaml:2: targets[0].port: \"ftp\" is not a port; write a number from 1 to 65535\n" },
	{ .label = "empty port", HEAD "port: }\n", "@/main.yaml:2: targets[0].port: \"\" is not a port; write a number from 1 to 65535\n" },
	{ .label = "negative count", HEAD "raise: -1 }\n", "@/main.yaml:2: targets[0].raise: \"-1\" is not a count; write a number from 1 to 1000\n" },
	{ .label = "count without end", HEAD "raise: 99999999999999999999999999 }\n",
		"@/main.yaml:2: targets[0].raise: \"99999999999999999999999999\" is not a count; write a number from 1 to 1000\n" },
	{ .label = "index 0", HEAD "index: 0 }\n",
		"@/main.yaml:2: targets[0].index: \"0\" is not an index; write a number from 1 to 2147483647, or leave the key out\n" },
	{ .label = "interval too long", HEAD "interval: 2d }\n",
		"@/main.yaml:2: targets[0].interval: \"2d\" is too long; write a duration from 1s to 1d, such as 60s or 5m\n" },
	{ .label = "interval too short", HEAD "interval: 999ms }\n",
		"@/main.yaml:2: targets[0].interval: \"999ms\" is too short; write a duration from 1s to 1d, such as 60s or 5m\n" },
	{ .label = "interval that overflows", HEAD "interval: 999999999999999999d }\n",
		"@/main.yaml:2: targets[0].interval: \"999999999999999999d\" is too long; write a duration from 1s to 1d, such as 60s or 5m\n" },
	{ .label = "unit that is none", HEAD "timeout: 5 sec }\n",
		"@/main.yaml:2: targets[0].timeout: \"5 sec\" is not a duration; write a duration from 100ms to 300s, such as 15s\n" },
	{ .label = "interval shorter than the timeout", "targets:\n- name: a\n  host: a\n  timeout: 90s\n  interval: 1m\n",
		"@/main.yaml:5: targets[0].interval: the interval of 60s is shorter than the timeout of 90s; write an interval of at least 90s, or a timeout of at most 60s\n" },
	{ .label = "built-in interval shorter than the timeout", HEAD "timeout: 90s }\n",
		"@/main.yaml:2: targets[0].timeout: the interval of 60s is shorter than the timeout of 90s; write an interval of at least 90s, or a timeout of at most 60s\n" },
	{ .label = "the same in defaults, told once", "defaults:\n  interval: 1500ms\n  timeout: 2s\ntargets: [ { name: a, host: a }, { name: b, host: b } ]\n",
		"@/main.yaml:2: defaults.interval: the interval of 1500ms is shorter than the timeout of 2s; write an interval of at least 2s, or a timeout of at most 1500ms\n" },
	{ .label = "the same in a group", "defaults: { interval: 2m }\ngroups:\n- name: g\n  timeout: 300s\ntargets: [ { name: a, host: a, group: g } ]\n",
		"@/main.yaml:4: groups[0].timeout: the interval of 2m is shorter than the timeout of 5m; write an interval of at least 5m, or a timeout of at most 2m\n" },
	{ .label = "the same in defaults without a target", "defaults: { interval: 5s, timeout: 10s }\n",
		"@/main.yaml:1: defaults.interval: the interval of 5s is shorter than the timeout of 10s; write an interval of at least 10s, or a timeout of at most 5s\n" },
	{ .label = "line end in a user", HEAD "user: \"a\\r\\nDELE x\" }\n",
		"@/main.yaml:2: targets[0].user: \"a\\x0D\\x0ADELE x\" has a control character, which would cut the FTP command; take it out; write the value on one line\n" },
	{ .label = "line end in a password, which is not repeated", HEAD "password: \"hush\\n\" }\n",
		"@/main.yaml:2: targets[0].password: the value has a control character, which would cut the FTP command; take it out; write the value on one line\n" },
	{ .label = "NUL in a password", HEAD "password: \"hush\\0\" }\n", "@/main.yaml:2: targets[0].password: the value has a NUL in it; take it out\n" },
	{ .label = "empty user", HEAD "user: \"\" }\n", "@/main.yaml:2: targets[0].user: \"\" is empty; write 1 to 255 octets on one line\n" },
	{ .label = "name too long", "targets:\n- { name: " N64 "x, host: a }\n",
		"@/main.yaml:2: targets[0].name: \"" N16 N16 N16 "...\" is 65 octets long, the limit is 64; shorten it\n" },
	{ .label = "user too long", HEAD "user: " N64 N64 N64 N64 " }\n",
		"@/main.yaml:2: targets[0].user: \"" N16 N16 N16 "...\" is 256 octets long, the limit is 255; shorten it\n" },
	{ .label = "name that is not ASCII", "targets:\n- { name: caf\xc3\xa9, host: a }\n",
		"@/main.yaml:2: targets[0].name: \"caf\\xC3\\xA9\" has characters that are not printable ASCII; write 1 to 64 printable ASCII characters\n" },
	{ .label = "escape in a description", HEAD "description: \"\\e[2J\" }\n",
		"@/main.yaml:2: targets[0].description: \"\\x1B[2J\" has control characters; take them out\n" },
	{ .label = "host that is not ASCII", "targets:\n- { name: a, host: b\xc3\xbc" "cher.example }\n",
		"@/main.yaml:2: targets[0].host: \"b\\xC3\\xBC" "cher.example\" has characters that are not ASCII; write an internationalised name in its xn-- form\n" },
	{ .label = "host with a port", "targets:\n- { name: a, host: \"ftp.example.com:21\" }\n",
		"@/main.yaml:2: targets[0].host: \"ftp.example.com:21\" has a port in it; write the host alone, and the port in the key port\n" },
	{ .label = "host in brackets", "targets:\n- { name: a, host: \"[2001:db8::1]:21\" }\n",
		"@/main.yaml:2: targets[0].host: \"[2001:db8::1]:21\" has brackets; write the IPv6 address without them, and a port in the key port\n" },
	{ .label = "host that is a URL", "targets:\n- { name: a, host: \"ftp://a\" }\n",
		"@/main.yaml:2: targets[0].host: \"ftp://a\" is a URL; write the host alone\n" },
	{ .label = "host that is half an address", "targets:\n- { name: a, host: 192.0.2.300 }\n- { name: b, host: \"2001:db8:::1\" }\n- { name: c, host: a..b }\n- { name: d, host: \"192.0.2.1%eth0\" }\n- { name: e, host: \"fe80::1%\" }\n- { name: f, host: \"a b\" }\n",
		"@/main.yaml:2: targets[0].host: \"192.0.2.300\" is not a host; write a host name, an IPv4 or an IPv6 address\n"
		"@/main.yaml:3: targets[1].host: \"2001:db8:::1\" is not a host; write a host name, an IPv4 or an IPv6 address\n"
		"@/main.yaml:4: targets[2].host: \"a..b\" is not a host; write a host name, an IPv4 or an IPv6 address\n"
		"@/main.yaml:5: targets[3].host: \"192.0.2.1%eth0\" is not a host; write a host name, an IPv4 or an IPv6 address\n"
		"@/main.yaml:6: targets[4].host: \"fe80::1%\" is not a host; write a host name, an IPv4 or an IPv6 address\n"
		"@/main.yaml:7: targets[5].host: \"a b\" is not a host; write a host name, an IPv4 or an IPv6 address\n" },
	{ .label = "family that is none", HEAD "address-family: 4 }\n", "@/main.yaml:2: targets[0].address-family: \"4\" is not a family; write any, ipv4 or ipv6\n" },
	{ .label = "boolean that is none", HEAD "enabled: 1 }\n", "@/main.yaml:2: targets[0].enabled: \"1\" is not a boolean; write true or false\n" },
	{ .label = "top level values", "max-concurrent: 100001\noid-base: 1.3.x\nstore: ''\nagentx:\n  socket: ''\n",
		"@/main.yaml:1: max-concurrent: \"100001\" is not a count; write a number from 1 to 100000\n"
		"@/main.yaml:2: oid-base: \"1.3.x\" is not an oid; write 4 to 32 numbers with dots, such as 1.3.6.1.4.1.8072.9999.9999.269241\n"
		"@/main.yaml:3: store: \"\" is empty; write the path of a file, such as /var/lib/ftphealth/state.db\n"
		"@/main.yaml:5: agentx.socket: \"\" is empty; write a transport address, such as unix:/var/agentx/master or tcp:127.0.0.1:705\n" },
	{ .label = "values of the mappings at the top", "history: { rows: x, age: 1s }\nevents: 0\nnotifications:\n  storm: -1\n  repeat: 2d\nflap: { changes: 8 }\n",
		"@/main.yaml:1: history.rows: \"x\" is not a count; write a number from 0 to 1000000\n"
		"@/main.yaml:1: history.age: \"1s\" is too short; write a duration from 1m to 3650d, such as 7d\n"
		"@/main.yaml:2: events: \"0\" is not a count; write a number from 1 to 100000\n"
		"@/main.yaml:4: notifications.storm: \"-1\" is not a count; write a number from 0 to 100000\n"
		"@/main.yaml:5: notifications.repeat: \"2d\" is too long; write a duration from 0s to 1d, such as 1h\n"
		"@/main.yaml:6: flap.changes: \"8\" is not a count; write a number from 0 to 7\n" },
	{ .label = "metrics at no address", "metrics: { listen: localhost:80 }\n",
		"@/main.yaml:1: metrics.listen: \"localhost:80\" is no address to listen on; write a socket or an address with a port, such as unix:/run/ftphealth/metrics or 127.0.0.1:26924\n" },
	{ .label = "metrics for other hosts", "metrics:\n  remote: false\n  listen: 192.0.2.1:80\n",
		"@/main.yaml:3: metrics.listen: \"192.0.2.1:80\" lets other hosts ask, and nobody is asked for a password; write an address of this host alone, such as 127.0.0.1:26924, or add remote: true\n" },
	{ .label = "metrics, whether for other hosts", "metrics: { listen: 0.0.0.0:80, remote: perhaps }\n",
		"@/main.yaml:1: metrics.remote: \"perhaps\" is not a boolean; write true or false\n"
		"@/main.yaml:1: metrics.listen: \"0.0.0.0:80\" lets other hosts ask, and nobody is asked for a password; write an address of this host alone, such as 127.0.0.1:26924, or add remote: true\n" },
	{ .label = "oid too short", "oid-base: 1.3.6\n",
		"@/main.yaml:1: oid-base: \"1.3.6\" is not an oid; write 4 to 32 numbers with dots, such as 1.3.6.1.4.1.8072.9999.9999.269241\n" },
	{ .label = "oid that cannot be", "oid-base: 1.40.6.1\n",
		"@/main.yaml:1: oid-base: \"1.40.6.1\" is not an oid; write 4 to 32 numbers with dots, such as 1.3.6.1.4.1.8072.9999.9999.269241\n" },
	{ .label = "empty file", "", "@/main.yaml:1: file: there is nothing in the file; write targets: [] if no server is to be watched\n" },
	{ .label = "comments only", "# nothing yet\n", "@/main.yaml:1: file: there is nothing in the file; write targets: [] if no server is to be watched\n" },
	{ .label = "syntax", "targets:\n- { name: a,\n host: a ]\n- { name: b }\n",
		"@/main.yaml:3: YAML: while parsing a flow mapping, did not find expected ',' or '}'; look at column 10: brackets, quotes, colons and indentation\n" },
	{ .label = "tab", "targets:\n\t- { name: a, host: a }\n",
		"@/main.yaml:2: YAML: while scanning for the next token, found character that cannot start any token; indent with spaces, not with tabs\n" },
	{ .label = "not UTF-8", "targets: []\n# caf\xe9 au lait\n", "@/main.yaml:2: YAML: invalid trailing UTF-8 octet; save the file as UTF-8 text\n" },
	{ .label = "second document", "targets: []\n---\ntargets: []\n",
		"@/main.yaml:2: file: a second document begins here; take the --- line out, or divide the file\n" },
	{ .label = "alias without anchor", "targets:\n- name: a\n  host: *nobody\n",
		"@/main.yaml:3: targets[0].host: No anchor found for alias: 'nobody'; compare with the example in ftphealth.yaml(5)\n" },
	{ .label = "alias of the wrong type", "include: &i [ x ]\ntargets: [ { name: a,\n host: *i } ]\n",
		"@/main.yaml:1: targets[0].host: Expecting STRING, got event: SEQUENCE_START; compare with the example in ftphealth.yaml(5)\n" },
	{ .label = "fault behind an alias", "targets:\n- &t { name: a, host: a, port: 0 }\n- *t\n",
		"@/main.yaml:2: targets[0].port: \"0\" is not a port; write a number from 1 to 65535\n"
		"@/main.yaml:3: targets[1].port: \"0\" is not a port; write a number from 1 to 65535\n"
		"@/main.yaml:3: targets[1].name: \"a\" is already the name of the target at @/main.yaml:2; give each target a name of its own\n" },
	{ .label = "all faults of one file at once, by line", "targets:\n- name: a\n  hst: a\n  port: 0\n- name: b\n  host: b\n  interval: x\n",
		"@/main.yaml:2: targets[0]: there is no host; add host: HOST\n"
		"@/main.yaml:3: targets[0].hst: unknown key, did you mean host?; " ALLOWED_TARGET "\n"
		"@/main.yaml:4: targets[0].port: \"0\" is not a port; write a number from 1 to 65535\n"
		"@/main.yaml:7: targets[1].interval: \"x\" is not a duration; write a duration from 1s to 1d, such as 60s or 5m\n" },
	{ .label = "drop-in that is not there", "targets: []\ninclude:\n- none.yaml\n",
		"@/main.yaml:3: include[0]: cannot read @/none.yaml: No such file or directory; see that the file exists and that the user of the daemon may read it\n" },
	{ .label = "drop-in that cannot be read", "targets: []\ninclude:\n- \"*.d\"\n",
		"@/main.yaml:3: include[0]: cannot read @/loop.d: Too many levels of symbolic links; see that the file exists and that the user of the daemon may read it\n",
		{ "loop.d>", "loop.d" } },
	{ .label = "drop-in that is a folder", "include: [ \"*.d\" ]\n", "@/main.yaml:1: include[0]: cannot read @/x.d: it is a folder; name a file\n", { "x.d/", "" } },
	{ .label = "drop-in that is a FIFO", "include: [ x ]\n", "@/main.yaml:1: include[0]: cannot read @/x: it is not a regular file; name a file that holds YAML\n", { "x|", "" } },
	{ .label = "drop-in with a key of the main file", "include: [ x ]\n",
		"@/x:2: store: the key is not allowed here, only in the top level of the main file; the keys allowed here are groups targets\n",
		{ "x", "targets: []\nstore: /tmp/x\n" } },
	{ .label = "faults in two drop-ins", "include: [ \"*.d\" ]\ntargets: [ { name: a, host: a, port: 0 } ]\n",
		"@/main.yaml:2: targets[0].port: \"0\" is not a port; write a number from 1 to 65535\n"
		"@/1.d:1: YAML: while parsing a block mapping, did not find expected key; look at column 14: brackets, quotes, colons and indentation\n"
		"@/2.d:1: targets[0].raise: \"no\" is not a count; write a number from 1 to 1000\n",
		{ "1.d", "targets: [ ] ]", "2.d", "targets: [ { name: b, host: b, raise: no } ]" } },
	{ .label = "files of TLS", "defaults:\n  tls: explicit\n  tls-ca: ca.pem\n  tls-crl: \"/a\\e[2J\"\n  tls-key: ''\n"
		"targets:\n- { name: a, host: a, tls-min-version: \"2\" }\n",
		"@/main.yaml:3: defaults.tls-ca: \"ca.pem\" is not an absolute path; write the absolute path of a file, such as /etc/ftphealth/ca.pem\n"
		"@/main.yaml:4: defaults.tls-crl: \"/a\\x1B[2J\" has control characters, or is not UTF-8; take them out\n"
		"@/main.yaml:5: defaults.tls-key: \"\" is empty; write the absolute path of a file, such as /etc/ftphealth/client.key\n"
		"@/main.yaml:7: targets[0].tls-min-version: \"2\" is not a version; write 1.0, 1.1, 1.2 or 1.3\n" },
	{ .label = "files of TLS that are not there, told once", "defaults: { tls: explicit, tls-ca: /none.pem }\ntargets: [ { name: a, host: a }, { name: b, host: b } ]\n",
		"@/main.yaml:1: defaults.tls-ca: /none.pem: No such file or directory; write the path of a file that can be read\n" },
	{ .label = "a key without its certificate", HEAD "tls: implicit, tls-key: /k }\n",
		"@/main.yaml:2: targets[0].tls-key: there is no certificate; add tls-certificate: FILE, the certificate of this key, or take tls-key out\n" },
	{ .label = "a mapping of TLS", HEAD "tls: { mode: explicit } }\n",
		"@/main.yaml:2: targets[0].tls: is a mapping, not a single value; write none, explicit or implicit\n" },
	{ .label = "empty pattern", "include: [ '' ]\n", "@/main.yaml:1: include[0]: \"\" is empty; write a list of patterns, such as [ \"targets.d/*.yaml\" ]\n" },
};
/* clang-format on */

static void test_bad(void **state)
{
	const struct bad *row = *state;
	struct config *config;
	struct said said;

	assert_int_equal(load(row->text, strlen(row->text), row->extra, &said, &config), -EINVAL);
	assert_null(config);
	assert_non_null(said.text);
	assert_string_equal(said.text, row->want);
	free(said.text);
}

/* ---------------------------------------------------------------- others */

static void top_level(void **state)
{
	static const char text[] = "store: /run/x.db\nagentx: { socket: \"tcp:127.0.0.1:705\" }\n"
				   "oid-base: .1.3.6.1.4.1.4711\nmax-concurrent: 100000\n"
				   "history: { rows: 0, age: 1m }\nevents: 7\n"
				   "notifications: { waiting: 100, min-interval: 5m, repeat: 1h,\n"
				   "  heartbeat: 2m, storm: 0 }\n"
				   "flap: { changes: 0, window: 2m, quiet: 30s }\n"
				   "metrics: { listen: \"[::]:9\", remote: true }\n";
	struct config *config;
	struct said said;

	assert_int_equal(load(text, strlen(text), NULL, &said, &config), 0);
	assert_string_equal(config->store, "/run/x.db");
	assert_string_equal(config->agentx_socket, "tcp:127.0.0.1:705");
	assert_string_equal(config->oid_base, ".1.3.6.1.4.1.4711");
	assert_int_equal(config->max_concurrent, 100000);
	assert_int_equal(config->history_rows, 0);
	assert_int_equal(config->history_age_usec, 60 * USEC_PER_SEC);
	assert_int_equal(config->event_rows, 7);
	assert_int_equal(config->notices_max, 100);
	assert_int_equal(config->settings.min_interval_s, 300);
	assert_int_equal(config->settings.repeat_s, 3600);
	assert_int_equal(config->settings.heartbeat_s, 120);
	assert_int_equal(config->settings.storm, 0);
	assert_int_equal(config->flap.changes, 0);
	assert_int_equal(config->flap.window_usec, 120 * USEC_PER_SEC);
	assert_int_equal(config->flap.quiet_usec, 30 * USEC_PER_SEC);
	assert_string_equal(config->metrics_listen, "[::]:9");
	assert_non_null(strstr(config->path, "/main.yaml"));
	config_free(config);
}

static void top_level_left_out(void **state)
{
	struct config *config;
	struct said said;

	assert_int_equal(load("targets: []", 11, NULL, &said, &config), 0);
	assert_string_equal(config->store, "/var/lib/ftphealth/state.db");
	assert_null(config->agentx_socket);
	assert_null(config->oid_base);
	assert_int_equal(config->max_concurrent, 500);
	assert_int_equal(config->history_rows, 300);
	assert_int_equal(config->event_rows, 1000);
	assert_int_equal(config->notices_max, 10000);
	assert_int_equal(config->settings.storm, 100);
	assert_int_equal(config->settings.repeat_s, 0);
	assert_true(config->settings.enabled);
	assert_int_equal(config->flap.changes, 6);
	assert_null(config->metrics_listen);
	config_free(config);
	assert_null(config_free(NULL));
}

static const struct unreadable {
	const char *label, *path;
	int want;
	const char *say;
} unreadable_rows[] = {
	{ "main file that is not there", "/nonexistent/a%s.yaml", -ENOENT,
		"/nonexistent/a%s.yaml:1: file: cannot read /nonexistent/a%s.yaml: No such file or "
		"directory; see that the file exists and that the user of the daemon may read "
		"it\n" },
	{ "main file that is a folder", "/tmp", -EISDIR,
		"/tmp:1: file: cannot read /tmp: it is a folder; name a file\n" },
	{ "main file that is a device", "/dev/null", -EINVAL,
		"/dev/null:1: file: cannot read /dev/null: it is not a regular file; name a file "
		"that holds YAML\n" },
};

static void test_unreadable(void **state)
{
	const struct unreadable *row = *state;
	struct config *config = NULL;
	struct said said = { .folder = "\n" };

	assert_int_equal(config_load(row->path, on_complaint, &said, &config), row->want);
	assert_null(config);
	assert_string_equal(said.text, row->say);
	free(said.text);
}

/* A repeated text: the file is small, what it stands for is not. */
static void bomb_of_values(void **state)
{
	enum { LONG = 100000, TIMES = 10000 };
	_cleanup_(freep) char *text = NULL;
	struct config *config;
	struct said said;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fprintf(f, "targets:\n- { name: a, host: a, description: &d '");
	for (size_t i = 0; i < LONG; i++)
		fputc('x', f);
	fprintf(f, "' }\n");
	for (size_t i = 0; i < TIMES; i++)
		fprintf(f, "- { name: t%zu, host: a, description: *d }\n", i);
	fclose(f);
	assert_int_equal(load(text, len, NULL, &said, &config), -EINVAL);
	assert_int_equal(said.lines, 1);
	assert_non_null(strstr(said.text, "aliases repeat too much"));
	free(said.text);
}

/* Ten aliases of ten aliases of ten ... */
static void bomb_of_lists(void **state)
{
	static const char text[] = "include: &a [ x, x, x, x, x, x, x, x ]\n"
				   "groups: &b [ *a, *a, *a, *a, *a, *a, *a, *a ]\n"
				   "targets: [ *b, *b, *b, *b, *b, *b, *b, *b ]\n";
	struct config *config;
	struct said said;

	assert_int_equal(load(text, strlen(text), NULL, &said, &config), -EINVAL);
	assert_true(said.lines > 0);
	free(said.text);
}

/* libyaml takes minutes for this when it is read to its end. */
static void deep_nesting(void **state)
{
	enum { DEPTH = 1000000 };
	_cleanup_(freep) char *text = malloc(DEPTH);
	struct config *config;
	struct said said;

	memset(text, '[', DEPTH);
	memcpy(text, "targets: ", 9);
	assert_int_equal(load(text, DEPTH, NULL, &said, &config), -EINVAL);
	assert_non_null(strstr(said.text, "main.yaml:1: YAML: more than 32 lists or mappings"));
	free(said.text);
}

static void many_targets(void **state)
{
	enum { MANY = 20000 };
	_cleanup_(freep) char *text = NULL;
	struct config *config;
	struct said said;
	char name[32];
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fprintf(f, "targets:\n");
	for (int i = 0; i < MANY; i++)
		fprintf(f, "- { name: t%d, host: h%d.example }\n", i, i);
	fclose(f);
	for (int times = 0; times < 2; times++) {
		assert_int_equal(load(text, len, NULL, &said, &config), 0);
		assert_int_equal(config->n_targets, MANY);
		for (int i = 0; i < MANY; i++) {
			snprintf(name, sizeof(name), "t%d", i);
			assert_string_equal(config->targets[i].name, name);
		}
		config_free(config);
	}
}

/* A hundred thousand copies of one password would be most of the memory: all that are equal are
 * one, whoever said them. */
static void texts_are_shared(void **state)
{
	static const char text[] = "defaults: { user: monitor, contact: noc }\n"
				   "groups:\n- { name: g, user: monitor }\n"
				   "targets:\n- { name: a, host: h }\n- { name: b, host: i }\n"
				   "- { name: c, host: j, user: other }\n"
				   "- { name: d, host: k, user: monitor, contact: noc }\n"
				   "- { name: e, host: l, group: g }\n"
				   "- { name: f, host: m, group: g }\n";
	struct target_config *t, kept;
	struct config *config;
	struct said said;

	assert_int_equal(load(text, sizeof(text) - 1, NULL, &said, &config), 0);
	t = config->targets;
	assert_ptr_equal(t[0].user, t[1].user);
	assert_ptr_equal(t[0].password, t[3].password);
	assert_ptr_equal(t[4].group, t[5].group);
	assert_string_equal(t[4].group, "g");
	assert_string_equal(t[2].user, "other");
	assert_string_equal(t[2].contact, "noc");
	assert_string_equal(t[3].host, "k");
	assert_true(t[0].texts != t[2].texts && t[0].texts != t[4].texts);
	kept = t[1];
	t[1] = (struct target_config){ 0 };
	config_free(config);
	assert_string_equal(kept.user, "monitor"); /* as long as one has it */
	target_config_done(&kept);
	assert_null(kept.user);
	free(said.text);
}

static void contract(void **state)
{
	_cleanup_(freep) char *text = NULL;
	size_t len, lines = 0;
	FILE *f = open_memstream(&text, &len);

	config_print_contract(f);
	fclose(f);
	assert_non_null(strstr(text, "key\tstore\t-\tpath\t-\n"));
	assert_non_null(strstr(text, "key\tagentx.socket\t-\taddress\t-\n"));
	assert_non_null(strstr(text, "key\tdefaults.interval\t-\tduration\t60\n"));
	assert_non_null(strstr(text, "key\tdefaults.port\t-\tport\t21\n"));
	assert_non_null(strstr(text, "key\tnotifications.storm\t-\tcount\t100\n"));
	assert_non_null(strstr(text, "key\tnotifications.repeat\t-\tduration\t0\n"));
	assert_non_null(strstr(text, "key\thistory.age\t-\tduration\t604800\n"));
	assert_non_null(strstr(text, "key\tgroups.interval\t-\tduration\t-\n"));
	assert_non_null(strstr(text, "key\tgroups.name\t-\tname\t-\n"));
	assert_non_null(strstr(text, "key\ttargets.host\t-\thost\t-\n"));
	assert_non_null(strstr(text, "key\tdefaults.evidence.module\t-\tlist\t-\n"));
	assert_non_null(strstr(text, "key\tgroups.evidence.log.client\t-\thost\t-\n"));
	assert_non_null(strstr(text, "key\ttargets.evidence.setting.url\t-\taddress\t-\n"));
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, 195);
}

static void many_faults(void **state)
{
	_cleanup_(freep) char *text = NULL;
	struct config *config;
	struct said said;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fprintf(f, "targets:\n");
	for (size_t i = 0; i < 5000; i++)
		fprintf(f, "- { name: t%zu, host: a, port: 0 }\n", i);
	fclose(f);
	assert_int_equal(load(text, len, NULL, &said, &config), -EINVAL);
	assert_int_equal(said.lines, 101);
	assert_non_null(strstr(said.text, "main.yaml:102: file: 4900 more faults from here on"));
	free(said.text);
}

int main(void)
{
	UNIT_ROWS(good_rows, test_good);
	UNIT_ROWS(bad_rows, test_bad);
	UNIT_ROWS(unreadable_rows, test_unreadable);
	UNIT_TEST(top_level);
	UNIT_TEST(top_level_left_out);
	UNIT_TEST(bomb_of_values);
	UNIT_TEST(bomb_of_lists);
	UNIT_TEST(deep_nesting);
	UNIT_TEST(many_targets);
	UNIT_TEST(many_faults);
	UNIT_TEST(texts_are_shared);
	UNIT_TEST(contract);
	return unit_run("config");
}
