/* SPDX-License-Identifier: ISC */
/* Settings of TLS made ready: one context for each set of files, whoever uses it. */
#include "probes/tls_context.h"

#include <assert.h>
#include <errno.h>
#include <search.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/util.h"

static const char *const mode_labels[TLS_MODES] = { "none", "explicit", "implicit" };
static const char *const version_labels[TLS_VERSIONS] = { "1.0", "1.1", "1.2", "1.3" };

const char *tls_mode_label(unsigned mode)
{
	return mode < TLS_MODES ? mode_labels[mode] : NULL;
}

const char *tls_version_label(unsigned version)
{
	return version < TLS_VERSIONS ? version_labels[version] : NULL;
}

/* ------------------------------------------------------------------ settings */

/* Which file it was, and whether it has been written since. */
struct stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed, written;
};

enum { FILES = 4, STRINGS = 5 };

struct tls {
	struct tls_settings settings; /* its strings are behind it */
	atomic_uint refs;
	SSL_CTX *context;
	struct stamp stamps[FILES];
	char octets[];
};

void tls_settings_init(struct tls_settings *s)
{
	*s = (struct tls_settings){
		.mode = TLS_NONE, .min_version = TLS_1_2, .verify = true, .warn_days = 14
	};
}

/* Those that name files come first, in the order of enum tls_part. */
static void string_fields(struct tls_settings *s, char **fields[STRINGS])
{
	fields[TLS_PART_CA] = &s->ca;
	fields[TLS_PART_CRL] = &s->crl;
	fields[TLS_PART_CERTIFICATE] = &s->certificate;
	fields[TLS_PART_KEY] = &s->key;
	fields[FILES] = &s->server_name;
}

static int compare_strings(const char *a, const char *b)
{
	if (!a || !b)
		return !!a - !!b;
	return strcmp(a, b);
}

