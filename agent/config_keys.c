/* SPDX-License-Identifier: ISC */
/* Every key of the configuration: one row each, for reading, for messages and for --contract. */
#include "agent/config_private.h"

#include <assert.h>
#include <string.h>

#include "probes/snmp_protocol.h"

#define AT(place) (1u << PLACE_##place)
#define TOP_LEVELS (AT(TOP) | AT(DROPIN))
#define LAYERS (AT(DEFAULTS) | AT(GROUP) | AT(TARGET))
#define NAMED (AT(GROUP) | AT(TARGET))
#define HOUR (3600 * SEC)
#define DAY (24 * HOUR)
#define MSEC USEC_PER_MSEC
#define SEC USEC_PER_SEC
#define GIB (UINT64_C(1) << 30)

#define SCALAR(key, where, parser, type, field, low, high, word, what) \
	{ \
		.name = key, .places = where, .parse = config_parse_##parser, \
		.offset = offsetof(struct type, field), .min = low, .max = high, .syntax = word, \
		.expects = what \
	}
#define TARGET(key, where, parser, field, low, high, word, what) \
	SCALAR(key, where, parser, target_config, field, low, high, word, what)
#define SECRET(key, where, parser, field, low, high, word, what) \
	{ \
		.name = key, .places = where, .parse = config_parse_##parser, .secret = true, \
		.offset = offsetof(struct target_config, field), .min = low, .max = high, \
		.syntax = word, .expects = what \
	}
#define APART(key, which, type, parser, field, low, high, word, what) \
	{ \
		.name = key, .places = LAYERS, .parse = config_parse_##parser, .draft = which, \
		.offset = offsetof(struct type, field), .min = low, .max = high, .syntax = word, \
		.expects = what \
	}
#define ACCESS(key, parser, field, low, high, word, what) \
	APART(key, DRAFT_ACCESS, access_draft, parser, field, low, high, word, what)
#define SECURITY(key, parser, field, low, high, word, what) \
	APART(key, DRAFT_TLS, tls_settings, parser, field, low, high, word, what)
#define EVIDENCE(key, parser, field, low, high, word, what) \
	SCALAR(key, AT(EVIDENCE), parser, evidence_draft, field, low, high, word, what)
#define SETTING(key, parser, field, low, high, word, what) \
	SCALAR(key, AT(SETTING), parser, evidence_draft, source.field, low, high, word, what)
#define LOG(key, parser, field, low, high, word, what) \
	SCALAR(key, AT(LOG), parser, evidence_draft, source.field, low, high, word, what)
#define SNMP(key, parser, field, low, high, word, what) \
	SCALAR(key, AT(SNMP), parser, evidence_draft, source.field, low, high, word, what)
#define AFTER(key, parser, field, low, high, word, what) \
	SCALAR(key, AT(AFTER), parser, after_settings, field, low, high, word, what)
#define PART(key, where, form, place, word, what) \
	{ \
		.name = key, .places = where, .shape = SHAPE_##form, .child = PLACE_##place, \
		.syntax = word, .expects = what \
	}

