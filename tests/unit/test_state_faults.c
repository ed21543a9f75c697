/* SPDX-License-Identifier: MIT */
/* test_state_faults.c - the state directory when calls or memory fail */
#include "ledger/state.h"
#include "support/alloc_fail.h"
#include "support/check.h"
#include "support/fault_fs.h"
#include "support/sample_ledger.h"
#include "support/sample_state.h"

#include <errno.h>
#include <stdlib.h>

/* All that the state does, in one go. */
static bool work(struct lf_fs *fs, struct lf_str path, struct lf_error *err)
{
    struct lf_state state = {0};
    struct lf_ledger *heads = NULL, *ledger = NULL, *old = NULL;
    struct lf_buf text = {0};
    uint64_t *numbers = NULL;
    size_t count;
    bool done = lf_state_open(fs, path, LF_STATE_WRITE, &state, err) &&
                lf_state_load_heads(&state, &heads, err) &&
                lf_state_lock(&state, 0, LF_STR("work"), err) &&
                lf_state_load(&state, &ledger, err) &&
                lf_state_keep(&state, LF_STR("f"), 1, err);
    if (done && ledger->n_farms == 0) {
        /* an ENOENT that was made up hid the ledger */
        lf_error_set(err, LF_CODE_NO_FARM, 0, "no farm");
        done = false;
    }
    if (done) {
        ledger->farms[0]->generation = 2;
        done = lf_ledger_encode(&text, NULL, ledger, err) &&
               lf_state_write(&state, "ledger", lf_buf_str(&text), NULL, err) &&
               lf_state_generation(&state, LF_STR("f"), 1, &old, err) &&
               lf_state_generations(&state, LF_STR("f"), &numbers, &count, err);
    }
    free(numbers);
    lf_buf_finish(&text);
    lf_ledger_free(heads);
    lf_ledger_free(ledger);
    lf_ledger_free(old);
    lf_state_close(&state);
    return done;
}

/* A state in which farm f is at generation 1. */
static void prepare(struct scratch *scratch, const char *name)
{
    struct lf_fs fs;
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, name));
    stand(&writer, "f", 1, "one");
    lf_state_close(&writer);
}

/* The ledger is whole, and old or new. Which? */
static uint64_t generation_now(struct scratch *scratch, const char *name)
{
    struct lf_fs fs;
    struct lf_error err;
    struct lf_ledger *ledger = NULL;
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, name));
    assert_done(lf_state_load(&writer, &ledger, &err), &err);
    uint64_t generation = ledger->farms[0]->generation;
    lf_ledger_free(ledger);
    lf_state_close(&writer);
    return generation;
}

/* Nothing temporary is left, unless the removing itself was to fail. */
static void check_no_temporary(struct scratch *scratch, const char *name)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/ledger.new", name);
    assert_false(scratch_exists(scratch, path));
}

static void fail_everywhere(struct scratch *scratch, int error, bool afterwards)
{
    struct lf_error err;
    for (unsigned long n = 1;; n++) {
        char name[32];
        struct fault_fs faults;
        snprintf(name, sizeof(name), "%d-%d-%lu", error, afterwards, n);
        prepare(scratch, name);
        fault_fs_init(&faults, NULL);
        fault_fs_fail(&faults, n, error);
        faults.afterwards = afterwards;
        bool done = work(&faults.fs, below(scratch, name), &err);
        assert_int_equal(faults.open, 0);
        if (!faults.struck) {
            assert_done(done, &err);
            break;
        }
        uint64_t now = generation_now(scratch, name);
        if (done || err.code == LF_CODE_SYNC)
            assert_true(now == 2);
        if (!done) {
            assert_true(err.code >= 200 || err.code == LF_CODE_NO_MEMORY);
            assert_true(err.message[0]);
        }
        /* what was made, but denied, is left for the next run to replace */
        if (!afterwards)
            check_no_temporary(scratch, name);
        /* and the next run finds its way */
        struct lf_fs fs;
        lf_fs_system(&fs);
        if (now == 1)
            assert_done(work(&fs, below(scratch, name), &err), &err);
    }
}

static void test_any_failure_leaves_an_old_or_new_ledger(void **state)
{
    static const int errors[] = {ENOSPC, EIO,    EACCES, EROFS, EMFILE, EINTR,
                                 ENOENT, EEXIST, EDQUOT, EPERM, ENOMEM};
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        fail_everywhere(*state, errors[i], false);
}

static void test_so_does_success_that_looks_like_failure(void **state)
{
    fail_everywhere(*state, EIO, true);
}

