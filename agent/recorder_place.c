/* SPDX-License-Identifier: ISC */
/* What is kept of each target in little memory: its name and where it is, and its latest state. */
#include "agent/recorder_image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place *place_new(const char *name, const char *host, uint16_t port)
{
	size_t n = strlen(name) + 1, h = strlen(host) + 1;
	struct place *p = malloc(sizeof(*p) + n + h);

	if (!p)
		return NULL;
	atomic_init(&p->refs, 1);
	p->port = port;
	p->host = (uint16_t)n;
	memcpy(p->text, name, n);
	memcpy(p->text + n, host, h);
	return p;
}

struct place *place_ref(struct place *p)
{
	atomic_fetch_add(&p->refs, 1);
	return p;
}

struct place *place_unref(struct place *p)
{
	if (p && atomic_fetch_sub(&p->refs, 1) == 1)
		free(p);
	return NULL;
}

bool place_is(const struct place *p, const char *name, const char *host, uint16_t port)
{
	return p->port == port && strcmp(p->text, name) == 0 && strcmp(place_host(p), host) == 0;
}

/* Most probes of a server say the same as the one before. */
static int set_reply(struct image_state *s, const char *text)
{
	char *copy;

	if (strcmp(s->reply_text ? s->reply_text : "", text) == 0)
		return 0;
	copy = *text ? strdup(text) : NULL;
	if (*text && !copy)
		return -ENOMEM;
	free(s->reply_text);
	s->reply_text = copy;
	return 0;
}

int image_state_pack(struct image_state *s, const struct state_record *from)
{
	if (set_reply(s, from->reply_text) < 0)
		return -ENOMEM;
	*s = (struct image_state){
		.reply_text = s->reply_text,
		.since = from->since,
		.probe_time = from->probe_time,
		.ok_time = from->ok_time,
		.total_usec = from->total_usec,
		.fail_streak = from->fail_streak,
		.reply_code = from->reply_code,
		.state = (uint8_t)from->state,
		.outcome = (uint8_t)from->outcome,
		.diagnosis = (uint8_t)from->diagnosis,
		.confidence = from->confidence,
		.admin = (uint8_t)from->admin,
		.flapping = from->flapping,
	};
	return 0;
}

void image_state_unpack(const struct image_state *s, uint32_t target, struct state_record *ret)
{
	*ret = (struct state_record){
		.target = target,
		.state = (enum state)s->state,
		.outcome = (enum outcome)s->outcome,
		.diagnosis = (enum diagnosis)s->diagnosis,
		.confidence = s->confidence,
		.reply_code = s->reply_code,
		.total_usec = s->total_usec,
		.fail_streak = s->fail_streak,
		.flapping = s->flapping,
		.admin = (enum admin)s->admin,
		.since = s->since,
		.probe_time = s->probe_time,
		.ok_time = s->ok_time,
	};
	snprintf(
		ret->reply_text, sizeof(ret->reply_text), "%s", s->reply_text ? s->reply_text : "");
}
