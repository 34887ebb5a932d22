/* SPDX-License-Identifier: ISC */
/* The configuration of one target: built-in values, single values checked, and its end. */
#include "agent/config_private.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/evidence_config.h"

/* RFC 1635: the password of an anonymous login says who asks. */
static void make_password(char buffer[TARGET_PASSWORD_SIZE])
{
	char host[HOST_NAME_MAX + 1];

	if (gethostname(host, sizeof(host)) < 0 || !memchr(host, '\0', sizeof(host)) ||
		!config_is_host_name(host) || strlen(host) > TARGET_PASSWORD_SIZE - 16)
		snprintf(host, sizeof(host), "localhost");
	snprintf(buffer, TARGET_PASSWORD_SIZE, "ftphealth@%s", host);
}

void target_config_init(struct target_config *c, char password[TARGET_PASSWORD_SIZE])
{
	make_password(password);
	*c = (struct target_config){
		.group = (char *)"",
		.description = (char *)"",
		.contact = (char *)"",
		.user = (char *)"anonymous",
		.password = password,
		.port = 21,
		.family = AF_UNSPEC,
		.interval_usec = 60 * USEC_PER_SEC,
		.timeout_usec = 15 * USEC_PER_SEC,
		.raise = 1,
		.clear = 1,
		.enabled = true,
	};
}

bool target_config_set(
	struct target_config *c, const char *key, const char *text, char *why, size_t size)
{
	int row = config_key_find(PLACE_TARGET, key, strlen(key));
	struct config_why fault;

	assert(row >= 0 && config_keys[row].shape == SHAPE_SCALAR);
	if (config_keys[row].parse(
		    &config_keys[row], text, (char *)c + config_keys[row].offset, &fault))
		return true;
	snprintf(why, size, "%s: %s; %s", key, fault.wrong, fault.mend);
	return false;
}

void target_config_done(struct target_config *c)
{
	free(c->name);
	free(c->host);
	free(c->group);
	free(c->description);
	free(c->contact);
	free(c->user);
	free(c->password);
	evidence_source_free(c->evidence);
	*c = (struct target_config){ 0 };
}
