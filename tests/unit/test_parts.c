/* SPDX-License-Identifier: MIT */
/* test_parts.c - which texts are parsed in parts; that it makes no difference is for
 * tests/fuzz/fuzz_parts.c */
#include "base/source.h"
#include "manifest/parse.h"
#include "support/alloc_fail.h"
#include "support/check.h"

#include <string.h>

struct row {
    const char *name, *text;
    unsigned parts;
    bool taken;
};

#define LINKS "  a: b\n  c: d\n  e: f\n  g: h\n"

static const struct row rows[] = {
        {"links",              "links:\n" LINKS,                                          2, true },
        {"many parts",         "links:\n" LINKS LINKS,                                    8, true },
        {"two maps",           "links:\n" LINKS "dirs:\n" LINKS,                          3, true },
        {"a list",             "trees:\n  - a: b\n    c: d\n  - e: f\n    g: h\n",        2, true },
        {"no lines",           "{links: {a: b, c: d}}",                                   2, false},
        {"one line",           "links:\n  a: b",                                          8, false},
        {"a root alone",       "a: b\nc: d\ne: f\ng: h\n",                                2, false},
        {"a list as root",     "- a\n- b\n- c\n- d\n",                                    2, false},
        {"a quote",            "links:\n  a: 'b\n  c: d\n  e: f'\n  g: h\n",              2, false},
        {"brackets",           "links:\n  a: [b,\n  c, d,\n  e]\n  g: h\n",               2, false},
        {"brackets that end",  "links:\n  {a: b, c: d}\n  e: f\n  g: h\n",                2,
         false                                                                                    },
        {"block text",         "links:\n  a: |\n    b\n    c\n    d\n  e: f\n",           2,
         true                                                                                     },
        {"a list at its key",  "links:\n  a:\n  - b\n  - c\n  - d\n  - e\n",              2,
         false                                                                                    },
        {"an ended document",  "links:\n  a: b\n...\n  c: d\n  e: f\n",                   2,
         false                                                                                    },
        {"a second document",  "links:\n  a: b\n  c: d\n---\na: b\nc: d\n",               2,
         false                                                                                    },
        {"an anchor",          "links:\n" LINKS "  x: &y z\n",                            2, false},
        {"a key twice inside", "links:\n" LINKS "  i: {j: k, j: l}\n",                    2,
         false                                                                                    },
        {"a key twice",        "links:\n" LINKS LINKS,                                    2, true },
        {"comments",           "links:\n  a: b\n# c\n  # d\n\n    # e\n  f: g\n  h: i\n",
         2,                                                                                  true },
        {"no value to end",    "links:\n  ? a\n  ? b\n  ? c\n  ? d\n  e: f\n",            2,
         false                                                                                    },
};

struct text {
    struct lf_document document;
    struct lf_arena arena;
    struct lf_diags *diags;
    struct lf_parse parse;
};

static void begin(struct text *t, const char *text)
{
    *t = (struct text){
            .document = {.source = {.name = LF_STR("m"), .text = lf_str(text)}},
            .diags = lf_diags_new(10),
    };
    t->parse = (struct lf_parse){
            .document = &t->document,
            .arena = &t->arena,
            .diags = t->diags,
            .text = t->document.source.text,
            .line = 1,
    };
}

static void end(struct text *t)
{
    lf_diags_free(t->diags);
    lf_arena_finish(&t->arena);
}

static void test_what_comes_in_parts_is_parsed_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text t;
        begin(&t, rows[i].text);
        bool taken = lf_parse_parts(&t.parse, rows[i].parts, 2);
        if (taken != rows[i].taken)
            fail_msg("%s: %s", rows[i].name, taken ? "taken" : "not taken");
        /* what is not taken is left as it was, for the whole to be parsed */
        if (!taken) {
            assert_null(t.parse.root);
            assert_int_equal(lf_diags_count(t.diags), 0);
            assert_int_equal(lf_arena_size(&t.arena), 0);
        }
        end(&t);
    }
}

static void test_a_key_that_two_parts_have_is_found(void **state)
{
    (void)state;
    struct text t;
    begin(&t, "links:\n" LINKS LINKS "links:\n" LINKS LINKS);
    assert_true(lf_parse_parts(&t.parse, 3, 1));
    static const uint32_t lines[] = {6, 7, 8, 9, 15, 16, 17, 18, 10};
    assert_int_equal(lf_diags_count(t.diags), ARRAY_LEN(lines));
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const struct lf_diag *diag = lf_diags_at(t.diags, i);
        assert_int_equal(diag->code, LF_CODE_DUPLICATE_KEY);
        assert_int_equal(diag->mark.line, lines[i]);
    }
    end(&t);
}

static void test_too_many_items_are_left_to_the_whole(void **state)
{
    (void)state;
    /* the root, its key, the mapping, and what is in that */
    enum { ITEMS = 3 + 16 };
    for (uint32_t more = 0; more < 2; more++) {
        struct text t;
        begin(&t, "links:\n  a: b\n  c: d\n  e: f\n  g: h\n"
                  "  i: j\n  k: l\n  m: n\n  o: p\n");
        t.parse.items = LF_YAML_ITEM_LIMIT - ITEMS + more;
        assert_int_equal(lf_parse_parts(&t.parse, 2, 2), more == 0);
        assert_int_equal(lf_diags_count(t.diags), 0);
        end(&t);
    }
}

static void test_memory_may_run_out_anywhere(void **state)
{
    (void)state;
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        struct text t;
        begin(&t, "links:\n" LINKS LINKS LINKS LINKS);
        alloc_fail_at(n);
        bool taken = lf_parse_parts(&t.parse, 2, 1);
        bool failed = alloc_fail_stop();
        assert_int_equal(failed,
                         !taken || t.parse.failed || lf_diags_failed(t.diags));
        end(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_what_comes_in_parts_is_parsed_so),
            cmocka_unit_test(test_a_key_that_two_parts_have_is_found),
            cmocka_unit_test(test_too_many_items_are_left_to_the_whole),
            cmocka_unit_test(test_memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
