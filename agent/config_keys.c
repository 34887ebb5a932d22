/* SPDX-License-Identifier: ISC */
/* Every key of the configuration: one row each, for reading, for messages and for --contract. */
#include "agent/config_private.h"

#include <string.h>

#define AT(place) (1u << PLACE_##place)
#define TOP_LEVELS (AT(TOP) | AT(DROPIN))
#define LAYERS (AT(DEFAULTS) | AT(GROUP) | AT(TARGET))
#define NAMED (AT(GROUP) | AT(TARGET))
#define MSEC USEC_PER_MSEC
#define SEC USEC_PER_SEC

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
	SCALAR("max-concurrent", AT(TOP), count, config, max_concurrent, 1, 10000, "count",
		"a number from 1 to 10000"),
	PART("defaults", AT(TOP), MAPPING, DEFAULTS, "mapping",
		"a mapping, such as { interval: 60s }"),
	PART("groups", TOP_LEVELS, MAPPINGS, GROUP, "list",
		"a list of mappings, such as [ { name: plant-a, interval: 30s } ]"),
	PART("targets", TOP_LEVELS, MAPPINGS, TARGET, "list",
		"a list of mappings, such as [ { name: ftp1, host: ftp1.example.com } ]"),
	{ .name = "include", .places = AT(TOP), .shape = SHAPE_TEXTS,
	  .parse = config_parse_path, .min = 1, .max = 4095, .syntax = "list",
	  .expects = "a list of patterns, such as [ \"targets.d/*.yaml\" ]" },

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
};
/* clang-format on */

const size_t config_n_keys = ARRAY_SIZE(config_keys);
_Static_assert(ARRAY_SIZE(config_keys) <= CONFIG_KEYS_MAX, "sets of keys are 64 bits wide");

/* What stands before the dot in messages and in --contract. */
static const char *const place_names[PLACE_END] = {
	[PLACE_AGENTX] = "agentx",
	[PLACE_DEFAULTS] = "defaults",
	[PLACE_GROUP] = "groups",
	[PLACE_TARGET] = "targets",
};

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

void config_print_contract(FILE *f)
{
	for (enum config_place p = 0; p < PLACE_END; p++)
		for (size_t i = 0; i < config_n_keys; i++)
			if (p != PLACE_DROPIN && config_key_is_at(i, p))
				fprintf(f, "key\t%s%s%s\t-\t%s\t-\n",
					place_names[p] ? place_names[p] : "",
					place_names[p] ? "." : "", config_keys[i].name,
					config_keys[i].syntax);
}
