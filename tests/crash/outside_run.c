/* SPDX-License-Identifier: MIT */
/* outside_run.c - a scenario carried out by the real program */
#define _GNU_SOURCE
#include "outside.h"

#include "support/check.h"

#include <stdlib.h>

/* Leaks cannot be looked for under ptrace. */
static char asan[] = "ASAN_OPTIONS=detect_leaks=0";

void outside_environment(void)
{
    world_in_memory();
}

static void run(const char *program, const struct world *world,
                struct tracee *tracee, char *argv[])
{
    char *home;
    assert_true(asprintf(&home, "HOME=%s", world->home) > 0);
    char *environment[] = {home, asan, NULL};
    argv[0] = (char *)(uintptr_t)program;
    tracee_strike(tracee, argv, environment);
    free(home);
}

void outside_act(const char *program, const struct world *world,
                 struct tracee *tracee)
{
    char *argv[10];
    world_write_manifest(world);
    world_command(world, argv);
    run(program, world, tracee, argv);
}

void outside_recover(const char *program, const struct world *world,
                     struct tracee *tracee)
{
    static char recover[] = "recover", state_dir[] = "--state-dir";
    char *argv[] = {NULL,
                    recover,
                    state_dir,
                    world->state,
                    (char *)(uintptr_t)world->timeout,
                    NULL};
    run(program, world, tracee, argv);
}

bool outside_ended(const struct tracee *tracee, int status)
{
    return WIFEXITED(tracee->status) && WEXITSTATUS(tracee->status) == status;
}

void outside_show(const struct world *world)
{
    size_t len;
    char *said = scratch_read(world->scratch, "said", &len);
    for (char *rest = said, *line; (line = strtok_r(rest, "\n", &rest));)
        print_message("#   %s\n", line);
    free(said);
}
