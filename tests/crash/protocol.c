/* SPDX-License-Identifier: MIT */
/*
 * protocol.c - the order in which a transaction works, and when it stops
 *
 * What crash.c cannot see from its ends: how often it syncs, that nothing is
 * touched before the state directory holds all that it has to, who waits for
 * whom, and what being asked to stop does at every step.
 */
#define _GNU_SOURCE /* memmem(3) */
#include "picture.h"
#include "platform/sys.h"
#include "support/check.h"
#include "world.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static const struct scenario *scenario_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
        if (strcmp(scenarios[i].name, name) == 0)
            return &scenarios[i];
    fail_msg("there is no scenario '%s'", name);
    return NULL;
}

/* ---- syncs ---- */

static unsigned long syncs_of(const struct world *world)
{
    struct fault_fs faults;
    struct lf_error err;
    world_faults(&faults, false);
    assert_done(world_act(world, &faults.fs, &err), &err);
    return fault_fs_syncs(&faults);
}

static void test_syncs_at_most_six_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
        struct world world;
        world_begin(&world, &scenarios[i]);
        unsigned long syncs = syncs_of(&world);
        print_message("# %s: %lu syncs\n", scenarios[i].name, syncs);
        assert_in_range(syncs, 3, 6);
        world_end(&world);
    }
}

static void test_syncs_five_times_when_nothing_is_removed(void **state)
{
    (void)state;
    struct world world;
    static const struct scenario grown = {
            .name = "grown",
            .nodes = "home/dot/a",
            .before = {"links: {x: a}\n"},
            .manifest = "links: {x: a, y: a}\n",
    };
    world_begin(&world, scenario_named("fresh farm"));
    assert_int_equal(syncs_of(&world), 5);
    world_end(&world);
    world_begin(&world, &grown);
    assert_int_equal(syncs_of(&world), 5);
    world_end(&world);
}

static void test_writes_nothing_when_there_is_nothing_to_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
        struct world world;
        struct fault_fs faults;
        struct lf_error err;
        unsigned writing =
                FAULT_CHANGES & ~(1u << FAULT_OPEN_FILE | 1u << FAULT_TRUNCATE |
                                  1u << FAULT_WRITE);
        struct fault_log log = {.ops = writing};
        if (scenarios[i].act != ACT_APPLY)
            continue;
        world_begin(&world, &scenarios[i]);
        world_faults(&faults, false);
        assert_done(world_act(&world, &faults.fs, &err), &err);
        world_faults(&faults, false);
        faults.before = fault_log_add;
        faults.before_arg = &log;
        assert_done(world_act(&world, &faults.fs, &err), &err);
        /* the state directory is asked for: it is there */
        if (log.text)
            assert_string_equal(log.text, "mkdir state\n");
        assert_int_equal(fault_fs_syncs(&faults), 0);
        /* the holder's name in the lock, and no more */
        assert_int_equal(faults.calls[FAULT_WRITE], 1);
        fault_log_clear(&log);
        world_end(&world);
    }
}

/* ---- descriptors ---- */

/* A farm of `dirs` directories, one in the other or side by side. */
static int most_open(unsigned dirs, bool deep)
{
    struct world world;
    struct fault_fs faults;
    struct lf_error err;
    struct lf_buf nodes = {0};
    lf_buf_add(&nodes, LF_STR("home/dot/t"));
    for (unsigned i = 0; i < dirs; i++) {
        if (!deep && i > 0)
            lf_buf_add(&nodes, LF_STR("\nhome/dot/t"));
        lf_buf_add_format(&nodes, "/d%u%s", i, deep ? "" : "/file");
    }
    lf_buf_add(&nodes, lf_str_of(deep ? "/file" : "\n", deep ? 6 : 2));
    struct scenario scenario = {.name = "descriptors",
                                .nodes = nodes.data,
                                .manifest = "trees: [{from: t}]\n"};
    world_begin(&world, &scenario);
    world_faults(&faults, false);
    assert_done(world_act(&world, &faults.fs, &err), &err);
    assert_int_equal(faults.open, 0);
    world_end(&world);
    lf_buf_finish(&nodes);
    return faults.most_open;
}

static void test_holds_few_descriptors_whatever_the_size(void **state)
{
    (void)state;
    int many = most_open(60, false), more = most_open(240, false);
    int deep = most_open(30, true);
    print_message("# descriptors: %d for 60 directories, %d for 240, %d for 30 "
                  "one in the other\n",
                  many, more, deep);
    assert_int_equal(many, more);
    assert_in_range(many, 1, 24);
    assert_in_range(deep, 1, 24 + 30);
}

/* ---- the state directory first ---- */

/* Lines that begin with one of the words. */
static size_t count_lines(const char *text, const char *const *words, size_t n)
{
    size_t count = 0;
    for (const char *at = text; at && *at; at = strchr(at, '\n'), at += !!at)
        for (size_t i = 0; i < n; i++)
            count += strncmp(at, words[i], strlen(words[i])) == 0;
    return count;
}

