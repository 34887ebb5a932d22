/* SPDX-License-Identifier: ISC */
/* Which format a scraper wants (RFC 9110 section 12.5.1). */
#include "agent/metrics.h"

#include <string.h>
#include <strings.h>

enum { WEIGHT_ONE = 1000 };

const char *metrics_content_type(enum metrics_format format)
{
	return format == METRICS_OPENMETRICS
		? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		: "text/plain; version=0.0.4; charset=utf-8";
}

/* A part of a text, without blanks around it. */
struct part {
	const char *at;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes what comes before SEPARATOR off *REST. */
static struct part take(const char **rest, size_t *left, char separator)
{
	const char *end = memchr(*rest, separator, *left);
	struct part p = { *rest, end ? (size_t)(end - *rest) : *left };
	size_t used = p.len + (end ? 1 : 0);

	*rest += used;
	*left -= used;
	while (p.len > 0 && is_blank(p.at[0])) {
		p.at++;
		p.len--;
	}
	while (p.len > 0 && is_blank(p.at[p.len - 1]))
		p.len--;
	return p;
}

static bool is(struct part p, const char *word)
{
	return p.len == strlen(word) && strncasecmp(p.at, word, p.len) == 0;
}

/* 0, 0.5, 0.123, 1.000, in thousandths; what is no such number counts as 1. */
static int weight_of(struct part p)
{
	int n = 0, digit = WEIGHT_ONE / 10;

	if (p.len == 0 || p.len > 5 || (p.at[0] != '0' && p.at[0] != '1'))
		return WEIGHT_ONE;
	for (size_t i = 2; i < p.len; i++, digit /= 10) {
		if (p.at[i] < '0' || p.at[i] > '9')
			return WEIGHT_ONE;
		n += (p.at[i] - '0') * digit;
	}
	return p.at[0] == '1' ? WEIGHT_ONE : n;
}

static struct part unquoted(struct part p)
{
	if (p.len >= 2 && p.at[0] == '"' && p.at[p.len - 1] == '"')
		return (struct part){ p.at + 1, p.len - 2 };
	return p;
}

/* One of what is accepted: its parameters are TEXT (LEFT octets). */
struct accepted {
	struct part version; /* len 0: any */
	int weight;
};

static struct accepted read_parameters(const char *text, size_t left)
{
	struct accepted a = { .weight = WEIGHT_ONE };

	while (left > 0) {
		struct part value = take(&text, &left, ';');
		const char *rest = value.at;
		size_t len = value.len;
		struct part name = take(&rest, &len, '=');

		value = unquoted(take(&rest, &len, '\0'));
		if (is(name, "q"))
			a.weight = weight_of(value);
		else if (is(name, "version"))
			a.version = value;
	}
	return a;
}

enum metrics_format metrics_accept(const char *accept)
{
	size_t left = accept ? strlen(accept) : 0;
	int open = 0, text = 0;

	while (left > 0) {
		struct part entry = take(&accept, &left, ',');
		const char *rest = entry.at;
		size_t len = entry.len;
		struct part type = take(&rest, &len, ';');
		struct accepted a = read_parameters(rest, len);
		bool any = a.version.len == 0;

		/* What was called 0.0.1 became 1.0.0 as it was. */
		if (is(type, "application/openmetrics-text") &&
			(any || is(a.version, "1.0.0") || is(a.version, "0.0.1"))) {
			if (open < a.weight)
				open = a.weight;
		} else if (is(type, "text/plain") && (any || is(a.version, "0.0.4"))) {
			if (text < a.weight)
				text = a.weight;
		}
	}
	return open > 0 && open >= text ? METRICS_OPENMETRICS : METRICS_TEXT;
}