/* clang-format off */
const struct config_key config_keys[] = {
	SCALAR("store", AT(TOP), path, config, store, 1, 4095, "path",
		"the path of a file, such as /var/lib/ftphealth/state.db"),
	PART("agentx", AT(TOP), MAPPING, AGENTX, "mapping",
		"a mapping, such as { socket: unix:/var/agentx/master }"),
	SCALAR("socket", AT(AGENTX), path, config, agentx_socket, 1, 255, "address",
		"a transport address, such as unix:/var/agentx/master or tcp:127.0.0.1:705"),
	SCALAR("oid-base", AT(TOP), oid, config, oid_base, 4, 32, "oid",
		"4 to 32 numbers with dots, such as 1.3.6.1.4.1.8072.9999.9999.269241"),
	SCALAR("max-concurrent", AT(TOP), count, config, max_concurrent, 1, 100000, "count",
		"a number from 1 to 100000"),
	PART("history", AT(TOP), MAPPING, HISTORY, "mapping",
		"a mapping, such as { rows: 1440, age: 1d }"),
	SCALAR("rows", AT(HISTORY), count, config, history_rows, 0, 1000000, "count",
		"a number from 0 to 1000000"),
	SCALAR("age", AT(HISTORY), duration, config, history_age_usec, 60 * SEC, 3650 * DAY, "duration",
		"a duration from 1m to 3650d, such as 7d"),
	SCALAR("events", AT(TOP), count, config, event_rows, 1, 100000, "count",
		"a number from 1 to 100000"),
	PART("notifications", AT(TOP), MAPPING, NOTIFICATIONS, "mapping",
		"a mapping, such as { storm: 100, repeat: 1h }"),
	SCALAR("waiting", AT(NOTIFICATIONS), count, config, notices_max, 100, 1000000, "count",
		"a number from 100 to 1000000"),
	SCALAR("min-interval", AT(NOTIFICATIONS), seconds, config, settings.min_interval_s, 0, HOUR,
		"duration", "a duration from 0s to 1h, such as 5m"),
	SCALAR("repeat", AT(NOTIFICATIONS), seconds, config, settings.repeat_s, 0, DAY, "duration",
		"a duration from 0s to 1d, such as 1h"),
	SCALAR("heartbeat", AT(NOTIFICATIONS), seconds, config, settings.heartbeat_s, 0, DAY, "duration",
		"a duration from 0s to 1d, such as 5m"),
	SCALAR("storm", AT(NOTIFICATIONS), count, config, settings.storm, 0, 100000, "count",
		"a number from 0 to 100000"),
	PART("flap", AT(TOP), MAPPING, FLAP, "mapping",
		"a mapping, such as { changes: 6, window: 10m, quiet: 5m }"),
	SCALAR("changes", AT(FLAP), count, config, flap.changes, 0, HEALTH_FLAP_CHANGES_MAX, "count",
		"a number from 0 to 7"),
	SCALAR("window", AT(FLAP), duration, config, flap.window_usec, 1 * SEC, DAY, "duration",
		"a duration from 1s to 1d, such as 10m"),
	SCALAR("quiet", AT(FLAP), duration, config, flap.quiet_usec, 1 * SEC, DAY, "duration",
		"a duration from 1s to 1d, such as 5m"),
	PART("metrics", AT(TOP), MAPPING, METRICS, "mapping",
		"a mapping, such as { listen: \"127.0.0.1:26924\" }"),
	SCALAR("listen", AT(METRICS), listen, config, metrics_listen, 1, 255, "address",
		"a socket or an address with a port, such as unix:/run/ftphealth/metrics or 127.0.0.1:26924"),
	SCALAR("remote", AT(METRICS), boolean, config, metrics_remote, 0, 0, "boolean",
		"true or false"),
	PART("defaults", AT(TOP), MAPPING, DEFAULTS, "mapping",
		"a mapping, such as { interval: 60s }"),
	PART("groups", TOP_LEVELS, MAPPINGS, GROUP, "list",
		"a list of mappings, such as [ { name: plant-a, interval: 30s } ]"),
	PART("targets", TOP_LEVELS, MAPPINGS, TARGET, "list",
		"a list of mappings, such as [ { name: ftp1, host: ftp1.example.com } ]"),
	{ .name = "include", .places = AT(TOP), .shape = SHAPE_TEXTS,
	  .parse = config_parse_path, .min = 1, .max = 4095, .syntax = "list",
	  .expects = "a list of patterns, such as [ \"targets.d/*.yaml\" ]", .entry = "a pattern" },

	TARGET("name", NAMED, name, name, 1, 64, "name",
		"1 to 64 printable ASCII characters"),
	TARGET("host", AT(TARGET), host, host, 1, 255, "host",
		"a host name, an IPv4 or an IPv6 address"),
	TARGET("port", LAYERS, port, port, 1, 65535, "port",
		"a number from 1 to 65535"),
	TARGET("group", AT(DEFAULTS) | AT(TARGET), name, group, 1, 64, "name",
		"1 to 64 printable ASCII characters"),
	TARGET("description", AT(TARGET), text, description, 0, 255, "text",
		"at most 255 octets of text"),
	TARGET("contact", LAYERS, text, contact, 0, 255, "text",
		"at most 255 octets of text"),
	TARGET("user", LAYERS, credential, user, 1, 255, "user",
		"1 to 255 octets on one line"),
	SECRET("password", LAYERS, credential, password, 0, 255, "password",
		"at most 255 octets on one line"),
	ACCESS("netrc", file, netrc, 1, FETCH_PATH_MAX, "file",
		"the absolute path of a file, such as /etc/ftphealth/netrc"),
	ACCESS("credential", credential_name, credential, 1, FETCH_NAME_MAX, "credential",
		"the name of a systemd credential: letters, digits, - _ and ."),
	ACCESS("source", source, source, 1, 45, "source",
		"an IPv4 or IPv6 address of this host, the name of an interface, or any"),
	ACCESS("proxy", proxy, proxy, 1, 280, "proxy",
		"socks5://HOST:PORT, socks5h://HOST:PORT, http://HOST:PORT, or none"),
	TARGET("interval", LAYERS, duration, interval_usec, 1 * SEC, 86400 * SEC, "duration",
		"a duration from 1s to 1d, such as 60s or 5m"),
	TARGET("timeout", LAYERS, duration, timeout_usec, 100 * MSEC, 300 * SEC, "duration",
		"a duration from 100ms to 300s, such as 15s"),
	TARGET("raise", LAYERS, count, raise, 1, 1000, "count",
		"a number from 1 to 1000"),
	TARGET("clear", LAYERS, count, clear, 1, 1000, "count",
		"a number from 1 to 1000"),
	TARGET("address-family", LAYERS, family, family, 0, 0, "family",
		"any, ipv4 or ipv6"),
	TARGET("index", AT(TARGET), count, index, 1, 2147483647, "index",
		"a number from 1 to 2147483647, or leave the key out"),
	TARGET("enabled", LAYERS, boolean, enabled, 0, 0, "boolean",
		"true or false"),
	SECURITY("tls", tls_mode, mode, 0, 0, "mode",
		"none, explicit or implicit"),
	SECURITY("tls-verify", boolean, verify, 0, 0, "boolean",
		"true or false"),
	SECURITY("tls-ca", tls_file, ca, 1, FETCH_PATH_MAX, "file",
		"the absolute path of a file, such as /etc/ftphealth/ca.pem"),
	SECURITY("tls-crl", tls_file, crl, 1, FETCH_PATH_MAX, "file",
		"the absolute path of a file, such as /etc/ftphealth/crl.pem"),
	SECURITY("tls-server-name", host, server_name, 1, 253, "host",
		"a host name, an IPv4 or an IPv6 address"),
	SECURITY("tls-min-version", tls_version, min_version, 0, 0, "version",
		"1.0, 1.1, 1.2 or 1.3"),
	SECURITY("tls-certificate", tls_file, certificate, 1, FETCH_PATH_MAX, "file",
		"the absolute path of a file, such as /etc/ftphealth/client.pem"),
	SECURITY("tls-key", tls_file, key, 1, FETCH_PATH_MAX, "file",
		"the absolute path of a file, such as /etc/ftphealth/client.key"),
	SECURITY("tls-warn-days", count, warn_days, 0, 3650, "count",
		"a number from 0 to 3650"),
	PART("after-login", LAYERS, MAPPING, AFTER, "mapping",
		"a mapping, such as { command: list, path: /pub }"),
	PART("evidence", LAYERS, MAPPING, EVIDENCE, "mapping",
		"a mapping, such as { setting: { url: /srv/facts/{name}.txt, format: adsutil } }"),

	EVIDENCE("enabled", boolean, enabled, 0, 0, "boolean",
		"true or false"),
	{ .name = "module", .places = AT(EVIDENCE), .shape = SHAPE_TEXTS, .parse = config_parse_url,
	  .offset = offsetof(struct evidence_draft, source.module),
	  .count = offsetof(struct evidence_draft, source.n_module),
	  .entries = EVIDENCE_MODULES_MAX, .min = 1, .max = FETCH_URL_MAX, .syntax = "list",
	  .expects = "a list of 1 to 4 paths or URLs, such as "
		"[ \"smb://{host}/ADMIN$/system32/iissuba.dll\" ]", .entry = "an address" },
	EVIDENCE("control", url, source.control, 1, FETCH_URL_MAX, "address",
		"a path or URL, such as smb://{host}/ADMIN$/system32/msv1_0.dll"),
	PART("setting", AT(EVIDENCE), MAPPING, SETTING, "mapping",
		"a mapping, such as { url: /srv/facts/{name}.txt, format: adsutil }"),
	PART("log", AT(EVIDENCE), MAPPING, LOG, "mapping",
		"a mapping, such as { url: \"/srv/logs/{name}/ex{%y%m%d}.log\" }"),
	PART("snmp", AT(EVIDENCE), MAPPING, SNMP, "mapping",
		"a mapping, such as { agent: \"udp:{host}:161\" }"),
	EVIDENCE("netrc", file, source.netrc, 1, FETCH_PATH_MAX, "file",
		"the absolute path of a file, such as /etc/ftphealth/netrc"),
	EVIDENCE("credential", credential_name, source.credential, 1, FETCH_NAME_MAX, "credential",
		"the name of a systemd credential: letters, digits, - _ and ."),
	EVIDENCE("domain", name, source.domain, 1, FETCH_NAME_MAX, "name",
		"1 to 255 printable ASCII characters"),
	EVIDENCE("min-protocol", protocol, source.min_protocol, 0, 0, "protocol",
		"NT1, SMB2 or SMB3"),
	EVIDENCE("max-protocol", protocol, source.max_protocol, 0, 0, "protocol",
		"NT1, SMB2 or SMB3"),
	EVIDENCE("ntlmv1", boolean, source.ntlmv1, 0, 0, "boolean",
		"true or false"),
	EVIDENCE("interval", duration, source.interval_usec, 1 * SEC, 7 * DAY, "duration",
		"a duration from 1s to 7d, such as 1h"),
	EVIDENCE("timeout", duration, source.timeout_usec, 100 * MSEC, 600 * SEC, "duration",
		"a duration from 100ms to 600s, such as 30s"),
	EVIDENCE("max-age", duration, source.max_age_usec, 60 * SEC, 3650 * DAY, "duration",
		"a duration from 1m to 3650d, such as 1d"),

	SETTING("url", url, setting_url, 1, FETCH_URL_MAX, "address",
		"a path or URL, such as /srv/facts/{name}-adsutil.txt"),
	SETTING("format", format, setting_format, 0, 0, "format",
		"the name of a format, such as adsutil"),
	SETTING("site", count, site, 1, UINT32_MAX, "count",
		"a number from 1 to 4294967295"),
	LOG("url", url, log_url, 1, FETCH_URL_MAX, "address",
		"a path or URL, such as /srv/logs/{name}/ex{%y%m%d}.log"),
	LOG("client", address, log_client, 1, 45, "host",
		"the IPv4 or IPv6 address that the server sees, such as 192.0.2.9"),
	SNMP("agent", agent, snmp_agent, 1, SNMP_AGENT_MAX, "address",
		"a transport address, such as udp:{host}:161"),
	SNMP("file", file, snmp_file, 1, FETCH_PATH_MAX, "file",
		"the absolute path of a file, such as /etc/ftphealth/snmp.conf"),
	SNMP("credential", credential_name, snmp_credential, 1, FETCH_NAME_MAX, "credential",
		"the name of a systemd credential: letters, digits, - _ and ."),

	AFTER("command", after_command, command, 0, 0, "command",
		"none, pwd, list or retr"),
	AFTER("path", after_path, path, 1, AFTER_PATH_MAX, "path",
		"the path of a directory or a file of the server, such as /pub/README"),
	AFTER("sha256", after_sha256, sha256, 0, 0, "digest",
		"64 hexadecimal digits, as sha256sum prints them"),
	AFTER("max-size", after_size, max_size, 1, GIB, "size",
		"a number of octets from 1 to 1G, such as 500K or 16M"),
	AFTER("passive", after_passive, passive, 0, 0, "passive",
		"auto, epsv or pasv"),
	AFTER("foreign-address", after_foreign, foreign, 0, 0, "foreign",
		"refuse, ignore or follow"),
};
/* clang-format on */

