/* SPDX-License-Identifier: ISC */
/* Any text as the Accept header of a scraper: it gets one of our formats, a weight of 0 is never
 * what it gets, and what it does not know makes no difference. */
#include <string.h>

#include "agent/metrics.h"
#include "common/util.h"
#include "tests/fuzz/holds.h"

/* The answer to TEXT with MORE behind it. */
static enum metrics_format with(const char *text, const char *more)
{
	_cleanup_(freep) char *both = NULL;

	HOLDS(asprintf(&both, "%s%s", text, more) >= 0);
	return metrics_accept(both);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	enum metrics_format format;

	HOLDS(text);
	format = metrics_accept(text);
	HOLDS(format == METRICS_TEXT || format == METRICS_OPENMETRICS);
	HOLDS(metrics_content_type(format));
	if (format == METRICS_OPENMETRICS)
		HOLDS(strcasestr(text, "application/openmetrics-text"));
	HOLDS(with(text, ",image/png;q=1") == format);
	HOLDS(with(text, ",application/openmetrics-text;q=0") == format);
	HOLDS(with(text, ",text/plain;q=1") == METRICS_TEXT || format == METRICS_OPENMETRICS);
	return 0;
}
