/* SPDX-License-Identifier: MIT */
/*
 * test_reparse.c - the bytes that Windows stores for a link
 *
 * The layout is that of [MS-FSCC] 2.1.2.4 (symbolic links) and 2.1.2.5
 * (mount points, which junctions are).
 */
#include "support/check.h"

#include <linkfarm/resolve_windows.h>
#include <stdlib.h>

#define EURO "\xe2\x82\xac"
#define SMILE "\xf0\x9f\x98\x80" /* a surrogate pair in UTF-16 */

struct form {
    const char *title, *substitute, *print;
    bool relative, junction;
};

static const struct form forms[] = {
        {"relative",             "..\\theta",             "..\\theta",     true,  false},
        {"absolute",             "\\?\?\\C:\\a b",        "C:\\a b",       false, false},
        {"share",                "\\?\?\\UNC\\srv\\s\\x", "\\\\srv\\s\\x", false, false},
        {"junction",             "\\?\?\\C:\\there",      "C:\\there",     false, true },
        {"beyond ASCII",         "\xc3\xa9" EURO SMILE,   SMILE,           true,  false},
        {"no print name",        "x",                     "",              true,  false},
        {"junction without one", "\\?\?\\C:\\x",          "",              false, true },
};

static struct lf_win_text text_of(const struct form *form)
{
    return (struct lf_win_text){lf_str(form->substitute), lf_str(form->print),
                                form->relative, form->junction};
}

static void encode(const struct lf_win_text *text, unsigned char **ret_data,
                   size_t *ret_size)
{
    struct lf_error err;
    assert_done(lf_win_reparse_encode(text, ret_data, ret_size, &err), &err);
}

static bool decodes(const unsigned char *data, size_t size,
                    struct lf_win_text *ret)
{
    struct lf_error err;
    /* a copy of the very size, so that a sanitizer sees a byte too far */
    unsigned char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    if (size)
        memcpy(copy, data, size);
    bool good = lf_win_reparse_decode(copy, size, ret, &err);
    free(copy);
    if (!good)
        assert_int_equal(err.code, LF_CODE_REPARSE);
    return good;
}

static void test_round_trip(void **state)
{
    const struct form *form = *state;
    struct lf_win_text text = text_of(form), back;
    unsigned char *data;
    size_t size;
    encode(&text, &data, &size);
    assert_true(decodes(data, size, &back));
    assert_true(lf_str_equal(back.substitute, text.substitute));
    assert_true(lf_str_equal(back.print, text.print));
    assert_int_equal(back.relative, text.relative);
    assert_int_equal(back.junction, text.junction);
    lf_win_text_finish(&back);
    free(data);
}

/* `mklink x ..\a`, as the layout has it, written by hand. */
static void test_known_bytes(void **state)
{
    (void)state;
    static const unsigned char want[] = {
            0x0c, 0x00, 0x00, 0xa0, /* IO_REPARSE_TAG_SYMLINK */
            0x1c, 0x00, 0x00, 0x00, /* bytes that follow; reserved */
            0x08, 0x00, 0x08, 0x00, /* substitute name: offset, bytes */
            0x00, 0x00, 0x08, 0x00, /* print name: offset, bytes */
            0x01, 0x00, 0x00, 0x00, /* SYMLINK_FLAG_RELATIVE */
            '.',  0,    '.',  0,    '\\', 0, 'a', 0, /* print name */
            '.',  0,    '.',  0,    '\\', 0, 'a', 0, /* substitute name */
    };
    struct lf_win_text text = {LF_STR("..\\a"), LF_STR("..\\a"), true, false};
    unsigned char *data;
    size_t size;
    encode(&text, &data, &size);
    assert_int_equal(size, sizeof(want));
    assert_memory_equal(data, want, size);
    free(data);
}

/* Cut anywhere it is refused; with any byte changed it is refused, or read as
 * something that can be written and read again. */
static void test_damaged(void **state)
{
    const struct form *form = *state;
    struct lf_win_text text = text_of(form), back, again;
    unsigned char *data, *second;
    size_t size, second_size;
    encode(&text, &data, &size);
    for (size_t cut = 0; cut < size; cut++)
        assert_false(decodes(data, cut, &back));
    for (size_t at = 0; at < size; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            data[at] ^= (unsigned char)(1u << bit);
            if (decodes(data, size, &back)) {
                encode(&back, &second, &second_size);
                assert_true(decodes(second, second_size, &again));
                assert_true(lf_str_equal(again.substitute, back.substitute));
                assert_true(lf_str_equal(again.print, back.print));
                lf_win_text_finish(&again);
                lf_win_text_finish(&back);
                free(second);
            }
            data[at] ^= (unsigned char)(1u << bit);
        }
    }
    free(data);
}

static void test_refused(void **state)
{
    (void)state;
    struct lf_error err;
    unsigned char *data;
    size_t size;
    char *long_text = malloc(16 * 1024);
    assert_non_null(long_text);
    memset(long_text, 'x', 16 * 1024);
    const struct lf_win_text bad[] = {
            {LF_STR("\xff"),  LF_STR("x"), true,  false},
            {                   LF_STR("x"), LF_STR("\xc3"),        true, false     },
            { lf_str_of(long_text,     16 * 1024),           LF_STR(""), false,      false},
            {          LF_STR(""),     lf_str_of(long_text,           16 * 1024),  false,      true},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(lf_win_reparse_encode(&bad[i], &data, &size, &err));
        assert_int_equal(err.code, LF_CODE_REPARSE);
    }
    free(long_text);
}

int main(void)
{
    struct CMUnitTest tests[2 * ARRAY_LEN(forms) + 2];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        void *form = (void *)(uintptr_t)&forms[i];
        tests[n++] = (struct CMUnitTest){forms[i].title, test_round_trip, NULL,
                                         NULL, form};
        tests[n++] = (struct CMUnitTest){forms[i].title, test_damaged, NULL,
                                         NULL, form};
    }
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_known_bytes);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_refused);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
