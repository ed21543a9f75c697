/* SPDX-License-Identifier: MIT */
/*
 * away.c - directories that are not there when a transaction is recovered
 *
 * Of a disk that is not mounted, or that someone has renamed or removed since
 * the run was stopped. What was done in one is not taken for undone: the journal
 * stays until it is there again, and then the tree is the old or the new one. A
 * folder of the store, which holds nothing yet, is made anew.
 */
#define _GNU_SOURCE /* asprintf(3) */
#include "picture.h"
#include "support/check.h"
#include "world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Which directory goes, and in what; not one that the run itself makes. */
static const struct {
    const char *scenario, *dir;
} rows[] = {
        {"relink",                                             "home/d"  },
        {"backup of a file",                                   "home/d"  },
        {"adopt",                                              "home/dot"},
        {"adopt by hand",                                      "home/d"  },
        {"adopt by hand",                                      "home/dot"},
        {"prune with directories",                             "home/d"  },
        {"two farms",                                          "home/d"  },
        {"remove",                                             "home"    },
        {"links that come back when their covers are removed", "home/d"  },
        {"links that come back by a rollback",                 "home/d"  },
        {"links that come back when entries leave",            "home/d"  },
};

/* What is found in its place. */
enum found { NOTHING, EMPTY_DIR, LINK, FOUNDS };

/* One that has been replaced is waited for, a tenth of a second each time. */
enum { WAITING_STEP = 18 };

struct trial {
    const char *dir;
    enum found found;
    bool halves;
    struct world world;
    struct picture before, after;
    unsigned long kept; /* recoveries that kept the journal */
};

static bool move_away(const struct trial *trial)
{
    int at = trial->world.scratch->fd;
    if (renameat(at, trial->dir, at, "aside") != 0)
        return false; /* it is taken out at that instant */
    if (trial->found == EMPTY_DIR)
        scratch_dir(trial->world.scratch, trial->dir);
    if (trial->found == LINK)
        scratch_link(trial->world.scratch, trial->dir, "elsewhere");
    return true;
}

static void put_back(const struct trial *trial)
{
    int at = trial->world.scratch->fd;
    if (trial->found != NOTHING)
        assert_int_equal(unlinkat(at, trial->dir,
                                  trial->found == LINK ? 0 : AT_REMOVEDIR),
                         0);
    assert_int_equal(renameat(at, "aside", at, trial->dir), 0);
}

/* As in crash.c: another process, which may have another number for a device. */
static bool recover(const struct trial *trial, unsigned long n,
                    struct lf_error *err)
{
    struct fault_fs faults;
    world_faults(&faults, trial->halves);
    faults.renumber = n % 2;
    return world_recover(&trial->world, &faults.fs, err);
}

static void recover_without(struct trial *trial, unsigned long n)
{
    struct lf_error err = {0};
    char *path;
    bool done = recover(trial, n, &err);
    if (done)
        return;
    trial->kept++;
    assert_true(err.code == LF_CODE_RECOVERY || err.code == LF_CODE_CLEAN_UP);
    assert_true(asprintf(&path, "%s/%s", trial->world.scratch->path,
                         trial->dir) > 0);
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.help, "/journal"));
    free(path);
    assert_true(scratch_exists(trial->world.scratch, "state/journal"));
}

static void check_end(const struct trial *trial, unsigned long n)
{
    struct picture now = picture_take(&trial->world);
    bool right = picture_same(&now, &trial->before) ||
                 picture_same(&now, &trial->after);
    if (!right) {
        print_message("# %s, %s away, stopped at %lu\n",
                      trial->world.scenario->name, trial->dir, n);
        picture_differ(&now, &trial->before);
    }
    assert_true(right);
    picture_free(&now);
}

/* Act, and stop at the nth change; false if there are not so many. */
static bool act_until(struct trial *trial, const struct scenario *scenario,
                      unsigned long n)
{
    struct fault_fs faults;
    struct lf_error err;
    world_begin(&trial->world, scenario);
    world_faults(&faults, trial->halves);
    faults.ops = FAULT_CHANGES;
    fault_fs_stop(&faults, n);
    (void)world_act(&trial->world, &faults.fs, &err);
    return faults.struck;
}

