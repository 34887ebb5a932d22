/* SPDX-License-Identifier: ISC */
/* ftphealth-smb: one question about files on an SMB server, in a process that can be given up. */
#include "probes/fetch_main.h"
#include "probes/smb_credentials.h"
#include "probes/smb_request.h"
#include "probes/smb_session.h"

static struct smb_request request;
static struct smb_credentials credentials;

static int prepare(const struct fetch_request *r, const char *folder, char why[FETCH_WHY_SIZE])
{
	int error = smb_request_read(r, &request, why);

	if (error < 0)
		return error;
	return smb_credentials_load(r, request.urls[0].host, folder, &credentials, why);
}

static int fetch(struct fetch_round *round)
{
	int error = smb_session_fetch(round, &request, &credentials);

	smb_credentials_wipe(&credentials);
	return error;
}

int main(int argc, char **argv)
{
	static const struct fetch_program program = {
		.name = "ftphealth-smb", .prepare = prepare, .fetch = fetch
	};

	return fetch_main(argc, &program);
}
