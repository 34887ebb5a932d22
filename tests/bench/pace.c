/* SPDX-License-Identifier: ISC */
/* What the two benchmark clients share. */
#include "tests/bench/pace.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "common/util.h"

#define FIRST_ADDRESS 0x7f010001u /* 127.1.0.1 */

static unsigned *option_of(struct pace *p, int c)
{
	switch (c) {
	case 'n':
		return &p->in_flight;
	case 't':
		return &p->total;
	case 'm':
		return &p->per_minute;
	case 'h':
		return &p->hosts;
	case 'p':
		return &p->port;
	case 'c':
		return &p->ports;
	default:
		return NULL;
	}
}

void pace_options(struct pace *p, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "in-flight", required_argument, NULL, 'n' },
		{ "total", required_argument, NULL, 't' },
		{ "per-minute", required_argument, NULL, 'm' },
		{ "hosts", required_argument, NULL, 'h' },
		{ "port", required_argument, NULL, 'p' },
		{ "ports", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*p = (struct pace){ .in_flight = 100, .total = 10000, .hosts = 10000, .ports = 1 };
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		unsigned *value = option_of(p, c);

		if (!value)
			exit(EX_USAGE);
		*value = (unsigned)strtoul(optarg, NULL, 10);
	}
	if (p->port == 0 || p->ports == 0 || p->hosts == 0 || p->total <= p->in_flight) {
		fprintf(stderr,
			"usage: %s --port N [--ports N] [--in-flight N] [--total N] "
			"[--per-minute N] [--hosts N]\n",
			argv[0]);
		exit(EX_USAGE);
	}
	p->start_usec = now_usec(CLOCK_MONOTONIC);
}

bool pace_wants(const struct pace *p)
{
	return p->started < p->total && p->started - p->finished < p->in_flight &&
		(p->per_minute == 0 || pace_next_usec(p) <= now_usec(CLOCK_MONOTONIC));
}

uint64_t pace_next_usec(const struct pace *p)
{
	return p->start_usec + (uint64_t)p->started * 60 * USEC_PER_SEC / p->per_minute;
}

uint32_t pace_address(const struct pace *p)
{
	return FIRST_ADDRESS + p->started % p->hosts;
}

uint16_t pace_port(const struct pace *p)
{
	return (uint16_t)(p->port + p->started % p->ports);
}

static uint64_t cpu_usec(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * USEC_PER_SEC +
		(uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

bool pace_finished(struct pace *p, bool good)
{
	p->finished++;
	p->failed += !good;
	if (p->finished == p->in_flight) {
		p->wall_usec = now_usec(CLOCK_MONOTONIC);
		p->cpu_usec = cpu_usec();
	}
	return p->finished == p->total;
}

int pace_print(const struct pace *p)
{
	printf("{\"logins\": %u, \"failed\": %u, \"cpu_usec\": %llu, \"wall_usec\": %llu}\n",
		p->finished - p->in_flight, p->failed,
		(unsigned long long)(cpu_usec() - p->cpu_usec),
		(unsigned long long)(now_usec(CLOCK_MONOTONIC) - p->wall_usec));
	return p->failed > 0 ? EX_PROTOCOL : EX_OK;
}
