/* SPDX-License-Identifier: ISC */
/*
 * Notices as octets, for the store. All numbers are big-endian:
 *
 *	version (1 octet), arc of the notification, sequence, alarm, row (4 each), clears (1),
 *	number of objects (1); of each object: arc, node, column (4 each), type (1), value.
 *
 * A value is 4 octets, 8 of a Counter64, and a string 2 for its length and then itself. What is
 * read is checked against the tables of this version octet by octet: the file may be anybody's.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/util.h"
#include "agent/mib_row.h"

enum { PACK_VERSION = 1, OBJECT_MAX = 3 * 4 + 1 + 8, HEAD_MAX = 1 + 4 * 4 + 1 + 1 };

/* ------------------------------------------------------------------ writing */

struct writer {
	uint8_t *at;
};

static void put(struct writer *w, uint64_t number, unsigned octets)
{
	while (octets-- > 0)
		*w->at++ = (uint8_t)(number >> (8 * octets));
}

static void put_value(struct writer *w, const struct mib_value *v)
{
	switch (v->type) {
	case MIB_COUNTER64:
		put(w, v->counter64, 8);
		break;
	case MIB_STRING:
		put(w, v->string.len, 2);
		memcpy(w->at, v->string.bytes, v->string.len);
		w->at += v->string.len;
		break;
	case MIB_INTEGER:
		put(w, (uint32_t)v->integer, 4);
		break;
	default:
		assert(v->type != MIB_OBJECT_ID); /* none is in a notification */
		put(w, v->unsigned32, 4);
	}
}

int notice_pack(const struct notice *n, void **ret, size_t *ret_len)
{
	const struct mib_notification *notification = n->notification;
	size_t max = HEAD_MAX + notification->n_objects * OBJECT_MAX + NOTICE_TEXT_MAX;
	uint8_t *bytes = malloc(max);
	struct writer w = { bytes };

	if (!bytes)
		return -ENOMEM;
	put(&w, PACK_VERSION, 1);
	put(&w, notification->arc, 4);
	put(&w, n->sequence, 4);
	put(&w, n->alarm, 4);
	put(&w, n->row, 4);
	put(&w, n->clears, 1);
	put(&w, notification->n_objects, 1);
	for (size_t i = 0; i < notification->n_objects; i++) {
		const struct mib_object *o = &notification->objects[i];

		put(&w, o->table->arc, 4);
		put(&w, o->table->node, 4);
		put(&w, o->column, 4);
		put(&w, n->values[i].type, 1);
		put_value(&w, &n->values[i]);
	}
	*ret_len = (size_t)(w.at - bytes);
	assert(*ret_len <= max);
	*ret = bytes;
	return 0;
}

/* ------------------------------------------------------------------ reading */

struct reader {
	const uint8_t *at;
	size_t left;
	bool bad; /* something was not as it should be: all that is read then is 0 */
};

static uint64_t get(struct reader *r, unsigned octets)
{
	uint64_t number = 0;

	if (r->left < octets)
		r->bad = true;
	if (r->bad)
		return 0;
	r->left -= octets;
	while (octets-- > 0)
		number = number << 8 | *r->at++;
	return number;
}

static void expect(struct reader *r, uint64_t number, unsigned octets)
{
	if (get(r, octets) != number)
		r->bad = true;
}

static void get_string(struct reader *r, size_t max, struct mib_value *ret)
{
	size_t len = get(r, 2);

	if (len > max || len > r->left)
		r->bad = true;
	if (r->bad)
		len = 0;
	ret->string.bytes = (const char *)r->at;
	ret->string.len = len;
	r->at += len;
	r->left -= len;
}

static void get_object(struct reader *r, const struct mib_object *o, struct mib_value *ret)
{
	const struct mib_column *column = mib_column(o->table, o->column);

	expect(r, o->table->arc, 4);
	expect(r, o->table->node, 4);
	expect(r, o->column, 4);
	expect(r, column->type, 1);
	ret->type = column->type;
	if (column->type == MIB_STRING)
		get_string(r, column->max, ret);
	else if (column->type == MIB_COUNTER64)
		ret->counter64 = get(r, 8);
	else if (column->type == MIB_INTEGER)
		ret->integer = (int32_t)get(r, 4);
	else
		ret->unsigned32 = (uint32_t)get(r, 4);
}

int notice_unpack(const void *bytes, size_t len, struct notice **ret)
{
	struct reader r = { bytes, len, false };
	struct mib_value values[ARRAY_SIZE(((struct mib_notification *)0)->objects)];
	const struct mib_notification *notification;
	uint32_t sequence, alarm, row;
	uint8_t clears;
	int result;

	expect(&r, PACK_VERSION, 1);
	notification = mib_notification_of((uint32_t)get(&r, 4));
	sequence = (uint32_t)get(&r, 4);
	alarm = (uint32_t)get(&r, 4);
	row = (uint32_t)get(&r, 4);
	clears = (uint8_t)get(&r, 1);
	if (!notification || clears > 1)
		return -EBADMSG;
	expect(&r, notification->n_objects, 1);
	for (size_t i = 0; i < notification->n_objects; i++)
		get_object(&r, &notification->objects[i], &values[i]);
	if (r.bad || r.left > 0)
		return -EBADMSG;
	result = notice_make(notification, values, ret);
	if (result < 0)
		return result;
	(*ret)->sequence = sequence;
	(*ret)->alarm = alarm;
	(*ret)->row = row;
	(*ret)->clears = clears;
	return 0;
}
