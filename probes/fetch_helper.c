/* SPDX-License-Identifier: ISC */
/* ftphealth-fetch: one question about files by path or URL, in a process that can be given up. */
#include "probes/confine.h"
#include "probes/fetch_file.h"
#include "probes/fetch_main.h"
#include "probes/fetch_place.h"
#include "probes/fetch_url.h"
#include "probes/smb_credentials.h"

static struct fetch_place place;
static struct smb_credentials credentials;

static int prepare(const struct fetch_request *r, const char *folder, char why[FETCH_WHY_SIZE])
{
	int error = fetch_place_read(r, &place, why);

	if (error < 0 || place.local)
		return error;
	return smb_credentials_load(r, place.host, folder, &credentials, why);
}

static int fetch(struct fetch_round *round)
{
	int error;

	confine_files(place.local ? CONFINE_READ_ALL : CONFINE_READ_COMMON);
	error = place.local ? fetch_file_fetch(round, &place)
			    : fetch_url_fetch(round, &place, &credentials);

	smb_credentials_wipe(&credentials);
	fetch_place_done(&place);
	return error;
}

int main(int argc, char **argv)
{
	/* libcurl resolves names in a thread. */
	static const struct fetch_program program = {
		.name = "ftphealth-fetch", .threads = true, .prepare = prepare, .fetch = fetch
	};

	return fetch_main(argc, &program);
}
