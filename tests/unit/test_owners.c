/* SPDX-License-Identifier: MIT */
/*
 * test_owners.c - ways that are held, and what of them is lent
 *
 * A way costs one opening for each directory that the latest one did not have,
 * what was lent can be used until it is given back, and in the end nothing is
 * open.
 */
#include "observe/owners.h"
#include "support/check.h"
#include "support/fault_fs.h"
#include "support/scratch.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { LENT_MOST = 4, STEPS_MOST = 8 };

/* One thing after the other: `/path` opens, `-n` gives back the nth that was
 * opened, `!dir/name` forgets what is below, `.` forgets all. */
struct course {
    const char *title;
    const char *steps[STEPS_MOST];
    unsigned opened; /* directories, below the scratch directory */
};

static const struct course courses[] = {
        {"down a way",             {"/a", "-0", "/a/b", "-1", "/a/b/c", "-2"}, 3},
        {"down, all lent",         {"/a", "/a/b", "/a/b/c", "-0", "-1", "-2"}, 3},
        {"down, given back late",  {"/a", "/a/b", "-0", "/a/b/c"},             3},
        {"beside it",              {"/a/b", "-0", "/a/d", "-1"},               3},
        {"beside it, lent",        {"/a/b", "/a/d", "-0", "-1"},               3},
        {"up again",               {"/a/b", "-0", "/a", "-1", "/a/b", "-2"},   3},
        {"up to one that is lent", {"/a", "/a/b", "/a", "-0", "-1", "-2"},     3},
        {"the same again",         {"/a/b", "-0", "/a/b", "-1"},               2},
        {"the same, lent",         {"/a/b", "/a/b", "-1", "-0"},               3},
        {"forgotten below",        {"/a/b/c", "-0", "!/a/b", "/a/b/c", "-1"},  5},
        {"forgotten below, lent",  {"/a/b", "!/a/b", "-0", "/a/b", "-1"},      3},
        {"forgotten beside",       {"/a/b", "-0", "!/a/d", "/a/b", "-1"},      2},
        {"all forgotten",          {"/a/b", ".", "-0", "/a/b", "-1"},          4},
        {"missing",                {"/a/b", "-0", "/a/x", "/a/b", "-1"},       3},
};

struct walk {
    struct fault_fs faults;
    struct lf_held_way way;
    char paths[STEPS_MOST][16]; /* a way borrows its path */
    int lent[LENT_MOST];
    unsigned n_lent;
    unsigned opened;
};

static void count_opened(void *arg, const struct fault_call *call)
{
    struct walk *walk = arg;
    walk->opened += call->op == FAULT_OPEN_DIR && call->name[0] &&
                    strcmp(call->name, "x") != 0;
}

/* What is lent leads to the directory that was asked for. */
static void open_one(struct walk *walk, const char *path)
{
    struct lf_fs *fs = &walk->faults.fs;
    struct lf_way_owners owners;
    struct lf_node held;
    struct stat want;
    int fd = lf_held_way_open(&walk->way, lf_str(path), &owners);
    if (strchr(path, 'x')) {
        assert_int_equal(fd, -ENOENT);
        assert_int_equal(owners.missing, strlen(path));
        return;
    }
    assert_true(fd >= 0);
    assert_int_equal(fs->stat(fs, fd, "", &held), 0);
    assert_int_equal(fstatat(walk->way.root_fd, path + 1, &want, 0), 0);
    assert_true(held.dev == want.st_dev && held.ino == want.st_ino);
    walk->lent[walk->n_lent++] = fd;
}

static void take(struct walk *walk, unsigned n, const char *step)
{
    struct lf_fs *fs = &walk->faults.fs;
    struct lf_node node;
    snprintf(walk->paths[n], sizeof(walk->paths[n]), "%s", step + 1);
    switch (step[0]) {
    case '/':
        snprintf(walk->paths[n], sizeof(walk->paths[n]), "%s", step);
        open_one(walk, walk->paths[n]);
        break;
    case '-':
        assert_int_equal(fs->stat(fs, walk->lent[step[1] - '0'], "", &node), 0);
        lf_held_way_close(&walk->way, walk->lent[step[1] - '0']);
        walk->lent[step[1] - '0'] = -1;
        break;
    case '!': {
        char *slash = strrchr(walk->paths[n], '/');
        size_t len = (size_t)(slash - walk->paths[n]);
        lf_held_way_forget_below(&walk->way, lf_str_of(walk->paths[n], len),
                                 lf_str(slash + 1));
        break;
    }
    default:
        lf_held_way_forget(&walk->way);
    }
}

