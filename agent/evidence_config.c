/* SPDX-License-Identifier: ISC */
/* Where evidence on one server is found: drafts, what contradicts itself, and the finished copy. */
#include "agent/evidence_config.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "agent/config_private.h"
#include "common/text.h"
#include "probes/smb_url.h"

void evidence_source_init(struct evidence_source *s)
{
	*s = (struct evidence_source){
		.setting_format = (uint32_t)EVIDENCE_NO_FORMAT,
		.site = 1,
		.min_protocol = SMB_NT1,
		.max_protocol = SMB_SMB3,
		.interval_usec = 3600 * USEC_PER_SEC,
		.timeout_usec = 30 * USEC_PER_SEC,
		.max_age_usec = 86400 * USEC_PER_SEC,
	};
}

struct evidence_source *evidence_source_free(struct evidence_source *s)
{
	free(s);
	return NULL;
}

/* ---------------------------------------------------------------- the texts in it */

/* clang-format off */
#define TEXT(field, where, name, what) \
	{ offsetof(struct evidence_source, field), PLACE_##where, name, BRACES_##what }
static const struct text {
	size_t offset;
	enum config_place place;
	const char *key;
	enum config_braces braces;
} texts[] = {
	TEXT(module[0],       EVIDENCE, "module",     URL),
	TEXT(module[1],       EVIDENCE, "module",     URL),
	TEXT(module[2],       EVIDENCE, "module",     URL),
	TEXT(module[3],       EVIDENCE, "module",     URL),
	TEXT(control,         EVIDENCE, "control",    URL),
	TEXT(setting_url,     SETTING,  "url",        URL),
	TEXT(log_url,         LOG,      "url",        URL),
	TEXT(log_client,      LOG,      "client",     NONE),
	TEXT(snmp_agent,      SNMP,     "agent",      AGENT),
	TEXT(snmp_file,       SNMP,     "file",       FILE),
	TEXT(snmp_credential, SNMP,     "credential", NONE),
	TEXT(netrc,           EVIDENCE, "netrc",      FILE),
	TEXT(credential,      EVIDENCE, "credential", NONE),
	TEXT(domain,          EVIDENCE, "domain",     NONE),
};
/* clang-format on */
_Static_assert(EVIDENCE_MODULES_MAX == 4, "one row a module");

/* The text of that row; NULL when it is not set. */
static char *text_of(const struct evidence_source *s, size_t i)
{
	if (i < EVIDENCE_MODULES_MAX && i >= s->n_module)
		return NULL;
	return *(char *const *)((const char *)s + texts[i].offset);
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool evidence_source_equal(const struct evidence_source *a, const struct evidence_source *b)
{
	if (!a || !b)
		return a == b;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!is_same(text_of(a, i), text_of(b, i)))
			return false;
	return a->setting_format == b->setting_format && a->site == b->site &&
		a->min_protocol == b->min_protocol && a->max_protocol == b->max_protocol &&
		a->ntlmv1 == b->ntlmv1 && a->interval_usec == b->interval_usec &&
		a->timeout_usec == b->timeout_usec && a->max_age_usec == b->max_age_usec;
}

/* ---------------------------------------------------------------- contradictions */

enum rule_kind {
	RULE_PAIR, /* the two contradict each other */
	RULE_NEED, /* row is there and needs the other */
	RULE_HALF, /* row is there and is of no use without the other, which may still come */
};

__attribute__((format(printf, 3, 4))) static bool broken(
	struct config_why *why, const char *mend, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->wrong, sizeof(why->wrong), format, args);
	va_end(args);
	snprintf(why->mend, sizeof(why->mend), "%s", mend);
	return true;
}

static bool lacks_control(const struct evidence_source *s, struct config_why *why)
{
	return s->n_module > 0 && !s->control &&
		broken(why,
			"add control: a file in the same folder that is surely there, such as "
			".../msv1_0.dll",
			"there is no control, without which the module is never said to be "
			"missing");
}

static bool lacks_module(const struct evidence_source *s, struct config_why *why)
{
	return s->control && s->n_module == 0 &&
		broken(why, "add module: a list of 1 to 4 addresses, or take control out",
			"there is no module");
}

static bool lacks_format(const struct evidence_source *s, struct config_why *why)
{
	return s->setting_url && s->setting_format == (uint32_t)EVIDENCE_NO_FORMAT &&
		broken(why, "add format: FORMAT, such as adsutil", "there is no format");
}

static bool lacks_document(const struct evidence_source *s, struct config_why *why)
{
	return !s->setting_url && s->setting_format != (uint32_t)EVIDENCE_NO_FORMAT &&
		broken(why, "add url: the path or URL of the document", "there is no url");
}

static bool lacks_log(const struct evidence_source *s, struct config_why *why)
{
	return s->log_client && !s->log_url &&
		broken(why, "add url: the path or URL of the log", "there is no url");
}

