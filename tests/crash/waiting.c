/* SPDX-License-Identifier: MIT */
/*
 * waiting.c - who waits for whom, and what being asked to stop does
 */
#define _GNU_SOURCE /* asprintf(3) */
#include "picture.h"
#include "platform/sys.h"
#include "support/check.h"
#include "world.h"

#include <stdlib.h>

/* ---- locks ---- */

/* Another state directory for the same home. */
static void begin_second(struct world *first, struct world *ret_second,
                         char **ret_state)
{
    *ret_second = *first;
    assert_true(asprintf(ret_state, "%s/other", first->scratch->path) > 0);
    ret_second->options.state_dir = *ret_state;
}

static void test_one_tree_has_one_writer(void **state)
{
    (void)state;
    struct world first, second;
    struct lf_fs fs;
    struct lf_transaction *holder, *waiter;
    struct lf_error err;
    char *path, who[64];
    world_fs(&fs);
    world_begin(&first, world_scenario("backup of a file"));
    begin_second(&first, &second, &path);
    assert_done(world_open(&first, &fs, true, &holder, &err), &err);
    assert_done(world_carry_out(&first, holder, &err), &err);
    assert_done(world_open(&second, &fs, true, &waiter, &err), &err);
    snprintf(who, sizeof(who), "process %lld works", (long long)lf_sys_pid());
    for (int i = 0; i < 2; i++) { /* having failed once is no lock either */
        assert_refused(world_carry_out(&second, waiter, &err), &err,
                       LF_CODE_LOCKED);
        if (strncmp(err.message, "another process works", 21) != 0)
            assert_memory_equal(err.message, who, strlen(who));
        else
            print_message("# SKIP-REASON the holder's name: /proc/locks does "
                          "not tell here\n");
    }
    lf_transaction_close(holder);
    /* what the first has put there is a conflict, or right: no lock */
    if (!world_carry_out(&second, waiter, &err))
        assert_int_equal(err.code, LF_CODE_NOT_APPLICABLE);
    lf_transaction_close(waiter);
    free(path);
    world_end(&first);
}

static void test_recovery_waits_for_the_tree(void **state)
{
    (void)state;
    struct world first, second;
    struct fault_fs faults;
    struct lf_fs fs;
    struct lf_transaction *holder;
    struct lf_error err;
    char *path;
    world_fs(&fs);
    world_begin(&first, world_scenario("relink"));
    struct picture before = picture_take(&first);
    begin_second(&first, &second, &path);
    world_faults(&faults, false);
    faults.ops = 1u << FAULT_RENAME;
    fault_fs_stop(&faults, 3); /* the journal's, and one exchange */
    assert_false(world_act(&first, &faults.fs, &err));
    assert_true(faults.struck);
    assert_done(world_open(&second, &fs, true, &holder, &err), &err);
    assert_done(lf_transaction_lock(holder, lf_str(first.home), &err), &err);
    assert_refused(world_recover(&first, &fs, &err), &err, LF_CODE_LOCKED);
    lf_transaction_close(holder);
    assert_done(world_recover(&first, &fs, &err), &err);
    struct picture after = picture_take(&first);
    assert_true(picture_same(&before, &after));
    picture_free(&before);
    picture_free(&after);
    free(path);
    world_end(&first);
}

/* ---- being asked to stop ---- */

struct stopper {
    unsigned long left, asked;
    const struct fault_fs *faults;
    unsigned long syncs; /* when it was asked last */
};

static bool stop_now(void *arg)
{
    struct stopper *stopper = arg;
    stopper->asked++;
    if (stopper->faults)
        stopper->syncs = fault_fs_syncs(stopper->faults);
    return stopper->left == 0 || --stopper->left == 0;
}

static void test_stops_while_it_waits(void **state)
{
    (void)state;
    struct world first, second;
    struct lf_fs fs;
    struct lf_transaction *holder, *waiter;
    struct lf_error err;
    struct stopper stopper = {.left = 3};
    char *path;
    world_fs(&fs);
    world_begin(&first, world_scenario("relink"));
    begin_second(&first, &second, &path);
    assert_done(world_open(&first, &fs, true, &holder, &err), &err);
    assert_done(lf_transaction_lock(holder, lf_str(first.home), &err), &err);
    first.options.lock_timeout_ms = second.options.lock_timeout_ms = 600000;
    first.options.cancelled = second.options.cancelled = stop_now;
    first.options.cancelled_arg = second.options.cancelled_arg = &stopper;
    assert_refused(world_open(&first, &fs, true, &waiter, &err), &err,
                   LF_CODE_CANCELLED);
    assert_int_equal(stopper.asked, 3);
    stopper.left = 3;
    assert_done(world_open(&second, &fs, true, &waiter, &err), &err);
    assert_refused(world_carry_out(&second, waiter, &err), &err,
                   LF_CODE_CANCELLED);
    lf_transaction_close(waiter);
    lf_transaction_close(holder);
    free(path);
    world_end(&first);
}

/* Whether the `n`th question was asked at all. */
static bool try_cancel(const struct scenario *scenario, unsigned long n)
{
    struct world world;
    struct fault_fs faults;
    struct lf_error err;
    struct stopper stopper = {.left = n, .faults = &faults};
    world_begin(&world, scenario);
    struct picture before = picture_take(&world);
    world_faults(&faults, false);
    world.options.cancelled = stop_now;
    world.options.cancelled_arg = &stopper;
    bool done = world_act(&world, &faults.fs, &err);
    bool asked = stopper.asked >= n;
    if (asked) {
        assert_refused(done, &err, LF_CODE_CANCELLED);
        assert_false(scratch_exists(world.scratch, "state/journal"));
        assert_false(scratch_exists(world.scratch, "state/ledger.new"));
        struct picture now = picture_take(&world);
        assert_true(picture_same(&before, &now));
        picture_free(&now);
    } else {
        assert_done(done, &err);
        /* the last time, all but the commit and the clean-up was done */
        assert_in_range(fault_fs_syncs(&faults) - stopper.syncs, 2, 3);
    }
    picture_free(&before);
    world_end(&world);
    return asked;
}

static void test_stops_at_every_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
        unsigned long n = 1;
        while (try_cancel(&scenarios[i], n))
            n++;
        assert_true(n > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_one_tree_has_one_writer),
            cmocka_unit_test(test_recovery_waits_for_the_tree),
            cmocka_unit_test(test_stops_while_it_waits),
            cmocka_unit_test(test_stops_at_every_step),
    };
    world_in_memory();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