static void run(const struct course *course, struct scratch *scratch)
{
    struct walk walk = {.n_lent = 0};
    fault_fs_init(&walk.faults, NULL);
    walk.faults.before = count_opened;
    walk.faults.before_arg = &walk;
    lf_held_way_init(&walk.way, &walk.faults.fs, scratch->fd,
                     (struct lf_passable){0});
    for (unsigned n = 0; n < STEPS_MOST && course->steps[n]; n++)
        take(&walk, n, course->steps[n]);
    lf_held_way_forget(&walk.way);
    for (unsigned i = 0; i < walk.n_lent; i++)
        if (walk.lent[i] >= 0)
            lf_held_way_close(&walk.way, walk.lent[i]);
    if (walk.opened != course->opened)
        fail_msg("%s: %u directories opened, not %u", course->title,
                 walk.opened, course->opened);
    if (walk.faults.open != 0)
        fail_msg("%s: %d descriptors are open", course->title,
                 walk.faults.open);
}

static void test_a_way_opens_what_is_new_and_closes_all(void **state)
{
    scratch_nodes(*state, "a/b/c/\na/d/");
    for (size_t i = 0; i < ARRAY_LEN(courses); i++)
        run(&courses[i], *state);
}

/* ---- what may be passed ---- */

enum { ME = 1000, OTHER = 1001 };

struct passing {
    const char *title;
    struct lf_way_part above;
    uint32_t uid, mode; /* of the directory that is come to, at /a/b */
    bool passes, shared;
    const char *passable;
};

static const struct passing passings[] = {
        {"root's in root's",
         {0, 0755, 1, false, 0},
         0,                                                      0755,
         true,                                                               false,
         NULL                                                                             },
        {"another's in root's",
         {0, 0755, 1, false, 0},
         OTHER,                                                  0755,
         true,                                                               true,
         NULL                                                                             },
        {"writable in root's",
         {0, 0755, 1, false, 0},
         0,                                                      0777,
         true,                                                               true,
         NULL                                                                             },
        {"group may write",       {0, 0755, 1, false, 0}, 0,     0775, true, true,  NULL  },
        {"root's in sticky",      {0, 01777, 1, true, 0}, 0,     0755, true, true,  NULL  },
        {"another's in sticky",
         {0, 01777, 1, true, 0},
         OTHER,                                                  0700,
         false,                                                              true,
         NULL                                                                             },
        {"in its owner's",        {ME, 0755, 1, true, 0}, ME,    0755, true, true,  NULL  },
        {"another's in a user's",
         {ME, 0755, 1, true, 0},
         OTHER,                                                  0755,
         false,                                                              true,
         NULL                                                                             },
        {"root's in a user's",
         {ME, 0755, 1, true, 0},
         0,                                                      0755,
         true,                                                               true,
         NULL                                                                             },
        {"below what is shared",
         {0, 0755, 1, true, 0},
         0,                                                      0755,
         true,                                                               true,
         NULL                                                                             },
        {"passable",              {0, 01777, 1, true, 0}, OTHER, 0700, true, true,  "/a/b"},
        {"another is passable",
         {0, 01777, 1, true, 0},
         OTHER,                                                  0700,
         false,                                                              true,
         "/a"                                                                             },
};

static void check_passing(const struct passing *passing)
{
    struct lf_str dir = lf_str(passing->passable);
    struct lf_passable passable = {&dir, passing->passable != NULL};
    struct lf_node node = {.kind = LF_NODE_DIR,
                           .uid = passing->uid,
                           .mode = passing->mode,
                           .dev = 7};
    struct lf_way_owners owners = {0};
    struct lf_way_part part;
    bool passes = lf_way_pass(passable, &passing->above, &node, LF_STR("/a/b"),
                              &part, &owners);
    if (passes != passing->passes || part.shared != passing->shared ||
        part.uid != passing->uid || part.dev != 7 ||
        owners.foreign != (passes ? 0 : strlen("/a/b")) ||
        (!passes && (owners.owner != passing->uid ||
                     owners.above_owner != passing->above.uid ||
                     owners.above_mode != passing->above.mode)))
        fail_msg("%s: passes %d, shared %d", passing->title, passes,
                 part.shared);
}

static void test_who_may_have_put_a_directory_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(passings); i++)
        check_passing(&passings[i]);
}

/* Through these directories, from the root on, to one that is somebody's. */
static const struct moving {
    const char *title;
    struct lf_node way[3];
    const char *passable;
    uint32_t mover;
} movings[] = {
        {"root alone",                         {{.mode = 0755}, {.mode = 0755}},            NULL, 0         },
        {"nobody moves root's out of the way",
         {{.mode = 01777}, {.mode = 0755}},
         NULL,                                                                                    0         },
        {"whoever may write",
         {{.mode = 0755}, {.mode = 0775}},
         NULL,                                                                                    LF_ANYBODY},
        {"an owner, despite a sticky bit",
         {{.mode = 0755}, {.uid = ME, .mode = 01777}},
         NULL,                                                                                    ME        },
        {"and above",                          {{.uid = ME, .mode = 0755}, {.mode = 0755}}, NULL, ME        },
        {"of the same owner",
         {{.uid = ME, .mode = 0755}, {.uid = ME, .mode = 0755}},
         NULL,                                                                                    ME        },
        {"of two",
         {{.uid = ME, .mode = 0755}, {.uid = OTHER, .mode = 0755}},
         "/a",                                                                                    OTHER     },
        {"of any, and one",
         {{.mode = 0777}, {.uid = ME, .mode = 0755}},
         NULL,                                                                                    LF_ANYBODY},
        {"what is meant",                      {{.uid = ME, .mode = 0777}, {.mode = 0755}}, "/a", 0         },
};

