/* SPDX-License-Identifier: ISC */
/* Published labels of stages and outcomes, and what a failed connection comes to. */
#include "probes/outcome.h"

#include <errno.h>
#include <stddef.h>

#include "common/util.h"

#define LABEL(number, symbol, label) [number] = #label,
static const char *const stage_labels[] = { STAGES(LABEL) };
static const char *const outcome_labels[] = { OUTCOMES(LABEL) };
#undef LABEL

const char *stage_label(unsigned stage)
{
	return stage < ARRAY_SIZE(stage_labels) ? stage_labels[stage] : NULL;
}

const char *outcome_label(unsigned outcome)
{
	return outcome < ARRAY_SIZE(outcome_labels) ? outcome_labels[outcome] : NULL;
}

/* What a failed connection means. errno values of our own side (no descriptors, no local port) are
 * ours: they are never told of the server. Nor is what has no errno: libcurl could not even ask
 * what became of the connection, or does not have the address's family. */
static const struct {
	int os_error;
	enum outcome outcome;
} connect_errors[] = {
	{ 0, OUTCOME_INTERNAL_ERROR },
	{ ECONNREFUSED, OUTCOME_CONNECTION_REFUSED },
	{ EHOSTUNREACH, OUTCOME_NO_ROUTE },
	{ ENETUNREACH, OUTCOME_NO_ROUTE },
	{ EHOSTDOWN, OUTCOME_NO_ROUTE },
	{ ENETDOWN, OUTCOME_NO_ROUTE },
	{ ETIMEDOUT, OUTCOME_TIMEOUT },
	{ ECONNRESET, OUTCOME_CONNECTION_CLOSED },
	{ EMFILE, OUTCOME_INTERNAL_ERROR },
	{ ENFILE, OUTCOME_INTERNAL_ERROR },
	{ ENOBUFS, OUTCOME_INTERNAL_ERROR },
	{ ENOMEM, OUTCOME_INTERNAL_ERROR },
	{ EADDRNOTAVAIL, OUTCOME_INTERNAL_ERROR },
	{ EADDRINUSE, OUTCOME_INTERNAL_ERROR },
	{ EAFNOSUPPORT, OUTCOME_INTERNAL_ERROR },
	{ EINVAL, OUTCOME_INTERNAL_ERROR }, /* a link-local address without an interface */
	{ ENODEV, OUTCOME_INTERNAL_ERROR }, /* or with one that has gone */
	{ EACCES, OUTCOME_INTERNAL_ERROR },
	{ EPERM, OUTCOME_INTERNAL_ERROR },
};

enum outcome outcome_of_connect(int os_error)
{
	for (size_t i = 0; i < ARRAY_SIZE(connect_errors); i++)
		if (connect_errors[i].os_error == os_error)
			return connect_errors[i].outcome;
	return OUTCOME_CONNECT_FAILED;
}
