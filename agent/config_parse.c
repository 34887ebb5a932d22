/* SPDX-License-Identifier: ISC */
/* From the text of a value to the value, or to a sentence on what is wrong with it. */
#include "agent/config_private.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>
#include <strings.h>

#include "agent/metrics_address.h"
#include "common/text.h"
#include "probes/document.h"

enum { QUOTE_MAX = 48 }; /* characters of a value that a message repeats */

/* A password may hide in what was meant to be a URL: before an @, or in a query. */
static bool may_hold_secret(const struct config_key *key, const char *text)
{
	return key->secret || (key->parse == config_parse_proxy && strchr(text, '@')) ||
		(key->parse == config_parse_url && strpbrk(text, "@?"));
}

bool config_refuse(const struct config_key *key, const char *text, const char *problem,
	const char *mend, struct config_why *why)
{
	char quoted[4 * QUOTE_MAX + 1];
	size_t len = strlen(text);

	text_escape(quoted, sizeof(quoted), text, len < QUOTE_MAX ? len : QUOTE_MAX);
	if (may_hold_secret(key, text))
		snprintf(why->wrong, sizeof(why->wrong), "the value %s", problem);
	else
		snprintf(why->wrong, sizeof(why->wrong), "\"%s%s\" %s", quoted,
			len > QUOTE_MAX ? "..." : "", problem);
	if (mend)
		snprintf(why->mend, sizeof(why->mend), "%s", mend);
	else
		snprintf(why->mend, sizeof(why->mend), "write %s", key->expects);
	return false;
}

bool config_refuse_syntax(const struct config_key *key, const char *text, struct config_why *why)
{
	char problem[48];

	snprintf(problem, sizeof(problem), "is not %s %s",
		strchr("aeio", key->syntax[0]) ? "an" : "a", key->syntax);
	return config_refuse(key, text, problem, NULL, why);
}

bool config_length_is_good(const struct config_key *key, const char *text, struct config_why *why)
{
	size_t len = strlen(text);
	char problem[64];

	if (len < key->min)
		return config_refuse(key, text, "is empty", NULL, why);
	snprintf(problem, sizeof(problem), "is %zu octets long, the limit is %u", len,
		(unsigned)key->max);
	return len <= key->max || config_refuse(key, text, problem, "shorten it", why);
}

static bool keep(const char *text, void *field)
{
	*(const char **)field = text;
	return true;
}

bool config_has_control(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return true;
	return false;
}

static bool is_ascii(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p > 0x7e)
			return false;
	return true;
}

bool config_parse_name(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	if (!config_length_is_good(key, text, why))
		return false;
	if (config_has_control(text) || !is_ascii(text))
		return config_refuse(
			key, text, "has characters that are not printable ASCII", NULL, why);
	return keep(text, field);
}

bool config_parse_text(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	if (!config_length_is_good(key, text, why))
		return false;
	if (!text_is_clean_utf8(text))
		return config_refuse(key, text, "has control characters", "take them out", why);
	return keep(text, field);
}

bool config_parse_credential(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	if (!config_length_is_good(key, text, why))
		return false;
	/* RFC 959 section 5.3: a line end would end the command, and begin another. */
	if (config_has_control(text))
		return config_refuse(key, text,
			"has a control character, which would cut the FTP command",
			"take it out; write the value on one line", why);
	return keep(text, field);
}

bool config_parse_path(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	if (!config_length_is_good(key, text, why))
		return false;
	if (config_has_control(text))
		return config_refuse(key, text, "has control characters", "take them out", why);
	return keep(text, field);
}

/* True for an IPv4 or IPv6 address, the latter with a zone if need be (RFC 4007 section 11). */
static bool is_address(const char *text)
{
	unsigned char address[16];
	char bare[INET6_ADDRSTRLEN];
	const char *zone = strchr(text, '%');
	size_t len = zone ? (size_t)(zone - text) : strlen(text);

	if (len >= sizeof(bare))
		return false;
	memcpy(bare, text, len);
	bare[len] = '\0';
	if (!zone && inet_pton(AF_INET, bare, address) == 1)
		return true;
	if (inet_pton(AF_INET6, bare, address) != 1)
		return false;
	if (!zone)
		return true;
	len = strlen(zone + 1);
	return len > 0 && len < IF_NAMESIZE && is_ascii(zone) && !config_has_control(zone) &&
		!strpbrk(zone + 1, " /:%");
}

