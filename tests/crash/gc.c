/* SPDX-License-Identifier: MIT */
/*
 * gc.c - dropping old generations, stopped and failed at every operation
 *
 * After each stop and each failure: what the present generation needs stands,
 * whole; so does all that a generation kept which the history still shows; the
 * home is as it was; and the next gc comes to the end that an undisturbed one
 * comes to.
 */
#include "apply/garbage.h"
#include "ledger/farms.h"
#include "support/alloc_fail.h"
#include "support/check.h"
#include "world.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const int errors[] = {ENOSPC, EIO,   EACCES, EROFS,
                             EMFILE, EINTR, EDQUOT, EPERM};

/* Of generation 1: `x` displaced an old source, and `d` a directory; `y` a file
 * that it still covers in generation 2. */
static const struct scenario scenario = {
        .name = "gc",
        .nodes = "home/dot/a\nhome/dot/b\nhome/x\nhome/y\n"
                 "home/d/deep/er/file\nhome/d/deep/link -> er\nhome/d/other/",
        .before = {"links:\n"
                   "  x: {from: a, conflict: adopt}\n"
                   "  y: {from: b, conflict: backup}\n"
                   "  d: {from: b, conflict: backup}\n"},
        .manifest = "links: {y: b}\n",
};

/* The numbers that the nodes get in the store. */
#define NODE_X "state/displaced/1/1"
#define NODE_Y "state/displaced/1/2"
#define NODE_D "state/displaced/1/3"

/* The one that a test is in, so that a test that fails leaves nothing. */
static struct world world;
static bool begun;

static int tear_down(void **state)
{
    (void)state;
    if (begun)
        world_end(&world);
    begun = false;
    return 0;
}

static void check_content(const char *path, const char *want)
{
    size_t len;
    char *content = scratch_read(world.scratch, path, &len);
    assert_non_null(content);
    assert_string_equal(content, want);
    free(content);
}

static void begin(void)
{
    struct lf_fs fs;
    struct lf_error err;
    world_fs(&fs);
    tear_down(NULL);
    world_begin(&world, &scenario);
    begun = true;
    /* the link is the user's to remove, and what it covered stays behind */
    assert_int_equal(unlinkat(world.scratch->fd, "home/d", 0), 0);
    scratch_dir(world.scratch, "home/d");
    assert_done(world_act(&world, &fs, &err), &err);
    check_content(NODE_X, "home/dot/a");
    check_content(NODE_Y, "home/y");
    check_content(NODE_D "/deep/er/file", "home/d/deep/er/file");
}

/* What the last one that came to its end had to say. */
static size_t noted;

static bool collect_in(struct lf_fs *fs, bool write, struct lf_error *err)
{
    struct lf_transaction *t;
    struct lf_garbage *garbage = NULL;
    const struct lf_report *report;
    if (!world_open(&world, fs, write, &t, err))
        return false;
    bool done = lf_garbage_find(t, 1, &garbage, err) &&
                lf_garbage_drop(t, garbage, &report, err);
    noted = done ? report->n_notes : 0;
    lf_garbage_free(garbage);
    lf_transaction_close(t);
    return done;
}

static bool collect(struct lf_fs *fs, struct lf_error *err)
{
    return collect_in(fs, true, err);
}

static bool in_history(uint64_t generation)
{
    struct lf_error err;
    struct lf_farms *farms;
    uint64_t *numbers;
    size_t count;
    bool found = false;
    assert_done(lf_farms_open(NULL, world.state, &farms, &err), &err);
    assert_done(
            lf_farms_generations(farms, LF_STR("t"), &numbers, &count, &err),
            &err);
    for (size_t i = 0; i < count; i++)
        found |= numbers[i] == generation;
    free(numbers);
    lf_farms_free(farms);
    return found;
}

/* What holds at any instant. */
static void check_kept(void)
{
    struct scratch *scratch = world.scratch;
    check_content(NODE_Y, "home/y");
    check_content("home/dot/a", "home/x");
    assert_string_equal(scratch_readlink(scratch, "home/y"), "dot/b");
    assert_true(scratch_exists(scratch, "home/d"));
    assert_true(in_history(2));
    if (!in_history(1))
        return;
    check_content(NODE_X, "home/dot/a");
    check_content(NODE_D "/deep/er/file", "home/d/deep/er/file");
    assert_true(scratch_exists(scratch, NODE_D "/deep/link"));
    assert_true(scratch_exists(scratch, NODE_D "/other"));
}