const size_t config_n_keys = ARRAY_SIZE(config_keys);
_Static_assert(ARRAY_SIZE(config_keys) <= CONFIG_KEYS_MAX, "sets of keys are 128 bits wide");

static const char *const place_names[PLACE_END] = {
	[PLACE_AGENTX] = "agentx",
	[PLACE_HISTORY] = "history",
	[PLACE_NOTIFICATIONS] = "notifications",
	[PLACE_FLAP] = "flap",
	[PLACE_METRICS] = "metrics",
	[PLACE_DEFAULTS] = "defaults",
	[PLACE_GROUP] = "groups",
	[PLACE_TARGET] = "targets",
	[PLACE_EVIDENCE] = "evidence",
	[PLACE_SETTING] = "evidence.setting",
	[PLACE_LOG] = "evidence.log",
	[PLACE_SNMP] = "evidence.snmp",
	[PLACE_AFTER] = "after-login",
};

const char *config_place_name(enum config_place place)
{
	return place_names[place];
}

enum config_place config_place_last(enum config_place place)
{
	return place == PLACE_EVIDENCE ? PLACE_SNMP : place;
}

bool config_key_is_at(size_t row, enum config_place place)
{
	return config_keys[row].places & (1u << place);
}

int config_key_find(enum config_place place, const char *name, size_t len)
{
	for (size_t i = 0; i < config_n_keys; i++)
		if (config_key_is_at(i, place) && strlen(config_keys[i].name) == len &&
			memcmp(config_keys[i].name, name, len) == 0)
			return (int)i;
	return -1;
}

