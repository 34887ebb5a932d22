/* SPDX-License-Identifier: ISC */
/* Addresses of files and of SNMP agents: what stands in braces, and whether one can be read. */
#include "agent/config_private.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "probes/smb_url.h"
#include "probes/snmp_protocol.h"

/* ---------------------------------------------------------------- braces */

enum { DATE_MAX = 100 }; /* octets between { and } */

struct expansion {
	enum config_braces braces;
	const struct config_braces_values *values;
	const char *text;
	char *dst;
	size_t len;
	bool too_long;
	struct config_why *why;
};

static void put(struct expansion *e, const char *text, size_t len)
{
	if (len > CONFIG_EXPANDED_MAX - e->len) {
		e->too_long = true;
		return;
	}
	memcpy(e->dst + e->len, text, len);
	e->len += len;
	e->dst[e->len] = '\0';
}

static void put_text(struct expansion *e, const char *text)
{
	put(e, text, strlen(text));
}

/* True when what was written so far is the beginning of a URL. */
static bool is_in_url(const struct expansion *e)
{
	return e->braces == BRACES_URL && strstr(e->dst, "://");
}

/* net-snmp takes an IPv6 address in brackets only, and only after udp6 and tcp6. */
static void put_agent_family(struct expansion *e)
{
	bool tcp = strcmp(e->dst, "tcp:") == 0;

	if (e->len > 0 && !tcp && strcmp(e->dst, "udp:") != 0)
		return;
	e->len = 0;
	put_text(e, tcp ? "tcp6:" : "udp6:");
}

/* An IPv6 address stands in brackets where a port may follow it (RFC 3986 section 3.2.2), and the %
 * of its zone is %25 in a URL (RFC 6874). */
static void put_host(struct expansion *e)
{
	const char *host = e->values->host;
	char before = e->len > 0 ? e->dst[e->len - 1] : '\0';
	bool url = is_in_url(e), brackets = false;

	if (before == '[' && e->values->host6)
		host = e->values->host6;
	if (strchr(host, ':') && before != '[') {
		if (e->braces == BRACES_AGENT)
			put_agent_family(e);
		brackets = url || e->braces == BRACES_AGENT;
	}
	put(e, "[", brackets);
	for (; *host; host++)
		if (*host == '%' && url)
			put_text(e, "%25");
		else
			put(e, host, 1);
	put(e, "]", brackets);
}

/* A name is one part of a path. */
static enum config_expanded put_name(struct expansion *e)
{
	const char *name = e->values->name;
	char quoted[4 * 64 + 1], code[4];

	if (strpbrk(name, "/\\{}") || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		text_escape(quoted, sizeof(quoted), name, strlen(name));
		snprintf(e->why->wrong, sizeof(e->why->wrong),
			"\"%s\" cannot stand in a path in place of {name}", quoted);
		snprintf(e->why->mend, sizeof(e->why->mend),
			"choose a name without / \\ { } that is not . or .., or write the path "
			"without {name}");
		return EXPANDED_BAD_NAME;
	}
	for (; *name; name++)
		if (!is_in_url(e) || isalnum((unsigned char)*name) || strchr("-._~", *name)) {
			put(e, name, 1);
		} else {
			snprintf(code, sizeof(code), "%%%02X", (unsigned char)*name);
			put_text(e, code);
		}
	return EXPANDED;
}

/* What {%...} may contain, and how long it becomes. */
static const struct {
	char letter;
	const char *sample;
} conversions[] = { { 'Y', "1999" }, { 'y', "99" }, { 'm', "12" }, { 'd', "31" }, { 'H', "23" },
	{ 'j', "365" }, { 'U', "52" }, { 'V', "52" }, { '%', "%" } };

static enum config_expanded put_date(struct expansion *e, const char *text, size_t len)
{
	size_t k;

	if (!e->values->sample_dates)
		put(e, "{", 1);
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '%') {
			put(e, &text[i], 1);
			continue;
		}
		i++;
		for (k = 0; k < ARRAY_SIZE(conversions); k++)
			if (i < len && conversions[k].letter == text[i])
				break;
		if (k == ARRAY_SIZE(conversions)) {
			snprintf(e->why->wrong, sizeof(e->why->wrong),
				"a date in braces has a %% that is not one of those known");
			snprintf(e->why->mend, sizeof(e->why->mend),
				"write %%Y %%y %%m %%d %%H %%j %%U %%V or %%%%, such as {%%y%%m%%d}");
			return EXPANDED_BAD;
		}
		if (e->values->sample_dates)
			put_text(e, conversions[k].sample);
		else
			put(e, &text[i - 1], 2);
	}
	if (!e->values->sample_dates)
		put(e, "}", 1);
	return EXPANDED;
}

