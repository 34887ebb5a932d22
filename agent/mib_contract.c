/* SPDX-License-Identifier: ISC */
/* ftphealthd --contract: all that is published, one line a thing, to be compared with the MIB and
 * to render the files of integrations/ from. */
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

static void print_module(FILE *f)
{
	struct mib_oid oid;

	mib_base_oid(&oid);
	print_line(f, "module", "ftpAuthHealthMIB", &oid, PACKAGE_VERSION "\t-\n");
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

static void print_notification(FILE *f, enum event_kind kind)
{
	const struct mib_notification *n = mib_notification(kind);
	enum severity severity = event_severity(kind);
	enum event_kind raise = event_clears(kind);
	struct mib_oid oid;

	mib_notification_oid(n, &oid);
	print_line(f, "notification", n->name, &oid, "");
	for (size_t i = 0; i < n->n_objects; i++) {
		const struct mib_object *o = &n->objects[i];

		fprintf(f, "%s%s", i > 0 ? "," : "", mib_column(o->table, o->column)->name);
	}
	fprintf(f, "\t-\n");
	fprintf(f, "severity\t%s\t%u\t%s\t%u\n", n->name, severity, severity_label(severity),
		severity_service(severity));
	fprintf(f, "summary\t%s\t-\t%s\t-\n", n->name, n->summary);
	if (raise != EVENT_END)
		fprintf(f, "clears\t%s\t-\t%s\t-\n", n->name, mib_notification(raise)->name);
}

static void print_enum(FILE *f, const struct mib_enum *e)
{
	for (unsigned number = 0; number < e->end; number++) {
		if (!e->label(number))
			continue;
		fprintf(f, "label\t%s.%s\t%u\t", e->name, e->label(number), number);
		if (e->service)
			fprintf(f, "%u\t-\n", e->service(number));
		else
			fprintf(f, "-\t-\n");
	}
}

void mib_print_contract(FILE *f)
{
	print_module(f);
	for (size_t i = 0; i < mib_n_tables; i++)
		print_table(f, mib_tables[i]);
	print_table(f, &mib_notify_info);
	for (unsigned kind = 0; kind < EVENT_END; kind++)
		print_notification(f, kind);
	for (size_t i = 0; i < mib_n_enums; i++)
		print_enum(f, &mib_enums[i]);
	for (unsigned number = 0; number < DIAG_END; number++) {
		const struct diagnosis_info *info = diagnosis_info(number);

		if (info)
			fprintf(f, "diagnosis\t%s\t%u\t%s\t-\n", info->label, number,
				info->reference[0] ? info->reference : "-");
	}
}
