/* SPDX-License-Identifier: ISC */
/* ftphealth-snmp: asks an SNMP agent in a process that can be given up. */
#include "agent/snmp_ask.h"

#include <stdio.h>
#include <sysexits.h>

#include "agent/snmp_ask_session.h"
#include "common/util.h"
#include "probes/secret_file.h"

enum { MEMORY_MAX = 64 << 20 }; /* octets of address space beyond what the libraries take */

static const char usage[] = "usage: ftphealth-snmp <REQUEST >ANSWER\n"
			    "Asks an SNMP agent; see ftphealth-snmp(8). It takes no arguments.\n";

static void load_credentials(const struct snmp_request *r, const char *folder)
{
	const char *kind = r->file ? "file" : "credential";
	const char *name = r->file ? r->file : r->credential;
	char why[SECRET_FILE_WHY_SIZE], fault[ASK_WHY_SIZE], *text = NULL;
	size_t len = 0;

	if (name) {
		if (secret_file_load(r->file, r->credential, folder, ASK_CREDENTIALS_MAX, &text,
			    &len, why) < 0)
			confine_fail(EX_USAGE, "bad request: %s", why);
		if (ask_credentials_take(text, len, fault) < 0)
			confine_fail(EX_USAGE, "bad request: %s %.120s: %s", kind, name, fault);
		secret_file_free(text, len);
	}
	if (r->community)
		ask_community_take(r->community);
	if (ask_credentials_finish(&ask.version, fault) < 0)
		confine_fail(EX_USAGE, "bad request: %s %.120s: %s", kind, name ? name : "", fault);
}

int main(int argc, char **argv)
{
	static char text[FETCH_REQUEST_MAX + 1];
	_cleanup_(freep) char *folder = NULL;
	struct snmp_request request;
	char why[FETCH_WHY_SIZE];
	void *storage;
	size_t len;

	if (argc > 1) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	confine_begin("ftphealth-snmp");
	folder = confine_process(MEMORY_MAX, false);
	len = confine_read_request(text, sizeof(text));
	if (snmp_request_parse(text, len, &request, &storage, why) < 0)
		confine_fail(EX_USAGE, "bad request: %s", why);
	ask_library_start();
	load_credentials(&request, folder);
	confine_drop_capabilities();
	confine_files(CONFINE_READ_COMMON);
	ask.request = &request;
	ask_keep_so_far();
	confine_start_clock(request.time_limit_ms);
	ask_open_session();
	ask_keep_so_far();
	if (request.n_get > 0)
		ask_values();
	ask_iis();
}
