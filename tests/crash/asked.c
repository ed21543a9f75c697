/* SPDX-License-Identifier: MIT */
/*
 * asked.c - the real program, asked to stop at any of its system calls
 *
 *     asked PROGRAM
 *
 * SIGINT, SIGTERM or SIGHUP comes at a system call, once or again and again.
 * The program ends with the signal's status and has undone all, or it had come
 * past its commit, and all is done. While it is held in the middle, others see
 * who holds the lock; when it is killed, nobody does. With LF_CRASH_FULL each
 * call is tried with each signal, and without, every 17th.
 */
#define _GNU_SOURCE /* asprintf(3) */
#include "outside.h"
#include "picture.h"
#include "support/check.h"

#include <signal.h>
#include <stdlib.h>

static const char *program;

static void need_tracing(void)
{
    const char *why;
    if (!tracee_works(&why))
        skip_because(why);
}

/* ---- signals ---- */

struct trial {
    const struct scenario *scenario;
    struct picture before, after;
    unsigned long points, undone, done;
};

/* Before it catches them, a signal ends it. */
static bool was_stopped(const struct tracee *tracee)
{
    return outside_ended(tracee, 128 + tracee->signal) ||
           (WIFSIGNALED(tracee->status) &&
            WTERMSIG(tracee->status) == tracee->signal);
}

static bool has_escape(const struct world *world)
{
    size_t len;
    char *said = scratch_read(world->scratch, "said", &len);
    bool has = memchr(said, '\033', len) != NULL;
    free(said);
    return has;
}

static bool try_signal(struct trial *trial, unsigned long n, int signal,
                       unsigned again)
{
    struct world world;
    world_begin(&world, trial->scenario);
    struct tracee tracee = {.blow = TRACEE_SIGNAL,
                            .at = n,
                            .all_calls = true,
                            .signal = signal,
                            .again = again,
                            .said = world.said};
    outside_act(program, &world, &tracee);
    if (tracee.struck) {
        struct picture now = picture_take(&world);
        bool stopped = was_stopped(&tracee);
        bool right = stopped ? picture_same(&now, &trial->before)
                             : outside_ended(&tracee, 0) &&
                                       picture_same(&now, &trial->after);
        right = right && !has_escape(&world) &&
                !scratch_exists(world.scratch, "state/journal");
        if (!right) {
            print_message("# signal %d at call %lu, %s: status %x\n", signal, n,
                          tracee.name, (unsigned)tracee.status);
            outside_show(&world);
            picture_differ(&now, stopped ? &trial->before : &trial->after);
        }
        assert_true(right);
        trial->undone += stopped;
        trial->done += !stopped;
        trial->points++;
        picture_free(&now);
    }
    world_end(&world);
    return tracee.struck;
}

static void begin(struct trial *trial)
{
    struct world world;
    world_begin(&world, trial->scenario);
    trial->before = picture_take(&world);
    struct tracee watch = {.said = world.said};
    outside_act(program, &world, &watch);
    assert_true(outside_ended(&watch, 0));
    trial->after = picture_take(&world);
    world_end(&world);
}

static void try_signals(const char *name)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    bool full = getenv("LF_CRASH_FULL") != NULL;
    struct trial trial = {.scenario = world_scenario(name)};
    begin(&trial);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        unsigned long step = full ? 1 : 17;
        /* once, and then at every call until the end */
        for (unsigned long n = 1 + i; try_signal(&trial, n, signals[i], 0);)
            n += step;
        for (unsigned long n = 6 + i; try_signal(&trial, n, signals[i], 9999);)
            n += step;
    }
    print_message("# %s: %lu points, %lu undone, %lu done\n", name,
                  trial.points, trial.undone, trial.done);
    assert_true(trial.undone > 10);
    picture_free(&trial.before);
    picture_free(&trial.after);
}

static void test_a_signal_undoes_all(void **state)
{
    (void)state;
    need_tracing();
    try_signals("backup of a file");
    if (getenv("LF_CRASH_FULL")) {
        try_signals("fold");
        try_signals("rollback");
        try_signals("remove");
    }
}

/* The calls of the recovery are not broken off. */
static void test_a_signal_does_not_break_a_recovery_off(void **state)
{
    (void)state;
    need_tracing();
    struct tracee tracee;
    unsigned long points = 0;
    for (unsigned long n = 1;; n++) {
        struct world world;
        world_begin(&world, world_scenario("relink"));
        struct picture before = picture_take(&world);
        tracee = (struct tracee){.blow = TRACEE_KILL_AFTER,
                                 .at = 14, /* in the middle of it */
                                 .said = world.said};
        outside_act(program, &world, &tracee);
        assert_true(tracee.struck);
        assert_true(scratch_exists(world.scratch, "state/journal"));
        tracee = (struct tracee){.blow = TRACEE_SIGNAL,
                                 .at = n,
                                 .signal = SIGINT,
                                 .said = world.said};
        outside_recover(program, &world, &tracee);
        if (tracee.struck) {
            assert_true(was_stopped(&tracee) || outside_ended(&tracee, 0));
            assert_false(scratch_exists(world.scratch, "state/journal"));
            struct picture now = picture_take(&world);
            assert_true(picture_same(&now, &before));
            points++;
            picture_free(&now);
        }
        picture_free(&before);
        world_end(&world);
        if (!tracee.struck)
            break;
    }
    assert_true(points > 3);
}

/* ---- locks ---- */

static char *said(const struct world *world)
{
    size_t len;
    return scratch_read(world->scratch, "said", &len);
}

/* Hold it somewhere between its journal and its commit. */
static void hold(const struct world *world, struct tracee *holder)
{
    *holder = (struct tracee){.blow = TRACEE_HOLD, .at = 16};
    outside_act(program, world, holder);
    assert_true(holder->struck);
    assert_true(scratch_exists(world->scratch, "state/journal"));
}

static void test_a_held_lock_names_its_holder(void **state)
{
    (void)state;
    need_tracing();
    struct world world;
    struct tracee holder, other = {0};
    char who[64];
    world_begin(&world, world_scenario("relink"));
    struct picture before = picture_take(&world);
    hold(&world, &holder);
    world.timeout = "--lock-timeout=0";
    other.said = world.said;
    outside_recover(program, &world, &other);
    assert_true(outside_ended(&other, 75));
    snprintf(who, sizeof(who), "is locked by process %d (apply)",
             (int)holder.pid);
    char *text = said(&world);
    assert_non_null(strstr(text, who));
    free(text);
    /* the tree has a lock of its own, for other state directories */
    char *state_dir = world.state;
    assert_true(asprintf(&world.state, "%s/other", world.scratch->path) > 0);
    outside_act(program, &world, &other);
    assert_true(outside_ended(&other, 75));
    snprintf(who, sizeof(who), "process %d works on the links in %s",
             (int)holder.pid, world.home);
    text = said(&world);
    assert_true(strstr(text, who) || strstr(text, "another process works"));
    free(text);
    free(world.state);
    world.state = state_dir;
    /* and a holder that is killed holds nothing */
    tracee_end(&holder);
    outside_recover(program, &world, &other);
    assert_true(outside_ended(&other, 0));
    struct picture now = picture_take(&world);
    assert_true(picture_same(&now, &before));
    picture_free(&before);
    picture_free(&now);
    world_end(&world);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_a_signal_undoes_all),
            cmocka_unit_test(test_a_signal_does_not_break_a_recovery_off),
            cmocka_unit_test(test_a_held_lock_names_its_holder),
    };
    if (argc != 2)
        return 2;
    program = argv[1];
    outside_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
