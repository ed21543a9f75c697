/* SPDX-License-Identifier: MIT */
/*
 * inside.c - directories of manifest files as a system with a root of its own
 * sees them
 */
#include "manifest/loader.h"

#include "base/path.h"

/* The part of `dir` below `root`, where its spelling shows that. */
static bool spelled_below(struct lf_str dir, struct lf_str root,
                          struct lf_str *ret_dir)
{
    while (root.len && root.data[root.len - 1] == '/')
        root.len--;
    if (root.len && !lf_path_within(dir, root))
        return false;
    *ret_dir = dir.len == root.len
                       ? LF_STR("/")
                       : lf_str_of(dir.data + root.len, dir.len - root.len);
    return true;
}

bool lf_loader_settle(struct lf_loader *loader, struct lf_str dir,
                      struct lf_str *ret_dir)
{
    struct lf_view *view = NULL;
    struct lf_resolver *resolver = NULL;
    struct lf_str found = {0};
    int error = 0;
    loader->manifest->asked_disk = true;
    bool ok = lf_view_open("/", &view, loader->err) &&
              lf_resolver_new(view, &resolver, loader->err) &&
              lf_resolve_dir(resolver, dir, &found, &error, loader->err);
    if (ok) {
        *ret_dir = lf_arena_str(&loader->manifest->arena, error ? dir : found);
        ok = ret_dir->data || lf_error_oom(loader->err);
    }
    lf_resolver_free(resolver);
    lf_view_free(view);
    return ok;
}

bool lf_loader_inside_root(struct lf_loader *loader, struct lf_str dir,
                           struct lf_str *ret_dir)
{
    struct lf_str root = lf_str(loader->request->root);
    struct lf_str settled_root, settled;
    *ret_dir = dir;
    if (root.len == 0 || spelled_below(dir, root, ret_dir))
        return true;
    if (!lf_loader_settle(loader, root, &settled_root) ||
        !lf_loader_settle(loader, dir, &settled))
        return false;
    spelled_below(settled, settled_root, ret_dir);
    return true;
}
