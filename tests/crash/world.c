/* SPDX-License-Identifier: MIT */
/* world.c - a home, a state directory, and a scenario to carry out in them */
#define _GNU_SOURCE
#include "world.h"

#include "base/buf.h"
#include "support/check.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* ---- tables ---- */

static int no_sync(struct lf_fs *fs, int fd)
{
    (void)fs;
    (void)fd;
    return 0;
}

void world_fs(struct lf_fs *ret)
{
    lf_fs_system(ret);
    ret->fsync = ret->syncfs = no_sync;
}

void world_faults(struct fault_fs *ret, bool halves)
{
    fault_fs_init(ret, NULL);
    ret->system.fsync = ret->system.syncfs = no_sync;
    ret->halves = halves;
}

/* ---- the worlds there are ---- */

static struct scratch *living[64];

/* A failure leaves a test in the middle. */
static void remove_all(void)
{
    for (size_t i = 0; i < ARRAY_LEN(living); i++)
        if (living[i])
            scratch_free(living[i]);
}

static void add_living(struct scratch *scratch)
{
    static bool asked;
    size_t i = 0;
    if (!asked)
        assert_int_equal(atexit(remove_all), 0);
    asked = true;
    while (i < ARRAY_LEN(living) - 1 && living[i])
        i++;
    living[i] = scratch;
}

static void remove_living(struct scratch *scratch)
{
    for (size_t i = 0; i < ARRAY_LEN(living); i++)
        if (living[i] == scratch)
            living[i] = NULL;
    scratch_free(scratch);
}

/* ---- making ---- */

static bool load(const struct world *world, const char *text,
                 struct lf_facts **facts, struct lf_diags *diags,
                 struct lf_manifest **manifest, struct lf_error *err)
{
    struct lf_manifest_request request = {.file = world->file};
    struct lf_buf whole = {0};
    bool named = strncmp(text, "name:", 5) == 0;
    lf_buf_add_format(&whole, "version: 1\n%sinto: ~/\n%s",
                      named ? "" : "name: t\n", text);
    lf_buf_add_char(&whole, '\0');
    scratch_file(world->scratch, "home/dot/m.yaml", whole.data);
    lf_buf_finish(&whole);
    if (!facts)
        return true;
    if (!lf_facts_new(facts, err))
        return false;
    request.facts = *facts;
    return lf_facts_set(*facts, "home", lf_str(world->home), err) &&
           lf_manifest_load(&request, diags, manifest, err);
}

void world_write_manifest(const struct world *world)
{
    const char *text = world->scenario->manifest;
    load(world, text ? text : "", NULL, NULL, NULL, NULL);
}

int world_command(const struct world *world, char *argv[10])
{
    static char numbers[][2] = {"0", "1"};
    static char program[] = "linkfarm", state_dir[] = "--state-dir",
                name[] = "--name=t", apply[] = "apply", remove[] = "remove",
                rollback[] = "rollback", adopt[] = "adopt", into[] = "--into";
    int argc = 0;
    argv[argc++] = program;
    switch (world->scenario->act) {
    case ACT_APPLY:
        argv[argc++] = apply;
        argv[argc++] = world->file;
        break;
    case ACT_ROLLBACK:
        argv[argc++] = rollback;
        argv[argc++] = numbers[world->scenario->generation != 0];
        argv[argc++] = name;
        break;
    case ACT_REMOVE:
        argv[argc++] = remove;
        argv[argc++] = name;
        break;
    case ACT_ADOPT:
        argv[argc++] = adopt;
        argv[argc++] = world->x;
        argv[argc++] = world->y;
        argv[argc++] = into;
        argv[argc++] = world->dot;
        break;
    }
    argv[argc++] = state_dir;
    argv[argc++] = world->state;
    argv[argc] = (char *)(uintptr_t)world->timeout;
    argc += world->timeout != NULL;
    argv[argc] = NULL;
    return argc;
}

static bool plan_apply(const struct world *world, struct lf_transaction *t,
                       const char *text, struct lf_error *err)
{
    struct lf_facts *facts = NULL;
    struct lf_manifest *manifest = NULL;
    struct lf_diags *diags = lf_diags_new(20);
    struct lf_plan *plan = NULL;
    const struct lf_report *report;
    bool ok = load(world, text, &facts, diags, &manifest, err) &&
              lf_transaction_plan(t, manifest, diags, &plan, err);
    if (ok && lf_diags_errors(diags)) { /* a source that could not be read */
        lf_error_set(err, lf_diags_at(diags, 0)->code, 0, "diagnostics");
        ok = false;
    }
    ok = ok && lf_transaction_apply(t, plan, &report, err);
    lf_plan_free(plan);
    lf_diags_free(diags);
    lf_manifest_free(manifest);
    lf_facts_free(facts);
    return ok;
}

bool world_open(const struct world *world, struct lf_fs *fs, bool write,
                struct lf_transaction **ret, struct lf_error *err)
{
    struct lf_transaction_options options = world->options;
    options.write = write;
    if (!lf_transaction_open_with(fs, &options, ret, err))
        return false;
    (*ret)->crew_least = 1; /* of which only more than one thread take notice */
    return true;
}