/* True when NAME is labels of 1 to 63 characters with dots between them (RFC 1123 section 2.1; an
 * underscore is found in the wild), the last not a number: that would be a mistyped address. */
bool config_is_host_name(const char *name)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-_.";
	size_t len;

	if (name[strspn(name, characters)] != '\0')
		return false;
	for (;; name += len + 1) {
		len = strcspn(name, ".");
		if (len == 0 || len > 63)
			return false;
		if (!name[len] || !name[len + 1]) /* the dot of the root may end it */
			return strspn(name, "0123456789") < len;
	}
}

bool config_parse_host(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	const char *colon = strchr(text, ':');

	if (!config_length_is_good(key, text, why))
		return false;
	if (is_address(text) || config_is_host_name(text))
		return keep(text, field);
	if (!is_ascii(text))
		return config_refuse(key, text, "has characters that are not ASCII",
			"write an internationalised name in its xn-- form", why);
	if (strstr(text, "://"))
		return config_refuse(key, text, "is a URL", "write the host alone", why);
	if (text[0] == '[')
		return config_refuse(key, text, "has brackets",
			"write the IPv6 address without them, and a port in the key port", why);
	if (colon && !strchr(colon + 1, ':'))
		return config_refuse(key, text, "has a port in it",
			"write the host alone, and the port in the key port", why);
	return config_refuse_syntax(key, text, why);
}

/* A decimal number of at most 18 digits, up to the first other character. */
static bool read_number(const char **text, uint64_t *ret)
{
	const char *start = *text;
	uint64_t n = 0;

	while (**text >= '0' && **text <= '9') {
		if (*text - start >= 18)
			return false;
		n = n * 10 + (uint64_t)(*(*text)++ - '0');
	}
	*ret = n;
	return *text > start;
}

static bool read_bounded(
	const struct config_key *key, const char *text, uint64_t *ret, struct config_why *why)
{
	const char *p = text;

	if (!read_number(&p, ret) || *p || *ret < key->min || *ret > key->max)
		return config_refuse_syntax(key, text, why);
	return true;
}

bool config_parse_port(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	uint64_t n = 0;

	if (!read_bounded(key, text, &n, why))
		return false;
	*(uint16_t *)field = (uint16_t)n;
	return true;
}

bool config_parse_count(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	uint64_t n = 0;

	if (!read_bounded(key, text, &n, why))
		return false;
	*(uint32_t *)field = (uint32_t)n;
	return true;
}

static const struct {
	const char *name;
	uint64_t usec;
} units[] = { { "d", 86400 * USEC_PER_SEC }, { "h", 3600 * USEC_PER_SEC },
	{ "m", 60 * USEC_PER_SEC }, { "s", USEC_PER_SEC }, { "ms", USEC_PER_MSEC },
	{ "", USEC_PER_SEC } };

bool config_parse_duration(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	const char *p = text;
	uint64_t n, usec;

	if (!read_number(&p, &n))
		return config_refuse_syntax(key, text, why);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(p, units[i].name) != 0)
			continue;
		if (__builtin_mul_overflow(n, units[i].usec, &usec) || usec > key->max)
			return config_refuse(key, text, "is too long", NULL, why);
		if (usec < key->min)
			return config_refuse(key, text, "is too short", NULL, why);
		*(uint64_t *)field = usec;
		return true;
	}
	return config_refuse_syntax(key, text, why);
}

bool config_parse_seconds(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	uint64_t usec;

	if (!config_parse_duration(key, text, &usec, why))
		return false;
	*(uint32_t *)field = (uint32_t)(usec / USEC_PER_SEC);
	return true;
}

