/* SPDX-License-Identifier: MIT */
/* test_stow_regex.c - which patterns are said for an expression of Stow's */
#include "cli/stow_regex.h"
#include "support/alloc_fail.h"
#include "support/check.h"

static void assert_patterns(const char *regex, enum lf_stow_origin origin,
                            const char *expected)
{
    struct lf_arena arena = {0};
    struct lf_stow_patterns patterns;
    char text[4096] = "";
    assert_true(lf_stow_patterns(lf_str(regex), origin, &arena, &patterns));
    for (uint32_t i = 0; i < patterns.count; i++) {
        if (i > 0)
            strcat(text, "  ");
        strcat(text, patterns.items[i].data);
    }
    if (patterns.said != (expected != NULL) ||
        strcmp(text, expected ? expected : "") != 0)
        fail_msg("%s: %s%s", regex, text, patterns.said ? "" : " not said");
    lf_arena_finish(&arena);
}

struct row {
    const char *regex;
    const char *patterns; /* between two spaces; NULL: not said */
};

static void assert_rows(const struct row *rows, size_t count,
                        enum lf_stow_origin origin)
{
    for (size_t i = 0; i < count; i++)
        assert_patterns(rows[i].regex, origin, rows[i].patterns);
}

/* Without a slash, it is the whole of a name. */
static void test_of_names(void **state)
{
    static const struct row rows[] = {
            {"CVS",            "CVS"                       },
            {"\\.git",         ".git"                      },
            {"^\\.git$",       ".git"                      },
            {"README.*",       "README*"                   },
            {".+~",            "?*~"                       },
            {".*\\.sw.",       "*.sw?"                     },
            {".*?\\.o",        "*.o"                       },
            {"a.*.*b",         "a*b"                       },
            {"\\#.*#",         "\\#*#"                     },
            {"!x",             "\\!x"                      },
            {"a\\ ",           "a\\ "                      },
            {"\\*\\?\\[\\\\",  "\\*\\?\\[\\\\"             },
            {"x\\]}",          "x]}"                       },
            {"a\tb",           "a\tb"                      },
            {"\xc3\xa9.",      "\xc3\xa9?"                 },
            {"a|b",            "a  b"                      },
            {"a|a",            "a"                         },
            {"(a|b)c",         "ac  bc"                    },
            {"(?:a|b|)c(d|e)", "acd  ace  bcd  bce  cd  ce"},
            {"colou?r",        "colour  color"             },
            {"(\\.bak)?x",     ".bakx  x"                  },
            {"a??",            "a"                         },
            {"(|x)",           "x"                         },
            {"",               ""                          },
            {"^$",             ""                          },
            {"x\\.[ch]",       "x.[ch]"                    },
            {"[^a-z]x",        "[!a-z]x"                   },
            {"[-a]",           "[\\-a]"                    },
            {"[a-]",           "[a\\-]"                    },
            {"[\\]!\\\\]",     "[\\]\\!\\\\]"              },
            {"v\\d\\w",        "v[0-9][A-Za-z0-9_]"        },
            {"[\\d.]",         "[0-9.]"                    },
            {"a\\_b",          "a_b"                       },
            {".*",             "*"                         },
    };
    (void)state;
    assert_rows(rows, ARRAY_LEN(rows), LF_STOW_LIST);
}

