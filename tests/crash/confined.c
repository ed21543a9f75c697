/* SPDX-License-Identifier: MIT */
/*
 * confined.c - a transaction cannot change what is none of its business
 *
 * Each scenario is carried out by a child that is confined, and that tries, in
 * front of every call of the transaction's, to do harm elsewhere: as a fault of
 * our own might. The kernel has to refuse every such try, and the transaction
 * has to end as if there had been none.
 */
#define _GNU_SOURCE
#include "apply/garbage.h"
#include "picture.h"
#include "platform/sandbox.h"
#include "support/check.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- doing harm ---- */

struct harm {
    int at;                         /* the scratch directory */
    const struct lf_transaction *t; /* once it is open */
    struct fault_fs *failing;       /* whose sync of all steps fails, or NULL */
    unsigned long refused;          /* tries that the kernel refused */
    unsigned long done;             /* and those that it did not */
    unsigned long unconfined; /* changes of the tree by one who may more */
};

static int opened(int at, const char *path, int flags)
{
    int fd = openat(at, path, flags | O_CLOEXEC, 0600);
    return fd < 0 ? -1 : close(fd);
}

static void count(struct harm *harm, int result)
{
    if (result < 0 && errno == EACCES)
        harm->refused++;
    else
        harm->done++;
}

static void do_harm(struct harm *harm)
{
    int at = harm->at;
    count(harm, symlinkat("x", at, "elsewhere/link"));
    count(harm, mkdirat(at, "elsewhere/dir", 0700));
    count(harm, unlinkat(at, "elsewhere/file", 0));
    count(harm, unlinkat(at, "elsewhere/empty", AT_REMOVEDIR));
    count(harm, renameat(at, "elsewhere/file", at, "elsewhere/other"));
    count(harm, renameat(at, "elsewhere/file", at, "home/from-elsewhere"));
    count(harm,
          renameat2(at, "home/dot", at, "elsewhere/empty", RENAME_EXCHANGE));
    count(harm, opened(at, "elsewhere/file", O_WRONLY | O_TRUNC));
    count(harm, opened(at, "elsewhere/new", O_WRONLY | O_CREAT));
}

static void before(void *arg, const struct fault_call *call)
{
    struct harm *harm = arg;
    const unsigned steps = 1u << FAULT_SYMLINK | 1u << FAULT_RMDIR;
    if (!harm->t)
        return;
    if (harm->t->confinement.in_force) {
        do_harm(harm);
        if (harm->failing && call->op == FAULT_SYNCFS) {
            fault_fs_fail(harm->failing, call->number, EIO);
            harm->failing = NULL;
        }
    } else if (steps & 1u << call->op)
        harm->unconfined++;
}

/* ---- in a child, because it is for good ---- */

static bool can_be_confined(void)
{
    struct lf_sandbox sandbox;
    bool can = lf_sandbox_begin(&sandbox) == 0;
    lf_sandbox_finish(&sandbox);
    return can;
}

#define NEEDS_LANDLOCK()                                                       \
    if (!can_be_confined())                                                    \
    skip_because("this kernel has no Landlock, or forbids it")

static int in_child(int (*body)(const struct world *),
                    const struct world *world)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(body(world));
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int complain(const char *what, const struct lf_error *err)
{
    fprintf(stderr, "%s: LF%03d: %s\n", what, (int)err->code, err->message);
    return 1;
}

static int judge(const struct harm *harm)
{
    fprintf(stderr, "# %lu tries refused, %lu not; %lu steps unconfined\n",
            harm->refused, harm->done, harm->unconfined);
    return harm->refused > 0 && harm->done == 0 && harm->unconfined == 0 ? 0
                                                                         : 2;
}

/* ---- applying ---- */

static int act(const struct world *world)
{
    struct fault_fs faults;
    struct lf_transaction *t;
    struct lf_error err;
    struct harm harm = {.at = world->scratch->fd};
    world_faults(&faults, false);
    faults.before = before;
    faults.before_arg = &harm;
    if (!world_open(world, &faults.fs, true, &t, &err))
        return complain("open", &err);
    harm.t = t;
    if (!world_carry_out(world, t, &err))
        return complain("apply", &err);
    harm.t = NULL;
    lf_transaction_close(t);
    return judge(&harm);
}