void config_format_duration(uint64_t usec, char *buffer, size_t size)
{
	size_t unit = 3;

	if (usec % USEC_PER_SEC)
		unit = 4;
	else if (usec >= 120 * USEC_PER_SEC && usec % units[2].usec == 0)
		unit = 2;
	snprintf(buffer, size, "%llu%s", (unsigned long long)(usec / units[unit].usec),
		units[unit].name);
}

int config_find_label(const char *(*label)(unsigned), unsigned last, const char *text)
{
	for (unsigned i = 0; i <= last; i++)
		if (label(i) && strcasecmp(text, label(i)) == 0)
			return (int)i;
	return -1;
}

bool config_parse_family(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	static const struct {
		const char *name;
		int family;
	} families[] = { { "any", AF_UNSPEC }, { "ipv4", AF_INET }, { "ipv6", AF_INET6 } };

	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (strcasecmp(text, families[i].name) == 0) {
			*(int *)field = families[i].family;
			return true;
		}
	return config_refuse_syntax(key, text, why);
}

bool config_parse_boolean(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	/* The words of YAML 1.1. */
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasecmp(text, words[i]) == 0) {
			*(bool *)field = i % 2;
			return true;
		}
	return config_refuse_syntax(key, text, why);
}

bool config_parse_oid(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	const char *p = text + (text[0] == '.');
	uint64_t n, first = 0;
	size_t count = 0;

	for (;; p++) {
		if (!read_number(&p, &n) || n > UINT32_MAX)
			return config_refuse_syntax(key, text, why);
		/* X.660 and RFC 2578 section 3.5: 0..2 first, and 0..39 below 0 and 1. */
		if ((count == 0 && n > 2) || (count == 1 && first < 2 && n > 39))
			return config_refuse_syntax(key, text, why);
		if (count++ == 0)
			first = n;
		if (*p != '.')
			break;
	}
	if (*p || count < key->min || count > key->max)
		return config_refuse_syntax(key, text, why);
	return keep(text, field);
}

bool config_parse_listen(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	struct metrics_address address;

	if (!config_length_is_good(key, text, why))
		return false;
	if (!metrics_address_parse(text, &address))
		return config_refuse(key, text, "is no address to listen on", NULL, why);
	return keep(text, field);
}

bool config_parse_address(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	if (!config_length_is_good(key, text, why))
		return false;
	if (!is_address(text) || strchr(text, '%'))
		return config_refuse(key, text, "is not an address", NULL, why);
	return keep(text, field);
}

bool config_parse_format(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	int format = document_format_find(text);
	const char *name;
	size_t used;

	if (format >= 0) {
		*(uint32_t *)field = (uint32_t)format;
		return true;
	}
	config_refuse(key, text, "is not a format", "write", why);
	used = strlen(why->mend);
	for (size_t i = 0; (name = document_format_name(i)) && used < sizeof(why->mend); i++)
		used += (size_t)snprintf(why->mend + used, sizeof(why->mend) - used, "%s%s",
			i == 0                                ? " "
				: document_format_name(i + 1) ? ", "
							      : " or ",
			name);
	return false;
}

bool config_parse_protocol(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	for (enum smb_protocol p = 0; p < SMB_PROTOCOLS; p++)
		if (strcasecmp(text, smb_protocol_label(p)) == 0) {
			*(uint32_t *)field = p;
			return true;
		}
	return config_refuse_syntax(key, text, why);
}

/* A credential is a file of its name in one folder (systemd.exec(5)). */
bool config_parse_credential_name(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-_.";

	if (!config_length_is_good(key, text, why))
		return false;
	if (text[strspn(text, characters)] || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return config_refuse(key, text, "is not the name of a credential", NULL, why);
	return keep(text, field);
}

bool config_path_is_absolute(const struct config_key *key, const char *text, struct config_why *why)
{
	if (!config_length_is_good(key, text, why))
		return false;
	if (text[0] != '/')
		return config_refuse(key, text, "is not an absolute path", NULL, why);
	if (!text_is_clean_utf8(text) || config_has_control(text))
		return config_refuse(
			key, text, "has control characters, or is not UTF-8", "take them out", why);
	return true;
}
