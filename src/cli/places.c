/* SPDX-License-Identifier: MIT */
/*
 * places.c - where things are: the state, the manifest, the home directory
 */
#include "cli/places.h"

#include "base/buf.h"
#include "base/path.h"
#include "base/util.h"
#include "platform/fs.h"
#include "platform/sys.h"
#include <linkfarm/resolve.h>

#include <errno.h>
#include <string.h>

static bool take(struct lf_buf *buf, char **ret_path, struct lf_error *err)
{
    if (lf_buf_failed(buf)) {
        lf_buf_finish(buf);
        return lf_error_oom(err);
    }
    *ret_path = buf->data; /* the buffer's memory becomes the caller's */
    return true;
}

bool lf_place_given(const char *path, struct lf_error *err)
{
    if (*path)
        return true;
    lf_error_set(err, LF_CODE_RESOLVE_REQUEST, ENOENT,
                 "an empty path names nothing");
    lf_error_help(err, "write . for the working directory");
    return false;
}

bool lf_place_start(const char *path, bool in_root, char **ret_start,
                    struct lf_error *err)
{
    *ret_start = NULL;
    return lf_place_given(path, err) &&
           (in_root || path[0] == '/' ||
            lf_place_absolute(".", ret_start, err));
}

static bool add_cwd(struct lf_buf *buf, struct lf_error *err)
{
    char cwd[LF_PATH_LIMIT + 1];
    int error = lf_sys_cwd(cwd, sizeof(cwd));
    if (error < 0) {
        lf_error_set(err, LF_CODE_WORKING_DIR, -error,
                     "the working directory is not known: %s",
                     strerror(-error));
        lf_error_help(err, "go to a directory that exists, or give absolute "
                           "paths");
        return false;
    }
    lf_buf_add(buf, lf_str(cwd));
    return true;
}

bool lf_place_absolute(const char *path, char **ret_path, struct lf_error *err)
{
    struct lf_buf buf = {0};
    if (!lf_place_given(path, err))
        return false;
    if (path[0] == '/') {
        lf_buf_add(&buf, lf_str(path));
        return take(&buf, ret_path, err);
    }
    if (!add_cwd(&buf, err)) {
        lf_buf_finish(&buf);
        return false;
    }
    if (strcmp(path, ".") != 0) {
        if (buf.len > 0 && buf.data[buf.len - 1] != '/')
            lf_buf_add_char(&buf, '/');
        lf_buf_add(&buf, lf_str(path));
    }
    return take(&buf, ret_path, err);
}

/* ---- the state ---- */

static const char *set_in_environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static bool joined(struct lf_str dir, const char *name, char **ret_path,
                   struct lf_error *err)
{
    struct lf_buf buf = {0};
    lf_path_add(&buf, dir, lf_str(name));
    return take(&buf, ret_path, err);
}

static bool default_state(struct lf_str home, char **ret_path,
                          struct lf_error *err)
{
    const char *xdg = set_in_environment("XDG_STATE_HOME");
    /* the XDG specification wants a relative one ignored */
    if (xdg && xdg[0] == '/')
        return joined(lf_str(xdg), "linkfarm", ret_path, err);
    if (lf_sys_uid() == 0)
        return joined(LF_STR("/var/lib"), "linkfarm", ret_path, err);
    if (home.len > 0)
        return joined(home, ".local/state/linkfarm", ret_path, err);
    lf_error_set(err, LF_CODE_NO_STATE_DIR, 0,
                 "it is not known where to keep the state: there is no home "
                 "directory");
    lf_error_help(err, "set HOME, or give --state-dir=DIR");
    return false;
}

bool lf_place_state(const struct lf_options *options, struct lf_str home,
                    char **ret_path, struct lf_error *err)
{
    if (options->state_dir)
        return lf_place_absolute(options->state_dir, ret_path, err);
    if (options->root) {
        LF_AUTO_FREE char *root = NULL;
        return lf_place_absolute(options->root, &root, err) &&
               joined(lf_str(root), "var/lib/linkfarm", ret_path, err);
    }
    const char *set = set_in_environment("LINKFARM_STATE_DIR");
    if (set)
        return lf_place_absolute(set, ret_path, err);
    return default_state(home, ret_path, err);
}

