/* SPDX-License-Identifier: MIT */
/*
 * memory.c - the whole program, with memory that runs out at every allocation
 *
 *     memory [PROGRAM PRELOAD]
 *
 * The program's own main function runs in a child process, in which the nth
 * allocation fails, or it and all that follow. Either the error is clean and
 * tree, ledger and state directory are as before, or what failed was not needed
 * and the tree is the new one. With two operands the program itself is run with
 * alloc_preload.c before it, which fails the libraries' allocations as well.
 * With LF_CRASH_FULL every n is tried, without every 11th, from another start
 * in each scenario.
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "cli/cli.h"
#include "picture.h"
#include "support/alloc_fail.h"
#include "support/check.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STEP = 11,
    ENDED = 1000, /* by a signal: the GNU C library asserts, or reads through a
                     null pointer, when it has no memory to look up a user */
};

/* Set by main(): NULL to run our own main function. */
static const char *program, *preload;

/* What the child tells, in memory that both share. */
struct told {
    bool failed; /* the allocation was reached */
};

static struct told *shared(void)
{
    void *at = mmap(NULL, sizeof(struct told), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(at, MAP_FAILED);
    return at;
}

static void set_up_child(const struct world *world)
{
    static const char *const unset[] = {
            "LINKFARM_PROFILE", "LINKFARM_STATE_DIR", "LINKFARM_MANIFEST",
            "XDG_STATE_HOME",   "XDG_CONFIG_HOME",    "NO_COLOR"};
    for (size_t i = 0; i < ARRAY_LEN(unset); i++)
        unsetenv(unset[i]);
    setenv("HOME", world->home, 1);
    int said = openat(world->scratch->fd, "said", O_WRONLY | O_CREAT | O_TRUNC,
                      0600);
    if (said < 0 || dup2(said, 1) < 0 || dup2(said, 2) < 0)
        _exit(99);
}

/* Does not return. */
static void exec_child(const struct world *world, size_t n, bool all_after,
                       int tell)
{
    char *argv[10], text[24];
    world_command(world, argv);
    set_up_child(world);
    snprintf(text, sizeof(text), "%d", tell);
    setenv("LF_ALLOC_FD", text, 1);
    snprintf(text, sizeof(text), "%zu", n);
    setenv("LF_ALLOC_AT", text, 1);
    if (all_after)
        setenv("LF_ALLOC_ALL", "1", 1);
    setenv("LD_PRELOAD", preload, 1);
    execv(program, argv);
    _exit(98);
}

/* Does not return. */
static void run_child(const struct world *world, size_t n, bool all_after,
                      struct told *told)
{
    char *argv[10];
    int argc = world_command(world, argv);
    set_up_child(world);
    if (all_after)
        alloc_fail_from(n);
    else
        alloc_fail_at(n);
    int status = lf_cli_main(argc, argv);
    told->failed = alloc_fail_stop();
    fflush(NULL);
    _exit(status);
}

static int run_program(const struct world *world, size_t n, bool all_after,
                       struct told *told)
{
    int status, tell[2];
    char byte;
    *told = (struct told){0};
    fflush(NULL);
    assert_int_equal(pipe(tell), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0 && program)
        exec_child(world, n, all_after, tell[1]);
    if (child == 0)
        run_child(world, n, all_after, told);
    close(tell[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(program || WIFEXITED(status));
    if (program)
        told->failed = read(tell[0], &byte, 1) == 1;
    close(tell[0]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : ENDED;
}

/* ---- the law ---- */

struct trial {
    const struct scenario *scenario;
    struct picture before, after;
    unsigned long points, old_state, new_state, ended;
};

static bool says_so(const char *said)
{
    return strstr(said, "out of memory") || strstr(said, strerror(ENOMEM));
}

static bool is_tidy(const struct world *world)
{
    return !scratch_exists(world->scratch, "state/journal") &&
           !scratch_exists(world->scratch, "state/ledger.new");
}

/* Done, or undone and said so; or done, and said that it could not be told. */
static bool is_right(const struct trial *trial, const struct world *world,
                     const struct picture *now, int status, const char *said)
{
    bool is_new = picture_same(now, &trial->after);
    if (status == 0 || strstr(said, "the command was carried out"))
        return is_new;
    return picture_same(now, &trial->before) && is_tidy(world) &&
           (status == ENDED || says_so(said));
}

static void check(struct trial *trial, const struct world *world, size_t n,
                  int status)
{
    size_t len;
    char *said = scratch_read(world->scratch, "said", &len);
    struct picture now = picture_take(world);
    bool is_old = picture_same(&now, &trial->before);
    bool right = is_right(trial, world, &now, status, said);
    trial->ended += status == ENDED;
    if (!right) {
        print_message("# allocation %zu: exit %d, %s\n", n, status, said);
        picture_differ(&now, &trial->before);
    }
    assert_true(right);
    trial->points++;
    trial->old_state += is_old;
    trial->new_state += !is_old;
    picture_free(&now);
    free(said);
}

/* Whether allocation `n` was reached. */
static bool try_at(struct trial *trial, size_t n, bool all_after,
                   struct told *told)
{
    struct world world;
    world_begin(&world, trial->scenario);
    world_write_manifest(&world);
    int status = run_program(&world, n, all_after, told);
    if (told->failed)
        check(trial, &world, n, status);
    else
        assert_int_equal(status, 0);
    world_end(&world);
    return told->failed;
}

static void test_runs_out_of_memory(void **state)
{
    struct trial trial = {.scenario = *state};
    struct world world;
    struct told *told = shared();
    bool full = getenv("LF_CRASH_FULL") != NULL;
    world_begin(&world, trial.scenario);
    trial.before = picture_take(&world);
    world_write_manifest(&world);
    assert_int_equal(run_program(&world, SIZE_MAX, false, told), 0);
    trial.after = picture_take(&world);
    world_end(&world);
    size_t turn = (size_t)(trial.scenario - scenarios);
    for (size_t n = full ? 0 : turn % STEP; try_at(&trial, n, false, told);)
        n += full ? 1 : STEP;
    for (size_t n = full ? 0 : turn % STEP; try_at(&trial, n, true, told);)
        n += full ? 1 : STEP;
    print_message("# %s: %lu points, %lu old, %lu new, 0 mixed; %lu ended in "
                  "the C library\n",
                  trial.scenario->name, trial.points, trial.old_state,
                  trial.new_state, trial.ended);
    assert_in_range(trial.ended, 0, 4);
    assert_true(trial.old_state > 5);
    picture_free(&trial.before);
    picture_free(&trial.after);
    munmap(told, sizeof(*told));
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[ARRAY_LEN(scenarios)];
    world_in_memory();
    if (argc == 3) {
        program = argv[1];
        preload = argv[2];
    }
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
        tests[i] = (struct CMUnitTest){scenarios[i].name,
                                       test_runs_out_of_memory, NULL, NULL,
                                       (void *)(uintptr_t)&scenarios[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
