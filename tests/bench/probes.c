/* SPDX-License-Identifier: ISC */
/* The engine of ftphealth alone: login probes on the transfer engine, as the daemon starts them. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <systemd/sd-event.h>

#include "common/util.h"
#include "probes/login.h"
#include "probes/transfer.h"
#include "tests/bench/pace.h"

#define TIMEOUT_USEC (15 * USEC_PER_SEC)

/* As agent/schedule.c does at an interval of a minute. */
#define TURN_USEC (50 * USEC_PER_MSEC)
#define SLACK_USEC (2 * USEC_PER_MSEC)

struct bench {
	struct pace pace;
	sd_event *event;
	sd_event_source *timer;
	struct transfer *transfer;
};

static void fatal(const char *what, int error)
{
	fprintf(stderr, "probes: %s: %s\n", what, strerror(abs(error)));
	exit(EX_OSERR);
}

static void start_more(struct bench *b);

static void on_login_done(void *userdata, const struct observation *o)
{
	struct bench *b = userdata;

	if (o->outcome != OUTCOME_OK && b->pace.failed == 0)
		fprintf(stderr, "probes: a login failed: outcome %d, stage %d, %s\n",
			(int)o->outcome, (int)o->stage, o->detail);
	if (pace_finished(&b->pace, o->outcome == OUTCOME_OK)) {
		sd_event_exit(b->event, 0);
		return;
	}
	if (b->pace.per_minute == 0)
		start_more(b);
}

static void start_more(struct bench *b)
{
	while (pace_wants(&b->pace)) {
		char host[INET_ADDRSTRLEN];
		struct in_addr address = { .s_addr = htonl(pace_address(&b->pace)) };
		struct login_target target = {
			.host = inet_ntop(AF_INET, &address, host, sizeof(host)),
			.port = pace_port(&b->pace),
			.family = AF_UNSPEC,
			.user = "anonymous",
			.password = "bench@example.net",
			.timeout_usec = TIMEOUT_USEC,
		};
		struct login *login;
		int r;

		b->pace.started++;
		r = login_start(b->transfer, &target, on_login_done, b, &login);
		if (r < 0)
			fatal("login_start", r);
	}
}

static uint64_t next_turn(const struct bench *b)
{
	return (pace_next_usec(&b->pace) + TURN_USEC - 1) / TURN_USEC * TURN_USEC;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct bench *b = userdata;
	int r;

	start_more(b);
	if (b->pace.started == b->pace.total)
		return 0;
	r = sd_event_source_set_time(source, next_turn(b));
	if (r >= 0)
		r = sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return r;
}

int main(int argc, char *argv[])
{
	struct bench b = { 0 };
	int r;

	pace_options(&b.pace, argc, argv);
	r = sd_event_new(&b.event);
	if (r >= 0)
		r = transfer_new(b.event, &b.transfer);
	if (r < 0)
		fatal("the loop", r);
	if (b.pace.per_minute > 0)
		r = sd_event_add_time(b.event, &b.timer, CLOCK_MONOTONIC, next_turn(&b), SLACK_USEC,
			on_timer, &b);
	else
		start_more(&b);
	if (r >= 0)
		r = sd_event_loop(b.event);
	if (r < 0)
		fatal("the loop", r);
	r = pace_print(&b.pace);
	transfer_free(b.transfer);
	sd_event_source_unref(b.timer);
	sd_event_unref(b.event);
	return r;
}