static enum config_expanded refuse_brace(struct expansion *e, const char *text, size_t len)
{
	char quoted[4 * 32 + 1];

	text_escape(quoted, sizeof(quoted), text, len < 32 ? len : 32);
	snprintf(e->why->wrong, sizeof(e->why->wrong), "{%s} stands for nothing here", quoted);
	snprintf(e->why->mend, sizeof(e->why->mend), "write {host}%s%s",
		e->braces == BRACES_URL            ? ", {name}"
			: e->braces == BRACES_FILE ? " or {name}"
						   : "",
		e->braces == BRACES_URL ? " or a date such as {%y%m%d}" : "");
	return EXPANDED_BAD;
}

/* TEXT is what stands in braces. */
static enum config_expanded put_brace(struct expansion *e, const char *text, size_t len)
{
	if (len == 4 && memcmp(text, "host", 4) == 0) {
		put_host(e);
		return EXPANDED;
	}
	if (len == 4 && memcmp(text, "name", 4) == 0 && e->braces != BRACES_AGENT)
		return put_name(e);
	if (len > 1 && len <= DATE_MAX && text[0] == '%' && e->braces == BRACES_URL)
		return put_date(e, text, len);
	return refuse_brace(e, text, len);
}

static enum config_expanded refuse_lone_brace(struct expansion *e, char brace)
{
	snprintf(e->why->wrong, sizeof(e->why->wrong), "there is a %c without its %c", brace,
		brace == '{' ? '}' : '{');
	snprintf(e->why->mend, sizeof(e->why->mend), "write both, as in {host}%s",
		e->braces == BRACES_URL ? "; a brace itself is %7B or %7D in a URL" : "");
	return EXPANDED_BAD;
}

enum config_expanded config_expand(enum config_braces braces,
	const struct config_braces_values *values, const char *text,
	char dst[CONFIG_EXPANDED_MAX + 1], struct config_why *why)
{
	struct expansion e = {
		.braces = braces, .values = values, .text = text, .dst = dst, .why = why
	};
	enum config_expanded r = EXPANDED;

	dst[0] = '\0';
	while (*text && r == EXPANDED) {
		size_t len = braces == BRACES_NONE ? strlen(text) : strcspn(text, "{}");
		size_t inner;

		put(&e, text, len);
		text += len;
		if (!*text)
			break;
		inner = *text == '{' ? strcspn(text + 1, "{}") : 0;
		if (*text == '}' || text[inner + 1] != '}')
			return refuse_lone_brace(&e, *text);
		r = put_brace(&e, text + 1, inner);
		text += inner + 2;
	}
	if (r == EXPANDED && e.too_long) {
		snprintf(why->wrong, sizeof(why->wrong),
			"with host and name in place it is longer than %d octets",
			CONFIG_EXPANDED_MAX);
		snprintf(why->mend, sizeof(why->mend), "shorten it");
		r = EXPANDED_BAD;
	}
	return r;
}

/* ---------------------------------------------------------------- addresses */

static const char *const schemes[] = { "file", "http", "https", "ftp", "ftps", "sftp", "scp",
	"tftp" };

/* What stands between :// and the path. */
static size_t authority_len(const char *authority)
{
	return strcspn(authority, "/?#");
}

static bool has_credentials(const char *address)
{
	const char *authority = strstr(address, "://");

	return authority && memchr(authority + 3, '@', authority_len(authority + 3));
}

/* Host and port have the form that they have in smb://, but for the zone of an IPv6 address. */
static bool authority_is_good(const char *authority, size_t len, const char **why)
{
	char smb[sizeof("smb:///s/f") + SMB_HOST_MAX + 16];
	const char *zone = memmem(authority, len, "%25", 3);
	const char *end = zone ? memchr(zone, ']', len - (size_t)(zone - authority)) : NULL;
	struct smb_url parts;
	int bare = (int)(end ? zone - authority : (ptrdiff_t)len);

	*why = "the host is too long";
	if (len > SMB_HOST_MAX + 8)
		return false;
	snprintf(smb, sizeof(smb), "smb://%.*s%.*s/s/f", bare, authority,
		end ? (int)(authority + len - end) : 0, end ? end : "");
	return smb_url_parse(smb, &parts, why) == 0;
}