static struct picture want_of(const struct scenario *scenario)
{
    struct world world;
    struct lf_fs fs;
    struct lf_error err;
    world_fs(&fs);
    world_begin(&world, scenario);
    assert_done(world_act(&world, &fs, &err), &err);
    struct picture picture = picture_take(&world);
    world_end(&world);
    return picture;
}

static void begin(struct world *world, const struct scenario *scenario,
                  enum lf_confine confine)
{
    world_begin(world, scenario);
    world->options.confine = confine;
    scratch_nodes(world->scratch, "elsewhere/file\nelsewhere/empty/");
}

static void end(struct world *world, struct picture *want)
{
    struct picture got = picture_take(world);
    if (!picture_same(&got, want)) {
        picture_differ(&got, want);
        fail_msg("%s: the tree is not as it has to be", world->scenario->name);
    }
    char *text = scratch_read(world->scratch, "elsewhere/file", NULL);
    assert_string_equal(text, "elsewhere/file");
    free(text);
    picture_free(&got);
    picture_free(want);
    world_end(world);
}

static void test_every_scenario_is_carried_out_and_no_harm_is_done(void **state)
{
    (void)state;
    NEEDS_LANDLOCK();
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
        struct world world;
        struct picture want = want_of(&scenarios[i]);
        begin(&world, &scenarios[i], LF_CONFINE_APPLY);
        print_message("# %s\n", scenarios[i].name);
        assert_int_equal(in_child(act, &world), 0);
        end(&world, &want);
    }
}

/* ---- undoing and recovering ---- */

static int act_and_fail(const struct world *world)
{
    struct fault_fs faults;
    struct lf_transaction *t;
    struct lf_error err;
    struct harm harm = {.at = world->scratch->fd};
    world_faults(&faults, false);
    faults.before = before;
    faults.before_arg = &harm;
    harm.failing = &faults; /* all steps are done by then */
    if (!world_open(world, &faults.fs, true, &t, &err))
        return complain("open", &err);
    harm.t = t;
    if (world_carry_out(world, t, &err) || err.code != LF_CODE_STEP_FAILED)
        return complain("apply", &err);
    harm.t = NULL;
    lf_transaction_close(t);
    return judge(&harm);
}

static int recover(const struct world *world)
{
    struct lf_fs fs;
    struct lf_transaction *t;
    struct lf_error err;
    world_fs(&fs);
    if (!world_open(world, &fs, true, &t, &err))
        return complain("recover", &err);
    bool in_force = lf_transaction_confinement(t)->in_force;
    lf_transaction_close(t);
    int at = world->scratch->fd;
    return in_force && symlinkat("x", at, "elsewhere/link") < 0 &&
                           errno == EACCES
                   ? 0
                   : 2;
}

static bool try_recovery(const struct scenario *scenario, unsigned long n)
{
    struct world world;
    struct fault_fs faults;
    struct lf_fs fs;
    struct lf_error err;
    world_fs(&fs);
    begin(&world, scenario, LF_CONFINE_NOTHING);
    world_faults(&faults, false);
    faults.ops = FAULT_CHANGES;
    fault_fs_stop(&faults, n);
    (void)world_act(&world, &faults.fs, &err);
    bool reached = faults.struck;
    if (scratch_exists(world.scratch, "state/journal")) {
        world.options.confine = LF_CONFINE_RECOVERY;
        assert_int_equal(in_child(recover, &world), 0);
        assert_false(scratch_exists(world.scratch, "state/journal"));
    }
    world_end(&world);
    return reached;
}

static void test_what_is_undone_is_undone_confined(void **state)
{
    (void)state;
    NEEDS_LANDLOCK();
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
        struct world world;
        /* it has nothing to undo */
        if (strcmp(scenarios[i].name, "claim") == 0)
            continue;
        begin(&world, &scenarios[i], LF_CONFINE_APPLY);
        struct picture want = picture_take(&world);
        print_message("# %s\n", scenarios[i].name);
        assert_int_equal(in_child(act_and_fail, &world), 0);
        end(&world, &want);
    }
}

static void test_a_recovery_is_confined(void **state)
{
    (void)state;
    NEEDS_LANDLOCK();
    for (unsigned long n = 1;
         try_recovery(world_scenario("backup of a file"), n);)
        n++;
    for (unsigned long n = 1; try_recovery(world_scenario("adopt"), n);)
        n++;
}

/* ---- removing for good ---- */

