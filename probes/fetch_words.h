/* SPDX-License-Identifier: ISC */
/* What the words of an FTP server say about a file that it does not give. Pure. */
#ifndef FTPHEALTH_FETCH_WORDS_H
#define FTPHEALTH_FETCH_WORDS_H

#include "probes/fetch_protocol.h"

/* REPLY is the server's line to a request for URL, whose words are not the server's own. Returns
 * FETCH_ABSENT, FETCH_ACCESS_DENIED, FETCH_FAILED (a folder, or a trouble of the server's), or
 * FETCH_UNKNOWN when the words do not tell these apart. */
enum fetch_state fetch_words_state(const char *reply, const char *url);

#endif