/* REST follows file:// */
static bool local_is_good(const char *rest, const char **why, const char **mend)
{
	*why = "names a host, and a file: is on this one";
	*mend = "write file:///PATH, or the path alone";
	return rest[0] == '/' || strncasecmp(rest, "localhost/", 10) == 0 ||
		strncmp(rest, "127.0.0.1/", 10) == 0;
}

static bool url_is_good(const char *url, const char **why, const char **mend)
{
	const char *rest = strstr(url, "://");
	size_t scheme_len = rest ? (size_t)(rest - url) : 0, len, i;

	*why = "is neither an absolute path nor a URL that can be read";
	for (i = 0; i < ARRAY_SIZE(schemes); i++)
		if (strlen(schemes[i]) == scheme_len &&
			strncasecmp(url, schemes[i], scheme_len) == 0)
			break;
	*mend = "write /PATH, smb://HOST/SHARE/PATH, or a URL with file, http, https, ftp, ftps, "
		"sftp, scp or tftp";
	if (scheme_len == 0 || i == ARRAY_SIZE(schemes))
		return false;
	rest += 3;
	len = authority_len(rest);
	*why = "has a space in it";
	*mend = "write %20 in place of it";
	if (strchr(url, ' '))
		return false;
	*why = "has a # in it, and what follows that is not sent";
	*mend = "write %23 in place of it";
	if (strchr(url, '#'))
		return false;
	if (i == 0 && !local_is_good(rest, why, mend))
		return false;
	*mend = NULL;
	if (i > 0 && !authority_is_good(rest, len, why))
		return false;
	*why = "names no file";
	*mend = "write the path of the file behind the host";
	return rest[len] == '/' && rest[len + 1] && rest[len + 1] != '?';
}

bool config_address_is_good(
	const char *address, char problem[CONFIG_PROBLEM_SIZE], const char **mend)
{
	struct smb_url smb;
	const char *why;

	*mend = NULL;
	problem[0] = '\0';
	if (!text_is_clean_utf8(address) || config_has_control(address)) {
		why = "has control characters, or is not UTF-8";
		*mend = "take them out";
	} else if (has_credentials(address)) {
		why = "has a user or a password in it";
		*mend = "take it out, and name a netrc file or a credential in its place";
	} else if (address[0] == '/') {
		return true;
	} else if (!fetch_is_smb(address)) {
		if (url_is_good(address, &why, mend))
			return true;
		if (!*mend) {
			snprintf(problem, CONFIG_PROBLEM_SIZE, "is no URL: %s", why);
			*mend = "write SCHEME://HOST/PATH";
			return false;
		}
	} else if (smb_url_parse(address, &smb, &why) == 0) {
		return true;
	} else {
		snprintf(problem, CONFIG_PROBLEM_SIZE, "is no smb:// address: %s", why);
		*mend = "write smb://HOST/SHARE/PATH";
		return false;
	}
	snprintf(problem, CONFIG_PROBLEM_SIZE, "%s", why);
	return false;
}

/* ---------------------------------------------------------------- parsers */

static bool keep(const char *text, void *field)
{
	*(const char **)field = text;
	return true;
}

/* Host and name that are good wherever one may stand. */
static const struct config_braces_values sample = {
	.host = "host.example", .name = "name", .host6 = "::1", .sample_dates = true
};

bool config_parse_url(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	char address[CONFIG_EXPANDED_MAX + 1], problem[CONFIG_PROBLEM_SIZE];
	const char *mend;

	if (!config_length_is_good(key, text, why))
		return false;
	/* Before the braces: a message on them would quote a part of the password. */
	if (has_credentials(text) && !config_address_is_good(text, problem, &mend))
		return config_refuse(key, text, problem, mend, why);
	if (config_expand(BRACES_URL, &sample, text, address, why) != EXPANDED)
		return false;
	if (!config_address_is_good(address, problem, &mend))
		return config_refuse(key, text, problem, mend, why);
	return keep(text, field);
}

bool config_parse_file(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	char path[CONFIG_EXPANDED_MAX + 1];

	if (!config_path_is_absolute(key, text, why))
		return false;
	if (config_expand(BRACES_FILE, &sample, text, path, why) != EXPANDED)
		return false;
	return keep(text, field);
}

bool config_parse_agent(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	char address[CONFIG_EXPANDED_MAX + 1];

	if (!config_length_is_good(key, text, why))
		return false;
	for (const char *p = text; *p; p++)
		if (!isgraph((unsigned char)*p))
			return config_refuse(key, text,
				"has a space or a character that is not printable ASCII", NULL,
				why);
	if (config_expand(BRACES_AGENT, &sample, text, address, why) != EXPANDED)
		return false;
	return keep(text, field);
}
