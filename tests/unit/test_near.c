/* SPDX-License-Identifier: MIT */
/* test_near.c - near.h */
#include "platform/near.h"

#include "base/util.h"
#include "support/check.h"
#include "support/scratch.h"

/* In a tree of a/b/c, a/bc, other, and link, which leads to a. */
struct example {
    const char *one, *other; /* what is near to both is opened */
    const char *path;
    const char *rest; /* of `path`, from where its look-up begins */
    const char *from; /* that directory; "" where it is the root */
};

static const struct example examples[] = {
        {"/a/b/c",     "/a/b/d",     "/a/b/c",        "c",         "a/b"},
        {"/a/b/c",     "/a/b/d",     "/a/b/c/deeper", "c/deeper",  "a/b"},
        {"/a/b/c",     "/a/b/d",     "/a/b",          "a/b",       ""   },
        {"/a/b/c",     "/a/b/d",     "/a/bc",         "a/bc",      ""   },
        {"/a/b/c",     "/a/b/d",     "/other",        "other",     ""   },
        {"/a/b/c",     "/a/bc",      "/a/b/c",        "b/c",       "a"  },
        {"/a/b/c",     "/a/b/c",     "/a/b/c",        "c",         "a/b"},
        {"/a/b",       "/a/b/c",     "/a/b/c",        "b/c",       "a"  },
        {"/a",         "/other",     "/a",            "a",         ""   },
        {"/a/b/c",     "",           "/a/b/c",        "a/b/c",     ""   },
        {"/",          "/",          "/",             "",          ""   },
 /* what cannot be opened, and what a link leads to */
        {"/missing/x", "/missing/y", "/missing/x",    "missing/x", ""   },
        {"/link/b/c",  "/link/b/d",  "/link/b/c",     "link/b/c",  ""   },
};

static void test_paths_begin_at_what_two_have_in_common(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    lf_fs_system(&fs);
    scratch_dir(scratch, "a/b/c");
    scratch_dir(scratch, "a/bc");
    scratch_dir(scratch, "other");
    scratch_link(scratch, "link", "a");
    for (size_t i = 0; i < LF_COUNT(examples); i++) {
        const struct example *e = &examples[i];
        struct lf_node expected, found;
        struct lf_near near;
        const char *rest;
        lf_near_begin(&near, &fs, scratch->fd, lf_str(e->one),
                      lf_str(e->other));
        int at = lf_near_at(&near, lf_str(e->path), &rest);
        assert_string_equal(rest, e->rest);
        assert_true((at == scratch->fd) == (e->from[0] == '\0'));
        int fd = fs.open_dir(&fs, scratch->fd, e->from, LF_DIR_PATH);
        assert_true(fd >= 0);
        assert_int_equal(fs.stat(&fs, fd, "", &expected), 0);
        assert_int_equal(fs.stat(&fs, at, "", &found), 0);
        assert_true(expected.dev == found.dev && expected.ino == found.ino);
        fs.close(&fs, fd);
        lf_near_end(&near);
        assert_true((fs.stat(&fs, at, "", &found) < 0) == (at != scratch->fd));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    test_paths_begin_at_what_two_have_in_common, scratch_setup,
                    scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