static void test_fills_the_state_before_it_touches_the_tree(void **state)
{
    (void)state;
    static const char *const filling[] = {"write", "open_file", "link "};
    static const char *const touching[] = {"symlink", "rename .", "chmod"};
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
        struct world world;
        struct fault_fs faults;
        struct lf_error err;
        struct fault_log log = {.ops = FAULT_CHANGES};
        world_begin(&world, &scenarios[i]);
        world_faults(&faults, false);
        faults.before = fault_log_add;
        faults.before_arg = &log;
        assert_done(world_act(&world, &faults.fs, &err), &err);
        char *journal = strstr(log.text, "rename journal.new -> journal\n");
        if (journal) {
            assert_int_equal(count_lines(journal, filling, ARRAY_LEN(filling)),
                             0);
            *journal = '\0';
            assert_int_equal(
                    count_lines(log.text, touching, ARRAY_LEN(touching)), 0);
        }
        fault_log_clear(&log);
        world_end(&world);
    }
}

/* At every write and every new file, with every errno of a state directory
 * that takes no more. */
static void test_says_first_that_the_state_cannot_be_written(void **state)
{
    (void)state;
    static const int errors[] = {ENOSPC, EROFS, EDQUOT, EACCES, EIO};
    for (unsigned long n = 1;; n++) {
        struct world world;
        struct fault_fs faults;
        struct lf_error err;
        struct fault_log log = {.ops = 1u << FAULT_SYMLINK |
                                       1u << FAULT_RENAME | 1u << FAULT_RMDIR};
        world_begin(&world, scenario_named("backup of a file"));
        world_faults(&faults, false);
        faults.ops = 1u << FAULT_WRITE | 1u << FAULT_OPEN_FILE;
        faults.before = fault_log_add;
        faults.before_arg = &log;
        fault_fs_fail(&faults, n, errors[n % ARRAY_LEN(errors)]);
        bool done = world_act(&world, &faults.fs, &err);
        if (!faults.struck) {
            assert_true(done && n > 4);
            fault_log_clear(&log);
            world_end(&world);
            break;
        }
        assert_false(done);
        assert_true(err.code == LF_CODE_STATE_UNWRITABLE ||
                    err.code == LF_CODE_STATE_UNREADABLE);
        assert_null(log.text);
        fault_log_clear(&log);
        world_end(&world);
    }
}

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
    world_begin(&first, scenario_named("backup of a file"));
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
    world_begin(&first, scenario_named("relink"));
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
    world_begin(&first, scenario_named("relink"));
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

/* ---- what a user does meanwhile ---- */

static void count_notes(const struct lf_transaction *t, const char *path,
                        size_t *ret_notes)
{
    const struct lf_report *report;
    assert_int_not_equal(lf_transaction_recovery(t, &report), LF_RECOVERY_NONE);
    *ret_notes = 0;
    for (size_t i = 0; i < report->n_notes; i++)
        *ret_notes += lf_str_equal(report->notes[i].path, lf_str(path));
}

/* Stop at `n`, put something new in the place of ~/x, and recover. */
static bool try_meddling(unsigned long n, bool halves, unsigned long *ret_named)
{
    struct world world;
    struct fault_fs faults;
    struct lf_fs fs;
    struct lf_transaction *t;
    struct lf_error err;
    size_t notes, len;
    char *place;
    world_fs(&fs);
    world_begin(&world, scenario_named("relink"));
    world_faults(&faults, halves);
    faults.ops = FAULT_CHANGES;
    fault_fs_stop(&faults, n);
    (void)world_act(&world, &faults.fs, &err);
    bool open = faults.struck && scratch_exists(world.scratch, "state/journal");
    if (open) {
        unlinkat(world.scratch->fd, "home/x", 0);
        scratch_file(world.scratch, "home/x", "new");
        assert_true(asprintf(&place, "%s/x", world.home) > 0);
        assert_done(world_open(&world, &fs, true, &t, &err), &err);
        count_notes(t, place, &notes);
        *ret_named += notes > 0;
        lf_transaction_close(t);
        char *text = scratch_read(world.scratch, "home/x", &len);
        assert_string_equal(text, "new");
        const char *other = scratch_readlink(world.scratch, "home/d/z");
        const char *committed = "../dot/b";
        assert_true(strcmp(other, "../dot/a") == 0 ||
                    strcmp(other, committed) == 0);
        free(text);
        free(place);
    }
    bool reached = faults.struck;
    world_end(&world);
    return reached;
}

static void test_leaves_and_names_what_is_new(void **state)
{
    (void)state;
    for (int halves = 0; halves < 2; halves++) {
        unsigned long named = 0;
        for (unsigned long n = 1; try_meddling(n, halves, &named);)
            n++;
        assert_true(named > 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_syncs_at_most_six_times),
            cmocka_unit_test(test_syncs_five_times_when_nothing_is_removed),
            cmocka_unit_test(test_writes_nothing_when_there_is_nothing_to_do),
            cmocka_unit_test(test_holds_few_descriptors_whatever_the_size),
            cmocka_unit_test(test_fills_the_state_before_it_touches_the_tree),
            cmocka_unit_test(test_says_first_that_the_state_cannot_be_written),
            cmocka_unit_test(test_one_tree_has_one_writer),
            cmocka_unit_test(test_recovery_waits_for_the_tree),
            cmocka_unit_test(test_stops_while_it_waits),
            cmocka_unit_test(test_stops_at_every_step),
            cmocka_unit_test(test_leaves_and_names_what_is_new),
    };
    world_in_memory();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
