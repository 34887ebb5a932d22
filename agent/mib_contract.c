/* SPDX-License-Identifier: ISC */
/* ftphealthd --contract: all that the tables publish, one line a thing, to be compared with the
 * MIB. */
#include "common/util.h"
#include "agent/mib_row.h"

static void print_line(
	FILE *f, const char *kind, const char *name, const struct mib_oid *oid, const char *rest)
{
	fprintf(f, "%s\t%s\t", kind, name);
	for (size_t i = 0; i < oid->len; i++)
		fprintf(f, ".%u", oid->id[i]);
	fprintf(f, "\t%s", rest);
}

static void print_table(FILE *f, const struct mib_table *table)
{
	static const char *const access[] = {
		[MIB_READ_ONLY] = "read-only",
		[MIB_READ_WRITE] = "read-write",
		[MIB_NOTIFY_ONLY] = "accessible-for-notify",
	};
	bool scalars = table->index == MIB_SCALARS;
	struct mib_oid oid;

	if (!scalars) {
		mib_table_oid(table, &oid);
		print_line(f, "table", table->name, &oid, "-\tnot-accessible\n");
	}
	for (size_t i = 0; i < table->n_columns; i++) {
		const struct mib_column *c = &table->columns[i];

		mib_column_oid(table, c, &oid);
		print_line(f, scalars ? "scalar" : "column", c->name, &oid, c->syntax);
		fprintf(f, "\t%s\n", access[c->access]);
	}
}

static void print_notification(FILE *f, const struct mib_notification *n)
{
	struct mib_oid oid;

	mib_notification_oid(n, &oid);
	print_line(f, "notification", n->name, &oid, "");
	for (size_t i = 0; i < n->n_objects; i++) {
		const struct mib_object *o = &n->objects[i];

		fprintf(f, "%s%s", i > 0 ? "," : "", mib_column(o->table, o->column)->name);
	}
	fprintf(f, "\t-\n");
}

void mib_print_contract(FILE *f)
{
	for (size_t i = 0; i < mib_n_tables; i++)
		print_table(f, mib_tables[i]);
	print_table(f, &mib_notify_info);
	for (unsigned kind = 0; kind < EVENT_END; kind++)
		print_notification(f, mib_notification(kind));
	for (unsigned number = 0; number < DIAG_END; number++) {
		const struct diagnosis_info *info = diagnosis_info(number);

		if (info)
			fprintf(f, "diagnosis\t%s\t%u\t-\t-\n", info->label, number);
	}
}
