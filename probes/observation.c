/* SPDX-License-Identifier: ISC */
/* Reading an observation: which reply answered what, and which one decided. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"
#include "probes/observation.h"

void observation_done(struct observation *o)
{
	assert(o);
	free(o->text);
	free(o->tls);
	free(o->session);
	*o = (struct observation){ 0 };
}

/* Makes *RET a copy of SIZE octets at FROM, or NULL when that is. Returns 0 or -ENOMEM. */
static int copy(const void *from, size_t size, void **ret)
{
	*ret = NULL;
	if (!from)
		return 0;
	*ret = malloc(size);
	if (!*ret)
		return -ENOMEM;
	memcpy(*ret, from, size);
	return 0;
}

int observation_copy(const struct observation *o, struct observation *ret)
{
	_cleanup_(freep) void *tls = NULL, *session = NULL;
	size_t len = 0, used = 0;
	char *text;

	for (size_t i = 0; i < o->n_replies; i++)
		len += strlen(o->replies[i].text) + 1;
	if (copy(o->tls, sizeof(*o->tls), &tls) < 0 ||
		copy(o->session, sizeof(*o->session), &session) < 0)
		return -ENOMEM;
	text = malloc(len + 1);
	if (!text)
		return -ENOMEM;
	*ret = *o;
	ret->text = text;
	ret->tls = TAKE_PTR(tls);
	ret->session = TAKE_PTR(session);
	for (size_t i = 0; i < o->n_replies; i++) {
		size_t size = strlen(o->replies[i].text) + 1;

		memcpy(text + used, o->replies[i].text, size);
		ret->replies[i].text = text + used;
		used += size;
	}
	return 0;
}

const struct reply *observation_reply(const struct observation *o, enum stage stage)
{
	assert(o);
	for (size_t i = o->n_replies; i > 0; i--)
		if (o->replies[i - 1].stage == stage)
			return &o->replies[i - 1];
	return NULL;
}

const struct reply *observation_verdict(const struct observation *o)
{
	const struct reply *last;

	assert(o);
	if (o->code == 0 || o->n_replies == 0)
		return NULL;
	last = &o->replies[o->n_replies - 1];
	return last->code == o->code ? last : NULL;
}

const char *reply_last_line(const struct reply *r)
{
	const char *end;

	assert(r && r->text);
	end = strrchr(r->text, '\n');
	return end ? end + 1 : r->text;
}