int config_row_of(enum config_place place, const char *key)
{
	int row = config_key_find(place, key, strlen(key));

	assert(row >= 0);
	return row;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* How many letters to add, drop or change to make B from A (Levenshtein). */
static unsigned spelling_distance(const char *a, size_t a_len, const char *b)
{
	unsigned row[CONFIG_KEYS_MAX + 1];
	size_t b_len = strlen(b);

	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned change = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = least(change, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[b_len];
}

/* The key at PLACE (PLACE_END: at any) that NAME was most likely meant to be, or NULL. */
static const char *nearest_key(enum config_place place, const char *name, size_t len)
{
	const char *found = NULL;
	unsigned best = 3;

	if (len > 32)
		return NULL;
	for (size_t i = 0; i < config_n_keys; i++) {
		unsigned distance;

		if (place != PLACE_END && !config_key_is_at(i, place))
			continue;
		distance = spelling_distance(name, len, config_keys[i].name);
		if (distance < best && distance < strlen(config_keys[i].name)) {
			best = distance;
			found = config_keys[i].name;
		}
	}
	return found;
}

/* Writes the other places where a key of this name may stand; "" when there is none. */
static void homes_of_key(const char *name, size_t len, char *buffer, size_t size)
{
	size_t used = 0;

	buffer[0] = '\0';
	for (enum config_place p = 0; p < PLACE_END && used < size; p++)
		if (p != PLACE_DROPIN && config_key_find(p, name, len) >= 0)
			used += (size_t)snprintf(buffer + used, size - used, "%s%s",
				used ? ", " : "",
				place_names[p] ? place_names[p] : "the top level of the main file");
}

void config_key_unknown(
	enum config_place place, const char *name, size_t len, struct config_why *why)
{
	const char *near = nearest_key(place, name, len);
	char homes[128];
	size_t used;

	homes_of_key(name, len, homes, sizeof(homes));
	if (homes[0]) {
		snprintf(why->wrong, sizeof(why->wrong), "the key is not allowed here, only in %s",
			homes);
	} else if (near) {
		snprintf(why->wrong, sizeof(why->wrong), "unknown key, did you mean %s?", near);
	} else if ((near = nearest_key(PLACE_END, name, len))) {
		homes_of_key(near, strlen(near), homes, sizeof(homes));
		snprintf(why->wrong, sizeof(why->wrong),
			"unknown key, did you mean %s, which belongs in %s?", near, homes);
	} else {
		snprintf(why->wrong, sizeof(why->wrong), "unknown key");
	}

	snprintf(why->mend, sizeof(why->mend), "the keys allowed here are");
	used = strlen(why->mend);
	for (size_t i = 0; i < config_n_keys && used < sizeof(why->mend); i++)
		if (config_key_is_at(i, place))
			used += (size_t)snprintf(why->mend + used, sizeof(why->mend) - used, " %s",
				config_keys[i].name);
}

/* The number in VALUES (NULL: none) that holds when KEY is not set: of a duration, seconds. */
static void print_default(FILE *f, const struct config_key *key, const char *values)
{
	const void *field = values ? values + key->offset : NULL;

	if (field && (key->parse == config_parse_count || key->parse == config_parse_seconds))
		fprintf(f, "%u\n", *(const uint32_t *)field);
	else if (field && key->parse == config_parse_duration)
		fprintf(f, "%g\n", (double)*(const uint64_t *)field / USEC_PER_SEC);
	else if (field && key->parse == config_parse_port)
		fprintf(f, "%u\n", *(const uint16_t *)field);
	else
		fprintf(f, "-\n");
}

/* The keys of PLACE, which stands in LAYER or is it; VALUES are the defaults of its fields by
 * draft, or NULL. */
static void print_place(
	FILE *f, enum config_place layer, enum config_place place, const void *const *values)
{
	const char *outer = place_names[layer], *inner = layer == place ? NULL : place_names[place];

	for (size_t i = 0; i < config_n_keys; i++)
		if (config_key_is_at(i, place)) {
			fprintf(f, "key\t%s%s%s%s%s\t-\t%s\t", outer ? outer : "", outer ? "." : "",
				inner ? inner : "", inner ? "." : "", config_keys[i].name,
				config_keys[i].syntax);
			print_default(
				f, &config_keys[i], values ? values[config_keys[i].draft] : NULL);
		}
}

void config_print_contract(FILE *f)
{
	char password[TARGET_PASSWORD_SIZE];
	struct target_config target;
	struct tls_settings tls;
	struct config top;
	const void *of_top[] = { [DRAFT_OWN] = &top };
	const void *of_target[] = {
		[DRAFT_OWN] = &target, [DRAFT_ACCESS] = NULL, [DRAFT_TLS] = &tls
	};

	config_init(&top);
	target_config_init(&target, password);
	tls_settings_init(&tls);
	for (enum config_place layer = 0; layer < PLACE_EVIDENCE; layer++) {
		const void *const *values = of_top;

		if (layer == PLACE_DEFAULTS)
			values = of_target;
		else if (LAYERS & 1u << layer)
			values = NULL;
		if (layer != PLACE_DROPIN)
			print_place(f, layer, layer, values);
		if (LAYERS & 1u << layer)
			for (enum config_place p = PLACE_EVIDENCE; p < PLACE_END; p++)
				print_place(f, layer, p, NULL);
	}
}
