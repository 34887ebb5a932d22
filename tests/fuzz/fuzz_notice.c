/* SPDX-License-Identifier: ISC */
/* Any octets as a notification that was kept in the store: it is refused, or it is one of ours,
 * with values of the types and sizes that the MIB gives them, and packed again it is the same. */
#include <errno.h>
#include <string.h>

#include "agent/mib.h"
#include "tests/fuzz/holds.h"

static void check(const struct notice *n, const uint8_t *data, size_t size)
{
	const struct mib_notification *known = n->notification;
	struct mib_oid oid;
	void *packed;
	size_t len;

	for (size_t i = 0; i < known->n_objects; i++) {
		const struct mib_column *column =
			mib_column(known->objects[i].table, known->objects[i].column);

		HOLDS(n->values[i].type == column->type);
		if (column->type == MIB_STRING)
			HOLDS(n->values[i].string.len <= column->max);
		notice_object_oid(n, i, &oid);
		HOLDS(oid.len > mib_base.len && oid.len <= MIB_OID_MAX);
	}
	notice_oid(n, &oid);
	HOLDS(oid.id[oid.len - 1] == known->arc);
	HOLDS(notice_pack(n, &packed, &len) == 0);
	HOLDS(len == size && memcmp(packed, data, len) == 0);
	free(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct notice *n = NULL;
	int r = notice_unpack(data, size, &n);

	HOLDS(r == 0 || r == -EBADMSG);
	HOLDS((r == 0) == (n != NULL));
	if (n)
		check(n, data, size);
	free(n);
	return 0;
}
