/* SPDX-License-Identifier: MIT */
/* test_syntax.c - whose the texts of nodes are, and that they are right either way */
#include "manifest/syntax.h"
#include "support/check.h"

#include <string.h>

enum { MOST = 16 };

struct row {
    const char *file;
    const char *texts[MOST]; /* of its scalars in order */
    const char *
            copied; /* 'c' where the file does not have it as it is, else '-' */
};

static const struct row rows[] = {
        {"a: b\n",                       {"a", "b"},                                            "--"   },
        {"'a': \"b\"\n",                 {"a", "b"},                                            "--"   },
        {"a: 'it''s'\n",                 {"a", "it's"},                                         "-c"   },
        {"a: \"x\\ty\"\n",               {"a", "x\ty"},                                         "-c"   },
        {"a: one\n  two\n",              {"a", "one two"},                                      "-c"   },
        {"a: |\n  one\n  two\n",         {"a", "one\ntwo\n"},                                   "-c"   },
        {"- a\n- ''\n- b\n",             {"a", "", "b"},                                        "---"  },
        {"{a: b, c: [d, 'e']}",          {"a", "b", "c", "d", "e"},                             "-----"},
        {"# \xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82\n\xc3\xa4: \xf0\x9f\x99\x82\n"
         "\xe2\x82\xac: 'x'\n", {"\xc3\xa4", "\xf0\x9f\x99\x82", "\xe2\x82\xac", "x"},
         "----"                                                                                        },
        {"a: b\r\n\xc3\xa4: c\r\n",      {"a", "b", "\xc3\xa4", "c"},                           "----" },
 /* more than eight characters between two, of all lengths */
        {"long-enough-a: \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\n"
         "b:                     \xf0\x9f\x99\x82\xf0\x9f\x99\x82z\n"
         "c: d\n",              {"long-enough-a", "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
          "b", "\xf0\x9f\x99\x82\xf0\x9f\x99\x82z", "c", "d"},
         "------"                                                                                      },
};

/* The next one in the order of the text; nesting is shallow here. */
static void gather(const struct lf_yaml *node, const struct lf_yaml **scalars,
                   size_t *count)
{
    for (; node; node = node->next) {
        if (node->kind == LF_YAML_SCALAR) {
            assert_in_range(*count, 0, MOST - 1);
            scalars[(*count)++] = node;
        }
        gather(node->child, scalars, count);
    }
}

static void check_row(const struct row *row)
{
    const struct lf_yaml *scalars[MOST];
    size_t count = 0;
    struct lf_error err = {0};
    struct lf_arena arena = {0};
    struct lf_diags *diags = lf_diags_new(10);
    struct lf_document document = {
            .source = {.name = LF_STR("m.yaml"), .text = lf_str(row->file)}
    };
    struct lf_str file = document.source.text;
    assert_true(lf_yaml_parse(&document, &arena, diags, &err));
    assert_int_equal(lf_diags_count(diags), 0);
    gather(document.root, scalars, &count);
    assert_int_equal(count, strlen(row->copied));
    for (size_t i = 0; i < count; i++) {
        struct lf_str text = scalars[i]->text;
        bool inside =
                text.data >= file.data && text.data <= file.data + file.len;
        if (!lf_str_equal(text, lf_str(row->texts[i])) ||
            inside != (row->copied[i] == '-'))
            fail_msg("scalar %zu of: %s", i, row->file);
    }
    lf_diags_free(diags);
    lf_arena_finish(&arena);
}

static void test_a_text_that_stands_in_the_file_is_not_copied(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_row(&rows[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_a_text_that_stands_in_the_file_is_not_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
