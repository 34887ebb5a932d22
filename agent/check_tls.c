/* SPDX-License-Identifier: ISC */
/* The TLS part of what `ftphealth check` prints. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/check_output.h"
#include "common/util.h"

/* Of the server's certificate, now. */
static int32_t days_left(const struct tls_facts *f)
{
	return tls_days_left(f, (int64_t)(now_usec(CLOCK_REALTIME) / USEC_PER_SEC));
}

static void format_time(int64_t time, char buffer[32])
{
	time_t t = (time_t)time;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(buffer, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(buffer, 32, "unknown");
}

bool check_certificate_ends(const struct check_result *r)
{
	const struct tls_facts *f = r->observation->tls;

	return f && f->has_certificate &&
		target_config_warns(r->target, f, now_usec(CLOCK_REALTIME));
}

void check_print_certificate_end(const struct check_result *r, FILE *f)
{
	int32_t days = days_left(r->observation->tls);

	if (days < 0)
		fprintf(f, "; its certificate has expired");
	else
		fprintf(f, "; its certificate ends in %d day%s", days, days == 1 ? "" : "s");
}

void check_print_tls(const struct check_result *r, FILE *f)
{
	const struct tls_facts *facts = r->observation->tls;
	char end[32];

	if (!facts)
		return;
	if (*facts->protocol)
		fprintf(f, "tls: %s %s\n", facts->protocol, facts->cipher);
	if (!facts->has_certificate)
		return;
	format_time(facts->not_after, end);
	fprintf(f, "certificate: %s, issued by %s, until %s (%d days): %s\n", facts->subject,
		facts->issuer, end, days_left(facts), tls_verify_label(facts->verify));
}

json_t *check_json_tls(const struct check_result *r)
{
	const struct tls_facts *f = r->observation->tls;
	char end[32];
	json_t *tls;

	tls = json_pack("{s:s}", "mode", tls_mode_label(tls_settings_of(r->target->tls)->mode));
	if (!tls || !f)
		return tls;
	json_object_set_new(tls, "verify", json_string(tls_verify_label(f->verify)));
	json_object_set_new(tls, "protocol", json_string(f->protocol));
	json_object_set_new(tls, "cipher", json_string(f->cipher));
	if (!f->has_certificate)
		return tls;
	format_time(f->not_after, end);
	json_object_set_new(tls, "subject", json_string(f->subject));
	json_object_set_new(tls, "issuer", json_string(f->issuer));
	json_object_set_new(tls, "not_after", json_string(end));
	json_object_set_new(tls, "days_left", json_integer(days_left(f)));
	json_object_set_new(tls, "fingerprint", json_string(f->fingerprint));
	return tls;
}
