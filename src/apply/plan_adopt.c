/* SPDX-License-Identifier: MIT */
/*
 * plan_adopt.c - planning the adoption of files by name
 */
#include "apply/planner.h"

#include "base/path.h"
#include "base/util.h"
#include "platform/sys.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Who is root is not led by others: all of these may change. */
static bool refuse_led(void *arg, struct lf_follow *follow)
{
    struct lf_error *err = arg;
    if (lf_planner_follows(follow))
        return true;
    lf_error_set(
            err, LF_CODE_FOREIGN_DIR, 0,
            "%.*s is a link of user %u, %s a directory that not only root "
            "may write",
            (int)follow->path.len, follow->path.data,
            (unsigned)(follow->link ? follow->link->uid : follow->above->uid),
            follow->further ? "below" : "in");
    lf_error_help(err, "see whose it is and where it leads; if that is meant, "
                       "name the path that it leads to");
    return false;
}

static bool guard(struct lf_planner *p, struct lf_str dir, struct lf_error *err)
{
    struct lf_error led = {0};
    if (lf_sys_uid() != 0)
        return true;
    if (!lf_followed_links(p->resolver, dir, refuse_led, &led, err))
        return false;
    if (led.code)
        *err = led;
    return led.code == 0;
}

/* It may be there, but this user cannot see it. */
static bool denied(struct lf_str path, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_UNRESOLVED, EACCES,
                 "'%.*s' cannot be looked at: %s", (int)path.len, path.data,
                 strerror(EACCES));
    lf_error_help(err, "run as a user who may search the directories above it");
    return false;
}

/* A path is the place of a file, its last component not followed. */
static bool place_of(struct lf_planner *p, struct lf_str path,
                     struct lf_adoptee *ret, struct lf_error *err)
{
    struct lf_str blocked, dir;
    int error;
    if (!lf_locate(p->resolver, path, path.len, NULL, 0, &ret->dir, &ret->name,
                   &blocked, err)) {
        if (err->code != LF_CODE_RESOLVE_REQUEST)
            return false;
        lf_error_prefix(err, "'%.*s'", (int)path.len, path.data);
        lf_error_help(err, "name a file that exists");
        return false;
    }
    if (ret->name.len > LF_NAME_LIMIT) {
        lf_error_set(err, LF_CODE_UNRESOLVED, ENAMETOOLONG,
                     "'%.*s' cannot be a file: a name has at most %d bytes",
                     (int)path.len, path.data, LF_NAME_LIMIT);
        lf_error_help(err, "name a file that exists");
        return false;
    }
    if (ret->dir.len > 0 && blocked.len == 0)
        return guard(p, lf_path_dir(path), err);
    if (!lf_resolve_dir(p->resolver, lf_path_dir(path), &dir, &error, err))
        return false;
    if (error == EACCES)
        return denied(path, err);
    lf_error_set(err, LF_CODE_UNRESOLVED, 0,
                 "the directory of '%.*s' leads nowhere", (int)path.len,
                 path.data);
    lf_error_help(err, "name a file that exists");
    return false;
}

static int compare_adoptees(const void *a, const void *b)
{
    const struct lf_adoptee *x = a, *y = b;
    return lf_place_compare(x->dir, x->name, y->dir, y->name);
}

static bool want_adopted(struct lf_planner *p, const struct lf_str *paths,
                         size_t count, struct lf_str into, struct lf_error *err)
{
    LF_AUTO_FREE struct lf_adoptee *places = calloc(count + 1, sizeof(*places));
    struct lf_str dir;
    size_t kept = 0;
    int error = 0;
    if (!places)
        return lf_error_oom(err);
    for (size_t i = 0; i < count; i++)
        if (!place_of(p, paths[i], &places[i], err))
            return false;
    qsort(places, count, sizeof(*places), compare_adoptees);
    for (size_t i = 0; i < count; i++) /* named twice is named */
        if (kept == 0 || compare_adoptees(&places[kept - 1], &places[i]) != 0)
            places[kept++] = places[i];
    if (!lf_resolve_dir(p->resolver, into, &dir, &error, err))
        return false;
    if (error == EACCES)
        return denied(into, err);
    if (error) {
        lf_error_set(err, LF_CODE_UNRESOLVED, error,
                     "'%.*s' leads to no directory: %s", (int)into.len,
                     into.data, strerror(error));
        lf_error_help(err, "name a directory that exists");
        return false;
    }
    return guard(p, into, err) &&
           lf_transaction_lock(p->t, places[0].dir, err) &&
           lf_desired_of_adopted(places, kept, dir, &p->desired, err);
}

bool lf_transaction_plan_adopt(struct lf_transaction *t,
                               const struct lf_str *paths, size_t count,
                               struct lf_str into, struct lf_plan **ret_plan,
                               struct lf_error *err)
{
    struct lf_planner p;
    bool ok = lf_planner_init(&p, t, LF_PURPOSE_ADOPT, LF_STR(""), err) &&
              want_adopted(&p, paths, count, into, err) &&
              lf_planner_plan(&p, ret_plan, err);
    lf_planner_finish(&p);
    return ok;
}
