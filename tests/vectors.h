/* SPDX-License-Identifier: MIT */
/*
 * vectors.h - checking one case of the vectors, for test_vectors.c
 */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H

#include <jansson.h>
#include <linkfarm/resolve.h>

enum verdict {
    VERDICT_PASSED,
    VERDICT_FAILED,
    VERDICT_SKIPPED, /* `*ret_got` says why */
};

/** What was asked for and what came instead, owned by the caller. */
struct finding {
    json_t *expected, *got;
};

/** The fields of an entry of a case, borrowed from it; false if it has some
 *  that is no string, or too many. */
bool vector_fields(const json_t *entry, struct lf_str *fields, size_t room,
                   size_t *ret_n);

/** A string member, empty if there is none. Borrowed. */
struct lf_str vector_string(const json_t *object, const char *key);

/** Take `got`: true if it is what was expected (of an object, in each expected
 *  member), else both are in `*ret`. */
bool vector_settle(const json_t *expected, json_t *got, struct finding *ret);

/** Check a POSIX case of any kind in `view`, which holds its tree. */
bool vector_check_posix(const json_t *vector, struct lf_view *view,
                        struct finding *ret);

/** The same in a described tree. */
enum verdict vector_run_memory(const json_t *vector, struct finding *ret);

/** The same in a scratch directory made for the case. */
enum verdict vector_run_real(const json_t *vector, struct finding *ret);

/** Check a Windows case of any kind. */
enum verdict vector_run_windows(const json_t *vector, struct finding *ret);

#endif
