/* SPDX-License-Identifier: MIT */
/* test_transaction.c - opening a transaction, and letting one write later */
#include "apply/transaction.h"
#include "support/alloc_fail.h"
#include "support/check.h"
#include "support/sample_state.h"

#include <stdio.h>

struct opened {
    struct lf_fs fs;
    struct lf_transaction *transaction;
};

static void open_to_read(struct opened *opened, struct scratch *scratch)
{
    static char path[4096];
    struct lf_error err;
    snprintf(path, sizeof(path), "%s", below(scratch, "state").data);
    const struct lf_transaction_options options = {.state_dir = path,
                                                   .command = "test"};
    lf_fs_system(&opened->fs);
    assert_done(lf_transaction_open_with(&opened->fs, &options,
                                         &opened->transaction, &err),
                &err);
}

static void test_a_reader_makes_nothing_until_it_writes(void **state)
{
    struct scratch *scratch = *state;
    struct opened opened;
    struct lf_error err;
    open_to_read(&opened, scratch);
    assert_false(scratch_exists(scratch, "state"));
    assert_done(lf_transaction_upgrade(opened.transaction, &err), &err);
    assert_true(scratch_exists(scratch, "state/lock"));
    assert_true(opened.transaction->state.fresh);
    lf_transaction_close(opened.transaction);
}

/* Another one may have been quicker, between the look and the lock. */
static void test_a_ledger_that_came_meanwhile_is_read(void **state)
{
    struct scratch *scratch = *state;
    struct opened opened;
    struct lf_error err;
    open_to_read(&opened, scratch);
    assert_done(lf_transaction_ledger(opened.transaction, &err), &err);
    assert_int_equal(opened.transaction->ledger->n_farms, 0);
    stand_full(scratch);
    assert_done(lf_transaction_upgrade(opened.transaction, &err), &err);
    assert_done(lf_transaction_ledger(opened.transaction, &err), &err);
    assert_int_equal(opened.transaction->ledger->n_farms, 3);
    assert_false(opened.transaction->state.fresh);
    lf_transaction_close(opened.transaction);
}

static void test_one_that_writes_keeps_others_out(void **state)
{
    struct scratch *scratch = *state;
    struct opened first, second;
    struct lf_error err;
    stand_full(scratch);
    open_to_read(&first, scratch);
    open_to_read(&second, scratch);
    assert_done(lf_transaction_upgrade(first.transaction, &err), &err);
    assert_refused(lf_transaction_upgrade(second.transaction, &err), &err,
                   LF_CODE_LOCKED);
    lf_transaction_close(second.transaction);
    lf_transaction_close(first.transaction);
    open_to_read(&second, scratch);
    assert_done(lf_transaction_upgrade(second.transaction, &err), &err);
    lf_transaction_close(second.transaction);
}

/* Without the lock, or while something awaits recovery, it writes nothing. */
static void test_one_that_may_not_write_stays_a_reader(void **state)
{
    struct scratch *scratch = *state;
    struct opened first, second;
    struct lf_error err;
    struct lf_plan *plan;
    const struct lf_report *report;
    stand_full(scratch);
    open_to_read(&first, scratch);
    open_to_read(&second, scratch);
    assert_done(lf_transaction_upgrade(first.transaction, &err), &err);
    assert_refused(lf_transaction_upgrade(first.transaction, &err), &err,
                   LF_CODE_INTERNAL);
    assert_refused(lf_transaction_upgrade(second.transaction, &err), &err,
                   LF_CODE_LOCKED);
    assert_refused(lf_transaction_upgrade(second.transaction, &err), &err,
                   LF_CODE_INTERNAL);
    assert_done(lf_transaction_plan_remove(second.transaction,
                                           LF_STR("ci-tools.2"), &plan, &err),
                &err);
    assert_true(lf_plan_ok(plan) && lf_plan_changes(plan));
    assert_refused(
            lf_transaction_apply(second.transaction, plan, &report, &err), &err,
            LF_CODE_INTERNAL);
    lf_plan_free(plan);
    lf_transaction_close(second.transaction);
    lf_transaction_close(first.transaction);
}

