/* SPDX-License-Identifier: MIT */
/*
 * powercut.c - the power goes while the real program works
 *
 *     powercut PROGRAM [--fs=NAME]... [--disks=1|2] [--scenario=NAME]
 *              [--seed=N] [--rounds=N] [--jobs=N] [--omit=N --preload=FILE]
 *
 * A scenario is carried out on a disk, or with its state on a second one, that
 * remember each write and each flush. Then, at each flush and with samples of
 * what may be lost of the writes before it, the disks are made again as they
 * would be found after a power cut, mounted, and recovered. The tree must be
 * exactly old or new, new if the program had ended, every node of the user's
 * must be there unchanged, and the action must be possible then.
 *
 * With --omit the N-th sync of the program is left out, and it is right if then
 * some cut ends in something else: so it shows that it finds what is missing.
 *
 * Needs root, loop devices and /dev/fuse. Everything is in memory, in a mount
 * namespace of each trial's own: it is gone when the trial ends, however.
 */
#define _GNU_SOURCE
#include "trial.h"

#include "support/check.h"

#include <getopt.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 2, JOBS_MOST = 16 };

static struct trial_options common = {.rounds = ROUNDS, .seed = 1};

static struct {
    const char *fs[3];
    size_t n_fs;
    const char *scenario;
    int disks; /* 0: one, and two */
    unsigned jobs;
} options = {.jobs = 1};

/* ---- all of them ---- */

/* Most of a trial is waiting, so many run at once. */
struct running {
    pid_t pid; /* 0: none */
    struct trial trial;
    struct trial_figures *figures; /* shared with the trial's process */
};

static struct running running[JOBS_MOST];
static struct trial_figures total;
static unsigned n_told, n_wrong;

static void name_of(const struct trial *trial, char *ret, size_t size)
{
    snprintf(ret, size, "%s, %s, %s", trial->scenario->name, trial->kind->name,
             trial->n_disks == 1 ? "one disk" : "two disks");
}

static void tell(bool ok, const char *title, const char *skipped)
{
    printf("%sok %u - %s%s%s\n", ok ? "" : "not ", ++n_told, title,
           skipped ? " # SKIP " : "", skipped ? skipped : "");
    fflush(stdout);
}

static void end(struct running *ended, bool ok)
{
    const struct trial_figures *figures = ended->figures;
    char title[256];
    name_of(&ended->trial, title, sizeof(title));
    trial_figures_print(figures, title);
    n_wrong += !ok;
    if (!common.omit)
        tell(ok, title, NULL);
    total.points += figures->points;
    total.old_state += figures->old_state;
    total.new_state += figures->new_state;
    total.mixed += figures->mixed;
    total.lost += figures->lost;
    total.broken += figures->broken;
    ended->pid = 0;
    munmap(ended->figures, sizeof(*ended->figures));
    rmdir(ended->trial.place);
}