/* By time, owner and attribute the pictures tell the user's nodes from ours,
 * and from copies. A file system without attributes is none the worse. */
static int mark(const char *path, const struct stat *st, int kind,
                struct FTW *at)
{
    (void)at;
    const struct timespec times[2] = {
            {WORLD_TIME, 1},
            {WORLD_TIME, 2}
    };
    if (st->st_mtime != WORLD_TIME && kind != FTW_D) {
        if (kind == FTW_F)
            setxattr(path, "user.mine", path, strlen(path), 0);
        assert_int_equal(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW),
                         0);
    }
    return 0;
}

/* By then, links may be ours. */
static int mark_file(const char *path, const struct stat *st, int kind,
                     struct FTW *at)
{
    return kind == FTW_F ? mark(path, st, kind, at) : 0;
}

static void make_nodes(const struct world *world, const char *nodes,
                       int (*mark_as)(const char *, const struct stat *, int,
                                      struct FTW *))
{
    scratch_nodes(world->scratch, nodes);
    assert_int_equal(nftw(world->home, mark_as, 8, FTW_PHYS), 0);
}

const struct scenario *world_scenario(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
        if (strcmp(scenarios[i].name, name) == 0)
            return &scenarios[i];
    fail_msg("there is no scenario '%s'", name);
    return NULL;
}

void world_in_memory(void)
{
    if (access("/dev/shm", W_OK | X_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
}

void world_begin(struct world *world, const struct scenario *scenario)
{
    world_begin_with(world, scenario, NULL, NULL);
}

void world_begin_with(struct world *world, const struct scenario *scenario,
                      void (*on_state)(const char *state, void *arg), void *arg)
{
    struct lf_fs fs;
    struct lf_error err;
    *world = (struct world){.scenario = scenario, .scratch = scratch_new()};
    const char *path = world->scratch->path;
    add_living(world->scratch);
    assert_true(asprintf(&world->home, "%s/home", path) > 0);
    assert_true(asprintf(&world->state, "%s/state", path) > 0);
    assert_true(asprintf(&world->file, "%s/home/dot/m.yaml", path) > 0);
    assert_true(asprintf(&world->said, "%s/said", path) > 0);
    assert_true(asprintf(&world->x, "%s/home/x", path) > 0);
    assert_true(asprintf(&world->y, "%s/home/d/y", path) > 0);
    assert_true(asprintf(&world->dot, "%s/home/dot", path) > 0);
    world->options.state_dir = world->state;
    world->options.command = "crash";
    world_fs(&fs);
    if (on_state)
        on_state(world->state, arg);
    make_nodes(world, scenario->nodes, mark);
    for (size_t i = 0; i < 2 && scenario->before[i]; i++) {
        struct lf_transaction *t;
        assert_done(world_open(world, &fs, true, &t, &err), &err);
        assert_done(plan_apply(world, t, scenario->before[i], &err), &err);
        lf_transaction_close(t);
    }
    unlinkat(world->scratch->fd, "home/dot/m.yaml", 0);
    if (scenario->meanwhile)
        make_nodes(world, scenario->meanwhile, mark_file);
}

void world_end(struct world *world)
{
    remove_living(world->scratch);
    free(world->home);
    free(world->state);
    free(world->file);
    free(world->said);
    free(world->x);
    free(world->y);
    free(world->dot);
}

/* ---- acting ---- */

bool world_recover(const struct world *world, struct lf_fs *fs,
                   struct lf_error *err)
{
    struct lf_transaction *t;
    if (!world_open(world, fs, true, &t, err))
        return false;
    lf_transaction_close(t);
    return true;
}

bool world_carry_out(const struct world *world, struct lf_transaction *t,
                     struct lf_error *err)
{
    const struct scenario *scenario = world->scenario;
    const struct lf_str paths[] = {lf_str(world->x), lf_str(world->y)};
    struct lf_plan *plan = NULL;
    const struct lf_report *report;
    bool ok = false;
    switch (scenario->act) {
    case ACT_APPLY:
        return plan_apply(world, t, scenario->manifest, err);
    case ACT_ROLLBACK:
        ok = lf_transaction_plan_rollback(t, LF_STR("t"), scenario->generation,
                                          &plan, err);
        break;
    case ACT_REMOVE:
        ok = lf_transaction_plan_remove(t, LF_STR("t"), &plan, err);
        break;
    case ACT_ADOPT:
        ok = lf_transaction_plan_adopt(t, paths, ARRAY_LEN(paths),
                                       lf_str(world->dot), &plan, err);
        break;
    }
    ok = ok && lf_transaction_apply(t, plan, &report, err);
    lf_plan_free(plan);
    return ok;
}

bool world_act(const struct world *world, struct lf_fs *fs,
               struct lf_error *err)
{
    struct lf_transaction *t;
    if (!world_open(world, fs, true, &t, err))
        return false;
    bool ok = world_carry_out(world, t, err);
    lf_transaction_close(t);
    return ok;
}
