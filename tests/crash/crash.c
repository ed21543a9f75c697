/* SPDX-License-Identifier: MIT */
/*
 * crash.c - stop transactions at every operation, and fail them there
 *
 *     crash [STEP]
 *
 * For each scenario: stop for good at each operation that changes something,
 * open again (which recovers), look; the same with the recovery stopped at each
 * of its operations; and let each operation fail with each error. The tree must
 * be the old one or the new one, to the byte, the ledger must say the same, no
 * node of the user's may be lost or changed, and the same action must then
 * succeed. All of it once more as where renameat2(2) is missing.
 *
 * With LF_CRASH_FULL all is tried. Without, the recovery is stopped only in
 * every 7th run, and an operation fails with one of the errors: which one goes
 * by its number, so that all of them take their turn. With STEP only each STEPth
 * operation is tried where there are many, another one in each scenario.
 */
#include "picture.h"
#include "support/check.h"
#include "world.h"

#include <errno.h>
#include <stdlib.h>

static const int errors[] = {ENOSPC, EIO,    EACCES, EROFS, EMFILE,
                             EINTR,  ENOENT, EEXIST, EDQUOT};
enum { NESTED_STEP = 7 };
static unsigned long given_step = 1;

struct trial {
    const struct scenario *scenario;
    bool halves; /* see struct fault_fs */
    unsigned threads;
    unsigned long first, step; /* of the operations that are tried */
    bool full;
    struct picture before, after;
    struct lf_buf mine; /* of the run */
    unsigned long points, nested, old_state, new_state, mixed, lost, failed;
};

/* ---- the laws ---- */

static void complain(const char *what, unsigned long n, const char *why)
{
    printf("# %s at operation %lu: %s\n", what, n, why);
}

static void check_kept(struct trial *trial, const char *what, unsigned long n,
                       const struct picture *now)
{
    if (picture_keeps(&trial->mine, now))
        return;
    complain(what, n, "something of the user's is lost");
    trial->lost++;
}

/* Then the action goes through, by its end the tree is the new one. */
static void check_again(struct trial *trial, const struct world *world,
                        const char *what, unsigned long n, bool lied)
{
    struct lf_fs fs;
    struct lf_error err;
    world_fs(&fs);
    if (!world_act(world, &fs, &err)) {
        complain(what, n, err.message);
        trial->failed++;
        return;
    }
    struct picture now = picture_take(world);
    if (lied)
        picture_forget_spares(&now);
    if (!picture_same(&now, &trial->after)) {
        complain(what, n, "and the action that followed went wrong");
        picture_differ(&now, &trial->after);
        trial->mixed++;
    }
    check_kept(trial, what, n, &now);
    picture_free(&now);
}

/*
 * Old or new, and if `may_be_new` is false, old. With `lied`, an operation said
 * that something is or is not there, against the truth: a temporary name that
 * was said to be gone is then left behind, and nothing else.
 */
static void check_end(struct trial *trial, const struct world *world,
                      const char *what, unsigned long n, bool lied,
                      bool may_be_new)
{
    struct picture now = picture_take(world);
    if (lied)
        picture_forget_spares(&now);
    bool is_old = picture_same(&now, &trial->before);
    bool is_new = !is_old && picture_same(&now, &trial->after);
    trial->old_state += is_old;
    trial->new_state += is_new;
    if (!is_old && (!is_new || !may_be_new)) {
        complain(what, n, is_new ? "new, but said to be old" : "mixed");
        picture_differ(&now, &trial->before);
        trial->mixed++;
    }
    check_kept(trial, what, n, &now);
    picture_free(&now);
    if (is_old)
        check_again(trial, world, what, n, lied);
}

static void begin_run(struct trial *trial, struct world *world)
{
    world_begin(world, trial->scenario);
    world->options.threads = trial->threads;
    lf_buf_finish(&trial->mine);
    trial->mine = picture_mine(world);
}

/* ---- stopping ---- */

/* As after a reboot, every other time: devices have other numbers then. */
static void recover(struct trial *trial, const struct world *world,
                    const char *what, unsigned long n)
{
    struct fault_fs faults;
    struct lf_error err;
    world_faults(&faults, trial->halves);
    faults.renumber = n % 2;
    if (world_recover(world, &faults.fs, &err))
        return;
    complain(what, n, err.message);
    trial->failed++;
}

