/* SPDX-License-Identifier: ISC */
/* What is asked of a server once the login works. */
#include "probes/after.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <search.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"

enum { MAX_SIZE_DEFAULT = 16 << 20 };

struct after {
	atomic_uint refs;
	struct after_settings settings;
	char strings[];
};

const char *after_passive_label(unsigned passive)
{
	static const char *const labels[PASSIVES] = { "auto", "epsv", "pasv" };

	return passive < PASSIVES ? labels[passive] : NULL;
}

const char *after_foreign_label(unsigned foreign)
{
	static const char *const labels[FOREIGNS] = { "refuse", "ignore", "follow" };

	return foreign < FOREIGNS ? labels[foreign] : NULL;
}

void after_settings_init(struct after_settings *s)
{
	*s = (struct after_settings){ .command = SESSION_NONE, .max_size = MAX_SIZE_DEFAULT };
}

static struct after *make(const struct after_settings *s)
{
	size_t path = s->path ? strlen(s->path) + 1 : 0;
	size_t sha256 = s->sha256 ? strlen(s->sha256) + 1 : 0;
	struct after *a = calloc(1, sizeof(*a) + path + sha256);

	if (!a)
		return NULL;
	a->refs = 1;
	a->settings = *s;
	if (s->path)
		a->settings.path = memcpy(a->strings, s->path, path);
	if (s->sha256) {
		a->settings.sha256 = memcpy(a->strings + path, s->sha256, sha256);
		for (char *c = a->strings + path; *c; c++)
			*c = (char)tolower((unsigned char)*c);
	}
	return a;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : !!a - !!b;
}

static int compare(const void *a, const void *b)
{
	const struct after_settings *x = &((const struct after *)a)->settings,
				    *y = &((const struct after *)b)->settings;
	int r = compare_numbers(x->command, y->command);

	if (r == 0)
		r = compare_numbers(x->passive, y->passive);
	if (r == 0)
		r = compare_numbers(x->foreign, y->foreign);
	if (r == 0)
		r = compare_numbers(x->max_size, y->max_size);
	if (r == 0)
		r = compare_text(x->path, y->path);
	return r ? r : compare_text(x->sha256, y->sha256);
}

static void leave(void *after)
{
	after_unref(after);
}

void after_pool_done(void **pool)
{
	tdestroy(*pool, leave);
	*pool = NULL;
}

/* The pool has a reference of its own. */
int after_new(const struct after_settings *s, void **pool, struct after **ret)
{
	struct after *a, **found;

	assert(s->command < SESSION_COMMAND_END && s->passive < PASSIVES && s->foreign < FOREIGNS);
	*ret = NULL;
	if (s->command == SESSION_NONE)
		return 0;
	a = make(s);
	if (!a)
		return -ENOMEM;
	found = tsearch(a, pool, compare);
	if (!found || *found != a)
		after_unref(a);
	if (!found)
		return -ENOMEM;
	*ret = after_ref(*found);
	return 0;
}

struct after *after_ref(struct after *a)
{
	if (a)
		atomic_fetch_add(&a->refs, 1);
	return a;
}

struct after *after_unref(struct after *a)
{
	if (a && atomic_fetch_sub(&a->refs, 1) == 1)
		free(a);
	return NULL;
}

const struct after_settings *after_settings_of(const struct after *a)
{
	static const struct after_settings nothing = { .command = SESSION_NONE };

	return a ? &a->settings : &nothing;
}

bool after_equal(const struct after *a, const struct after *b)
{
	return a == b || (a && b && compare(a, b) == 0);
}