static bool lacks_agent(const struct evidence_source *s, struct config_why *why)
{
	return (s->snmp_file || s->snmp_credential) && !s->snmp_agent &&
		broken(why, "add agent: ADDRESS, such as udp:{host}:161", "there is no agent");
}

static bool has_two_secrets(const struct evidence_source *s, struct config_why *why)
{
	return s->netrc && s->credential &&
		broken(why, "keep one of the two", "there are both netrc and credential");
}

static bool has_two_snmp_secrets(const struct evidence_source *s, struct config_why *why)
{
	return s->snmp_file && s->snmp_credential &&
		broken(why, "keep one of the two", "there are both file and credential");
}

static bool has_no_protocol(const struct evidence_source *s, struct config_why *why)
{
	return s->min_protocol > s->max_protocol &&
		broken(why, "write the older one as min-protocol, the newer one as max-protocol",
			"the min-protocol %s is newer than the max-protocol %s",
			smb_protocol_label(s->min_protocol), smb_protocol_label(s->max_protocol));
}

static bool has_no_time(const struct evidence_source *s, struct config_why *why)
{
	char interval[32], timeout[32];

	config_format_duration(s->interval_usec, interval, sizeof(interval));
	config_format_duration(s->timeout_usec, timeout, sizeof(timeout));
	if (s->timeout_usec <= s->interval_usec)
		return false;
	broken(why, "", "the interval of %s is shorter than the timeout of %s", interval, timeout);
	snprintf(why->mend, sizeof(why->mend),
		"write an interval of at least %s, or a timeout of at most %s", timeout, interval);
	return true;
}

/* clang-format off */
static const struct rule {
	enum rule_kind kind;
	enum config_place place;
	const char *key, *other; /* of the same place */
	bool (*is_broken)(const struct evidence_source *s, struct config_why *why);
} rules[] = {
	{ RULE_NEED, PLACE_EVIDENCE, "module",       "control",      lacks_control },
	{ RULE_HALF, PLACE_EVIDENCE, "control",      "control",      lacks_module },
	{ RULE_NEED, PLACE_SETTING,  "url",          "format",       lacks_format },
	{ RULE_HALF, PLACE_SETTING,  "format",       "format",       lacks_document },
	{ RULE_HALF, PLACE_LOG,      "client",       "client",       lacks_log },
	{ RULE_HALF, PLACE_SNMP,     "file",         "credential",   lacks_agent },
	{ RULE_PAIR, PLACE_EVIDENCE, "credential",   "netrc",        has_two_secrets },
	{ RULE_PAIR, PLACE_SNMP,     "credential",   "file",         has_two_snmp_secrets },
	{ RULE_PAIR, PLACE_EVIDENCE, "min-protocol", "max-protocol", has_no_protocol },
	{ RULE_PAIR, PLACE_EVIDENCE, "interval",     "timeout",      has_no_time },
};
/* clang-format on */
_Static_assert(ARRAY_SIZE(rules) < EVIDENCE_FAULTS_MAX, "one fault a rule, and one of places");

static config_rows rows_of(const struct evidence_fault *fault)
{
	return CONFIG_ROW(fault->row) | CONFIG_ROW(fault->other);
}

size_t evidence_check_layer(const struct evidence_source *s, config_rows own,
	struct evidence_fault faults[EVIDENCE_FAULTS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct evidence_fault fault = { 0 };

		if (rules[i].kind != RULE_PAIR || !rules[i].is_broken(s, &fault.why))
			continue;
		fault.row = config_row_of(rules[i].place, rules[i].key);
		fault.other = config_row_of(rules[i].place, rules[i].other);
		if ((own & rows_of(&fault)) == rows_of(&fault))
			faults[n++] = fault;
	}
	return n;
}

static size_t check_whole(const struct evidence_source *s, config_rows own,
	struct evidence_fault faults[EVIDENCE_FAULTS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct evidence_fault fault = { 0 };

		if (!rules[i].is_broken(s, &fault.why))
			continue;
		fault.row = config_row_of(rules[i].place, rules[i].key);
		fault.other = config_row_of(rules[i].place, rules[i].other);
		if (rules[i].kind != RULE_HALF || (own & rows_of(&fault)))
			faults[n++] = fault;
	}
	return n;
}

/* ---------------------------------------------------------------- module and control */

/* For addresses in which nothing but dates is left in braces. */
static const struct config_braces_values dates = { .host = "", .name = "", .sample_dates = true };

/* What a file is read through: this host's own files, a share, or what stands before a path. */
struct way {
	char address[CONFIG_EXPANDED_MAX + 1];
	bool local, smb;
	struct smb_url url;
	size_t len;
};

static void way_of(const char *text, struct way *ret)
{
	const char *why, *authority;
	struct config_why unused;

	config_expand(BRACES_URL, &dates, text, ret->address, &unused);
	ret->local = ret->address[0] == '/' || strncasecmp(ret->address, "file:", 5) == 0;
	ret->smb = smb_url_parse(ret->address, &ret->url, &why) == 0;
	authority = strstr(ret->address, "://");
	ret->len = authority ? (size_t)(authority - ret->address) + 3 + strcspn(authority + 3, "/?")
			     : 0;
}

