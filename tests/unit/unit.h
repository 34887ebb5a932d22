/* SPDX-License-Identifier: ISC */
/* Rows as tests: each row of a table becomes a named cmocka test with the row as its state. */
#ifndef FTPHEALTH_TESTS_UNIT_H
#define FTPHEALTH_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/util.h"

enum { UNIT_TESTS_MAX = 2048 };

static struct CMUnitTest unit_tests[UNIT_TESTS_MAX];
static size_t unit_n_tests;

/* Adds one test; NAME and ROW must outlive the run. */
static inline void unit_add(const char *name, CMUnitTestFunction function, const void *row)
{
	assert_true(unit_n_tests < UNIT_TESTS_MAX);
	unit_tests[unit_n_tests++] = (struct CMUnitTest){
		.name = name, .test_func = function, .initial_state = (void *)(uintptr_t)row
	};
}

/* Adds a test for each row of ROWS, an array of structs with a member `label`. */
#define UNIT_ROWS(rows, function) \
	do { \
		for (size_t unit_i_ = 0; unit_i_ < ARRAY_SIZE(rows); unit_i_++) \
			unit_add((rows)[unit_i_].label, (function), &(rows)[unit_i_]); \
	} while (0)

/* Adds a plain test. */
#define UNIT_TEST(function) unit_add(#function, function, NULL)

/* Runs what was added; main() returns it. */
static inline int unit_run(const char *group)
{
	return _cmocka_run_group_tests(group, unit_tests, unit_n_tests, NULL, NULL) ? 1 : 0;
}

#endif
