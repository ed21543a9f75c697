/* SPDX-License-Identifier: MIT */
/*
 * check.h - what every unit test includes: cmocka, and checks for our types
 *
 * A test program has one group and ends with
 *
 *     int main(void)
 *     {
 *         const struct CMUnitTest tests[] = {
 *                 cmocka_unit_test(test_keeps_the_law),
 *         };
 *         return cmocka_run_group_tests(tests, NULL, NULL);
 *     }
 */
#ifndef LF_SUPPORT_CHECK_H
#define LF_SUPPORT_CHECK_H

/* cmocka.h wants these before it, and setjmp.h sorts where it likes. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <linkfarm/error.h>
#include <linkfarm/str.h>
#include <stdio.h>
#include <string.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/** Fail unless the view `got` holds exactly the bytes of the C string `want`. */
#define assert_str(got, want) check_str((got), lf_str(want), __FILE__, __LINE__)

/** Fail unless both views hold the same bytes. */
#define assert_str_same(got, want) check_str((got), (want), __FILE__, __LINE__)

/** Fail, showing the error, unless the call returned true. */
#define assert_done(call, err) check_done((call), (err), __FILE__, __LINE__)

/** Fail unless the call returned false with this code. */
#define assert_refused(call, err, want_code)                                   \
    check_refused((call), (err), (want_code), __FILE__, __LINE__)

/** Skip this test and say loudly why; does not return. */
#define skip_because(reason)                                                   \
    do {                                                                       \
        print_message("# SKIP-REASON %s: %s\n", __func__, (reason));           \
        skip();                                                                \
    } while (0)

static inline void check_str(struct lf_str got, struct lf_str want,
                             const char *file, int line)
{
    if (lf_str_equal(got, want))
        return;
    print_error("got  '%.*s' (%zu bytes)\nwant '%.*s' (%zu bytes)\n",
                (int)got.len, got.data ? got.data : "", got.len, (int)want.len,
                want.data ? want.data : "", want.len);
    _fail(file, line);
}

static inline void check_done(bool done, const struct lf_error *err,
                              const char *file, int line)
{
    if (done)
        return;
    print_error("LF%03d: %s\n", (int)err->code, err->message);
    _fail(file, line);
}

static inline void check_refused(bool done, const struct lf_error *err,
                                 enum lf_code want, const char *file, int line)
{
    if (!done && err->code == want)
        return;
    if (done)
        print_error("succeeded, want LF%03d\n", (int)want);
    else
        print_error("got LF%03d: %s\nwant LF%03d\n", (int)err->code,
                    err->message, (int)want);
    _fail(file, line);
}

#endif
