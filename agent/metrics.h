/* SPDX-License-Identifier: ISC */
/* What a scraper of Prometheus's kind reads: the tables of the MIB as metrics, one row a metric. */
#ifndef FTPHEALTH_METRICS_H
#define FTPHEALTH_METRICS_H

#include "agent/mib.h"

enum metrics_format {
	METRICS_TEXT,        /* Prometheus text format 0.0.4 */
	METRICS_OPENMETRICS, /* OpenMetrics 1.0.0 */
};

/* The format that a request wants by its Accept header (NULL when it has none), with the weights of
 * RFC 9110 section 12.5.1. Whoever does not ask for OpenMetrics gets the older format, whatever
 * else is asked for: a browser shows it, and a refusal would help nobody. */
enum metrics_format metrics_accept(const char *accept);

/* The Content-Type of a format. */
const char *metrics_content_type(enum metrics_format format);

/* ---- one answer, which is written while it is read */

struct metrics_text;

/* Begins the metrics of R, which outlives it. Returns 0 or -ENOMEM. */
int metrics_text_new(struct registry *r, enum metrics_format format, struct metrics_text **ret);

/* Copies the next octets, at most SIZE (> 0), to BUFFER. Returns how many, 0 at the end. Takes the
 * lock of the registry, each time for a few rows only; in between targets may come and go, and each
 * has at most one sample of a kind all the same. */
size_t metrics_text_read(struct metrics_text *m, char *buffer, size_t size);

/* Takes NULL; returns NULL. */
struct metrics_text *metrics_text_free(struct metrics_text *m);

/* ---- the table: metrics.c */

enum { METRIC_LABELS_MAX = 5 };

/* One row: a metric, or one more sample of the metric above. */
struct metric {
	const char *name; /* without what its type appends; NULL: as the row above */
	enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_INFO } type;
	const char *unit; /* base unit that the name ends in, or NULL */
	const char *help;
	const struct mib_table *table; /* each of its rows gives a sample */
	const char *object;            /* the column that is shown; none: the sample is 1 */
	const char *label;             /* ready to print, such as state="ok", or NULL */
	uint32_t divisor;              /* a power of ten, from the object's unit to the base unit */
	bool is;                       /* 1 when the object has this number, else 0 */
	uint32_t number;
	uint64_t lack; /* bits: there is no sample while the object has one of these numbers */
	/* Of METRIC_INFO: labels from objects; an enumeration in words. */
	struct metric_label {
		const char *label, *object;
		const char *(*words)(unsigned number);
	} labels[METRIC_LABELS_MAX];
};
extern const struct metric metrics[];
extern const size_t metrics_n;

#endif