static void test_who_may_have_brought_it_there(void **state)
{
    static const char *const paths[] = {"/a", "/a/b"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(movings); i++) {
        const struct moving *moving = &movings[i];
        struct lf_str dir = lf_str(moving->passable);
        struct lf_passable passable = {&dir, moving->passable != NULL};
        struct lf_way_owners owners = {0};
        struct lf_way_part above, part = lf_way_root(&moving->way[0]);
        for (size_t n = 0; n < ARRAY_LEN(paths); n++) {
            above = part;
            (void)lf_way_pass(passable, &above, &moving->way[n + 1],
                              lf_str(paths[n]), &part, &owners);
        }
        if (part.mover != moving->mover)
            fail_msg("%s: %u", moving->title, (unsigned)part.mover);
    }
}

static void test_the_root_is_lent_as_any(void **state)
{
    struct scratch *scratch = *state;
    struct fault_fs faults;
    struct lf_held_way way;
    struct lf_way_owners owners;
    fault_fs_init(&faults, NULL);
    lf_held_way_init(&way, &faults.fs, scratch->fd, (struct lf_passable){0});
    int fd = lf_held_way_open(&way, LF_STR("/"), &owners);
    assert_true(fd >= 0 && fd != scratch->fd);
    lf_held_way_close(&way, fd);
    lf_held_way_forget(&way);
    assert_int_equal(faults.open, 0);
}

/* At more directories than are held, those at the end are opened each time. */
static void test_a_way_may_be_longer_than_what_is_held(void **state)
{
    struct scratch *scratch = *state;
    char path[4 * LF_WAY_HELD + 1] = "";
    struct fault_fs faults;
    struct lf_held_way way;
    struct lf_way_owners owners;
    for (unsigned i = 0; i < 2 * LF_WAY_HELD; i++)
        strcat(path, "/d");
    scratch_dir(scratch, path + 1);
    fault_fs_init(&faults, NULL);
    lf_held_way_init(&way, &faults.fs, scratch->fd, (struct lf_passable){0});
    for (unsigned i = 0; i < 2; i++) {
        int fd = lf_held_way_open(&way, lf_str(path), &owners);
        assert_true(fd >= 0);
        lf_held_way_close(&way, fd);
    }
    assert_int_equal(faults.calls[FAULT_OPEN_DIR],
                     2 * LF_WAY_HELD + LF_WAY_HELD + 1);
    assert_int_equal(faults.open, LF_WAY_HELD - 1);
    lf_held_way_forget(&way);
    assert_int_equal(faults.open, 0);
}

/* What fails on the way leaves nothing open but what is held. */
static void test_a_failure_leaves_nothing_open(void **state)
{
    struct scratch *scratch = *state;
    struct lf_way_owners owners;
    bool struck = true;
    scratch_dir(scratch, "a/b/c");
    for (unsigned long n = 1; struck; n++) {
        struct fault_fs faults;
        struct lf_held_way way;
        fault_fs_init(&faults, NULL);
        faults.ops = 1u << FAULT_OPEN_DIR | 1u << FAULT_STAT;
        fault_fs_fail(&faults, n, EIO);
        lf_held_way_init(&way, &faults.fs, scratch->fd,
                         (struct lf_passable){0});
        int fd = lf_held_way_open(&way, LF_STR("/a/b/c"), &owners);
        struck = faults.struck;
        assert_int_equal(fd < 0 ? fd : 0, struck ? -EIO : 0);
        if (fd >= 0)
            lf_held_way_close(&way, fd);
        lf_held_way_forget(&way);
        assert_int_equal(faults.open, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_who_may_have_put_a_directory_there),
            cmocka_unit_test(test_who_may_have_brought_it_there),
            cmocka_unit_test_setup_teardown(
                    test_a_way_opens_what_is_new_and_closes_all, scratch_setup,
                    scratch_teardown),
            cmocka_unit_test_setup_teardown(test_the_root_is_lent_as_any,
                                            scratch_setup, scratch_teardown),
            cmocka_unit_test_setup_teardown(
                    test_a_way_may_be_longer_than_what_is_held, scratch_setup,
                    scratch_teardown),
            cmocka_unit_test_setup_teardown(test_a_failure_leaves_nothing_open,
                                            scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