/* Stop at operation `n`, then at operation `m` of the recovery; 0: not. Whether
 * both were reached. */
static bool try_stop(struct trial *trial, unsigned long n, unsigned long m)
{
    struct world world;
    struct fault_fs faults;
    struct lf_error err;
    const char *what = m ? "stopped twice" : "stopped";
    begin_run(trial, &world);
    world_faults(&faults, trial->halves);
    faults.ops = FAULT_CHANGES;
    fault_fs_stop(&faults, n);
    (void)world_act(&world, &faults.fs, &err);
    bool reached = faults.struck;
    if (reached && m) {
        world_faults(&faults, trial->halves);
        faults.ops = FAULT_CHANGES;
        fault_fs_stop(&faults, m);
        (void)world_recover(&world, &faults.fs, &err);
        reached = faults.struck;
    }
    if (reached) {
        recover(trial, &world, what, n);
        check_end(trial, &world, what, n, false, true);
    }
    world_end(&world);
    return reached;
}

static void try_stops(struct trial *trial)
{
    for (unsigned long n = trial->first; try_stop(trial, n, 0);
         n += trial->step) {
        trial->points++;
        if (!trial->full && n % NESTED_STEP)
            continue;
        for (unsigned long m = 1; try_stop(trial, n, m); m++)
            trial->nested++;
    }
}

/* ---- failing ---- */

/* The operation that an error was made of. */
struct struck {
    unsigned long n;
    enum fault_op op;
    char name[256];
};

static void note_struck(void *arg, const struct fault_call *call)
{
    struct struck *struck = arg;
    if (call->number != struck->n)
        return;
    struck->op = call->op;
    snprintf(struck->name, sizeof(struck->name), "%s",
             call->name ? call->name : "-");
}

/*
 * What a lie may rightly lead to: a link that is said not to be there is
 * forgotten, without a ledger all begins anew, a directory that is said not to
 * be empty stays, and one in which a name is that was said to be gone is not
 * empty. Nothing is lost all the same.
 */
static bool may_mislead(enum fault_op op, int error)
{
    bool lies = error == ENOENT || error == EEXIST;
    unsigned honest = FAULT_CHANGES & ~(1u << FAULT_OPEN_FILE |
                                        1u << FAULT_RMDIR | 1u << FAULT_UNLINK);
    return lies && !(1u << op & honest);
}

static void check_misled(struct trial *trial, const struct world *world,
                         const char *what, unsigned long n)
{
    struct lf_fs fs;
    struct lf_error ignored;
    world_fs(&fs);
    recover(trial, world, what, n);
    (void)world_act(world, &fs, &ignored); /* may well meet a conflict */
    struct picture now = picture_take(world);
    check_kept(trial, what, n, &now);
    picture_free(&now);
}

static void check_failed(struct trial *trial, const struct world *world,
                         unsigned long n, int error, bool done,
                         const struct lf_error *err)
{
    const char *what = strerror(error);
    bool lied = error == ENOENT || error == EEXIST;
    bool later = !done &&
                 (err->code == LF_CODE_RECOVERY ||
                  err->code == LF_CODE_CLEAN_UP || err->code == LF_CODE_SYNC);
    if (later)
        recover(trial, world, what, n);
    check_end(trial, world, what, n, lied, done || later);
}

static bool try_error(struct trial *trial, unsigned long n, int error)
{
    struct world world;
    struct fault_fs faults;
    struct lf_error err = {0};
    struct struck struck = {.n = n};
    begin_run(trial, &world);
    world_faults(&faults, trial->halves);
    fault_fs_fail(&faults, n, error);
    faults.before = note_struck;
    faults.before_arg = &struck;
    bool done = world_act(&world, &faults.fs, &err);
    bool reached = faults.struck;
    if (reached && getenv("LF_CRASH_TRACE"))
        printf("# operation %lu, %s %s: %s LF%03d %s\n", n,
               fault_op_name(struck.op), struck.name, strerror(error),
               done ? 0 : (int)err.code, done ? "" : err.message);
    if (reached && may_mislead(struck.op, error))
        check_misled(trial, &world, strerror(error), n);
    else if (reached)
        check_failed(trial, &world, n, error, done, &err);
    if (faults.open) {
        complain(strerror(error), n, "a descriptor was left open");
        trial->failed++;
    }
    world_end(&world);
    return reached;
}

