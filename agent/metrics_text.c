/* SPDX-License-Identifier: ISC */
/* Metrics as text, a few rows at a time: of 100,000 targets it is too much to be held in memory, or
 * to be written under the lock at once. */
#include "agent/metrics.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "agent/mib_row.h"
#include "common/util.h"

enum {
	BUFFER_SIZE = 32768,
	ROW_MAX = 8192, /* all samples of one family and one target, every label at its longest */
	AT_ONCE = 32,   /* rows under the lock */
};

/* The columns that a row of the table names. */
struct columns {
	const struct mib_column *object, *labels[METRIC_LABELS_MAX];
};

struct metrics_text {
	struct registry *registry;
	enum metrics_format format;
	/* the family that is being written: its rows, and where in its table it is */
	size_t family, end;
	bool headed, begun;
	uint32_t last; /* number of the latest row */
	size_t place;  /* where that was */
	bool ended;

	size_t used, taken; /* octets of the buffer */
	char buffer[BUFFER_SIZE];
	struct columns columns[]; /* metrics_n of them */
};

/* ------------------------------------------------------------------ octets */

static void put(struct metrics_text *m, const char *bytes, size_t len)
{
	assert(len <= sizeof(m->buffer) - m->used);
	memcpy(m->buffer + m->used, bytes, len);
	m->used += len;
}

static void put_text(struct metrics_text *m, const char *text)
{
	put(m, text, strlen(text));
}

static void put_char(struct metrics_text *m, char c)
{
	put(m, &c, 1);
}

/* A label's value: both formats escape the same three characters. */
static void put_escaped(struct metrics_text *m, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '"' || bytes[i] == '\\')
			put_char(m, '\\');
		if (bytes[i] == '\n')
			put_text(m, "\\n");
		else
			put_char(m, bytes[i]);
	}
}

static void put_number(struct metrics_text *m, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	put(m, digits + at, sizeof(digits) - at);
}

/* N / DIVISOR, to the last digit that says something. */
static void put_fraction(struct metrics_text *m, uint64_t n, uint32_t divisor)
{
	uint64_t rest = divisor > 1 ? n % divisor : 0;

	put_number(m, divisor > 1 ? n / divisor : n);
	if (rest > 0)
		put_char(m, '.');
	while (rest > 0) {
		divisor /= 10;
		put_char(m, (char)('0' + rest / divisor));
		rest %= divisor;
	}
}

/* ------------------------------------------------------------------ samples */

static const char *sample_suffix(enum metric_type type)
{
	static const char *const suffixes[] = {
		[METRIC_GAUGE] = "",
		[METRIC_COUNTER] = "_total",
		[METRIC_INFO] = "_info",
	};

	return suffixes[type];
}

static uint64_t number_of(const struct mib_column *column, const struct mib_value *v)
{
	if (column->type == MIB_COUNTER64)
		return v->counter64;
	if (column->type == MIB_INTEGER)
		return v->integer < 0 ? 0 : (uint64_t)v->integer;
	return v->unsigned32;
}

/* Returns false when there is nothing to say. */
static bool read_number(const struct metric *metric, const struct mib_column *column,
	const void *row, struct mib_context *ctx, uint64_t *ret)
{
	struct mib_value v;
	uint64_t n;

	if (column->get == mib_get_date) { /* microseconds since 1970; 0 = never */
		*ret = *(const uint64_t *)((const char *)row + column->offset);
		return *ret > 0;
	}
	column->get(column, row, ctx, &v);
	if (column->type == MIB_STRING) { /* likewise, of a date that is made from something else */
		assert(strcmp(column->syntax, "DateAndTime") == 0);
		*ret = ctx->scratch_time;
		return *ret > 0;
	}
	n = number_of(column, &v);
	if (n < 64 && metric->lack & UINT64_C(1) << n)
		return false;
	if (column->type == MIB_UNSIGNED && n == UINT32_MAX) /* an age of what never was */
		return false;
	*ret = metric->is ? n == metric->number : n;
	return true;
}

static void put_label(struct metrics_text *m, const struct metric_label *label,
	const struct mib_column *column, const void *row, struct mib_context *ctx)
{
	struct mib_value v;
	const char *words = NULL;

	column->get(column, row, ctx, &v);
	put_text(m, label->label);
	put_text(m, "=\"");
	if (column->type == MIB_STRING)
		put_escaped(m, v.string.bytes, v.string.len);
	else if (label->words && (words = label->words((unsigned)number_of(column, &v))))
		put_text(m, words);
	else
		put_number(m, number_of(column, &v));
	put_char(m, '"');
}

/* What stands between a label and the one before it. */
static void separate(struct metrics_text *m, bool *any)
{
	put_char(m, *any ? ',' : '{');
	*any = true;
}

static void put_labels(struct metrics_text *m, size_t i, const void *row, struct mib_context *ctx)
{
	const struct metric *metric = &metrics[i];
	bool any = false;

	if (metric->table->number == mib_target_number) {
		const char *name = mib_target_name(row);

		separate(m, &any);
		put_text(m, "target=\"");
		put_escaped(m, name, strlen(name));
		put_char(m, '"');
	}
	if (metric->label) {
		separate(m, &any);
		put_text(m, metric->label);
	}
	for (size_t k = 0; k < METRIC_LABELS_MAX && metric->labels[k].label; k++) {
		separate(m, &any);
		put_label(m, &metric->labels[k], m->columns[i].labels[k], row, ctx);
	}
	if (any)
		put_char(m, '}');
}

