/* SPDX-License-Identifier: MIT */
/*
 * outside.c - the real program, killed and failed at its system calls
 *
 *     outside PROGRAM [STEP]
 *
 * What crash.c does to the operations of the library, done by ptrace(2) to the
 * program's system calls: killed before and after each one that changes
 * something, the recovery too, and each made to fail; once more as on a kernel
 * without renameat2(2). With LF_CRASH_FULL all is tried in all scenarios.
 * Without, each kill in every fifth scenario (without renameat2, in the first
 * of these), or one at every STEPth call, and an error at every 7th call, which one
 * goes by the number.
 */
#include "outside.h"
#include "picture.h"
#include "support/check.h"

#include <errno.h>
#include <stdlib.h>

static const int errors[] = {ENOSPC, EIO,    EACCES, EROFS, EMFILE,
                             EINTR,  ENOENT, EEXIST, EDQUOT};
enum { FIRST = 1, SCENARIO_STEP = 5, CALL_STEP = 7, NESTED_STEP = 25 };

struct trial {
    const struct scenario *scenario;
    bool full, lacks_rename;
    struct picture before, after;
    unsigned long points, nested, old_state, new_state;
};

static const char *program;
static unsigned long kill_step = 1;

static void complain(const struct tracee *tracee, unsigned long n,
                     const char *what)
{
    printf("# %s at call %lu, %s\n", what, n,
           tracee->name ? tracee->name : "-");
}

/* By the next command that writes. */
static void recover(const struct world *world)
{
    struct tracee watch = {.said = world->said};
    outside_recover(program, world, &watch);
    if (!outside_ended(&watch, 0))
        outside_show(world);
    assert_true(outside_ended(&watch, 0));
}

static void check(struct trial *trial, const struct world *world,
                  const struct tracee *tracee, unsigned long n,
                  const struct lf_buf *mine, const char *what)
{
    struct picture now = picture_take(world);
    bool is_old = picture_same(&now, &trial->before);
    bool is_new = picture_same(&now, &trial->after);
    bool kept = picture_keeps(mine, &now);
    if ((!is_old && !is_new) || !kept) {
        complain(tracee, n, what);
        outside_show(world);
        picture_differ(&now, &trial->before);
    }
    assert_true((is_old || is_new) && kept);
    trial->old_state += is_old;
    trial->new_state += is_new;
    picture_free(&now);
}

/* ---- killed ---- */

/* Kill at call `n`, and at call `m` of the recovery; 0: not. Whether both were
 * reached. */
static bool try_kill(struct trial *trial, unsigned long n, unsigned long m,
                     enum tracee_blow blow)
{
    struct world world;
    world_begin(&world, trial->scenario);
    struct lf_buf mine = picture_mine(&world);
    struct tracee tracee = {.blow = blow,
                            .at = n,
                            .lacks_rename = trial->lacks_rename,
                            .said = world.said};
    outside_act(program, &world, &tracee);
    bool reached = tracee.struck;
    if (reached && m) {
        tracee.at = m;
        outside_recover(program, &world, &tracee);
        reached = tracee.struck;
    }
    if (reached) {
        recover(&world);
        check(trial, &world, &tracee, n, &mine, "killed");
    }
    lf_buf_finish(&mine);
    world_end(&world);
    return reached;
}

static void try_kills(struct trial *trial)
{
    unsigned long step = trial->full ? 1 : kill_step;
    static const enum tracee_blow blows[] = {TRACEE_KILL_BEFORE,
                                             TRACEE_KILL_AFTER};
    for (size_t i = 0; i < ARRAY_LEN(blows); i++) {
        for (unsigned long n = 1; try_kill(trial, n, 0, blows[i]); n += step) {
            trial->points++;
            /* one of those that are tried in each run of so many */
            if (!trial->full && n % NESTED_STEP >= step)
                continue;
            for (unsigned long m = 1; try_kill(trial, n, m, blows[i]);
                 m += step)
                trial->nested++;
        }
    }
}

/* ---- failed ---- */

/* The tree is old unless the program says that it is done, or that the next
 * run has something to finish. */