static int compare_numbers(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

/* By what a context depends on. */
static int compare_contexts(const struct tls_settings *a, const struct tls_settings *b)
{
	int r = compare_numbers(a->min_version, b->min_version);

	if (r == 0)
		r = compare_numbers(a->verify, b->verify);
	if (r == 0)
		r = compare_strings(a->ca, b->ca);
	if (r == 0)
		r = compare_strings(a->crl, b->crl);
	if (r == 0)
		r = compare_strings(a->certificate, b->certificate);
	return r ? r : compare_strings(a->key, b->key);
}

static int compare_speech(const struct tls_settings *a, const struct tls_settings *b)
{
	int r = compare_contexts(a, b);

	if (r == 0)
		r = compare_numbers(a->mode, b->mode);
	return r ? r : compare_strings(a->server_name, b->server_name);
}

static int compare_settings(const struct tls_settings *a, const struct tls_settings *b)
{
	int r = compare_speech(a, b);

	return r ? r : compare_numbers(a->warn_days, b->warn_days);
}

bool tls_settings_equal(const struct tls_settings *a, const struct tls_settings *b)
{
	return compare_speech(a, b) == 0;
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
		a->changed.tv_sec == b->changed.tv_sec &&
		a->changed.tv_nsec == b->changed.tv_nsec &&
		a->written.tv_sec == b->written.tv_sec && a->written.tv_nsec == b->written.tv_nsec;
}

bool tls_equal(const struct tls *a, const struct tls *b)
{
	if (a == b)
		return true;
	if (!a || !b || compare_settings(&a->settings, &b->settings) != 0)
		return false;
	for (size_t i = 0; i < FILES; i++)
		if (!same_stamp(&a->stamps[i], &b->stamps[i]))
			return false;
	return true;
}

const struct tls_settings *tls_settings_of(const struct tls *t)
{
	static const struct tls_settings none = { .mode = TLS_NONE };

	return t ? &t->settings : &none;
}

struct ssl_ctx_st *tls_context(const struct tls *t)
{
	return t->context;
}

/* ------------------------------------------------------------------ birth and death */

static void take_stamp(const char *path, struct stamp *ret)
{
	struct stat st;

	if (stat(path, &st) == 0)
		*ret = (struct stamp){ st.st_dev, st.st_ino, st.st_size, st.st_ctim, st.st_mtim };
}

/* Sees that PATH is a file: what is none might never end. */
static int look_at(const char *path, struct stamp *ret, char why[TLS_WHY_SIZE])
{
	struct stat st;

	if (!path)
		return 0;
	if (stat(path, &st) < 0)
		return tls_refuse(why, "%.200s: %s; write the path of a file that can be read",
			path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return tls_refuse(
			why, "%.200s: not a regular file; write the path of a file", path);
	take_stamp(path, ret);
	return 0;
}

struct tls_pool {
	void *all;      /* by their settings */
	void *contexts; /* one of each context */
};

static int compare_all(const void *a, const void *b)
{
	return compare_settings(
		&((const struct tls *)a)->settings, &((const struct tls *)b)->settings);
}

static int compare_shared(const void *a, const void *b)
{
	return compare_contexts(
		&((const struct tls *)a)->settings, &((const struct tls *)b)->settings);
}

static void leave(void *t)
{
	tls_unref(t);
}

void tls_pool_done(struct tls_pool **pool)
{
	if (!*pool)
		return;
	tdestroy((*pool)->contexts, leave);
	tdestroy((*pool)->all, leave);
	free(TAKE_PTR(*pool));
}

struct tls *tls_ref(struct tls *t)
{
	if (t)
		t->refs++;
	return t;
}

struct tls *tls_unref(struct tls *t)
{
	if (!t || --t->refs > 0)
		return NULL;
	SSL_CTX_free(t->context);
	free(t);
	return NULL;
}

DEFINE_CLEANUP(struct tls *, tls_unref)

static struct tls *copy_settings(const struct tls_settings *s)
{
	struct tls_settings given = *s;
	char **from[STRINGS], **to[STRINGS], *end;
	size_t len = 0;
	struct tls *t;

	string_fields(&given, from);
	for (size_t i = 0; i < STRINGS; i++)
		len += *from[i] ? strlen(*from[i]) + 1 : 0;
	t = calloc(1, sizeof(*t) + len);
	if (!t)
		return NULL;
	t->settings = *s;
	t->refs = 1;
	string_fields(&t->settings, to);
	end = t->octets;
	for (size_t i = 0; i < STRINGS; i++)
		if (*from[i]) {
			*to[i] = end;
			end = stpcpy(end, *from[i]) + 1;
		}
	return t;
}

/* Takes over the context of another with the same files, or makes one. */
static int find_context(
	struct tls *t, struct tls_pool *pool, enum tls_part *ret_part, char why[TLS_WHY_SIZE])
{
	struct tls **found = tfind(t, &pool->contexts, compare_shared);
	char **fields[STRINGS];

	if (found) {
		SSL_CTX_up_ref((*found)->context);
		t->context = (*found)->context;
		memcpy(t->stamps, (*found)->stamps, sizeof(t->stamps));
		return 0;
	}
	string_fields(&t->settings, fields);
	if (t->settings.verify && !t->settings.ca) /* where there is none the context tells */
		take_stamp(tls_system_ca(), &t->stamps[TLS_PART_CA]);
	for (size_t i = 0; i < FILES; i++) {
		*ret_part = (enum tls_part)i;
		if (look_at(*fields[i], &t->stamps[i], why) < 0)
			return -EINVAL;
	}
	return tls_context_new(&t->settings, &t->context, ret_part, why);
}

/* Puts T into both trees, each of which holds a reference. */
static int keep(struct tls *t, struct tls_pool *pool)
{
	struct tls **found = tsearch(t, &pool->all, compare_all);

	if (!found)
		return -ENOMEM;
	tls_ref(t);
	found = tsearch(t, &pool->contexts, compare_shared);
	if (!found)
		return -ENOMEM;
	if (*found == t)
		tls_ref(t);
	return 0;
}

int tls_new(const struct tls_settings *s, struct tls_pool **pool, struct tls **ret,
	enum tls_part *ret_part, char why[TLS_WHY_SIZE])
{
	_cleanup_(tls_unrefp) struct tls *t = copy_settings(s);
	struct tls **found;
	int r;

	assert(s->mode != TLS_NONE && s->mode < TLS_MODES && s->min_version < TLS_VERSIONS);
	if (!*pool)
		*pool = calloc(1, sizeof(**pool));
	if (!t || !*pool)
		return -ENOMEM;
	found = tfind(t, &(*pool)->all, compare_all);
	if (found) {
		*ret = tls_ref(*found);
		return 0;
	}
	r = tls_begin();
	if (r == 0)
		r = find_context(t, *pool, ret_part, why);
	if (r == 0)
		r = keep(t, *pool);
	if (r == 0)
		*ret = TAKE_PTR(t);
	return r;
}
