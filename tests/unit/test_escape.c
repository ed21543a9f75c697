/* SPDX-License-Identifier: MIT */
/* test_escape.c - escape.h */
#include "base/escape.h"
#include "support/check.h"

#include <stdlib.h>

static const struct {
    struct lf_str text;
    const char *stored;
    const char *shown;
} forms[] = {
        {{"", 0},                                              "\\-",              ""                                            },
        {{"plain", 5},                                         "plain",            "plain"                                       },
        {{"-", 1},                                             "-",                "-"                                           },
        {{"a b", 3},                                           "a\\040b",          "a b"                                         },
        {{"a\tb\n", 4},                                        "a\\011b\\012",     "a\\tb\\n"                                    },
        {{"\\", 1},                                            "\\\\",             "\\"                                          },
        {{"\\-", 2},                                           "\\\\-",            "\\-"                                         },
        {{"\0", 1},                                            "\\000",            "\\x00"                                       },
        {{"\x7f", 1},                                          "\\177",            "\\x7f"                                       },
        {{"\x1b[31m", 5},                                      "\\033[31m",        "\\e[31m"                                     },
        {{"\r", 1},                                            "\\015",            "\\x0d"                                       },
        {{"~!\"#'", 5},                                        "~!\"#'",           "~!\"#'"                                      },
        {{"\xff\xfe", 2},                                      "\xff\xfe",         "\\xff\\xfe"                                  },
        {{"\x80", 1},                                          "\x80",             "\\x80"                                       },
        {{"na\xc3\xafve", 6},                                  "na\xc3\xafve",     "na\xc3\xafve"                                },
        {{"\xc2\x9b", 2},                                      "\xc2\x9b",         "\\u{009b}"                                   }, /* C1: CSI */
        {{"\xc2\xad", 2},                                      "\xc2\xad",         "\\u{00ad}"                                   }, /* soft hyphen */
        {{"\xe2\x80\xa8", 3},                                  "\xe2\x80\xa8",     "\\u{2028}"                                   }, /* line */
        {{"\xe2\x80\xa9", 3},                                  "\xe2\x80\xa9",     "\\u{2029}"                                   }, /* paragraph */
        {{"\xe2\x80\xae", 3},                                  "\xe2\x80\xae",     "\\u{202e}"                                   }, /* RLO */
        {{"\xe2\x81\xa6", 3},                                  "\xe2\x81\xa6",     "\\u{2066}"                                   }, /* LRI */
        {{"\xd8\x9c", 2},                                      "\xd8\x9c",         "\\u{061c}"                                   }, /* ALM */
        {{"\xe2\x80\x8b", 3},                                  "\xe2\x80\x8b",     "\\u{200b}"                                   }, /* ZWSP */
        {{"\xef\xbb\xbf", 3},                                  "\xef\xbb\xbf",     "\\u{feff}"                                   }, /* BOM */
        {{"\xf3\xa0\x81\x81", 4},                              "\xf3\xa0\x81\x81", "\\u{e0041}"                                  },
        {{"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xa7", 11},
         "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xa7",                           "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xa7"}, /* emoji with ZWJ */
        {{"\xc3", 1},                                          "\xc3",             "\\xc3"                                       },
        {{"a\xc3z", 3},                                        "a\xc3z",           "a\\xc3z"                                     },
};

static void test_each_text_has_its_stored_form_and_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct lf_buf buf = {0}, back = {0};
        lf_buf_add(&buf, lf_str(">"));
        lf_escape_stored(&buf, forms[i].text);
        struct lf_str field = lf_buf_str(&buf);
        field.data++, field.len--;
        assert_str(field, forms[i].stored);
        lf_buf_add(&back, lf_str(">"));
        assert_true(lf_unescape_stored(&back, field));
        assert_int_equal(back.data[0], '>');
        assert_str_same(lf_str_of(back.data + 1, back.len - 1), forms[i].text);
        lf_buf_finish(&buf);
        lf_buf_finish(&back);
    }
}

