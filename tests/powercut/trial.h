/* SPDX-License-Identifier: MIT */
/*
 * trial.h - one scenario on one kind of file system, with every cut
 */
#ifndef LF_POWERCUT_TRIAL_H
#define LF_POWERCUT_TRIAL_H

#include "disks.h"
#include "recorder.h"

#include "crash/picture.h"

/* Of one trial, or of all. Points are cuts; each ends in one of the others. */
struct trial_figures {
    unsigned long points, old_state, new_state, mixed, lost, broken;
};

/* What holds for all trials; powercut.c has the words of the command line. */
struct trial_options {
    const char *program, *preload, *omit;
    unsigned rounds;
    uint64_t seed;
};

enum { TRIAL_PATH = 4096 };

struct trial {
    const struct trial_options *options;
    const struct scenario *scenario;
    const struct kind_of_fs *kind;
    int n_disks, n_mounted;
    char place[TRIAL_PATH];   /* where all of it is */
    char mounted[TRIAL_PATH]; /* the disk that is in use */
    char shown[TRIAL_PATH];   /* the recorder's */
    char images[DISKS][TRIAL_PATH], safe[DISKS][TRIAL_PATH],
            cut[DISKS][TRIAL_PATH];
    char log[TRIAL_PATH], said[TRIAL_PATH];
    struct world world;
    struct picture before, after;
    struct lf_buf mine;
    struct trial_figures figures;
};

/**
 * Carries out a trial, which has its options, scenario, kind, number of disks
 * and an empty directory as its place, and counts in its figures.
 *
 * To be called in a process of its own: it makes a mount namespace of its own
 * and dies with its parent.
 *
 * @return whether no cut ended in anything but the old or the new state
 */
bool trial_run(struct trial *trial);

/** Prints a line of figures, after `title`. */
void trial_figures_print(const struct trial_figures *figures,
                         const char *title);

#endif