/* Row I of metrics[] for one row of its table. */
static void put_sample(struct metrics_text *m, size_t i, const void *row, struct mib_context *ctx)
{
	const struct metric *metric = &metrics[i], *family = &metrics[m->family];
	uint64_t n = 1;

	if (metric->object && !read_number(metric, m->columns[i].object, row, ctx, &n))
		return;
	put_text(m, family->name);
	put_text(m, sample_suffix(family->type));
	put_labels(m, i, row, ctx);
	put_char(m, ' ');
	put_fraction(m, n, metric->divisor);
	put_char(m, '\n');
}

/* ------------------------------------------------------------------ families */

static void put_line(
	struct metrics_text *m, const char *keyword, const char *suffix, const char *text)
{
	put_text(m, "# ");
	put_text(m, keyword);
	put_char(m, ' ');
	put_text(m, metrics[m->family].name);
	put_text(m, suffix);
	put_char(m, ' ');
	put_text(m, text);
	put_char(m, '\n');
}

/* In OpenMetrics a family has a name, its samples that and more. The older format knows samples
 * only, and no type for information. */
static void put_head(struct metrics_text *m)
{
	static const char *const types[] = {
		[METRIC_GAUGE] = "gauge",
		[METRIC_COUNTER] = "counter",
		[METRIC_INFO] = "info",
	};
	const struct metric *family = &metrics[m->family];
	bool open = m->format == METRICS_OPENMETRICS;
	const char *suffix = open ? "" : sample_suffix(family->type);

	put_line(m, "HELP", suffix, family->help);
	put_line(m, "TYPE", suffix,
		!open && family->type == METRIC_INFO ? "gauge" : types[family->type]);
	if (open && family->unit)
		put_line(m, "UNIT", suffix, family->unit);
}

/* The place of the first row behind the latest one, of N. */
static size_t next_place(const struct metrics_text *m, const struct mib_table *table,
	struct mib_context *ctx, size_t n)
{
	size_t low = 0, high = n;

	if (!m->begun)
		return 0;
	if (table->index == MIB_SCALARS)
		return n;
	if (m->place < n && table->number(table->row(ctx, m->place)) == m->last)
		return m->place + 1;
	while (low < high) { /* rows have come or gone */
		size_t middle = low + (high - low) / 2;

		if (table->number(table->row(ctx, middle)) <= m->last)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A few rows of the family's table, under the lock. Returns false when it was the last. */
static bool put_rows(struct metrics_text *m)
{
	const struct mib_table *table = metrics[m->family].table;
	struct mib_context ctx = {
		.registry = m->registry,
		.now_usec = now_usec(CLOCK_MONOTONIC),
		.now_time = now_usec(CLOCK_REALTIME),
	};
	size_t place, n;

	pthread_mutex_lock(&m->registry->lock);
	n = table->count(&ctx);
	place = next_place(m, table, &ctx, n);
	for (unsigned k = 0; k < AT_ONCE && place < n && sizeof(m->buffer) - m->used >= ROW_MAX;
		k++, place++) {
		const void *row = table->row(&ctx, place);

		for (size_t i = m->family; i < m->end; i++)
			put_sample(m, i, row, &ctx);
		m->begun = true;
		m->place = place;
		m->last = table->number ? table->number(row) : 0;
	}
	pthread_mutex_unlock(&m->registry->lock);
	return place < n;
}

static void begin_family(struct metrics_text *m, size_t first)
{
	m->family = first;
	m->end = first + 1;
	while (m->end < metrics_n && !metrics[m->end].name)
		m->end++;
	m->headed = m->begun = false;
}

static void fill(struct metrics_text *m)
{
	m->used = m->taken = 0;
	while (!m->ended && sizeof(m->buffer) - m->used >= ROW_MAX) {
		if (!m->headed)
			put_head(m);
		m->headed = true;
		if (sizeof(m->buffer) - m->used < ROW_MAX || put_rows(m))
			continue;
		if (m->end < metrics_n) {
			begin_family(m, m->end);
			continue;
		}
		if (m->format == METRICS_OPENMETRICS)
			put_text(m, "# EOF\n");
		m->ended = true;
	}
}

/* ------------------------------------------------------------------ one answer */

static const struct mib_column *find_column(const struct mib_table *table, const char *name)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return &table->columns[i];
	assert(!"a metric of an object that is not in its table");
	return NULL;
}

int metrics_text_new(struct registry *r, enum metrics_format format, struct metrics_text **ret)
{
	struct metrics_text *m = calloc(1, sizeof(*m) + metrics_n * sizeof(m->columns[0]));

	if (!m)
		return -ENOMEM;
	m->registry = r;
	m->format = format;
	for (size_t i = 0; i < metrics_n; i++) {
		const struct metric *metric = &metrics[i];

		if (metric->object)
			m->columns[i].object = find_column(metric->table, metric->object);
		for (size_t k = 0; k < METRIC_LABELS_MAX && metric->labels[k].label; k++)
			m->columns[i].labels[k] =
				find_column(metric->table, metric->labels[k].object);
	}
	begin_family(m, 0);
	*ret = m;
	return 0;
}

size_t metrics_text_read(struct metrics_text *m, char *buffer, size_t size)
{
	size_t len;

	assert(size > 0);
	if (m->taken == m->used)
		fill(m);
	len = m->used - m->taken < size ? m->used - m->taken : size;
	memcpy(buffer, m->buffer + m->taken, len);
	m->taken += len;
	return len;
}

struct metrics_text *metrics_text_free(struct metrics_text *m)
{
	free(m);
	return NULL;
}
