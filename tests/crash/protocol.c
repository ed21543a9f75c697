/* SPDX-License-Identifier: MIT */
/*
 * protocol.c - the order in which a transaction works
 *
 * What crash.c cannot see from its ends: how often it syncs, how many
 * descriptors it holds, that nothing is touched before the state directory holds
 * all that it has to, and what becomes of what a user does meanwhile.
 */
#define _GNU_SOURCE /* memmem(3) */
#include "picture.h"
#include "platform/sys.h"
#include "support/check.h"
#include "world.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

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
    world_begin(&world, world_scenario("fresh farm"));
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
 * that takes no more. But for who holds the lock, which a full one need not say. */
static void test_says_first_that_the_state_cannot_be_written(void **state)
{
    (void)state;
    static const int errors[] = {ENOSPC, EROFS, EDQUOT, EACCES, EIO};
    unsigned done_without = 0;
    for (unsigned long n = 1;; n++) {
        struct world world;
        struct fault_fs faults;
        struct lf_error err;
        struct fault_log log = {.ops = 1u << FAULT_SYMLINK |
                                       1u << FAULT_RENAME | 1u << FAULT_RMDIR};
        world_begin(&world, world_scenario("backup of a file"));
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
        if (done) {
            assert_true(faults.error == ENOSPC || faults.error == EDQUOT);
            done_without++;
        } else {
            assert_true(err.code == LF_CODE_STATE_UNWRITABLE ||
                        err.code == LF_CODE_STATE_UNREADABLE);
            assert_null(log.text);
        }
        fault_log_clear(&log);
        world_end(&world);
    }
    assert_true(done_without <= 1);
}

/* ---- folding ---- */

/* How often a name in `log`, or what it is renamed to, is `d`. */
static int touches_of_d(const struct fault_log *log)
{
    int count = 0;
    for (const char *at = log->text; at && *at; at = strchr(at, '\n') + 1) {
        size_t len = strcspn(at, "\n");
        count += memmem(at, len, " d ", 3) != NULL ||
                 (len > 2 && memcmp(at + len - 2, " d", 2) == 0);
    }
    return count;
}

/* Carry the scenario out; how many changes ~/d, which changes its kind, took. */
static int changes_of_d(const char *name, bool folded, bool halves)
{
    struct world world;
    struct fault_fs faults;
    struct lf_error err;
    struct fault_log log = {.ops = FAULT_CHANGES};
    world_begin(&world, world_scenario(name));
    world_faults(&faults, halves);
    faults.before = fault_log_add;
    faults.before_arg = &log;
    assert_int_equal(scratch_readlink(world.scratch, "home/d") == NULL, folded);
    assert_done(world_act(&world, &faults.fs, &err), &err);
    const char *text =
            scratch_readlink(world.scratch, folded ? "home/d" : "home/d/e");
    assert_non_null(text);
    assert_string_equal(text, folded ? "dot/t/d" : "../dot/t/d/e");
    int count = touches_of_d(&log);
    fault_log_clear(&log);
    world_end(&world);
    return count;
}

/* One rename that leaves something at both names can only be an exchange; where
 * there is none, it takes three, each of them made of two. */
static void test_folds_and_unfolds_by_one_exchange(void **state)
{
    (void)state;
    assert_int_equal(changes_of_d("fold", true, false), 1);
    assert_int_equal(changes_of_d("unfold", false, false), 1);
    assert_in_range(changes_of_d("fold", true, true), 2, 4);
    assert_in_range(changes_of_d("unfold", false, true), 2, 4);
}

/* ---- what a user does meanwhile ---- */