static void test_each_text_has_its_shown_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct lf_buf buf = {0};
        lf_escape_shown(&buf, forms[i].text);
        assert_str(lf_buf_str(&buf), forms[i].shown);
        assert_int_equal(lf_needs_escape(forms[i].text),
                         !lf_str_equal(lf_buf_str(&buf), forms[i].text));
        lf_buf_finish(&buf);
    }
}

static void test_an_argument_is_one_word_of_a_shell(void **state)
{
    static const struct {
        const char *text, *argument;
    } arguments[] = {
            {"/a/b-c_d.e",       "/a/b-c_d.e"                   },
            {"",                 "''"                           },
            {"/my farm",         "'/my farm'"                   },
            {"~/x",              "'~/x'"                        },
            {"$HOME",            "'$HOME'"                      },
            {"it's",             "'it'\\''s'"                   },
            {"a\\b",             "'a\\b'"                       },
            {"a;b&c|d",          "'a;b&c|d'"                    },
            {"*?[x]{y}",         "'*?[x]{y}'"                   },
            {"#x",               "'#x'"                         },
            {"\u00fc",           "\u00fc"                       },
            {"a\n'\\2",          "$'a\\012\\'\\\\2'"            },
            {"\xff\u202e\u00fc", "$'\\377\\342\\200\\256\u00fc'"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(arguments); i++) {
        struct lf_buf buf = {0};
        lf_escape_argument(&buf, lf_str(arguments[i].text));
        assert_str(lf_buf_str(&buf), arguments[i].argument);
        lf_buf_finish(&buf);
    }
}

static void test_a_field_in_another_form_is_refused(void **state)
{
    (void)state;
    static const struct lf_str fields[] = {
            {"",           0},
            {"a b",        3},
            {"a\tb",       3},
            {"a\n",        2},
            {"\0",         1},
            {"\x7f",       1},
            {"\\",         1},
            {"a\\",        2},
            {"\\0",        2},
            {"\\04",       3},
            {"\\-a",       3},
            {"a\\-",       3},
            {"\\141",      4},
            {"\\134",      4},
            {"\\055",      4},
            {"\\377",      4},
            {"\\400",      4},
            {"\\777",      4},
            {"\\048",      4},
            {"\\0\0000",   4},
            {"\\n",        2},
            {"\\x20",      4},
            {"\\200",      4},
            {"\\-\\-",     4},
            {"ok\\040\\1", 8},
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        struct lf_buf buf = {0};
        lf_buf_add(&buf, lf_str("before"));
        if (lf_unescape_stored(&buf, fields[i]))
            fail_msg("accepted: %s", fields[i].data);
        assert_str(lf_buf_str(&buf), "before");
        lf_buf_finish(&buf);
    }
}

static void test_one_byte_anywhere_makes_a_text_not_plain(void **state)
{
    (void)state;
    static const char odd[] = {' ', '\\', 0x7f, '\n', '\0', 0x01};
    static const char even[] = {'!', '~',        '[',       ']',
                                '/', (char)0x80, (char)0xff};
    char bytes[40];
    for (size_t len = 1; len <= sizeof(bytes); len++) {
        for (size_t at = 0; at < len; at++) {
            memset(bytes, 'a', sizeof(bytes));
            for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
                bytes[at] = odd[i];
                assert_false(lf_stored_is_plain(lf_str_of(bytes, len)));
            }
            for (size_t i = 0; i < ARRAY_LEN(even); i++) {
                bytes[at] = even[i];
                assert_true(lf_stored_is_plain(lf_str_of(bytes, len)));
            }
        }
    }
    assert_false(lf_stored_is_plain(LF_STR("")));
    assert_false(lf_stored_is_plain(LF_STR("\\-")));
}

static struct lf_str random_text(char *bytes, size_t size)
{
    size_t len = (size_t)rand() % size;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(rand() % 4 ? rand() : '\\');
    return lf_str_of(bytes, len);
}

