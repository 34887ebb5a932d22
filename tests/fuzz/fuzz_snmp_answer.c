/* SPDX-License-Identifier: ISC */
/* Any octets as the answer of ftphealth-snmp, and as a request to it: what is taken can be written
 * and is the same then, what is not is refused with a printable reason and nothing changed. */
#include "probes/snmp_protocol.h"
#include "tests/fuzz/document.h"

static void check_why(const char *why)
{
	HOLDS(*why && strlen(why) < FETCH_WHY_SIZE);
	for (const char *p = why; *p; p++)
		HOLDS(*p >= 0x20 && *p <= 0x7e);
}

static void check_answer(const char *text, size_t len)
{
	static const struct snmp_answer before = { .state = FETCH_FAILED, .reason = "before" };
	char line[SNMP_ANSWER_MAX], again[SNMP_ANSWER_MAX], why[FETCH_WHY_SIZE] = "";
	struct snmp_answer a = before, b;
	int n;

	if (snmp_answer_parse(text, len, &a, why) < 0) {
		check_why(why);
		HOLDS(memcmp(&a, &before, sizeof(a)) == 0);
		return;
	}
	HOLDS(a.web == WEB_UNKNOWN || a.web == WEB_RUNNING || a.web == WEB_NOT_LISTED);
	for (const char *p = a.reason; *p; p++)
		HOLDS(*p >= 0x20 && *p <= 0x7e);
	HOLDS(a.n_values <= SNMP_GET_MAX);
	n = snmp_answer_write(&a, line);
	HOLDS(n > 0 && line[n - 1] == '\n');
	HOLDS(snmp_answer_parse(line, (size_t)n, &b, why) == 0);
	HOLDS(snmp_answer_write(&b, again) == n && memcmp(line, again, (size_t)n) == 0);
}

static void check_request(const char *text, size_t len)
{
	struct snmp_request r, again;
	char why[FETCH_WHY_SIZE] = "", *written;
	void *storage, *more;

	if (snmp_request_parse(text, len, &r, &storage, why) < 0) {
		check_why(why);
		return;
	}
	HOLDS(r.agent[0] && !!r.file + !!r.credential + !!r.community <= 1);
	HOLDS(r.n_get <= SNMP_GET_MAX && (r.n_get > 0 || !r.module));
	HOLDS(snmp_request_write(&r, &written) == 0);
	HOLDS(snmp_request_parse(written, strlen(written), &again, &more, why) == 0);
	HOLDS(strcmp(r.agent, again.agent) == 0 && r.time_limit_ms == again.time_limit_ms);
	HOLDS(!r.file == !again.file && !r.credential == !again.credential);
	HOLDS(r.n_get == again.n_get && !r.module == !again.module);
	for (size_t i = 0; i < r.n_get; i++)
		HOLDS(strcmp(r.get[i], again.get[i]) == 0);
	free(written);
	snmp_request_done(more);
	snmp_request_done(storage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_answer((const char *)data, size);
	check_request((const char *)data, size);
	return 0;
}