/* The next gc comes to the end, and nothing is left of what went. */
static void check_end(void)
{
    struct lf_fs fs;
    struct lf_error err;
    world_fs(&fs);
    assert_done(collect(&fs, &err), &err);
    check_kept();
    assert_false(in_history(1));
    assert_false(scratch_exists(world.scratch, "state/farms/t"));
    assert_false(scratch_exists(world.scratch, NODE_X));
    for (unsigned part = 0; part < 8; part++) {
        char name[64];
        if (part == 0)
            snprintf(name, sizeof(name), NODE_D);
        else
            snprintf(name, sizeof(name), NODE_D ".%u", part);
        assert_false(scratch_exists(world.scratch, name));
    }
}

/* Collect, and stop at the `n`th change. Whether it was reached. */
static bool stop_at(unsigned long n, bool halves)
{
    struct fault_fs faults;
    struct lf_error err;
    world_faults(&faults, halves);
    faults.ops = FAULT_CHANGES;
    fault_fs_stop(&faults, n);
    (void)collect(&faults.fs, &err);
    check_kept();
    return faults.struck;
}

static void test_stopped_anywhere_it_is_continued(void **state)
{
    (void)state;
    bool reached = true;
    unsigned long n;
    for (n = 1; reached; n++) {
        begin();
        reached = stop_at(n, n % 2);
        check_end();
    }
    assert_in_range(n, 20, 1000);
}

static void test_so_is_one_that_continues(void **state)
{
    (void)state;
    for (unsigned long n = 2, reached = 1; reached; n += 3) {
        bool again = true;
        for (unsigned long m = 1 + n % 4; reached && again; m += 4) {
            begin();
            reached = stop_at(n, n % 2);
            again = stop_at(m, n % 2);
            check_end();
        }
    }
}

static void fail_everywhere(bool halves)
{
    for (unsigned long n = 1;; n++) {
        struct fault_fs faults;
        struct lf_error err;
        begin();
        world_faults(&faults, halves);
        fault_fs_fail(&faults, n, errors[n % ARRAY_LEN(errors)]);
        bool done = collect(&faults.fs, &err);
        assert_int_equal(faults.open, 0);
        if (!done) {
            assert_true(err.code >= 200);
            assert_true(err.message[0]);
        }
        check_kept();
        check_end();
        if (faults.struck)
            continue;
        assert_done(done, &err);
        return;
    }
}

static void test_any_failure_loses_nothing(void **state)
{
    (void)state;
    fail_everywhere(false);
    fail_everywhere(true);
}

static void test_who_reads_drops_nothing(void **state)
{
    (void)state;
    struct lf_fs fs;
    struct lf_error err;
    begin();
    world_fs(&fs);
    assert_false(collect_in(&fs, false, &err));
    assert_int_equal(err.code, LF_CODE_INTERNAL);
    assert_true(in_history(1));
    check_content(NODE_X, "home/dot/a");
}

static void test_without_memory_nothing_is_lost(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct lf_fs fs;
        struct lf_error err;
        begin();
        world_fs(&fs);
        alloc_fail_at(n);
        bool done = collect(&fs, &err);
        bool struck = alloc_fail_stop();
        if (!done)
            assert_int_equal(err.code, LF_CODE_NO_MEMORY);
        if (!done && !in_history(1))
            assert_string_equal(err.message, "dropped in part: out of memory");
        /* what could not be read for want of memory is not damaged */
        assert_int_equal(noted, 0);
        check_kept();
        check_end();
        if (struck)
            continue;
        assert_done(done, &err);
        return;
    }
}

/* ---- neighbours ---- */

/* Whoever owned what is in the store may still hold it open, and swap names. */
struct neighbour {
    unsigned long when; /* the call about a directory's name; 0: not any more */
    bool done;
};

static void swap_names(void *arg, const struct fault_call *call)
{
    struct neighbour *neighbour = arg;
    int at = world.scratch->fd;
    bool about = call->name && strcmp(call->name, "deep") == 0;
    if (!about || neighbour->when == 0 || --neighbour->when > 0)
        return;
    neighbour->done = true;
    if (renameat(at, NODE_D "/deep", at, "state/away") == 0)
        assert_int_equal(linkat(at, "protected", at, NODE_D "/deep", 0), 0);
}

static void test_changes_no_mode_of_what_is_put_there(void **state)
{
    (void)state;
    bool reached = true;
    unsigned long n;
    for (n = 1; reached; n++) {
        struct fault_fs faults;
        struct lf_error err;
        struct stat st;
        struct neighbour neighbour = {.when = n};
        begin();
        scratch_file(world.scratch, "protected", "not for you");
        assert_int_equal(fchmodat(world.scratch->fd, "protected", 0644, 0), 0);
        world_faults(&faults, false);
        faults.before = swap_names;
        faults.before_arg = &neighbour;
        (void)collect(&faults.fs, &err);
        reached = neighbour.done;
        assert_int_equal(fstatat(world.scratch->fd, "protected", &st, 0), 0);
        assert_int_equal(st.st_mode & 07777, 0644);
        check_content("protected", "not for you");
        check_end(); /* what was put there holds up no later one */
    }
    assert_true(n > 2);
}