static void count_notes(const struct lf_transaction *t, const char *path,
                        size_t *ret_notes)
{
    const struct lf_report *report;
    enum lf_recovery recovery = lf_transaction_recovery(t, &report);
    assert_int_not_equal(recovery, LF_RECOVERY_NONE);
    assert_int_equal(lf_transaction_recovery(t, NULL), recovery);
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
    world_begin(&world, world_scenario("relink"));
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
        assert_false(scratch_exists(world.scratch, "state/journal"));
        assert_false(scratch_exists(world.scratch, "state/ledger.new"));
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

/* ---- directories that go as a whole ---- */

/* What a neighbour does in ~/n/d just before it is taken out, or while what was
 * taken out is looked into. */
struct neighbour {
    struct scratch *scratch;
    void (*meddle)(struct scratch *scratch, const char *dir);
    bool late;
    bool aged; /* it was quiet for so long that directories tell what changed */
    bool done;
    char spare[64]; /* where it was taken to */
};

static void add_file(struct scratch *scratch, const char *dir)
{
    char path[256];
    snprintf(path, sizeof(path), "home/%s/d/new", dir);
    scratch_file(scratch, path, "new");
}

static void take_file(struct scratch *scratch, const char *dir)
{
    char path[256];
    snprintf(path, sizeof(path), "home/%s/d/b", dir);
    assert_int_equal(unlinkat(scratch->fd, path, 0), 0);
}

static void change_link(struct scratch *scratch, const char *dir)
{
    char path[256];
    take_file(scratch, dir);
    snprintf(path, sizeof(path), "home/%s/d/b", dir);
    scratch_link(scratch, path, "elsewhere");
}

static void put_file(struct scratch *scratch, const char *dir)
{
    char path[256];
    take_file(scratch, dir);
    snprintf(path, sizeof(path), "home/%s/d/b", dir);
    scratch_file(scratch, path, "new");
}

static void act_of_neighbour(void *arg, const struct fault_call *call)
{
    struct neighbour *neighbour = arg;
    if (call->op == FAULT_RENAME && strcmp(call->name, "n") == 0) {
        snprintf(neighbour->spare, sizeof(neighbour->spare), "%s",
                 call->new_name);
        if (!neighbour->late && !neighbour->done)
            neighbour->meddle(neighbour->scratch, "n");
        neighbour->done |= !neighbour->late;
    } else if (call->op == FAULT_LIST && neighbour->spare[0] &&
               neighbour->late && !neighbour->done) {
        neighbour->done = true;
        neighbour->meddle(neighbour->scratch, neighbour->spare);
    }
}

/* Let time pass, as between an apply and the next command. */
static void age(struct fault_fs *faults)
{
    faults->clock = true;
    lf_sys_sleep_ms(2 * LF_WATCH_MARGIN_NS / 1000000);
}

static void try_neighbour(struct neighbour neighbour)
{
    struct world world;
    struct fault_fs faults;
    struct lf_error err;
    world_begin(&world, world_scenario("remove whole directories"));
    world_faults(&faults, false);
    neighbour.scratch = world.scratch;
    faults.before = act_of_neighbour;
    faults.before_arg = &neighbour;
    if (neighbour.aged)
        age(&faults);
    bool done = world_act(&world, &faults.fs, &err);
    assert_true(neighbour.done);
    assert_false(done);
    assert_int_equal(err.code, LF_CODE_STALE);
    /* all is where it was, with what the neighbour did */
    assert_true(scratch_exists(world.scratch, "home/n/d/e/c"));
    assert_true(scratch_exists(world.scratch, "home/n/a"));
    assert_true(scratch_exists(world.scratch, "home/mine/d/b"));
    assert_false(scratch_exists(world.scratch, "state/journal"));
    const char *text = scratch_readlink(world.scratch, "home/n/d/b");
    assert_true(!text || strcmp(text, "elsewhere") == 0 ||
                scratch_exists(world.scratch, "home/n/d/new"));
    world_end(&world);
}

/* What is taken out as a whole is held, name by name, to what the plan saw. */
static void test_what_goes_as_a_whole_is_looked_into(void **state)
{
    (void)state;
    void (*const meddles[])(struct scratch *, const char *) = {
            add_file, take_file, change_link, put_file};
    for (size_t i = 0; i < ARRAY_LEN(meddles); i++)
        for (unsigned when = 0; when < 4; when++)
            try_neighbour((struct neighbour){
                    .meddle = meddles[i], .late = when & 1, .aged = when & 2});
}

static unsigned reads_of(const struct fault_log *log, const char *name)
{
    char line[64];
    snprintf(line, sizeof(line), "readlink %s\n", name);
    unsigned count = 0;
    for (const char *at = log->text; at && (at = strstr(at, line)); at++)
        count++;
    return count;
}

static void read_twice(bool clock, bool aged, bool full, bool is_twice)
{
    struct world world;
    struct fault_fs faults;
    struct lf_error err;
    struct fault_log log = {.ops = 1u << FAULT_READLINK};
    unsigned times = is_twice ? 2 : 3;
    world_begin(&world, world_scenario("remove whole directories"));
    world.options.full = full;
    world_faults(&faults, false);
    faults.before = fault_log_add;
    faults.before_arg = &log;
    if (aged)
        age(&faults);
    faults.clock = clock;
    assert_done(world_act(&world, &faults.fs, &err), &err);
    /* those in ~/n/d/e and in ~/mine/d/e, which go with ~/n and ~/mine/d */
    assert_int_equal(reads_of(&log, "c"), 2 * times);
    assert_int_equal(reads_of(&log, "f"), 2 * times);
    /* that in ~/n/d; ~/mine/d itself is renamed, and so it has changed */
    assert_int_equal(reads_of(&log, "b"), times + 3);
    assert_false(scratch_exists(world.scratch, "home/n"));
    fault_log_clear(&log);
    world_end(&world);
}

/* For the plan, when it was taken out, and before it goes; but where a directory is
 * as it was when the plan was made, what was taken out with it need not be read. */
static void test_what_has_not_changed_is_not_read_again(void **state)
{
    (void)state;
    read_twice(true, true, false, true);
    read_twice(true, false, false, false); /* it had just been changed */
    read_twice(false, true, false,
               false);                   /* its clock is not to be relied on */
    read_twice(true, true, true, false); /* the user wants all to be read */
}

/* One rename for each of the two that are ours, whatever is in them. */
static void test_takes_whole_directories_by_one_rename(void **state)
{
    (void)state;
    struct world world;
    struct fault_fs faults;
    struct lf_error err;
    struct fault_log log = {.ops = 1u << FAULT_RENAME};
    static const char *const renames[] = {"rename "};
    static const char *const state_files[] = {"rename journal",
                                              "rename ledger"};
    world_begin(&world, world_scenario("remove whole directories"));
    world_faults(&faults, false);
    faults.before = fault_log_add;
    faults.before_arg = &log;
    assert_done(world_act(&world, &faults.fs, &err), &err);
    size_t all = count_lines(log.text, renames, 1);
    size_t of_state = count_lines(log.text, state_files, 2);
    /* ~/n, ~/mine/d, and ~/mine/a, which is beside what is not ours */
    assert_int_equal(all - of_state, 3);
    assert_false(scratch_exists(world.scratch, "home/n"));
    assert_true(scratch_exists(world.scratch, "home/mine/x"));
    fault_log_clear(&log);
    world_end(&world);
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
            cmocka_unit_test(test_folds_and_unfolds_by_one_exchange),
            cmocka_unit_test(test_leaves_and_names_what_is_new),
            cmocka_unit_test(test_what_goes_as_a_whole_is_looked_into),
            cmocka_unit_test(test_what_has_not_changed_is_not_read_again),
            cmocka_unit_test(test_takes_whole_directories_by_one_rename),
    };
    world_in_memory();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