/* ---- the manifest ---- */

static const char manifest_name[] = "linkfarm.yaml";

/* Whatever stands there is taken: what is wrong with it, reading will say. */
static bool has(const char *dir, const char *name)
{
    struct lf_fs fs;
    struct lf_node node;
    lf_fs_system(&fs);
    LF_AUTO_CLOSE struct lf_fd fd = {&fs,
                                     fs.open_dir(&fs, -1, dir, LF_DIR_FOLLOW)};
    return fd.fd >= 0 && fs.stat(&fs, fd.fd, name, &node) == 0;
}

static bool has_manifest(const char *dir)
{
    return has(dir, manifest_name);
}

bool lf_place_stands(struct lf_str path)
{
    struct lf_str dir = lf_path_dir(path);
    char text[LF_PATH_LIMIT + 1];
    if (path.len == 0 || path.data[0] != '/' || dir.len > LF_PATH_LIMIT)
        return false;
    memcpy(text, dir.data, dir.len);
    text[dir.len] = '\0';
    return has(text, lf_path_name(path).data);
}

static bool config_manifest(struct lf_str home, char **ret_path,
                            struct lf_error *err)
{
    LF_AUTO_FREE char *dir = NULL;
    const char *xdg = set_in_environment("XDG_CONFIG_HOME");
    bool made = true;
    if (xdg && xdg[0] == '/')
        made = joined(lf_str(xdg), "linkfarm", &dir, err);
    else if (home.len > 0)
        made = joined(home, ".config/linkfarm", &dir, err);
    if (!made)
        return false;
    *ret_path = NULL;
    return !dir || !has_manifest(dir) ||
           joined(lf_str(dir), manifest_name, ret_path, err);
}

static bool copied(const char *text, char **ret_path, struct lf_error *err)
{
    struct lf_buf buf = {0};
    lf_buf_add(&buf, lf_str(text));
    return take(&buf, ret_path, err);
}

const char *lf_place_variable(void)
{
    return set_in_environment("LINKFARM_MANIFEST");
}

bool lf_place_manifest(const char *operand, struct lf_str home, char **ret_path,
                       struct lf_error *err)
{
    LF_AUTO_FREE char *cwd = NULL;
    /* a variable of a script that is not set: no other one is meant */
    if (operand && !operand[0]) {
        lf_error_set(err, LF_CODE_MANIFEST_MISSING, 0,
                     "the manifest that is named has an empty name");
        lf_error_help(err, "name a file, or leave it out");
        return false;
    }
    if (!operand)
        operand = lf_place_variable();
    if (operand)
        return copied(operand, ret_path, err);
    if (!lf_place_absolute(".", &cwd, err))
        return false;
    if (has_manifest(cwd))
        return copied(manifest_name, ret_path, err);
    return config_manifest(home, ret_path, err);
}

/* ---- home ---- */

bool lf_place_home(const char *root, struct lf_str home, char **ret_path,
                   struct lf_error *err)
{
    struct lf_view *view = NULL;
    struct lf_resolver *resolver = NULL;
    struct lf_str dir = {0};
    int error = 0;
    *ret_path = NULL;
    bool done = home.len == 0 ||
                (lf_view_open(root ? root : "/", &view, err) &&
                 lf_resolver_new(view, &resolver, err) &&
                 lf_resolve_dir(resolver, home, &dir, &error, err));
    if (done && dir.len > 0)
        done = copied(dir.data, ret_path, err);
    lf_resolver_free(resolver);
    lf_view_free(view);
    return done;
}

/* ---- a file with one name ---- */

bool lf_place_settled(const char *path, char **ret_path, struct lf_error *err)
{
    LF_AUTO_FREE char *absolute = NULL;
    LF_AUTO_FREE char *dir = NULL;
    if (!lf_place_absolute(path, &absolute, err))
        return false;
    struct lf_str file = lf_str(absolute);
    if (lf_path_has_dots(file) &&
        !lf_place_home(NULL, lf_path_dir(file), &dir, err))
        return false;
    return dir ? joined(lf_str(dir), lf_path_name(file).data, ret_path, err)
               : copied(absolute, ret_path, err);
}