static const struct scenario dropping = {
        .name = "gc",
        .nodes = "home/dot/a\nhome/x/deep/er/file\nhome/x/link -> deep\nhome/y",
        .before = {"links:\n"
                   "  x: {from: a, conflict: backup}\n"
                   "  y: {from: a, conflict: backup}\n"},
        .manifest = "links: {y: a}\n",
};

static int collect(const struct world *world)
{
    struct fault_fs faults;
    struct lf_transaction *t;
    struct lf_error err;
    struct lf_garbage *garbage = NULL;
    const struct lf_report *report;
    struct harm harm = {.at = world->scratch->fd};
    world_faults(&faults, false);
    faults.before = before;
    faults.before_arg = &harm;
    if (!world_open(world, &faults.fs, true, &t, &err))
        return complain("open", &err);
    harm.t = t;
    if (!lf_garbage_find(t, 1, &garbage, &err) ||
        !lf_garbage_drop(t, garbage, &report, &err))
        return complain("gc", &err);
    harm.t = NULL;
    lf_garbage_free(garbage);
    lf_transaction_close(t);
    return judge(&harm);
}

static void test_what_gc_removes_is_removed_confined(void **state)
{
    (void)state;
    struct world world;
    struct lf_fs fs;
    struct lf_error err;
    NEEDS_LANDLOCK();
    world_fs(&fs);
    begin(&world, &dropping, LF_CONFINE_NOTHING);
    /* what the link covered stays behind in the store */
    assert_int_equal(unlinkat(world.scratch->fd, "home/x", 0), 0);
    scratch_dir(world.scratch, "home/x");
    assert_done(world_act(&world, &fs, &err), &err);
    assert_true(
            scratch_exists(world.scratch, "state/displaced/1/2/deep/er/file"));
    struct picture want = picture_take(&world);
    world.options.confine = LF_CONFINE_APPLY;
    assert_int_equal(in_child(collect, &world), 0);
    assert_false(scratch_exists(world.scratch, "state/displaced/1/2"));
    assert_true(scratch_exists(world.scratch, "state/displaced/1/1"));
    end(&world, &want);
}

/* ---- a fault of our own ---- */

static int (*real_symlink)(struct lf_fs *, const char *, int, const char *);
static int wrong_dir;

static int symlink_elsewhere(struct lf_fs *fs, const char *text, int at,
                             const char *name)
{
    (void)at;
    return real_symlink(fs, text, wrong_dir, name);
}

static int act_wrongly(const struct world *world)
{
    struct lf_fs fs;
    struct lf_error err;
    world_fs(&fs);
    real_symlink = fs.symlink;
    fs.symlink = symlink_elsewhere;
    wrong_dir = openat(world->scratch->fd, "elsewhere",
                       O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (world_act(world, &fs, &err))
        return 1;
    return err.code == LF_CODE_STEP_FAILED && err.os_errno == EACCES
                   ? 0
                   : complain("apply", &err);
}

static void test_a_link_in_the_wrong_place_fails_and_all_is_undone(void **state)
{
    (void)state;
    struct world world;
    NEEDS_LANDLOCK();
    begin(&world, world_scenario("relink"), LF_CONFINE_APPLY);
    struct picture want = picture_take(&world);
    assert_int_equal(in_child(act_wrongly, &world), 0);
    end(&world, &want);
}

/* ---- only where it is asked for ---- */

static void test_the_library_confines_nobody_by_itself(void **state)
{
    (void)state;
    struct world world;
    struct lf_fs fs;
    struct lf_transaction *t;
    struct lf_error err;
    world_fs(&fs);
    world_begin(&world, world_scenario("relink"));
    assert_done(world_open(&world, &fs, true, &t, &err), &err);
    assert_done(world_carry_out(&world, t, &err), &err);
    assert_false(lf_transaction_confinement(t)->asked);
    assert_false(lf_transaction_confinement(t)->in_force);
    lf_transaction_close(t);
    scratch_file(world.scratch, "elsewhere/new", "written");
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(
                    test_every_scenario_is_carried_out_and_no_harm_is_done),
            cmocka_unit_test(test_what_is_undone_is_undone_confined),
            cmocka_unit_test(test_a_recovery_is_confined),
            cmocka_unit_test(test_what_gc_removes_is_removed_confined),
            cmocka_unit_test(
                    test_a_link_in_the_wrong_place_fails_and_all_is_undone),
            cmocka_unit_test(test_the_library_confines_nobody_by_itself),
    };
    world_in_memory();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
