/* SPDX-License-Identifier: MIT */
/* test_watch.c - what a watch knows without a look; the rest is held by stamps.py */
#include "platform/watch.h"

#include "base/util.h"
#include "support/check.h"
#include "support/scratch.h"

#include <errno.h>

/* What is known: a directory that a look would not show as it is told. */
static const struct lf_node told = {
        .kind = LF_NODE_DIR, .dev = 7, .ino = 4711, .mode = 0711};

static const struct lf_node *recall(const void *arg, struct lf_str path)
{
    return lf_str_equal(path, lf_str(arg)) ? &told : NULL;
}

/* In a tree of a/b and file. */
struct example {
    const char *known; /* the only path of which something is known */
    const char *dir, *name;
    bool is_told;
    int result; /* of the look */
};

static const struct example examples[] = {
        {"/a",      "",  "a",       true,  0      },
        {"/gone",   "",  "gone",    true,  0      },
        {"/a/b",    "a", "b",       true,  0      },
        {"/a/gone", "a", "gone",    true,  0      },
        {"/b",      "a", "b",       false, 0      },
        {"/a/b",    "",  "a",       false, 0      },
        {"/a/b",    "",  "missing", false, -ENOENT},
        {"/a/b",    "a", ".",       false, 0      },
        {"/a",      "a", "",        false, 0      },
};

static bool is_watched(struct lf_watch *watch, struct lf_str path,
                       struct lf_node *ret_node)
{
    struct lf_watched *dirs;
    uint32_t count = lf_watch_result(watch, NULL, &dirs);
    for (uint32_t i = 0; i < count; i++) {
        *ret_node = dirs[i].node;
        if (lf_str_equal(dirs[i].path, path))
            return true;
    }
    return false;
}

static void test_what_is_known_is_not_looked_at_and_watched(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    lf_fs_system(&fs);
    scratch_dir(scratch, "a/b");
    for (size_t i = 0; i < LF_COUNT(examples); i++) {
        const struct example *e = &examples[i];
        struct lf_watch watch;
        struct lf_node node = {0}, watched = {0};
        lf_watch_init(&watch, &fs, scratch->fd);
        lf_watch_recall(&watch, recall, e->known);
        int at = e->dir[0] ? watch.fs.open_dir(&watch.fs, scratch->fd, e->dir,
                                               LF_DIR_PATH)
                           : scratch->fd;
        assert_true(at >= 0);
        assert_int_equal(watch.fs.stat(&watch.fs, at, e->name, &node),
                         e->result);
        assert_true((node.ino == told.ino) == e->is_told);
        if (at != scratch->fd)
            watch.fs.close(&watch.fs, at);
        /* where no clock is kept nothing can be watched */
        if (e->is_told && !watch.blind)
            assert_true(is_watched(&watch, lf_str(e->known), &watched) &&
                        watched.ino == told.ino);
        lf_watch_finish(&watch);
    }
}

/* Times in nanoseconds: 3.5 s, say, is no whole second. */
static void test_a_stamp_tells_when_it_is_old_enough(void **state)
{
    static const struct stamp {
        int64_t ctime, since;
        bool tells;
    } stamps[] = {
            {3500000000,           3600000000,          true },
            {3500000000,           3599999999,          false},
            {3500000000,           3400000000,          false},
 /* only whole seconds are kept: all of that second */
            {3000000000,           4100000000,          true },
            {3000000000,           4099999999,          false},
            {0,                    1100000000,          true },
 /* what a file system says, it need not have got from a clock */
            {INT64_MAX,            1700000000000000001, false},
            {9223372036000000000,  1700000000000000001, false},
            {INT64_MIN,            1700000000000000001, true },
            {-9223372036000000000, 1700000000000000001, true },
            {9223372036000000000,  INT64_MAX,           false},
    };
    (void)state;
    for (size_t i = 0; i < LF_COUNT(stamps); i++)
        assert_int_equal(lf_watch_tells(stamps[i].ctime, stamps[i].since),
                         stamps[i].tells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    test_what_is_known_is_not_looked_at_and_watched,
                    scratch_setup, scratch_teardown),
            cmocka_unit_test(test_a_stamp_tells_when_it_is_old_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