static void test_a_state_that_cannot_be_made_stays_missing(void **state)
{
    struct scratch *scratch = *state;
    struct opened opened;
    struct lf_error err;
    struct lf_plan *plan;
    open_to_read(&opened, scratch);
    scratch_nodes(scratch, "state\nhome/x");
    assert_refused(lf_transaction_upgrade(opened.transaction, &err), &err,
                   LF_CODE_STATE_UNSAFE);
    const struct lf_str path = below(scratch, "home/x");
    assert_done(lf_transaction_plan_adopt(opened.transaction, &path, 1,
                                          lf_str(scratch->path), &plan, &err),
                &err);
    lf_plan_free(plan);
    lf_transaction_close(opened.transaction);
}

static void test_profiles_are_those_of_the_last_apply(void **state)
{
    struct scratch *scratch = *state;
    struct opened opened;
    struct lf_error err;
    const struct lf_str *profiles;
    size_t count;
    open_to_read(&opened, scratch);
    assert_done(lf_transaction_profiles(opened.transaction,
                                        LF_STR("ci-tools.2"), &profiles, &count,
                                        &err),
                &err);
    assert_int_equal(count, 0);
    lf_transaction_close(opened.transaction);

    stand_full(scratch);
    open_to_read(&opened, scratch);
    struct lf_transaction *t = opened.transaction;
    assert_done(lf_transaction_profiles(t, LF_STR("ci-tools.2"), &profiles,
                                        &count, &err),
                &err);
    assert_int_equal(count, 2);
    /* borrowed, also after what was read to plan is out of date */
    assert_done(lf_transaction_upgrade(t, &err), &err);
    assert_str(profiles[1], "at work");
    assert_done(lf_transaction_profiles(t, LF_STR("nobody"), &profiles, &count,
                                        &err),
                &err);
    assert_int_equal(count, 0);
    lf_transaction_close(t);
}

static void test_a_damaged_ledger_has_no_profiles(void **state)
{
    struct scratch *scratch = *state;
    struct opened opened;
    struct lf_error err;
    const struct lf_str *profiles;
    size_t count;
    stand_full(scratch);
    scratch_file(scratch, "state/ledger", "linkfarm-ledger 1\nnonsense\n");
    open_to_read(&opened, scratch);
    assert_refused(lf_transaction_profiles(opened.transaction,
                                           LF_STR("ci-tools.2"), &profiles,
                                           &count, &err),
                   &err, LF_CODE_LEDGER_CORRUPT);
    assert_int_equal(count, 0);
    lf_transaction_close(opened.transaction);
}

static void test_without_memory_nothing_is_known(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    stand_full(scratch);
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        struct opened opened;
        const struct lf_str *profiles;
        size_t count;
        open_to_read(&opened, scratch);
        alloc_fail_at(n);
        bool done = lf_transaction_profiles(opened.transaction,
                                            LF_STR("ci-tools.2"), &profiles,
                                            &count, &err) &&
                    lf_transaction_upgrade(opened.transaction, &err);
        alloc_fail_stop();
        if (!done)
            assert_int_equal(err.code, LF_CODE_NO_MEMORY);
        lf_transaction_close(opened.transaction);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            IN_SCRATCH(test_a_reader_makes_nothing_until_it_writes),
            IN_SCRATCH(test_a_ledger_that_came_meanwhile_is_read),
            IN_SCRATCH(test_one_that_writes_keeps_others_out),
            IN_SCRATCH(test_one_that_may_not_write_stays_a_reader),
            IN_SCRATCH(test_a_state_that_cannot_be_made_stays_missing),
            IN_SCRATCH(test_profiles_are_those_of_the_last_apply),
            IN_SCRATCH(test_a_damaged_ledger_has_no_profiles),
            IN_SCRATCH(test_without_memory_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
