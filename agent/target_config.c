/* SPDX-License-Identifier: ISC */
/* The configuration of one target: built-in values, single values checked, and its end. */
#include "agent/config_private.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/evidence_config.h"

/* RFC 1635: the password of an anonymous login says who asks. */
static void make_password(char buffer[TARGET_PASSWORD_SIZE])
{
	char host[HOST_NAME_MAX + 1];

	if (gethostname(host, sizeof(host)) < 0 || !memchr(host, '\0', sizeof(host)) ||
		!config_is_host_name(host) || strlen(host) > TARGET_PASSWORD_SIZE - 16)
		snprintf(host, sizeof(host), "localhost");
	snprintf(buffer, TARGET_PASSWORD_SIZE, "ftphealth@%s", host);
}

void target_config_init(struct target_config *c, char password[TARGET_PASSWORD_SIZE])
{
	make_password(password);
	*c = (struct target_config){
		.group = (char *)"",
		.description = (char *)"",
		.contact = (char *)"",
		.user = (char *)"anonymous",
		.password = password,
		.port = 21,
		.family = AF_UNSPEC,
		.interval_usec = 60 * USEC_PER_SEC,
		.timeout_usec = 15 * USEC_PER_SEC,
		.raise = 1,
		.clear = 1,
		.enabled = true,
	};
}

bool target_config_set(
	struct target_config *c, const char *key, const char *text, char *why, size_t size)
{
	int row = config_key_find(PLACE_TARGET, key, strlen(key));
	struct config_why fault;

	assert(row >= 0 && config_keys[row].shape == SHAPE_SCALAR);
	if (config_keys[row].parse(
		    &config_keys[row], text, (char *)c + config_keys[row].offset, &fault))
		return true;
	snprintf(why, size, "%s: %s; %s", key, fault.wrong, fault.mend);
	return false;
}

/* ------------------------------------------------------------------ strings */

/* Group, description, contact, user and password, each with its NUL. Of ten thousand targets most
 * have the same. */
struct target_texts {
	unsigned refs;
	uint32_t len;
	char octets[];
};

enum { SHARED = 5 };

static void shared_fields(struct target_config *c, char **fields[SHARED])
{
	fields[0] = &c->group;
	fields[1] = &c->description;
	fields[2] = &c->contact;
	fields[3] = &c->user;
	fields[4] = &c->password;
}

/* The password may be a secret. */
static void texts_free(struct target_texts *t)
{
	explicit_bzero(t->octets, t->len);
	free(t);
}

static int compare_texts(const void *a, const void *b)
{
	const struct target_texts *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->octets, y->octets, x->len);
}

static struct target_texts *texts_new(char **const fields[SHARED])
{
	struct target_texts *t;
	size_t len = 0;
	char *end;

	for (size_t i = 0; i < SHARED; i++)
		len += strlen(*fields[i]) + 1;
	t = malloc(sizeof(*t) + len);
	if (!t)
		return NULL;
	t->refs = 0;
	t->len = (uint32_t)len;
	end = t->octets;
	for (size_t i = 0; i < SHARED; i++)
		end = stpcpy(end, *fields[i]) + 1;
	return t;
}

/* The block of POOL with these texts, a new one when there is none; NULL without memory. */
static struct target_texts *texts_of(char **const fields[SHARED], void **pool)
{
	struct target_texts *t = texts_new(fields), **found;

	if (!t)
		return NULL;
	found = tsearch(t, pool, compare_texts);
	if (!found || *found != t)
		texts_free(t);
	return found ? *found : NULL;
}

static void leave(void *texts)
{
}

void target_texts_done(void **pool)
{
	tdestroy(*pool, leave);
	*pool = NULL;
}

int target_config_own(struct target_config *c, void **pool)
{
	char **fields[SHARED], *place, *at;
	size_t name, host;

	shared_fields(c, fields);
	c->texts = texts_of(fields, pool);
	name = strlen(c->name ? c->name : "") + 1;
	host = strlen(c->host ? c->host : "") + 1;
	place = c->texts ? malloc(name + host) : NULL;
	if (!place) {
		if (c->texts && c->texts->refs == 0) {
			tdelete(c->texts, pool, compare_texts);
			texts_free(c->texts);
		}
		c->texts = NULL;
		c->name = c->host = NULL;
		for (size_t i = 0; i < SHARED; i++)
			*fields[i] = NULL;
		return -ENOMEM;
	}
	memcpy(place, c->name ? c->name : "", name);
	memcpy(place + name, c->host ? c->host : "", host);
	c->name = place;
	c->host = place + name;
	c->texts->refs++;
	at = c->texts->octets;
	for (size_t i = 0; i < SHARED; i++) {
		*fields[i] = at;
		at += strlen(at) + 1;
	}
	return 0;
}

static bool same_strings(const struct target_config *a, const struct target_config *b)
{
	return strcmp(a->host, b->host) == 0 && strcmp(a->group, b->group) == 0 &&
		strcmp(a->description, b->description) == 0 &&
		strcmp(a->contact, b->contact) == 0 && strcmp(a->user, b->user) == 0 &&
		strcmp(a->password, b->password) == 0;
}

bool target_config_equal(const struct target_config *a, const struct target_config *b)
{
	return strcmp(a->name, b->name) == 0 && same_strings(a, b) && a->port == b->port &&
		a->family == b->family && a->interval_usec == b->interval_usec &&
		a->timeout_usec == b->timeout_usec && a->raise == b->raise &&
		a->clear == b->clear && a->enabled == b->enabled && tls_equal(a->tls, b->tls) &&
		route_equal(a->route, b->route) && after_equal(a->after, b->after) &&
		evidence_source_equal(a->evidence, b->evidence);
}

bool target_config_warns(const struct target_config *c, const struct tls_facts *f, uint64_t time)
{
	uint32_t days = tls_settings_of(c->tls)->warn_days;

	return days > 0 && tls_days_left(f, (int64_t)(time / USEC_PER_SEC)) < (int64_t)days;
}

void target_config_done(struct target_config *c)
{
	char **fields[SHARED];

	shared_fields(c, fields);
	if (!c->texts && c->password)
		explicit_bzero(c->password, strlen(c->password));
	for (size_t i = 0; !c->texts && i < SHARED; i++)
		free(*fields[i]);
	if (!c->texts)
		free(c->host);
	free(c->name);
	if (c->texts && --c->texts->refs == 0)
		texts_free(c->texts);
	evidence_source_free(c->evidence);
	tls_unref(c->tls);
	route_unref(c->route);
	after_unref(c->after);
	*c = (struct target_config){ 0 };
}
