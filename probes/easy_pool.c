/* SPDX-License-Identifier: ISC */
/* Easy handles of libcurl's that are idle, with their options. */
#include "probes/easy_pool.h"

#include <stdbool.h>

#include "common/log.h"

static int on_curl_debug(CURL *easy, curl_infotype type, char *data, size_t size, void *userdata)
{
	if (type == CURLINFO_TEXT && size > 0)
		log_debug("libcurl: %.*s", (int)size - (data[size - 1] == '\n'), data);
	return 0;
}

/* Options of every transfer; the reasons were measured on libcurl 7.88.1: the DNS cache is walked
 * whole after each transfer; without QUICK_EXIT a hung resolver thread is joined; with PROXY unset
 * the environment decides. */
static void set_common_options(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 1024L);
	if (log_enabled(LOG_DEBUG)) {
		curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
		curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_curl_debug);
	}
}

CURL *easy_pool_lend(struct easy_pool *pool, easy_prepare prepare)
{
	CURL *easy;

	if (pool->n > 0) {
		easy = pool->idle[--pool->n].easy;
		if (pool->idle[pool->n].prepare == prepare)
			return easy;
		curl_easy_reset(easy);
	} else {
		easy = curl_easy_init();
	}
	if (easy) {
		set_common_options(easy);
		prepare(easy);
	}
	return easy;
}

/* libcurl keeps the errno of a connection that failed for as long as the handle lives: the next one
 * that fails without an errno would be told by it. */
static bool is_stained(CURL *easy)
{
	long os_error = 0;

	curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
	return os_error != 0;
}

void easy_pool_take_back(struct easy_pool *pool, CURL *easy, easy_prepare prepare)
{
	if (pool->n == EASY_POOL_MAX || is_stained(easy)) {
		curl_easy_cleanup(easy);
		return;
	}
	pool->idle[pool->n].easy = easy;
	pool->idle[pool->n++].prepare = prepare;
}

void easy_pool_done(struct easy_pool *pool)
{
	while (pool->n > 0)
		curl_easy_cleanup(pool->idle[--pool->n].easy);
}
