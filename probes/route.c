/* SPDX-License-Identifier: ISC */
/* How a server is reached when not straight: from a certain address, through a proxy. */
#include "probes/route.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <search.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/util.h"

struct route {
	atomic_uint refs;
	struct route_settings settings;
	const char *interface;
	size_t len;
	char strings[];
};

static const size_t texts[] = {
	offsetof(struct route_settings, source),
	offsetof(struct route_settings, proxy),
	offsetof(struct route_settings, proxy_user),
	offsetof(struct route_settings, proxy_password),
};

static const char **text_of(struct route_settings *s, size_t i)
{
	return (const char **)(void *)((char *)s + texts[i]);
}

int route_family(const char *text)
{
	unsigned char address[16];

	if (inet_pton(AF_INET, text, address) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, text, address) == 1 ? AF_INET6 : AF_UNSPEC;
}

static struct route *make(const struct route_settings *s)
{
	static const char address[] = "host!", device[] = "if!";
	struct route_settings copy = *s;
	size_t len = s->source ? sizeof(address) + strlen(s->source) : 0;
	struct route *r;
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		len += *text_of(&copy, i) ? strlen(*text_of(&copy, i)) + 1 : 0;
	r = calloc(1, sizeof(*r) + len);
	if (!r)
		return NULL;
	r->len = len;
	r->settings.family = s->source ? route_family(s->source) : AF_UNSPEC;
	end = r->strings;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (*text_of(&copy, i)) {
			*text_of(&r->settings, i) = end;
			end = stpcpy(end, *text_of(&copy, i)) + 1;
		}
	if (s->source) {
		r->interface = end;
		stpcpy(stpcpy(end, r->settings.family == AF_UNSPEC ? device : address), s->source);
	}
	return r;
}

static int compare_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : !!a - !!b;
}

static int compare(const void *a, const void *b)
{
	struct route_settings x = ((const struct route *)a)->settings,
			      y = ((const struct route *)b)->settings;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(texts); i++)
		r = compare_text(*text_of(&x, i), *text_of(&y, i));
	return r;
}

static void leave(void *route)
{
	route_unref(route);
}

void route_pool_done(void **pool)
{
	tdestroy(*pool, leave);
	*pool = NULL;
}

/* The pool has a reference of its own. */
int route_new(const struct route_settings *s, void **pool, struct route **ret)
{
	struct route *r, **found;

	*ret = NULL;
	if (!s->source && !s->proxy)
		return 0;
	r = make(s);
	if (!r)
		return -ENOMEM;
	r->refs = 1;
	found = tsearch(r, pool, compare);
	if (!found || *found != r)
		route_unref(r);
	if (!found)
		return -ENOMEM;
	*ret = route_ref(*found);
	return 0;
}

struct route *route_ref(struct route *r)
{
	if (r)
		atomic_fetch_add(&r->refs, 1);
	return r;
}

struct route *route_unref(struct route *r)
{
	if (!r || atomic_fetch_sub(&r->refs, 1) > 1)
		return NULL;
	explicit_bzero(r->strings, r->len);
	free(r);
	return NULL;
}

const struct route_settings *route_settings_of(const struct route *r)
{
	static const struct route_settings straight = { .family = AF_UNSPEC };

	return r ? &r->settings : &straight;
}

const char *route_interface(const struct route *r)
{
	return r ? r->interface : NULL;
}

bool route_equal(const struct route *a, const struct route *b)
{
	return a == b || (a && b && compare(a, b) == 0);
}