/* With one, the path below the package, behind a slash, from one name on to another. */
static void test_of_paths(void **state)
{
    static const struct row rows[] = {
            {"^/install\\.sh$", "/install.sh"    },
            {"^/bin",           "/bin"           },
            {"/bin",            "/bin"           },
            {"bin/x",           "**/bin/x"       },
            {"^bin/x",          ""               },
            {"^/README.*",      "/README*"       },
            {"^/bin/.*",        "/bin/*"         },
            {"^/bin/.+",        "/bin/?*"        },
            {"/bin/",           ""               },
            {"/",               ""               },
            {"a//b",            ""               },
            {".*/x",            "x"              },
            {"^.*/x",           "x"              },
            {".*x/y",           "**/*x/y"        },
            {"^/a/.*/b",        "/a/*/**/b"      },
            {"^/a/.*b$",        "/a/**/*b"       },
            {"^/a.*/b",         "/a*/**/b"       },
            {"^/a.*b",          "/a*b  /a*/**/*b"},
            {"/.*\\.bak",       "*.bak"          },
            {"^/(a|b)/c",       "/a/c  /b/c"     },
            {"(^|/)x(/|$)",     "/x"             },
            {"^/x|y/z",         "/x  **/y/z"     },
            {"x|y/z",           "x  **/y/z"      },
            {".*|a/b",          "*  **/a/b"      },
            {"\\/a",            "/a"             },
            {"a/b|",            "**/a/b  *"      },
            {"/x|$",            "/x"             },
            {"/x|^$",           "/x"             },
            {"/x|^",            "/x  *"          },
            {"^/[^.]x",         "/[!.]x"         },
    };
    (void)state;
    assert_rows(rows, ARRAY_LEN(rows), LF_STOW_LIST);
}

/* The end of the path below the package; no slash is before it. */
static void test_of_the_option(void **state)
{
    static const struct row rows[] = {
            {"\\.git",     "*.git"              },
            {"^\\.git",    "/.git"              },
            {"\\.bak$|~",  "*.bak  *~"          },
            {"README.*|x", "*README*  *x"       },
            {"/x",         "/*/**/x"            },
            {"(^|/)x",     "/x  /*/**/x"        },
            {"^a/b",       "/a/b"               },
            {"a/b",        "/**/*a/b"           },
            {"^a/.*",      "/a/*"               },
            {"a.*b",       "*a*b  /**/*a*/**/*b"},
            {"^/x",        ""                   },
            {"x/",         ""                   },
            {"^$",         ""                   },
            {"$",          "/*"                 },
            {"x|",         "*x*  /*"            },
            {"(a|b)c",     "*ac  *bc"           },
            {"#.*",        "*#*"                },
            {"^#",         "/#"                 },
    };
    (void)state;
    assert_rows(rows, ARRAY_LEN(rows), LF_STOW_OPTION);
}

static void test_says_nothing_where_no_pattern_does(void **state)
{
    static const char *const regexes[] = {
            "a*",
            "a+",
            "(ab)*",
            "(ab)+",
            "a{2}",
            "a?+",
            ".*+",
            "a\\b",
            "\\s",
            "\\x41",
            "\\Qa\\E",
            "(?i)a",
            "(?!a)b",
            "(a",
            "a)",
            "[a",
            "[]a]",
            "[[:alpha:]]",
            "[a/]b",
            "[\\s]",
            "*a",
            "+a",
            "?a",
            "{a",
            "a\\",
            "a^b",
            "a$b",
            "(a$)b",
            "a\x01",
            "\\\x02",
            "[\x03]",
            "(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)",
            "((((((((((((((((((a))))))))))))))))))",
            "a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x|y|z|0|1|2|3|4|5|6",
            "/a.*b.*c.*d.*e.*f.*g",
    };
    char longest[LF_STOW_REGEX_LIMIT + 2];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(regexes); i++)
        assert_patterns(regexes[i], LF_STOW_LIST, NULL);
    memset(longest, 'a', sizeof(longest));
    longest[LF_STOW_REGEX_LIMIT + 1] = '\0';
    assert_patterns(longest, LF_STOW_LIST, NULL);
    longest[LF_STOW_REGEX_LIMIT] = '\0';
    assert_patterns(longest, LF_STOW_LIST, longest);
}

static void test_needs_memory(void **state)
{
    (void)state;
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        struct lf_arena arena = {0};
        struct lf_stow_patterns patterns;
        alloc_fail_at(n);
        bool done = lf_stow_patterns(LF_STR("!|^/(a|b.*[c-e])\\d.*!"),
                                     LF_STOW_OPTION, &arena, &patterns);
        assert_int_equal(done, !alloc_fail_stop());
        lf_arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_of_names),
            cmocka_unit_test(test_of_paths),
            cmocka_unit_test(test_of_the_option),
            cmocka_unit_test(test_says_nothing_where_no_pattern_does),
            cmocka_unit_test(test_needs_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
