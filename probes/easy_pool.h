/* SPDX-License-Identifier: ISC */
/* Easy handles of libcurl's that are idle, with their options: making them anew would cost more. */
#ifndef FTPHEALTH_EASY_POOL_H
#define FTPHEALTH_EASY_POOL_H

#include <stddef.h>
#include <curl/curl.h>

enum { EASY_POOL_MAX = 512 }; /* idle handles kept: 7.4 KB each */

/* Sets the options that are the same for all transfers of a kind; it also stands for that kind. */
typedef void (*easy_prepare)(CURL *easy);

/* Zero-initialised it is empty. */
struct easy_pool {
	struct {
		CURL *easy;
		easy_prepare prepare;
	} idle[EASY_POOL_MAX];
	size_t n;
};

/* A handle with the options common to all and those of PREPARE; what the transfer before has set
 * besides is still set. NULL when there is no memory. */
CURL *easy_pool_lend(struct easy_pool *pool, easy_prepare prepare);

/* Takes EASY back, which was lent for PREPARE and is in no multi handle. One with an errno is
 * freed, so that each that is lent has none (CURLINFO_OS_ERRNO). */
void easy_pool_take_back(struct easy_pool *pool, CURL *easy, easy_prepare prepare);

/* Frees the idle handles. */
void easy_pool_done(struct easy_pool *pool);

#endif