static void try_errors(struct trial *trial)
{
    size_t turn = (size_t)(trial->scenario - scenarios);
    bool reached = true;
    for (unsigned long n = trial->first; reached; n += trial->step) {
        size_t first = trial->full ? 0 : (n + turn) % ARRAY_LEN(errors);
        size_t end = trial->full ? ARRAY_LEN(errors) : first + 1;
        for (size_t i = first; i < end && reached; i++) {
            reached = try_error(trial, n, errors[i]);
            trial->points += reached;
        }
    }
}

/* ---- all of it ---- */

static void begin(struct trial *trial)
{
    struct world world;
    struct lf_fs fs;
    struct lf_error err;
    world_fs(&fs);
    begin_run(trial, &world);
    trial->before = picture_take(&world);
    assert_done(world_act(&world, &fs, &err), &err);
    trial->after = picture_take(&world);
    assert_false(picture_same(&trial->before, &trial->after));
    assert_true(picture_keeps(&trial->mine, &trial->after));
    world_end(&world);
}

static void run(const struct scenario *scenario, bool halves, unsigned threads)
{
    bool full = getenv("LF_CRASH_FULL") != NULL;
    unsigned long step = full || halves ? 1 : given_step;
    struct trial trial = {.scenario = scenario,
                          .halves = halves,
                          .threads = threads,
                          .first = 1 + (size_t)(scenario - scenarios) % step,
                          .step = step,
                          .full = full};
    begin(&trial);
    try_stops(&trial);
    if (trial.full || !halves)
        try_errors(&trial);
    print_message("# %s%s%s: %lu points, %lu nested; %lu old, %lu new, %lu "
                  "mixed, %lu lost, %lu failed\n",
                  scenario->name, halves ? ", without renameat2" : "",
                  threads > 1 ? ", by threads" : "", trial.points, trial.nested,
                  trial.old_state, trial.new_state, trial.mixed, trial.lost,
                  trial.failed);
    assert_true(trial.points > 0 && trial.old_state > 0 && trial.new_state > 0);
    assert_int_equal(trial.mixed + trial.lost + trial.failed, 0);
    picture_free(&trial.before);
    picture_free(&trial.after);
    lf_buf_finish(&trial.mine);
}

static void test_is_old_or_new(void **state)
{
    run(*state, false, 1);
}

static void test_is_old_or_new_by_renames(void **state)
{
    run(*state, true, 1);
}

static void test_is_old_or_new_by_threads(void **state)
{
    run(*state, false, 3);
}

/* The thread sanitizer has nothing to find in what one thread does. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FIRST_GROUP 2
#endif
#endif
#ifndef FIRST_GROUP
#define FIRST_GROUP 0
#endif

int main(int argc, char **argv)
{
    enum { N = ARRAY_LEN(scenarios), FIRST = FIRST_GROUP * N };
    struct CMUnitTest tests[3 * N];
    if (argc > 1)
        given_step = strtoul(argv[1], NULL, 10);
    if (given_step == 0)
        return 2;
    world_in_memory();
    for (size_t i = 0; i < N; i++) {
        void *scenario = (void *)(uintptr_t)&scenarios[i];
        tests[i] = (struct CMUnitTest){scenarios[i].name, test_is_old_or_new,
                                       NULL, NULL, scenario};
        tests[N + i] = (struct CMUnitTest){scenarios[i].name,
                                           test_is_old_or_new_by_renames, NULL,
                                           NULL, scenario};
        tests[2 * N + i] = (struct CMUnitTest){scenarios[i].name,
                                               test_is_old_or_new_by_threads,
                                               NULL, NULL, scenario};
    }
    return _cmocka_run_group_tests("crash", tests + FIRST, 3 * N - FIRST, NULL,
                                   NULL);
}