static bool try_stop(struct trial *trial, const struct scenario *scenario,
                     unsigned long n)
{
    struct lf_error err;
    bool reached = act_until(trial, scenario, n);
    if (reached && scratch_exists(trial->world.scratch, "state/journal") &&
        move_away(trial)) {
        recover_without(trial, n);
        recover_without(trial, n + 1);
        put_back(trial);
        assert_done(recover(trial, n, &err), &err);
        assert_false(scratch_exists(trial->world.scratch, "state/journal"));
        check_end(trial, n);
    }
    world_end(&trial->world);
    return reached;
}

static void begin(struct trial *trial, const struct scenario *scenario)
{
    struct lf_fs fs;
    struct lf_error err;
    world_fs(&fs);
    world_begin(&trial->world, scenario);
    trial->before = picture_take(&trial->world);
    assert_done(world_act(&trial->world, &fs, &err), &err);
    trial->after = picture_take(&trial->world);
    world_end(&trial->world);
}

static void end(struct trial *trial)
{
    picture_free(&trial->before);
    picture_free(&trial->after);
}

static void test_what_was_done_in_it_waits_for_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows) * FOUNDS; i++) {
        const struct scenario *scenario =
                world_scenario(rows[i / FOUNDS].scenario);
        struct trial trial = {.dir = rows[i / FOUNDS].dir,
                              .found = (enum found)(i % FOUNDS),
                              .halves = i / FOUNDS % 2 == i % 2};
        begin(&trial, scenario);
        bool all = trial.found == NOTHING || getenv("LF_CRASH_FULL");
        for (unsigned long n = 1; try_stop(&trial, scenario, n);)
            n += all ? 1 : WAITING_STEP;
        assert_true(trial.kept > 0);
        end(&trial);
    }
}

/* ---- the store ---- */

/* Folders of the store that are empty, as who cleans up finds them. */
static void tidy(const struct world *world)
{
    int at = world->scratch->fd;
    (void)unlinkat(at, "state/displaced/1", AT_REMOVEDIR);
    (void)unlinkat(at, "state/displaced/2", AT_REMOVEDIR);
    (void)unlinkat(at, "state/displaced", AT_REMOVEDIR);
}

static bool try_tidying(struct trial *trial, const struct scenario *scenario,
                        unsigned long n)
{
    struct lf_error err;
    bool reached = act_until(trial, scenario, n);
    if (reached) {
        tidy(&trial->world);
        assert_done(recover(trial, n, &err), &err);
        check_end(trial, n);
    }
    world_end(&trial->world);
    return reached;
}

static void test_an_empty_store_may_be_tidied_away(void **state)
{
    (void)state;
    static const char *const names[] = {
            "backup of a file", "adopt", "rollback", "remove",
            "links that come back when their covers are removed"};
    for (size_t i = 0; i < 2 * ARRAY_LEN(names); i++) {
        const struct scenario *scenario = world_scenario(names[i / 2]);
        struct trial trial = {.halves = i % 2};
        begin(&trial, scenario);
        for (unsigned long n = 1; try_tidying(&trial, scenario, n);)
            n++;
        end(&trial);
    }
}

/* The store gets another name at the instant of the commit. */
static void move_store(void *arg, const struct fault_call *call)
{
    struct world *world = arg;
    int at = world->scratch->fd;
    if (call->op == FAULT_RENAME && strcmp(call->new_name, "ledger") == 0)
        assert_int_equal(renameat(at, "state/displaced", at, "state/moved"), 0);
}

static void test_a_store_that_was_moved_is_made_anew(void **state)
{
    (void)state;
    struct fault_fs faults;
    struct lf_error err;
    struct trial trial = {0};
    begin(&trial, world_scenario("backup of a file"));
    world_begin(&trial.world, world_scenario("backup of a file"));
    world_faults(&faults, false);
    faults.before = move_store;
    faults.before_arg = &trial.world;
    assert_done(world_act(&trial.world, &faults.fs, &err), &err);
    assert_true(scratch_exists(trial.world.scratch, "state/displaced/1/1"));
    check_end(&trial, 0);
    world_end(&trial.world);
    end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_what_was_done_in_it_waits_for_it),
            cmocka_unit_test(test_an_empty_store_may_be_tidied_away),
            cmocka_unit_test(test_a_store_that_was_moved_is_made_anew),
    };
    world_in_memory();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
