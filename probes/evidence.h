/* SPDX-License-Identifier: ISC */
/* What is known of a server from its own side: module, settings, services, log. Data only. */
#ifndef FTPHEALTH_EVIDENCE_H
#define FTPHEALTH_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* FtpAuthPresence and FtpAuthSetting of the MIB. */
enum presence { PRESENCE_UNKNOWN = 1, PRESENCE_PRESENT, PRESENCE_MISSING, PRESENCE_ALTERED };
enum setting { SETTING_UNKNOWN = 1, SETTING_ENABLED, SETTING_DISABLED };

/* How the latest collection of one item ended (FtpAuthEvidenceResult). */
enum evidence_result {
	EVIDENCE_NEVER = 1,
	EVIDENCE_OK,
	EVIDENCE_PARTIAL,
	EVIDENCE_DENIED,
	EVIDENCE_UNREACHABLE,
	EVIDENCE_FAILED,
	EVIDENCE_STALE,
};

enum web_service { WEB_UNKNOWN, WEB_RUNNING, WEB_NOT_LISTED, WEB_ABSENT };

/* All evidence on one target. Zero-initialised it knows nothing (0 counts as unknown). */
struct evidence {
	enum presence module;   /* iissuba.dll; missing only when a control file was read */
	enum setting sync;      /* AnonymousPasswordSync */
	enum setting anonymous; /* AllowAnonymous, anonymous_enable, ... */
	enum setting anonymous_only;
	enum setting registered; /* Auth132 */
	bool password_absent;    /* AnonymousUserPass is not set at any level */
	bool unc_home;           /* the home directory is on another server */
	enum web_service web;
	uint32_t win32; /* sc-win32-status of our own refused login, or of Event 100; 0 = unknown */
	uint32_t substatus; /* IIS 7+: sc-substatus of it; 0 = unknown */
	bool others_fail;   /* the server's own counters: nobody gets in anonymously */
	bool module_newer;  /* the module's time is after the last start of the server */
	bool restarted;     /* counters or uptime fell between the latest two rounds */
	char account[65];   /* AnonymousUserName */
};

#endif
