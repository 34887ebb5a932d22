/* SPDX-License-Identifier: ISC */
/* The account of a target out of a secret file, and how it is reached: in defaults, groups and
 * targets, and the same keys as options of a command. */
#include "agent/config_private.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <search.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "probes/netrc.h"
#include "probes/route.h"

/* ---------------------------------------------------------------- values */

enum { PROXY_HOST_MAX = 255 };

static bool is_nothing(const char *text, const char *word)
{
	return !text || strcmp(text, word) == 0;
}

bool config_parse_source(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	if (!config_length_is_good(key, text, why))
		return false;
	if (route_family(text) == AF_UNSPEC) {
		if (strchr(text, '%'))
			return config_refuse(key, text, "has a zone",
				"write the name of the interface in place of it", why);
		for (const char *p = text; *p; p++)
			if (!isgraph((unsigned char)*p) || strchr("/:!", *p))
				return config_refuse_syntax(key, text, why);
		if (strlen(text) >= IF_NAMESIZE || text[strspn(text, "0123456789.")] == '\0')
			return config_refuse_syntax(key, text, why);
	}
	*(const char **)field = text;
	return true;
}

/* Takes the host out of what follows the scheme: HOST:PORT or [V6]:PORT. */
static bool split_proxy(const char *authority, char host[PROXY_HOST_MAX + 1], const char **ret_port)
{
	bool bracket = *authority == '[';
	const char *start = authority + bracket, *end = strchr(start, bracket ? ']' : ':');
	size_t len = end ? (size_t)(end - start) : 0;

	if (len == 0 || len > PROXY_HOST_MAX || (bracket && end[1] != ':'))
		return false;
	memcpy(host, start, len);
	host[len] = '\0';
	*ret_port = end + bracket + 1;
	return bracket ? route_family(host) == AF_INET6
		       : config_is_host_name(host) || route_family(host) == AF_INET;
}

bool config_parse_proxy(
	const struct config_key *key, const char *text, void *field, struct config_why *why)
{
	static const char *const schemes[] = { "socks5://", "socks5h://", "http://" };
	char host[PROXY_HOST_MAX + 1];
	const char *port;
	size_t i;

	if (!config_length_is_good(key, text, why))
		return false;
	if (strchr(text, '@'))
		return config_refuse(key, text, "has a user or a password in it",
			"take it out; an entry of its host in netrc or credential has them", why);
	if (is_nothing(text, "none")) {
		*(const char **)field = text;
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(schemes); i++)
		if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
			break;
	if (i == ARRAY_SIZE(schemes) || !split_proxy(text + strlen(schemes[i]), host, &port) ||
		strlen(port) == 0 || strlen(port) > 5 || port[strspn(port, "0123456789")] ||
		atoi(port) < 1 || atoi(port) > UINT16_MAX)
		return config_refuse_syntax(key, text, why);
	*(const char **)field = text;
	return true;
}

/* ---------------------------------------------------------------- files */

/* A file, or a credential, that was read; many targets have the same. */
struct secret {
	struct netrc *netrc; /* NULL when it could not be read */
	bool blamed;         /* that was told */
	bool credential;
	char *name;
	char why[NETRC_WHY_SIZE];
};

static int compare_secret(const void *a, const void *b)
{
	const struct secret *x = a, *y = b;

	if (x->credential != y->credential)
		return x->credential ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void secret_free(void *secret)
{
	struct secret *s = secret;

	netrc_free(s->netrc);
	free(s->name);
	free(s);
}

void access_pool_done(struct access_pool *pool)
{
	tdestroy(TAKE_PTR(pool->secrets), secret_free);
	route_pool_done(&pool->routes);
}

/* Reads it. Who has read a secret leaves no core file that it could be found in. */
static int secret_read(struct secret *s)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	int r;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	r = netrc_load(s->credential ? NULL : s->name, s->credential ? s->name : NULL, folder,
		NETRC_FILE_MAX, &s->netrc, s->why);
	return r == -ENOMEM ? r : 0;
}

