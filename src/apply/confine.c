/* SPDX-License-Identifier: MIT */
/*
 * confine.c - only the directories of the steps and of the state may change
 */
#include "apply/confine.h"

#include "apply/store.h"
#include "base/path.h"
#include "base/util.h"
#include "platform/root.h"
#include <errno.h>
#include <stdlib.h>

struct places {
    struct lf_str *list; /* physical directories; borrowed */
    uint32_t n, capacity;
};

static bool add(struct places *places, struct lf_str dir)
{
    /* what is relative lies in the state directory, which has a rule */
    if (dir.len == 0 || dir.data[0] != '/')
        return true;
    if (places->n > 0 && lf_str_equal(places->list[places->n - 1], dir))
        return true;
    if (!lf_array_reserve((void **)&places->list, places->n, &places->capacity,
                          sizeof(*places->list)))
        return false;
    places->list[places->n++] = dir;
    return true;
}

static int by_path(const void *a, const void *b)
{
    return lf_path_compare(*(const struct lf_str *)a,
                           *(const struct lf_str *)b);
}

/* A rule holds for all below: only the topmost directories need one. */
static void keep_topmost(struct places *places)
{
    uint32_t kept = 0;
    if (places->n > 1)
        qsort(places->list, places->n, sizeof(*places->list), by_path);
    for (uint32_t i = 0; i < places->n; i++)
        if (kept == 0 ||
            !lf_path_within(places->list[i], places->list[kept - 1]))
            places->list[kept++] = places->list[i];
    places->n = kept;
}

static size_t depth(struct lf_str dir)
{
    size_t count = 0;
    for (size_t i = 0; i < dir.len; i++)
        count += dir.data[i] == '/';
    return count;
}

/* The deepest first, so that what is near the root stays as it is. */
static void climb(struct places *places)
{
    size_t deepest = 0;
    for (uint32_t i = 0; i < places->n; i++)
        if (depth(places->list[i]) > deepest)
            deepest = depth(places->list[i]);
    for (uint32_t i = 0; i < places->n; i++)
        if (depth(places->list[i]) == deepest)
            places->list[i] = lf_path_dir(places->list[i]);
    keep_topmost(places);
}

static bool gather(struct places *places, const struct lf_steps *steps)
{
    for (uint32_t i = 0; i < steps->n_dirs; i++)
        if (!add(places, steps->dirs[i].path))
            return false;
    for (uint32_t i = 0; i < steps->n_wholes; i++)
        if (!add(places, steps->wholes[i].dir2))
            return false;
    keep_topmost(places);
    while (places->n > LF_CONFINE_PLACES)
        climb(places);
    return true;
}

/* A directory that the steps will make lies below one that has a rule; what
 * else cannot be opened, the step itself will say. A store that has gone is made
 * anew, where it stood. */
static int allow(struct lf_sandbox *sandbox, struct lf_fs *fs, int root_fd,
                 struct lf_str dir, unsigned rights)
{
    int fd = lf_root_open(fs, root_fd, dir, LF_DIR_PATH);
    while (fd == -ENOENT && lf_store_is(dir)) {
        dir = lf_path_dir(dir);
        fd = lf_root_open(fs, root_fd, dir, LF_DIR_PATH);
    }
    if (fd < 0)
        return 0;
    int result = lf_sandbox_allow(sandbox, fd, rights);
    fs->close(fs, fd);
    return result;
}

bool lf_confine_begin(struct lf_sandbox *ret_sandbox,
                      const struct lf_runner *runner,
                      const struct lf_steps *steps, struct lf_confinement *ret,
                      struct lf_error *err)
{
    struct places places = {0};
    *ret = (struct lf_confinement){0};
    int result = lf_sandbox_begin(ret_sandbox);
    bool gathered = result < 0 || gather(&places, steps);
    if (result == 0 && gathered)
        result = lf_sandbox_allow(ret_sandbox, runner->state_fd,
                                  LF_SANDBOX_NAMES);
    for (uint32_t i = 0; i < places.n && gathered && result == 0; i++)
        result = allow(ret_sandbox, runner->fs, runner->root_fd, places.list[i],
                       LF_SANDBOX_NAMES);
    ret->abi = ret_sandbox->abi;
    ret->places = places.n;
    ret->os_errno = -result;
    ret->asked = result < 0; /* else it is when it is entered */
    free(places.list);
    if (result < 0 || !gathered)
        lf_sandbox_finish(ret_sandbox);
    return gathered || lf_error_oom(err);
}

void lf_confine_enter(struct lf_sandbox *sandbox, struct lf_confinement *ret)
{
    if (sandbox->ruleset < 0)
        return;
    int result = lf_sandbox_enter(sandbox);
    ret->asked = true;
    ret->os_errno = -result;
    ret->in_force = result == 0;
    lf_sandbox_finish(sandbox);
}

/* Nodes are removed in their store, and the store where it stands. Of one that
 * others than root may have put there, nothing is. */
static int allow_store(struct lf_sandbox *sandbox,
                       const struct lf_transaction *t, struct lf_str store)
{
    struct lf_store_roots roots = {t->fs, t->root_fd, t->state.fd};
    struct lf_store_alien alien;
    LF_AUTO_CLOSE struct lf_fd itself = {
            t->fs,
            lf_store_open(&roots, store, lf_str(""), LF_DIR_PATH, &alien)};
    if (itself.fd < 0)
        return 0;
    int result = lf_sandbox_allow(sandbox, itself.fd, LF_SANDBOX_NAMES);
    if (result < 0)
        return result;
    LF_AUTO_CLOSE struct lf_fd above = {
            t->fs, lf_store_open_above(&roots, lf_path_dir(store), LF_DIR_PATH,
                                       &alien)};
    return above.fd < 0
                   ? 0
                   : lf_sandbox_allow(sandbox, above.fd, LF_SANDBOX_EMPTIES);
}

void lf_confine_to_store(struct lf_transaction *t,
                         const struct lf_displaced *nodes, size_t count)
{
    struct lf_sandbox sandbox;
    struct lf_confinement *ret = &t->confinement;
    struct lf_str last = {0};
    *ret = (struct lf_confinement){.asked = true};
    int result = lf_sandbox_begin(&sandbox);
    ret->abi = sandbox.abi;
    if (result == 0)
        result = lf_sandbox_allow(&sandbox, t->state.fd,
                                  LF_SANDBOX_NAMES | LF_SANDBOX_FILES);
    for (size_t i = 0; i < count && result == 0; i++) {
        if (nodes[i].store.len == 0 || lf_str_equal(nodes[i].store, last))
            continue;
        last = nodes[i].store;
        result = allow_store(&sandbox, t, last);
        ret->places++;
    }
    ret->os_errno = -result;
    if (result == 0)
        lf_confine_enter(&sandbox, ret);
    lf_sandbox_finish(&sandbox);
}
