/* SPDX-License-Identifier: MIT */
/*
 * led.c - root is not led to what takes a directory's place after the plan
 */
#define _GNU_SOURCE /* renameat2(2) */
#include "support/check.h"
#include "world.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STRANGER = 65533 };

static const struct scenario scenario = {
        .name = "led",
        .nodes = "home/dot/a\nhome/d/",
        .manifest = "links: {d/z: a}\n",
};

/* Another directory takes the place of `d`, or `d` gets an owner, once the plan is
 * made: the journal is the first file that gets its name by a rename. */
struct thief {
    int at;
    unsigned owner;
    bool stays, done;
};

static void swap(void *arg, const struct fault_call *call)
{
    struct thief *thief = arg;
    if (thief->done || call->op != FAULT_RENAME)
        return;
    thief->done = true;
    if (thief->stays) {
        assert_int_equal(fchownat(thief->at, "home/d", thief->owner, 0, 0), 0);
        return;
    }
    assert_int_equal(mkdirat(thief->at, "home/trap", 0755), 0);
    assert_int_equal(fchownat(thief->at, "home/trap", thief->owner, 0, 0), 0);
    assert_int_equal(renameat2(thief->at, "home/trap", thief->at, "home/d",
                               RENAME_EXCHANGE),
                     0);
}

/* Apply in a home that anyone may write, while the thief is at work. */
static bool act(struct world *world, struct thief thief, struct lf_error *err)
{
    struct fault_fs faults;
    world_begin(world, &scenario);
    thief.at = world->scratch->fd;
    assert_int_equal(fchmodat(thief.at, "home", 01777, 0), 0);
    world_faults(&faults, false);
    faults.before = swap;
    faults.before_arg = &thief;
    bool done = world_act(world, &faults.fs, err);
    assert_true(thief.done);
    return done;
}

static void try_thief(struct thief thief)
{
    struct world world;
    struct lf_fs fs;
    struct lf_error err;
    assert_refused(act(&world, thief, &err), &err, LF_CODE_STALE);
    assert_false(scratch_exists(world.scratch, "home/d/z"));
    assert_false(scratch_exists(world.scratch, "home/trap/z"));
    assert_false(scratch_exists(world.scratch, "state/journal"));
    /* and the next plan says whose it is */
    world_fs(&fs);
    if (thief.owner == STRANGER)
        assert_refused(world_act(&world, &fs, &err), &err,
                       LF_CODE_NOT_APPLICABLE);
    else
        assert_done(world_act(&world, &fs, &err), &err);
    world_end(&world);
}

static void test_another_users_directory_is_not_passed(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip_because("only root is led to other users' directories");
    try_thief((struct thief){.owner = STRANGER});
    try_thief((struct thief){.owner = STRANGER, .stays = true});
}

/* The journal says in which one the work is done. */
static void test_another_directory_is_not_the_one_of_the_plan(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip_because("only root is led to other users' directories");
    try_thief((struct thief){.owner = 0});
}

static void test_what_root_has_is_passed(void **state)
{
    struct world world;
    struct lf_error err;
    (void)state;
    if (geteuid() != 0)
        skip_because("only root is led to other users' directories");
    assert_done(act(&world, (struct thief){.owner = 0, .stays = true}, &err),
                &err);
    assert_true(scratch_exists(world.scratch, "home/d/z"));
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_another_users_directory_is_not_passed),
            cmocka_unit_test(test_another_directory_is_not_the_one_of_the_plan),
            cmocka_unit_test(test_what_root_has_is_passed),
    };
    world_in_memory();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