static bool try_fail(struct trial *trial, unsigned long n, int error)
{
    struct world world;
    bool lied = error == ENOENT || error == EEXIST;
    world_begin(&world, trial->scenario);
    struct lf_buf mine = picture_mine(&world);
    struct tracee tracee = {.blow = TRACEE_FAIL,
                            .at = n,
                            .error = error,
                            .lacks_rename = trial->lacks_rename,
                            .said = world.said};
    outside_act(program, &world, &tracee);
    assert_true(WIFEXITED(tracee.status));
    bool reached = tracee.struck;
    if (reached && lied) {
        /* what such a lie may lead to, crash.c tells apart */
        struct picture now = picture_take(&world);
        assert_true(picture_keeps(&mine, &now));
        picture_free(&now);
    } else if (reached) {
        recover(&world);
        check(trial, &world, &tracee, n, &mine, strerror(error));
    }
    lf_buf_finish(&mine);
    world_end(&world);
    trial->points += reached;
    return reached;
}

static void try_fails(struct trial *trial)
{
    bool reached = true;
    for (unsigned long n = 1; reached; n += trial->full ? 1 : CALL_STEP) {
        size_t turn = n / CALL_STEP + (size_t)(trial->scenario - scenarios);
        size_t first = trial->full ? 0 : turn % ARRAY_LEN(errors);
        size_t end = trial->full ? ARRAY_LEN(errors) : first + 1;
        for (size_t i = first; i < end && reached; i++)
            reached = try_fail(trial, n, errors[i]);
    }
}

/* ---- all of it ---- */

static void begin(struct trial *trial)
{
    struct world world;
    world_begin(&world, trial->scenario);
    trial->before = picture_take(&world);
    struct tracee watch = {.lacks_rename = trial->lacks_rename,
                           .said = world.said};
    outside_act(program, &world, &watch);
    if (!outside_ended(&watch, 0))
        outside_show(&world);
    assert_true(outside_ended(&watch, 0));
    trial->after = picture_take(&world);
    assert_false(picture_same(&trial->before, &trial->after));
    world_end(&world);
}

static bool is_chosen(const struct scenario *scenario, bool lacks_rename)
{
    size_t i = (size_t)(scenario - scenarios);
    return lacks_rename ? i == FIRST : i % SCENARIO_STEP == FIRST;
}

static void run(const struct scenario *scenario, bool lacks_rename)
{
    const char *why;
    if (!tracee_works(&why))
        skip_because(why);
    struct trial trial = {.scenario = scenario,
                          .lacks_rename = lacks_rename,
                          .full = getenv("LF_CRASH_FULL") != NULL};
    begin(&trial);
    if (trial.full || is_chosen(scenario, lacks_rename))
        try_kills(&trial);
    if (trial.full || !lacks_rename)
        try_fails(&trial);
    print_message("# %s%s: %lu points, %lu nested; %lu old, %lu new, 0 mixed, "
                  "0 lost\n",
                  scenario->name, lacks_rename ? ", without renameat2" : "",
                  trial.points, trial.nested, trial.old_state, trial.new_state);
    picture_free(&trial.before);
    picture_free(&trial.after);
}

static void test_is_old_or_new(void **state)
{
    run(*state, false);
}

static void test_is_old_or_new_by_renames(void **state)
{
    run(*state, true);
}

int main(int argc, char **argv)
{
    enum { N = ARRAY_LEN(scenarios) };
    struct CMUnitTest tests[2 * N];
    bool full = getenv("LF_CRASH_FULL") != NULL;
    size_t n = 0;
    if (argc > 2)
        kill_step = strtoul(argv[2], NULL, 10);
    if (argc < 2 || kill_step == 0)
        return 2;
    program = argv[1];
    outside_environment();
    for (size_t i = 0; i < N; i++) {
        void *scenario = (void *)(uintptr_t)&scenarios[i];
        tests[n++] = (struct CMUnitTest){scenarios[i].name, test_is_old_or_new,
                                         NULL, NULL, scenario};
        if (full || is_chosen(&scenarios[i], true))
            tests[n++] = (struct CMUnitTest){scenarios[i].name,
                                             test_is_old_or_new_by_renames,
                                             NULL, NULL, scenario};
    }
    return _cmocka_run_group_tests("outside", tests, n, NULL, NULL);
}
