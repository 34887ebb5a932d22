/* SPDX-License-Identifier: ISC */
/* The main loop, and how long its turns take. */
#include "agent/stall.h"

#include <stdio.h>

#include "common/log.h"
#include "common/util.h"

#define TELL_USEC (60 * USEC_PER_SEC)

bool stall_note(struct stall *s, uint64_t begin, uint64_t end, struct stall_news *ret)
{
	uint64_t ms = (end - begin) / USEC_PER_MSEC;

	if (ms > UINT32_MAX)
		ms = UINT32_MAX;
	if (ms > 0)
		peak_note(&s->longest, (uint32_t)ms, end);
	if (ms > STALL_LIMIT_MS) {
		s->count++;
		s->untold++;
		if (s->untold_ms < ms)
			s->untold_ms = (uint32_t)ms;
	}
	/* Also at a later turn, or the longest would stay untold when it is the last for long. */
	if (s->untold == 0 || (s->told_usec > 0 && end - s->told_usec < TELL_USEC))
		return false;
	*ret = (struct stall_news){ s->untold, s->untold_ms };
	s->untold = s->untold_ms = 0;
	s->told_usec = end;
	return true;
}

static void tell(const struct stall_news *news)
{
	char ms[40], turns[40];
	const char *fields[] = { ms, turns, NULL };

	snprintf(ms, sizeof(ms), "FTPHEALTH_STALL_MS=%u", news->ms);
	snprintf(turns, sizeof(turns), "FTPHEALTH_STALLS=%u", news->turns);
	if (news->turns == 1)
		log_write(LOG_WARNING, 0, fields, "The main loop stood still for %u ms", news->ms);
	else
		log_write(LOG_WARNING, 0, fields,
			"The main loop stood still %u times since it was last said, once for %u ms",
			news->turns, news->ms);
}

/* sd_event_run(). A turn is one source; what it keeps waiting is all the others. */
static int turn(struct stall *s, sd_event *event)
{
	struct stall_news news;
	uint64_t begin;
	int r;

	r = sd_event_prepare(event);
	if (r == 0)
		r = sd_event_wait(event, UINT64_MAX);
	if (r <= 0)
		return r;
	begin = now_usec(CLOCK_MONOTONIC);
	r = sd_event_dispatch(event);
	if (stall_note(s, begin, now_usec(CLOCK_MONOTONIC), &news))
		tell(&news);
	return r;
}

int stall_loop(struct stall *s, sd_event *event)
{
	int code = 0, r = 0;

	while (r >= 0 && sd_event_get_state(event) != SD_EVENT_FINISHED)
		r = turn(s, event);
	if (r >= 0)
		r = sd_event_get_exit_code(event, &code);
	return r < 0 ? r : code;
}