static void test_stored_forms_and_texts_are_one_to_one(void **state)
{
    (void)state;
    srand(1);
    for (int i = 0; i < 20000; i++) {
        char bytes[24];
        struct lf_str text = random_text(bytes, sizeof(bytes));
        struct lf_buf field = {0}, back = {0}, again = {0};
        lf_escape_stored(&field, text);
        for (size_t j = 0; j < field.len; j++) {
            unsigned char c = (unsigned char)field.data[j];
            assert_true(c > 0x20 && c != 0x7f);
        }
        assert_true(lf_unescape_stored(&back, lf_buf_str(&field)));
        assert_str_same(lf_buf_str(&back), text);
        /* a random field is refused, or is what its text is written as */
        lf_buf_clear(&back);
        if (lf_unescape_stored(&back, text)) {
            lf_escape_stored(&again, lf_buf_str(&back));
            assert_str_same(lf_buf_str(&again), text);
        }
        lf_buf_finish(&field);
        lf_buf_finish(&back);
        lf_buf_finish(&again);
    }
}

static void test_the_shown_form_is_valid_and_does_nothing(void **state)
{
    (void)state;
    srand(2);
    for (int i = 0; i < 20000; i++) {
        char bytes[24];
        struct lf_buf shown = {0};
        lf_escape_shown(&shown, random_text(bytes, sizeof(bytes)));
        assert_false(lf_needs_escape(lf_buf_str(&shown)));
        lf_buf_finish(&shown);
    }
}

static size_t encode(uint32_t rune, char *out)
{
    if (rune < 0x80) {
        out[0] = (char)rune;
        return 1;
    }
    size_t len = rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1; rune >>= 6)
        out[i] = (char)(0x80 | (rune & 0x3f));
    out[0] = (char)(lead[len] | rune);
    return len;
}

static void test_every_code_point_is_read(void **state)
{
    (void)state;
    for (uint32_t rune = 0; rune < 0x200000; rune++) {
        char bytes[4];
        uint32_t got = UINT32_MAX;
        size_t len = encode(rune, bytes);
        bool valid = rune <= 0x10ffff && (rune < 0xd800 || rune > 0xdfff);
        assert_int_equal(lf_utf8_next(lf_str_of(bytes, len), &got),
                         valid ? len : 0);
        assert_int_equal(got, valid ? rune : UINT32_MAX);
        assert_int_equal(lf_utf8_next(lf_str_of(bytes, len), NULL),
                         valid ? len : 0);
        for (size_t cut = 0; cut < len; cut++)
            assert_int_equal(lf_utf8_next(lf_str_of(bytes, cut), NULL), 0);
    }
}

static void test_malformed_sequences_are_refused(void **state)
{
    (void)state;
    static const char *const sequences[] = {
            "\x80",
            "\xbf",
            "\xc0\x80",
            "\xc1\xbf",
            "\xc2\x7f",
            "\xc2\xc0",
            "\xe0\x9f\xbf",
            "\xe1\x80\xc0",
            "\xed\xa0\x80",
            "\xe2\x28\xa1",
            "\xf0\x8f\xbf\xbf",
            "\xf4\x90\x80\x80",
            "\xf5\x80\x80\x80",
            "\xf1\x80\x80\x28",
            "\xfe",
            "\xff",
    };
    for (size_t i = 0; i < ARRAY_LEN(sequences); i++)
        assert_int_equal(lf_utf8_next(lf_str(sequences[i]), NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_each_text_has_its_stored_form_and_comes_back),
            cmocka_unit_test(test_each_text_has_its_shown_form),
            cmocka_unit_test(test_an_argument_is_one_word_of_a_shell),
            cmocka_unit_test(test_a_field_in_another_form_is_refused),
            cmocka_unit_test(test_one_byte_anywhere_makes_a_text_not_plain),
            cmocka_unit_test(test_stored_forms_and_texts_are_one_to_one),
            cmocka_unit_test(test_the_shown_form_is_valid_and_does_nothing),
            cmocka_unit_test(test_every_code_point_is_read),
            cmocka_unit_test(test_malformed_sequences_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