static bool await_one(void)
{
    int status;
    pid_t pid = wait(&status);
    for (size_t i = 0; pid > 0 && i < ARRAY_LEN(running); i++) {
        if (running[i].pid != pid)
            continue;
        end(&running[i], WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    return pid > 0;
}

static struct running *free_one(void)
{
    for (;;) {
        for (size_t i = 0; i < options.jobs; i++)
            if (running[i].pid == 0)
                return &running[i];
        if (!await_one())
            abort(); /* all are running, and none is a child */
    }
}

static void spawn_trial(const struct trial *trial)
{
    struct running *new = free_one();
    new->trial = *trial;
    snprintf(new->trial.place, sizeof(new->trial.place),
             "/tmp/lf-powercut-XXXXXX");
    assert_non_null(mkdtemp(new->trial.place));
    new->figures = mmap(NULL, sizeof(*new->figures), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(new->figures != MAP_FAILED);
    fflush(NULL);
    struct trial own = new->trial;
    new->pid = fork();
    assert_true(new->pid >= 0);
    if (new->pid > 0)
        return;
    bool ok = trial_run(&own);
    *new->figures = own.figures;
    exit(ok ? 0 : 1);
}

/* Not in a chroot(2) whose root is no mount of its own. */
static bool may_mount(void)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(unshare(CLONE_NEWNS) < 0 ||
              mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status == 0;
}

static const char *missing(const struct kind_of_fs *kind)
{
    const char *why;
    if (geteuid() != 0)
        return "needs root";
    if (access("/dev/fuse", R_OK | W_OK) < 0)
        return "needs /dev/fuse";
    if (access("/dev/loop-control", R_OK | W_OK) < 0)
        return "needs loop devices";
    if (!may_mount())
        return "needs mounts of its own";
    return disks_have(kind, &why) ? NULL : why;
}

static bool parse(int argc, char **argv)
{
    static const struct option known[] = {
            {"fs",               required_argument, NULL, 'f'},
            {"disks",              required_argument, NULL, 'd'},
            {"scenario",                  required_argument, NULL, 's'},
            {"seed",required_argument, NULL, 'n'},
            {"rounds",               required_argument, NULL, 'r'},
            {"jobs",         required_argument, NULL, 'j'},
            {"omit",              required_argument, NULL, 'o'},
            {"preload",                  required_argument, NULL, 'p'},
            {0             },
    };
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) >= 0;) {
        switch (c) {
        case 'f':
            if (options.n_fs == ARRAY_LEN(options.fs) || !disks_kind(optarg))
                return false;
            options.fs[options.n_fs++] = optarg;
            break;
        case 'd':
            options.disks = atoi(optarg);
            break;
        case 's':
            options.scenario = optarg;
            break;
        case 'n':
            common.seed = strtoull(optarg, NULL, 0);
            break;
        case 'r':
            common.rounds = (unsigned)strtoul(optarg, NULL, 0);
            break;
        case 'j':
            options.jobs = (unsigned)strtoul(optarg, NULL, 0);
            break;
        case 'o':
            common.omit = optarg;
            break;
        case 'p':
            common.preload = optarg;
            break;
        default:
            return false;
        }
    }
    if (optind != argc - 1 || (common.omit && !common.preload) ||
        options.jobs < 1 || options.jobs > JOBS_MOST)
        return false;
    common.program = argv[optind];
    return true;
}

static bool is_wanted(const struct trial *trial)
{
    return (!options.disks || options.disks == trial->n_disks) &&
           (!options.scenario ||
            strcmp(trial->scenario->name, options.scenario) == 0);
}

static void pass_over(const struct trial *trial, const char *why)
{
    char title[256];
    name_of(trial, title, sizeof(title));
    tell(true, title, why);
}

static void run_all(void)
{
    for (size_t f = 0; f < options.n_fs; f++) {
        struct trial trial = {.options = &common,
                              .kind = disks_kind(options.fs[f])};
        const char *why = missing(trial.kind);
        for (size_t s = 0; s < ARRAY_LEN(scenarios); s++) {
            trial.scenario = &scenarios[s];
            for (trial.n_disks = 1; trial.n_disks <= DISKS; trial.n_disks++) {
                if (is_wanted(&trial) && why)
                    pass_over(&trial, why);
                else if (is_wanted(&trial))
                    spawn_trial(&trial);
            }
        }
    }
    while (await_one())
        continue;
}

int main(int argc, char **argv)
{
    if (!parse(argc, argv)) {
        fprintf(stderr, "powercut: see the head of powercut.c\n");
        return 2;
    }
    if (options.n_fs == 0) {
        options.fs[options.n_fs++] = "ext4";
        options.fs[options.n_fs++] = "xfs";
        options.fs[options.n_fs++] = "btrfs";
    }
    printf("# seed %llu\n", (unsigned long long)common.seed);
    run_all();
    if (total.points > 0)
        trial_figures_print(&total, "all of them");
    bool ok = n_wrong == 0;
    if (common.omit && total.points > 0) {
        ok = !ok;
        tell(ok, "harm is seen where a sync is missing", NULL);
    }
    printf("1..%u\n", n_told);
    return ok ? 0 : 1;
}