/* The secret of that name, read when POOL does not have it. Returns 0 or -ENOMEM. */
static int find_secret(
	struct access_pool *pool, const char *name, bool credential, struct secret **ret)
{
	struct secret key = { .credential = credential, .name = (char *)name };
	struct secret **found = tfind(&key, &pool->secrets, compare_secret), *s;
	int r;

	if (found) {
		*ret = *found;
		return 0;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->credential = credential;
	s->name = strdup(name);
	r = s->name ? secret_read(s) : -ENOMEM;
	if (r == 0 && !tsearch(s, &pool->secrets, compare_secret))
		r = -ENOMEM;
	if (r < 0) {
		secret_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

/* ---------------------------------------------------------------- what is at fault */

/* In place of a row: what is the target's own. An account is looked up by its host. */
enum { AT_HOST = -1, AT_NAME = -2, AT_ACCOUNT = -3 };

__attribute__((format(printf, 3, 4))) static int fault(
	struct config_why *why, const char *mend, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->wrong, sizeof(why->wrong), format, args);
	va_end(args);
	snprintf(why->mend, sizeof(why->mend), "%s", mend);
	return -EINVAL;
}

static int row_of(const char *key)
{
	return config_row_of(PLACE_TARGET, key);
}

/* Gives T what the secret S says of its host. A file that is there for the proxy need not say
 * anything. Returns 0, or -EINVAL with *WHY. */
static int take_account(
	const struct secret *s, bool for_proxy, struct target_config *t, struct config_why *why)
{
	const char *kind = s->credential ? "credential" : "netrc file";
	struct netrc_entry entry;

	if (!netrc_find(s->netrc, t->host, true, &entry)) {
		if (for_proxy)
			return 0;
		return fault(why, "add: machine HOST login USER password PASSWORD",
			"the %s %.150s has no entry for %.100s, and no default", kind, s->name,
			t->host);
	}
	if (!entry.login || !*entry.login || !entry.password)
		return fault(why, "add it", "the %s %.150s has no %s for %.100s", kind, s->name,
			!entry.login || !*entry.login ? "login" : "password", t->host);
	t->user = (char *)entry.login;
	t->password = (char *)entry.password;
	return 0;
}

/* The secret that D names for T, or NULL. Returns 0; -EINVAL with *RET_ROW and *WHY, *RET being the
 * one that is at fault as a whole; or -ENOMEM. */
static int open_secret(const struct access_draft *d, struct access_pool *pool,
	const struct target_config *t, struct secret **ret, int *ret_row, struct config_why *why)
{
	struct config_braces_values values = { .host = t->host,
		.name = t->name ? t->name : t->host };
	char name[CONFIG_EXPANDED_MAX + 1];
	enum config_expanded expanded;
	int r;

	*ret = NULL;
	if (!d->netrc && !d->credential)
		return 0;
	*ret_row = row_of(d->netrc ? "netrc" : "credential");
	expanded = config_expand(d->netrc ? BRACES_FILE : BRACES_NONE, &values,
		d->netrc ? d->netrc : d->credential, name, why);
	if (expanded != EXPANDED) {
		*ret_row = expanded == EXPANDED_BAD_NAME ? AT_NAME : *ret_row;
		return -EINVAL;
	}
	r = find_secret(pool, name, !d->netrc, ret);
	if (r < 0 || (*ret)->netrc)
		return r;
	return fault(why, "name one that the user of the daemon can read, and nobody else", "%s",
		(*ret)->why);
}

/* Adds the proxy of D, with what the secret S says of its host. */
static void take_proxy(
	const struct access_draft *d, const struct secret *s, struct route_settings *route)
{
	char host[PROXY_HOST_MAX + 1];
	struct netrc_entry entry;
	const char *port;

	if (is_nothing(d->proxy, "none"))
		return;
	route->proxy = d->proxy;
	split_proxy(strstr(d->proxy, "://") + 3, host, &port); /* is good */
	if (!s || !netrc_find(s->netrc, host, false, &entry))
		return;
	route->proxy_user = entry.login ? entry.login : "";
	route->proxy_password = entry.password ? entry.password : "";
}

static const char *family_name(int family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

/* True for a link-local address: without an interface it leads nowhere (RFC 4007 section 6). */
static bool wants_interface(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET6, host, &address) == 1 && IN6_IS_ADDR_LINKLOCAL(&address);
}

/* The family of a HOST that is an address, with a zone or without. */
static int host_family(const char *host)
{
	return strchr(host, ':') ? AF_INET6 : route_family(host);
}

/* Whether T is an address of another family than it is to be reached by: libcurl would not even
 * try. To a proxy it is but a text. Returns 0, or -EINVAL with *RET_ROW and *WHY. */
static int check_family(const struct target_config *t, int *ret_row, struct config_why *why)
{
	int family = host_family(t->host);

	if (family == AF_UNSPEC || t->family == AF_UNSPEC || family == t->family)
		return 0;
	*ret_row = AT_HOST;
	return fault(why,
		family == AF_INET ? "let that be ipv4, or any" : "let that be ipv6, or any",
		"%s is an address of %s, and address-family is %s", t->host, family_name(family),
		t->family == AF_INET ? "ipv4" : "ipv6");
}

/* Returns 0; -EINVAL with *RET_ROW and *WHY; or -ENOMEM. */
static int make_route(const struct access_draft *d, const struct secret *s,
	struct access_pool *pool, struct target_config *t, int *ret_row, struct config_why *why)
{
	struct route_settings route = { .source = is_nothing(d->source, "any") ? NULL : d->source };
	int family = route.source ? route_family(route.source) : AF_UNSPEC, host;

	take_proxy(d, s, &route);
	if (!route.proxy && wants_interface(t->host) && (!route.source || family != AF_UNSPEC)) {
		*ret_row = AT_HOST;
		return fault(why, "add the interface, as in fe80::1%eth0, or name it as source",
			"%s is link-local, and leads nowhere without an interface", t->host);
	}
	if (!route.proxy && check_family(t, ret_row, why) < 0)
		return -EINVAL;
	host = route.proxy ? AF_UNSPEC : host_family(t->host);
	if (host == AF_UNSPEC)
		host = t->family;
	if (family != AF_UNSPEC && host != AF_UNSPEC && family != host) {
		*ret_row = row_of("source");
		return fault(why, "write an address of that family, or any",
			"the source %s is of %s, and the target of %s", route.source,
			family_name(family), family_name(host));
	}
	return route_new(&route, &pool->routes, &t->route);
}

/* Gives T the account and the route of D; strings stay those of POOL. Returns 0; -EINVAL with
 * *RET_ROW and *WHY, *RET_SECRET being the one that is at fault as a whole, or NULL; or -ENOMEM. */
static int make_access(const struct access_draft *d, struct access_pool *pool,
	struct target_config *t, struct secret **ret_secret, int *ret_row, struct config_why *why)
{
	struct secret *s;
	int r = open_secret(d, pool, t, ret_secret, ret_row, why);

	if (r < 0)
		return r;
	s = TAKE_PTR(*ret_secret);
	*ret_row = AT_ACCOUNT;
	if (s)
		r = take_account(s, !is_nothing(d->proxy, "none"), t, why);
	return r < 0 ? r : make_route(d, s, pool, t, ret_row, why);
}

/* ---------------------------------------------------------------- layers */

static bool has(config_rows rows, const char *key)
{
	return config_has_row(rows, row_of(key));
}

/* Tells of ROW of the layer. */
static void blame(struct config_load *load, struct access_layer *layer, const char *key,
	const struct config_why *why)
{
	struct config_position at = layer->at;

	at.key = row_of(key);
	layer->bad = true;
	config_faults_add(&load->faults, &at, NULL, why);
}

/* Tells of an account that is said twice in one layer; true when it is. */
static bool is_said_twice(struct config_load *load, struct access_layer *layer, config_rows given)
{
	bool netrc = has(layer->own, "netrc"), credential = has(layer->own, "credential");
	const char *plain = has(given, "user") ? "user" : "password";
	struct config_why why;

	if (netrc && credential) {
		fault(&why, "keep one of the two", "there are both netrc and credential");
		blame(load, layer, "credential", &why);
		return true;
	}
	if (!(netrc || credential) || !has(given, plain))
		return false;
	fault(&why, "keep the file, or user and password",
		"the account is said twice: by %s and by %s", netrc ? "netrc" : "credential",
		plain);
	blame(load, layer, netrc ? "netrc" : "credential", &why);
	return true;
}

/* What one layer says of the account takes the place of what those below it say. */
static void settle(struct config_load *load, struct access_layer *layer, config_rows given)
{
	bool plain = has(given, "user") || has(given, "password");

	if (is_said_twice(load, layer, given))
		return;
	if (plain || has(layer->own, "netrc"))
		layer->draft.credential = NULL;
	if (plain || has(layer->own, "credential"))
		layer->draft.netrc = NULL;
}

void config_access_apply(struct config_load *load, const struct config_position *at, void **mapping,
	config_rows given, struct access_layer *below, struct access_layer *layer)
{
	size_t before = load->faults.n;

	*layer = (struct access_layer){ .at = *at, .below = below };
	if (below) {
		layer->draft = below->draft;
		layer->bad = below->bad;
	}
	if (!mapping)
		return;
	config_apply(load, at, mapping, DRAFT_ACCESS, &layer->draft, &layer->own);
	layer->bad = layer->bad || load->faults.n > before;
	settle(load, layer, given);
}

int config_access_make(struct config_load *load, struct access_layer *layer,
	struct access_pool *pool, struct target_config *t)
{
	struct access_layer *guilty = layer;
	struct config_position at = layer->at;
	struct secret *secret;
	struct config_why why;
	int row = 0, r;

	if (layer->bad || !t->host || !t->name)
		return 0;
	r = make_access(&layer->draft, pool, t, &secret, &row, &why);
	if (r != -EINVAL)
		return r;
	if (secret && secret->blamed) /* the next target would say the same */
		return 0;
	if (secret)
		secret->blamed = true;
	while (row >= 0 && guilty->below && !config_has_row(guilty->own, row))
		guilty = guilty->below;
	if (row >= 0)
		at = guilty->at;
	at.key = row >= 0 ? row : row_of(row == AT_NAME ? "name" : "host");
	config_faults_add(&load->faults, &at, NULL, &why);
	return 0;
}

/* ---------------------------------------------------------------- options */

bool target_config_set_access(
	struct access_draft *d, const char *key, const char *text, char *why, size_t size)
{
	int row = row_of(key);
	struct config_why fault;

	assert(config_keys[row].draft == DRAFT_ACCESS);
	if (config_keys[row].parse(
		    &config_keys[row], text, (char *)d + config_keys[row].offset, &fault))
		return true;
	snprintf(why, size, "%s: %s; %s", key, fault.wrong, fault.mend);
	return false;
}

int target_config_finish_access(const struct access_draft *d, struct target_config *t,
	struct access_pool *pool, char *why, size_t size)
{
	struct secret *secret;
	struct config_why fault;
	int row = 0, r = 0;

	if (d->netrc && d->credential) {
		snprintf(why, size, "netrc: there is a credential, too; keep one of the two");
		return -EINVAL;
	}
	r = make_access(d, pool, t, &secret, &row, &fault);
	if (r == -EINVAL)
		snprintf(why, size, "%s: %s; %s",
			row >= 0                 ? config_keys[row].name
				: row == AT_HOST ? "host"
				: d->netrc       ? "netrc"
						 : "credential",
			fault.wrong, fault.mend);
	return r;
}
