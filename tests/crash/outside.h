/* SPDX-License-Identifier: MIT */
/*
 * outside.h - a scenario carried out by the real program, under ptrace(2)
 */
#ifndef LF_CRASH_OUTSIDE_H
#define LF_CRASH_OUTSIDE_H

#include "support/tracee.h"
#include "world.h"

#include <sys/wait.h>

/** Set up this process for what follows; before the first world. */
void outside_environment(void);

/** Carry out the scenario's action. */
void outside_act(const char *program, const struct world *world,
                 struct tracee *tracee);

/** `linkfarm recover`. */
void outside_recover(const char *program, const struct world *world,
                     struct tracee *tracee);

/** Whether it ended by itself, with this status. */
bool outside_ended(const struct tracee *tracee, int status);

/** Print what the program said, as comments. */
void outside_show(const struct world *world);

#endif