/* Another gc, which comes to its end while somebody only looks. */
struct other {
    unsigned long when; /* before the call of that number */
    bool done;
};

static void collect_meanwhile(void *arg, const struct fault_call *call)
{
    struct other *other = arg;
    struct lf_error err;
    struct lf_fs fs;
    if (call->number != other->when || other->done)
        return;
    other->done = true;
    world_fs(&fs);
    assert_done(collect(&fs, &err), &err);
}

static void look_beside_one(bool interrupted)
{
    bool reached = true;
    unsigned long n;
    for (n = 1; reached; n++) {
        struct fault_fs faults;
        struct lf_error err;
        struct lf_transaction *t;
        struct lf_garbage *garbage = NULL;
        struct other other = {.when = n};
        begin();
        if (interrupted)
            assert_int_equal(renameat(world.scratch->fd, "state/farms/t/1",
                                      world.scratch->fd, "state/farms/t/1.old"),
                             0);
        world_faults(&faults, false);
        faults.before = collect_meanwhile;
        faults.before_arg = &other;
        assert_done(world_open(&world, &faults.fs, false, &t, &err), &err);
        assert_done(lf_garbage_find(t, 1, &garbage, &err), &err);
        lf_garbage_free(garbage);
        lf_transaction_close(t);
        reached = other.done;
    }
    assert_true(n > 10);
}

static void test_who_looks_is_not_disturbed_by_one(void **state)
{
    (void)state;
    look_beside_one(false);
    look_beside_one(true);
}

/* ---- names ---- */

/* Some file systems hand out names of more than LF_NAME_LIMIT bytes: here, each
 * name that is `LONG...` on the disk begins with LONG_BYTES more. */
enum { LONG_BYTES = 700 };

static struct lf_fs beyond; /* what the long names go to */

struct longer {
    lf_list_fn *fn;
    void *arg;
};

static bool hand_out(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    const struct longer *longer = arg;
    char text[LONG_BYTES + 300];
    if (!lf_str_starts(name, LF_STR("LONG")))
        return longer->fn(longer->arg, name, kind);
    memset(text, 'x', LONG_BYTES);
    snprintf(text + LONG_BYTES, sizeof(text) - LONG_BYTES, "%s", name.data);
    return longer->fn(longer->arg, lf_str(text), kind);
}

static int long_list(struct lf_fs *fs, int fd, lf_list_fn *fn, void *arg)
{
    (void)fs;
    struct longer longer = {fn, arg};
    return beyond.list(&beyond, fd, hand_out, &longer);
}

static const char *shorten(const char *name)
{
    return strlen(name) > LONG_BYTES ? name + LONG_BYTES : name;
}

static int long_unlink(struct lf_fs *fs, int at, const char *name)
{
    (void)fs;
    return beyond.unlink(&beyond, at, shorten(name));
}

static int long_open_dir(struct lf_fs *fs, int at, const char *path,
                         unsigned how)
{
    (void)fs;
    return beyond.open_dir(&beyond, at, shorten(path), how);
}

static int long_rename(struct lf_fs *fs, int at, const char *name, int to,
                       const char *new_name, enum lf_rename how)
{
    (void)fs;
    return beyond.rename(&beyond, at, shorten(name), to, new_name, how);
}

static void test_names_may_be_longer_than_ours(void **state)
{
    (void)state;
    struct lf_fs fs;
    struct lf_error err;
    begin();
    for (unsigned i = 0; i < 300; i++) {
        char path[64];
        snprintf(path, sizeof(path), NODE_D "/LONG%u", i);
        scratch_file(world.scratch, path, "x");
    }
    scratch_file(world.scratch, NODE_D "/LONGdir/LONGfile", "x");
    world_fs(&beyond);
    fs = beyond;
    fs.list = long_list;
    fs.unlink = long_unlink;
    fs.open_dir = long_open_dir;
    fs.rename = long_rename;
    assert_done(collect(&fs, &err), &err);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_teardown(test_stopped_anywhere_it_is_continued,
                                      tear_down),
            cmocka_unit_test_teardown(test_so_is_one_that_continues, tear_down),
            cmocka_unit_test_teardown(test_any_failure_loses_nothing,
                                      tear_down),
            cmocka_unit_test_teardown(test_who_reads_drops_nothing, tear_down),
            cmocka_unit_test_teardown(test_without_memory_nothing_is_lost,
                                      tear_down),
            cmocka_unit_test_teardown(test_changes_no_mode_of_what_is_put_there,
                                      tear_down),
            cmocka_unit_test_teardown(test_who_looks_is_not_disturbed_by_one,
                                      tear_down),
            cmocka_unit_test_teardown(test_names_may_be_longer_than_ours,
                                      tear_down),
    };
    world_in_memory();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