static bool is_same_way(const struct way *a, const struct way *b)
{
	if (a->local || b->local)
		return a->local && b->local;
	if (a->smb || b->smb)
		return a->smb && b->smb && smb_url_same_share(&a->url, &b->url);
	return a->len == b->len && strncasecmp(a->address, b->address, a->len) == 0;
}

/* Sees that the control file speaks for the module. */
static bool has_two_ways(const struct evidence_source *s, struct evidence_fault *fault)
{
	struct way control, module;

	if (!s->control)
		return false;
	way_of(s->control, &control);
	for (size_t i = 0; i < s->n_module; i++) {
		way_of(s->module[i], &module);
		if (is_same_way(&control, &module))
			continue;
		*fault = (struct evidence_fault){ .entry = i + 1,
			.row = config_row_of(PLACE_EVIDENCE, "module"),
			.other = config_row_of(PLACE_EVIDENCE, "control") };
		return broken(&fault->why,
			"write paths for both, or files on one share of one host, or URLs of one "
			"host",
			"module and control are not read from the same place");
	}
	return false;
}

/* ---------------------------------------------------------------- finishing */

/* A source whose strings are still to be put behind it. */
struct pool {
	struct evidence_source source;
	size_t offsets[ARRAY_SIZE(texts)]; /* 1 + offset in octets; 0 = NULL */
	char octets[ARRAY_SIZE(texts) * (CONFIG_EXPANDED_MAX + 1)];
	size_t used;
};

/* Looks at an address again that has host and name in it now. */
static bool recheck(int row, const char *text, struct config_why *why)
{
	char address[CONFIG_EXPANDED_MAX + 1], problem[CONFIG_PROBLEM_SIZE];
	const char *mend;

	if (config_expand(BRACES_URL, &dates, text, address, why) != EXPANDED)
		return false;
	return config_address_is_good(address, problem, &mend) ||
		config_refuse(&config_keys[row], text, problem, mend, why);
}

/* Returns how many faults there are. */
static size_t expand_all(const struct evidence_source *s, const struct config_braces_values *values,
	struct pool *pool, struct evidence_fault faults[EVIDENCE_FAULTS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(texts) && n < EVIDENCE_FAULTS_MAX; i++) {
		const char *text = text_of(s, i);
		char *dst = pool->octets + pool->used;
		struct evidence_fault *fault = &faults[n];
		enum config_expanded r;

		pool->offsets[i] = 0;
		if (!text)
			continue;
		*fault = (struct evidence_fault){ 0 };
		fault->row = fault->other = config_row_of(texts[i].place, texts[i].key);
		r = config_expand(texts[i].braces, values, text, dst, &fault->why);
		if (r == EXPANDED && texts[i].braces == BRACES_URL &&
			!recheck(fault->row, dst, &fault->why))
			r = EXPANDED_BAD;
		if (r == EXPANDED) {
			pool->offsets[i] = 1 + pool->used;
			pool->used += strlen(dst) + 1;
			continue;
		}
		fault->bad_name = r == EXPANDED_BAD_NAME;
		fault->entry = i < EVIDENCE_MODULES_MAX ? i + 1 : 0;
		n++;
		if (fault->bad_name) /* the next one would say the same */
			break;
	}
	return n;
}

static struct evidence_source *pour(const struct evidence_source *s, const struct pool *pool)
{
	struct evidence_source *made = malloc(sizeof(*made) + pool->used);

	if (!made)
		return NULL;
	*made = *s;
	memcpy(made + 1, pool->octets, pool->used);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*(char **)((char *)made + texts[i].offset) =
			pool->offsets[i] ? (char *)(made + 1) + pool->offsets[i] - 1 : NULL;
	if (!made->setting_url)
		made->setting_format = 0;
	return made;
}

static bool has_item(const struct evidence_source *s)
{
	return s->n_module > 0 || s->setting_url || s->log_url || s->snmp_agent;
}

int evidence_make(const struct evidence_source *s, const struct config_braces_values *values,
	config_rows own, struct evidence_source **ret,
	struct evidence_fault faults[EVIDENCE_FAULTS_MAX], size_t *ret_n)
{
	_cleanup_(evidence_source_freep) struct evidence_source *made = NULL;
	struct pool pool;

	*ret = NULL;
	pool.used = 0;
	*ret_n = check_whole(s, own, faults);
	if (*ret_n == 0 && !has_item(s))
		return 0;
	if (*ret_n == 0)
		*ret_n = expand_all(s, values, &pool, faults);
	if (*ret_n > 0)
		return -EINVAL;
	made = pour(s, &pool);
	if (!made)
		return -ENOMEM;
	*ret_n = has_two_ways(made, &faults[0]);
	if (*ret_n > 0)
		return -EINVAL;
	*ret = TAKE_PTR(made);
	return 0;
}
