/* SPDX-License-Identifier: MIT */
/*
 * trial.c - the action is recorded, then cut
 */
#define _GNU_SOURCE
#include "trial.h"

#include "cuts.h"

#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH = TRIAL_PATH };

/* ---- the program ---- */

static int run(const struct trial *trial, char *argv[], bool omit)
{
    char home[PATH + 8], nosync[64], preload[64];
    char *environment[4] = {home};
    posix_spawn_file_actions_t files;
    pid_t child;
    int status, library = -1;
    snprintf(home, sizeof(home), "HOME=%s", trial->world.home);
    if (omit && trial->options->omit) {
        snprintf(nosync, sizeof(nosync), "LF_NOSYNC=%s", trial->options->omit);
        /* a blank would end the path (ld.so(8)), and this has none */
        library = open(trial->options->preload, O_RDONLY | O_CLOEXEC);
        assert_true(library >= 0);
        snprintf(preload, sizeof(preload), "LD_PRELOAD=/proc/%d/fd/%d",
                 (int)getpid(), library);
        environment[1] = nosync;
        environment[2] = preload;
    }
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, trial->said,
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    assert_int_equal(posix_spawn(&child, trial->options->program, &files, NULL,
                                 argv, environment),
                     0);
    posix_spawn_file_actions_destroy(&files);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (library >= 0)
        close(library);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int act(const struct trial *trial, bool omit)
{
    char *argv[10];
    world_command(&trial->world, argv);
    return run(trial, argv, omit);
}

static int recover(const struct trial *trial)
{
    static char name[] = "linkfarm", recover[] = "recover",
                state_dir[] = "--state-dir";
    char *argv[] = {name, recover, state_dir, trial->world.state, NULL};
    return run(trial, argv, false);
}

static void show_said(const struct trial *trial)
{
    char line[1024];
    FILE *said = fopen(trial->said, "re");
    while (said && fgets(line, sizeof(line), said))
        printf("#   %s", line);
    if (said)
        fclose(said);
}

/* ---- mounting ---- */

static void unmount_disks(struct trial *trial)
{
    struct world *world = &trial->world;
    if (world->scratch->fd >= 0)
        close(world->scratch->fd);
    world->scratch->fd = -1;
    for (; trial->n_mounted > 1; trial->n_mounted--)
        disks_unmount(trial->kind, world->state);
    for (; trial->n_mounted > 0; trial->n_mounted--)
        disks_unmount(trial->kind, trial->mounted);
}

static bool mount_disks(struct trial *trial, const char *const images[DISKS])
{
    struct world *world = &trial->world;
    if (!disks_mount(trial->kind, images[0], trial->mounted))
        return false;
    trial->n_mounted++;
    world->scratch->fd =
            open(world->scratch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(world->scratch->fd >= 0);
    if (trial->n_disks == 1)
        return true;
    if (!disks_mount(trial->kind, images[1], world->state))
        return false;
    trial->n_mounted++;
    return true;
}

/* Not sync(2), which waits for all disks of the machine. */
static void sync_disks(const struct trial *trial)
{
    const char *const places[DISKS] = {trial->mounted, trial->world.state};
    for (int i = 0; i < trial->n_disks; i++) {
        int fd = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(syncfs(fd), 0);
        close(fd);
    }
}

static void name_in(const struct trial *trial, char *ret, const char *name)
{
    snprintf(ret, PATH, "%.4000s/%s", trial->place, name);
}

static void make_place(struct trial *trial)
{
    static const char *const names[][DISKS] = {
            {"image0", "image1"},
            {"safe0",  "safe1" },
            {"cut0",   "cut1"  },
    };
    assert_int_equal(mount("tmpfs", trial->place, "tmpfs", 0, "mode=0700"), 0);
    for (int i = 0; i < DISKS; i++) {
        name_in(trial, trial->images[i], names[0][i]);
        name_in(trial, trial->safe[i], names[1][i]);
        name_in(trial, trial->cut[i], names[2][i]);
        disks_make(trial->kind, trial->images[i]);
    }
    name_in(trial, trial->log, "log");
    name_in(trial, trial->said, "said");
    name_in(trial, trial->mounted, "disk");
    name_in(trial, trial->shown, "shown");
    assert_int_equal(mkdir(trial->mounted, 0700), 0);
    assert_int_equal(mkdir(trial->shown, 0700), 0);
}

/* ---- the action, recorded ---- */

/* The second disk is mounted where the state will be. */
static void mount_state(const char *state, void *arg)
{
    struct trial *trial = arg;
    if (trial->n_disks == 1)
        return;
    assert_int_equal(mkdir(state, 0700), 0);
    assert_true(disks_mount(trial->kind, trial->images[1], state));
    trial->n_mounted++;
    assert_int_equal(chmod(state, 0700), 0);
}

static void prepare(struct trial *trial)
{
    assert_true(disks_mount(trial->kind, trial->images[0], trial->mounted));
    trial->n_mounted++;
    setenv("TMPDIR", trial->mounted, 1);
    world_begin_with(&trial->world, trial->scenario, mount_state, trial);
    world_write_manifest(&trial->world);
    unmount_disks(trial);
    for (int i = 0; i < DISKS; i++)
        disks_copy(trial->images[i], trial->safe[i]);
}

static void record(struct trial *trial)
{
    char paths[DISKS][PATH];
    pid_t recorder;
    const char *const disks[DISKS] = {paths[0], paths[1]};
    const char *const safe[DISKS] = {trial->safe[0], trial->safe[1]};
    assert_int_equal(recorder_start(trial->shown, safe, trial->log, &recorder),
                     0);
    for (int i = 0; i < DISKS; i++)
        snprintf(paths[i], PATH, "%.4000s/disk%d", trial->shown, i);
    assert_true(mount_disks(trial, disks));
    trial->before = picture_take(&trial->world);
    trial->mine = picture_mine(&trial->world);
    world_write_manifest(&trial->world);
    sync_disks(trial);
    assert_int_equal(recorder_mark(trial->shown), 0);
    int status = act(trial, true);
    if (status != 0)
        show_said(trial);
    assert_int_equal(status, 0);
    assert_int_equal(recorder_mark(trial->shown), 0);
    trial->after = picture_take(&trial->world);
    assert_false(picture_same(&trial->before, &trial->after));
    unmount_disks(trial);
    assert_int_equal(recorder_stop(trial->shown, recorder), 0);
}

/* ---- the cuts ---- */

/* A word for what is wrong with a tree that was recovered; NULL: nothing is. */
static const char *judge(struct trial *trial, bool ended)
{
    struct picture now;
    if (recover(trial) != 0) {
        trial->figures.broken++;
        return "recover failed";
    }
    now = picture_take(&trial->world);
    bool is_old = picture_same(&now, &trial->before);
    bool is_new = picture_same(&now, &trial->after);
    bool kept = picture_keeps(&trial->mine, &now);
    trial->figures.old_state += is_old;
    trial->figures.new_state += is_new;
    trial->figures.lost += !kept;
    bool right = is_new || (is_old && !ended);
    trial->figures.mixed += !right;
    if (!right && !trial->options->omit)
        picture_differ(&now, is_old ? &trial->after : &trial->before);
    picture_free(&now);
    if (!right || !kept)
        return !kept    ? "a node is lost"
               : is_old ? "old, though the program had ended"
                        : "mixed";
    if (is_new && trial->scenario->act != ACT_APPLY)
        return NULL;
    world_write_manifest(&trial->world);
    if (act(trial, false) != 0) {
        trial->figures.broken++;
        return "the action failed afterwards";
    }
    now = picture_take(&trial->world);
    bool done = picture_same(&now, &trial->after);
    picture_free(&now);
    trial->figures.broken += !done;
    return done ? NULL : "the action did something else afterwards";
}

static void try_cut(struct trial *trial, struct cuts *cuts, enum cut how)
{
    const char *const images[DISKS] = {trial->cut[0], trial->cut[1]};
    const char *wrong = NULL;
    for (int i = 0; i < trial->n_disks; i++)
        disks_copy(trial->safe[i], trial->cut[i]);
    cuts_make(cuts, how, images);
    trial->figures.points++;
    if (mount_disks(trial, images)) {
        wrong = judge(trial, cuts->marks > 1);
        if (wrong && !trial->options->omit)
            show_said(trial);
    } else {
        wrong = strerror(errno);
        trial->figures.broken++;
    }
    unmount_disks(trial);
    if (wrong && !trial->options->omit)
        printf("# at byte %zu of the log, %zu writes not safe, cut %d: %s\n",
               cuts->at, cuts->n_pending, (int)how, wrong);
}

static void try_cuts(struct trial *trial)
{
    const char *const safe[DISKS] = {trial->safe[0], trial->safe[1]};
    const char *const images[DISKS] = {trial->cut[0], trial->cut[1]};
    struct cuts cuts;
    cuts_begin(&cuts, trial->log, safe, trial->options->seed);
    for (int i = 0; i < DISKS; i++)
        disks_copy(trial->safe[i], images[i]);
    while (cuts_next(&cuts)) {
        for (enum cut how = CUT_NONE; cuts.marks > 0 && how <= CUT_TORN;
             how++) {
            bool one = how == CUT_NONE || how == CUT_ALL;
            bool any = how == CUT_NONE || cuts.n_pending > 0;
            for (unsigned i = 0; any && i < (one ? 1 : trial->options->rounds);
                 i++)
                try_cut(trial, &cuts, how);
        }
        cuts_pass(&cuts);
    }
    assert_int_equal(cuts.marks, 2);
    cuts_end(&cuts);
}

/* ---- the trial ---- */

bool trial_run(struct trial *trial)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    assert_int_equal(unshare(CLONE_NEWNS), 0);
    assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    make_place(trial);
    prepare(trial);
    record(trial);
    try_cuts(trial);
    picture_free(&trial->before);
    picture_free(&trial->after);
    lf_buf_finish(&trial->mine);
    world_end(&trial->world);
    const struct trial_figures *figures = &trial->figures;
    return figures->mixed + figures->lost + figures->broken == 0;
}

void trial_figures_print(const struct trial_figures *figures, const char *title)
{
    printf("# %s: %lu points, %lu old, %lu new, %lu mixed, %lu lost, "
           "%lu not recovered\n",
           title, figures->points, figures->old_state, figures->new_state,
           figures->mixed, figures->lost, figures->broken);
}