static void test_a_stop_at_any_call_leaves_an_old_or_new_ledger(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    unsigned long old = 0, new = 0;
    for (unsigned long n = 1;; n++) {
        char name[32];
        struct fault_fs faults;
        struct lf_fs fs;
        snprintf(name, sizeof(name), "%lu", n);
        prepare(scratch, name);
        fault_fs_init(&faults, NULL);
        fault_fs_stop(&faults, n);
        bool done = work(&faults.fs, below(scratch, name), &err);
        assert_int_equal(faults.open, 0);
        if (!faults.struck) {
            assert_done(done, &err);
            break;
        }
        uint64_t now = generation_now(scratch, name);
        old += now == 1;
        new += now == 2;
        lf_fs_system(&fs);
        if (now == 1)
            assert_done(work(&fs, below(scratch, name), &err), &err);
    }
    assert_true(old > 10 && new > 3);
}

static void test_a_failed_sync_is_never_a_success(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    struct fault_fs faults;
    bool renamed;
    fault_fs_init(&faults, NULL);
    struct lf_state writer = open_state(&faults.fs, below(scratch, "state"));
    stand(&writer, "f", 1, "one");
    faults.ops = 1u << FAULT_FSYNC;
    faults.count = 0;

    fault_fs_fail(&faults, 1, EIO);
    renamed = true;
    assert_refused(lf_state_write(&writer, "x", LF_STR("1"), &renamed, &err),
                   &err, LF_CODE_STATE_UNWRITABLE);
    assert_false(renamed);
    assert_false(scratch_exists(scratch, "state/x"));
    assert_false(scratch_exists(scratch, "state/x.new"));
    assert_int_equal(faults.count, 1);

    fault_fs_fail(&faults, 3, EIO);
    assert_refused(lf_state_write(&writer, "x", LF_STR("2"), &renamed, &err),
                   &err, LF_CODE_SYNC);
    assert_true(renamed);
    check_file(scratch, "state/x", "2");
    assert_int_equal(faults.count, 3);
    assert_non_null(strstr(err.message, "cannot make durable '"));

    /* nor is it one that has changed nothing */
    faults.count = 0;
    fault_fs_fail(&faults, 2, ENOMEM);
    assert_refused(lf_state_write(&writer, "x", LF_STR("3"), &renamed, &err),
                   &err, LF_CODE_SYNC);
    check_file(scratch, "state/x", "3");
    lf_state_close(&writer);
}

static void test_out_of_memory_leaves_an_old_or_new_ledger(void **state)
{
    struct scratch *scratch = *state;
    struct lf_error err;
    struct lf_fs fs;
    lf_fs_system(&fs);
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        char name[32];
        snprintf(name, sizeof(name), "oom%zu", n);
        prepare(scratch, name);
        struct lf_str path = below(scratch, name);
        alloc_fail_at(n);
        bool done = work(&fs, path, &err);
        if (alloc_fail_stop() && !done)
            assert_int_equal(err.code, LF_CODE_NO_MEMORY);
        else
            assert_done(done, &err);
        generation_now(scratch, name);
    }
}

/* Another state directory is the cure only where this one is at fault. */
static void test_what_keeps_it_from_being_made_has_its_own_cure(void **state)
{
    static const struct {
        int error;
        const char *cure;
    } cures[] = {
            {EMFILE, "ulimit -n"  },
            {ENOSPC, "make room"  },
            {EACCES, "--state-dir"},
            {EIO,    "--state-dir"},
    };
    struct scratch *scratch = *state;
    struct lf_error err;
    struct lf_state writer = {0};
    for (size_t i = 0; i < sizeof(cures) / sizeof(*cures); i++) {
        struct fault_fs faults;
        fault_fs_init(&faults, NULL);
        faults.ops = 1 << FAULT_MKDIR;
        fault_fs_fail(&faults, 1, cures[i].error);
        assert_refused(lf_state_open(&faults.fs, below(scratch, "state"),
                                     LF_STATE_WRITE, &writer, &err),
                       &err, LF_CODE_STATE_UNWRITABLE);
        assert_non_null(strstr(err.help, cures[i].cure));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            IN_SCRATCH(test_any_failure_leaves_an_old_or_new_ledger),
            IN_SCRATCH(test_so_does_success_that_looks_like_failure),
            IN_SCRATCH(test_a_stop_at_any_call_leaves_an_old_or_new_ledger),
            IN_SCRATCH(test_a_failed_sync_is_never_a_success),
            IN_SCRATCH(test_out_of_memory_leaves_an_old_or_new_ledger),
            IN_SCRATCH(test_what_keeps_it_from_being_made_has_its_own_cure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
