/* SPDX-License-Identifier: MIT */
/* test_names.c - names.h: which records tell what is in a source directory */
#include "apply/names.h"
#include "support/alloc_fail.h"
#include "support/check.h"
#include "support/sample_ledger.h"

/* The directories of the stamps, sorted, and the one above each. */
static const struct {
    const char *path;
    uint32_t above;
} dirs[] = {
        {"/",        LF_TRUST_NONE},
        {"/s",       0            },
        {"/s/a",     1            },
        {"/s/a/sub", 2            },
        {"/s/b",     1            },
        {"/s/c/d",   1            }, /* of /s/c nothing is known */
};
enum { N_DIRS = ARRAY_LEN(dirs) };

static const struct {
    const char *link, *text;
} links[] = {
        {"/t/1",     "../s/a/f1"      },
        {"/t/2",     "../s/a/f2"      },
        {"/t/3",     "../s/b/g"       },
        {"/t/4",     "../s/a/f3"      },
        {"/t/5",     "/s/b/h"         },
        {"/t/6",     "x/../../s/b/i"  },
        {"/t/7",     "../s/a/."       },
        {"/t/8",     "../s/a/"        },
        {"/t/9",     "../s/nowhere/f" },
        {"/t/u/f4",  "../../s/a/f4"   },
        {"/t/u/f5",  "f5"             },
        {"/t/u/top", "../../../../top"},
};

/* What is told of each: files in the order of their links, then directories; NULL: that
 * it is not known. */
static const struct {
    const char *path, *names;
} told[] = {
        {"/",        "top s/"          },
        {"/s",       "a/ b/"           },
        {"/s/a",     "f1 f2 f3 f4 sub/"},
        {"/s/a/sub", ""                },
        {"/s/b",     "g h i"           },
        {"/s/c/d",   ""                },
        {"/s/c",     NULL              },
        {"/t",       NULL              },
};

struct world {
    struct lf_ledger *ledger;
    struct lf_recorded *farm;
    struct lf_trust trust;
    struct lf_trusted trusted[N_DIRS];
};

static uint64_t sum_of(const char *names)
{
    uint64_t sum = 0;
    struct lf_str rest = lf_str(names);
    while (rest.len > 0) {
        const char *end = memchr(rest.data, ' ', rest.len);
        size_t len = end ? (size_t)(end - rest.data) : rest.len;
        bool is_dir = rest.data[len - 1] == '/';
        sum += lf_watch_name(lf_str_of(rest.data, len - is_dir),
                             is_dir ? LF_NODE_DIR : LF_NODE_FILE);
        len += end != NULL;
        rest = lf_str_of(rest.data + len, rest.len - len);
    }
    return lf_watch_digest(sum);
}

static struct world *new_world(void)
{
    static struct world w;
    struct lf_error err;
    w = (struct world){.ledger = sample_empty(1)};
    w.farm = sample_farm(w.ledger, "f", 1);
    for (size_t i = 0; i < ARRAY_LEN(links); i++)
        sample_link(w.ledger, w.farm, links[i].link, links[i].text);
    sample_dir(w.ledger, w.farm, "/t/u");
    assert_done(lf_recorded_seal(w.farm, &err), &err);
    for (uint32_t i = 0; i < N_DIRS; i++) {
        w.trusted[i] = (struct lf_trusted){
                .dir = {.path = lf_str(dirs[i].path)}, .above = dirs[i].above};
        for (size_t k = 0; k < ARRAY_LEN(told); k++)
            if (strcmp(told[k].path, dirs[i].path) == 0)
                w.trusted[i].dir.names = sum_of(told[k].names);
    }
    w.trust = (struct lf_trust){.dirs = w.trusted, .n_dirs = N_DIRS};
    return &w;
}

/* Names with a space between, and a slash behind a directory. */
struct heard {
    char text[64];
    size_t len, count, most;
};

static bool hear(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct heard *heard = arg;
    size_t room = sizeof(heard->text) - heard->len;
    int len = snprintf(heard->text + heard->len, room, "%s%.*s%s",
                       heard->len ? " " : "", (int)name.len, name.data,
                       kind == LF_NODE_DIR ? "/" : "");
    assert_true(len > 0 && (size_t)len < room);
    heard->len += (size_t)len;
    return ++heard->count != heard->most;
}

static bool is_known(const struct lf_names *names, uint32_t index)
{
    struct heard heard = {.text = ""};
    bool known = lf_names_tell(names, index, hear, &heard);
    assert_true(known || heard.count == 0);
    return known;
}

static void check_told(const struct world *w, const struct lf_names *names)
{
    for (size_t i = 0; i < ARRAY_LEN(told); i++) {
        uint32_t index = lf_trust_find(&w->trust, lf_str(told[i].path));
        struct heard heard = {.text = ""};
        bool known = lf_names_tell(names, index, hear, &heard);
        if (known != (told[i].names != NULL))
            fail_msg("%s", told[i].path);
        assert_string_equal(heard.text, known ? told[i].names : "");
    }
}

static void test_records_and_directories_are_all_names(void **state)
{
    (void)state;
    struct world *w = new_world();
    struct lf_names names;
    lf_names_init(&names, &w->trust, w->farm);
    check_told(w, &names);
    /* and who has heard enough is told no more */
    struct heard heard = {.most = 2};
    assert_true(lf_names_tell(&names, lf_trust_find(&w->trust, LF_STR("/s/a")),
                              hear, &heard));
    assert_int_equal(heard.count, 2);
    lf_names_finish(&names);
    lf_ledger_free(w->ledger);
}

/* One name more or less, another one, or another kind. */
static void test_other_names_are_not_known(void **state)
{
    (void)state;
    static const char *const others[] = {
            "f1 f2 f3 sub/",     "f1 f2 f3 f4 f5 sub/", "f1 f2 f3 f4 sub",
            "f1/ f2 f3 f4 sub/", "f1 f2 f3 F4 sub/",    "f1 f1 f3 f4 sub/",
            "f1 f2 f3 f4 sub/",
    };
    struct world *w = new_world();
    struct lf_names names;
    uint32_t index = lf_trust_find(&w->trust, LF_STR("/s/a"));
    lf_names_init(&names, &w->trust, w->farm);
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        w->trusted[index].dir.names = sum_of(others[i]);
        assert_int_equal(is_known(&names, index), i + 1 == ARRAY_LEN(others));
    }
    w->trusted[index].dir.names = 0; /* it was not listed */
    assert_false(is_known(&names, index));
    lf_names_finish(&names);
    lf_ledger_free(w->ledger);
}

static void test_without_memory_nothing_is_known(void **state)
{
    (void)state;
    struct world *w = new_world();
    size_t n = 0;
    for (; !alloc_fail_done(n); n++) {
        struct lf_names names;
        alloc_fail_at(n);
        lf_names_init(&names, &w->trust, w->farm);
        if (alloc_fail_stop())
            for (uint32_t i = 0; i < N_DIRS; i++)
                assert_false(is_known(&names, i));
        else
            check_told(w, &names);
        lf_names_finish(&names);
    }
    assert_true(n > 2);
    lf_ledger_free(w->ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_records_and_directories_are_all_names),
            cmocka_unit_test(test_other_names_are_not_known),
            cmocka_unit_test(test_without_memory_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
