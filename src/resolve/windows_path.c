/* SPDX-License-Identifier: MIT */
/*
 * windows_path.c - the lexical stage: full paths, and the roots they begin with
 */
#include "resolve/resolver.h"
#include "resolve/windows.h"

#include <errno.h>
#include <stdlib.h>

static bool is_slash(char c)
{
    return c == '\\' || c == '/';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_drive(struct lf_str path)
{
    return path.len >= 2 && is_letter(path.data[0]) && path.data[1] == ':';
}

static struct lf_str from(struct lf_str path, size_t start)
{
    return lf_str_of(path.data + start, path.len - start);
}

/* Whether `path` begins with `prefix`, slashes of either kind alike. */
static bool begins(struct lf_str path, const char *prefix)
{
    size_t len = strlen(prefix);
    for (size_t i = 0; i < len; i++) {
        if (i >= path.len)
            return false;
        bool same = prefix[i] == '\\' ? is_slash(path.data[i])
                                      : path.data[i] == prefix[i];
        if (!same)
            return false;
    }
    return true;
}

struct lf_str lf_win_next(struct lf_str *rest, bool slashes)
{
    const char *data = rest->data;
    size_t start = 0;
    while (start < rest->len &&
           (data[start] == '\\' || (slashes && data[start] == '/')))
        start++;
    size_t end = start;
    while (end < rest->len && data[end] != '\\' &&
           !(slashes && data[end] == '/'))
        end++;
    struct lf_str next = lf_str_of(data + start, end - start);
    *rest = lf_str_of(data + end, rest->len - end);
    return next;
}

/* ---- roots ---- */

/* "server\share" at the start of `path`: both, and what follows. */
static bool split_share(struct lf_str path, struct lf_str *ret_share,
                        struct lf_str *ret_rest)
{
    struct lf_str rest = path;
    struct lf_str server = lf_win_next(&rest, true);
    struct lf_str share = lf_win_next(&rest, true);
    if (server.len == 0 || share.len == 0)
        return false;
    *ret_share = lf_str_of(server.data,
                           (size_t)(share.data + share.len - server.data));
    *ret_rest = rest;
    return true;
}

static bool is_guid_volume(struct lf_str path, size_t *ret_len)
{
    static const char prefix[] = "Volume{";
    struct lf_str head = lf_str_of(path.data, path.len < sizeof(prefix) - 1
                                                      ? path.len
                                                      : sizeof(prefix) - 1);
    const char *brace = path.len ? memchr(path.data, '}', path.len) : NULL;
    if (!brace || !lf_win_same_name(head, LF_STR("Volume{")))
        return false;
    *ret_len = (size_t)(brace - path.data) + 1;
    for (size_t i = 0; i < *ret_len; i++)
        if (is_slash(path.data[i]))
            return false;
    return *ret_len == path.len || is_slash(path.data[*ret_len]);
}

/* A share is named by two backslashes, its server, one more, and itself. */
static bool set_share(struct lf_str path, struct lf_win_root *ret,
                      bool *ret_failed)
{
    struct lf_str share;
    if (!split_share(path, &share, &ret->rest))
        return false;
    lf_buf_add(&ret->owned, LF_STR("\\\\"));
    struct lf_str rest = share;
    lf_buf_add(&ret->owned, lf_win_next(&rest, true));
    lf_buf_add_char(&ret->owned, '\\');
    lf_buf_add(&ret->owned, lf_win_next(&rest, true));
    ret->volume = lf_buf_str(&ret->owned);
    ret->remote = true;
    *ret_failed = lf_buf_failed(&ret->owned);
    return !*ret_failed;
}

bool lf_win_split_root(struct lf_str path, struct lf_win_root *ret,
                       bool *ret_failed)
{
    *ret = (struct lf_win_root){0};
    *ret_failed = false;
    bool device = begins(path, "\\\\?\\") || begins(path, "\\\\.\\") ||
                  begins(path, "\\??\\");
    if (device)
        path = from(path, 4);
    size_t len;
    if (is_guid_volume(path, &len)) {
        ret->volume = lf_str_of(path.data, len);
        ret->rest = from(path, len);
        return true;
    }
    if (is_drive(path) && (path.len == 2 || is_slash(path.data[2]))) {
        ret->volume = lf_str_of(path.data, 2);
        ret->rest = from(path, 2);
        return true;
    }
    if (device && path.len > 4 && is_slash(path.data[3]) &&
        lf_win_same_name(lf_str_of(path.data, 3), LF_STR("UNC")))
        return set_share(from(path, 4), ret, ret_failed);
    if (!device && begins(path, "\\\\"))
        return set_share(from(path, 2), ret, ret_failed);
    return false;
}

void lf_win_add_root(struct lf_buf *buf, struct lf_str volume)
{
    if (!is_drive(volume) && !begins(volume, "\\\\"))
        lf_buf_add(buf, LF_STR("\\\\?\\"));
    lf_buf_add(buf, volume);
}

/* ---- full paths ---- */

/* Behind `\\?\` a path is taken as it stands, but only if the prefix is spelt
 * with backslashes: `//?/` is normalised, like `\\.\` in any spelling. */
static bool is_verbatim(struct lf_str path)
{
    return lf_str_starts(path, LF_STR("\\\\?\\"));
}

static bool is_local_device(struct lf_str path)
{
    return begins(path, "\\\\.\\") ||
           (begins(path, "\\\\?\\") && !is_verbatim(path));
}

static enum lf_win_path_type type_of(struct lf_str path)
{
    if (begins(path, "\\\\?\\") || begins(path, "\\\\.\\"))
        return LF_WIN_DEVICE;
    if (begins(path, "\\\\"))
        return LF_WIN_UNC;
    if (begins(path, "\\"))
        return LF_WIN_ROOTED;
    if (!is_drive(path))
        return LF_WIN_RELATIVE;
    return path.len > 2 && is_slash(path.data[2]) ? LF_WIN_DRIVE_ABSOLUTE
                                                  : LF_WIN_DRIVE_RELATIVE;
}

const char *lf_win_path_type_name(enum lf_win_path_type type)
{
    static const char *const names[] = {
            [LF_WIN_RELATIVE] = "relative",
            [LF_WIN_ROOTED] = "rooted",
            [LF_WIN_DRIVE_RELATIVE] = "driverel",
            [LF_WIN_DRIVE_ABSOLUTE] = "driveabs",
            [LF_WIN_UNC] = "unc",
            [LF_WIN_DEVICE] = "device",
    };
    return names[type];
}

/* Bytes of `path` that dots cannot take away, a slash at their end included. */
static size_t root_len(struct lf_str path)
{
    struct lf_str share, rest;
    if (is_local_device(path))
        return 4;
    if (begins(path, "\\\\")) {
        if (!split_share(from(path, 2), &share, &rest))
            return path.len;
        return path.len - rest.len + (rest.len ? 1 : 0);
    }
    if (is_drive(path))
        return path.len > 2 && is_slash(path.data[2]) ? 3 : 2;
    return begins(path, "\\") ? 1 : 0;
}

/* The current directory of the drive that `path` begins with. */
static struct lf_str drive_cwd(struct lf_str path,
                               const struct lf_win_context *context,
                               struct lf_str cwd)
{
    struct lf_str drive = lf_str_of(path.data, 2);
    if (cwd.len >= 2 && lf_win_same_name(lf_str_of(cwd.data, 2), drive))
        return cwd;
    for (size_t i = 0; context && i < context->n_drives; i++) {
        struct lf_str dir = context->drives[i];
        if (dir.len >= 2 && lf_win_same_name(lf_str_of(dir.data, 2), drive))
            return dir;
    }
    return drive;
}

/* `path` behind the directory where it starts, not collapsed yet. */
static void add_whole(struct lf_buf *out, struct lf_str path,
                      enum lf_win_path_type type,
                      const struct lf_win_context *context)
{
    struct lf_str cwd = context ? context->cwd : LF_STR("");
    if (cwd.len == 0)
        cwd = LF_STR("C:\\");
    if (type == LF_WIN_RELATIVE || type == LF_WIN_DRIVE_RELATIVE) {
        bool drive = type == LF_WIN_DRIVE_RELATIVE;
        lf_buf_add(out, drive ? drive_cwd(path, context, cwd) : cwd);
        lf_buf_add_char(out, '\\');
        path = drive ? from(path, 2) : path;
    }
    if (type == LF_WIN_ROOTED) {
        size_t len = root_len(cwd);
        while (len && is_slash(cwd.data[len - 1]))
            len--;
        lf_buf_add(out, lf_str_of(cwd.data, len));
    }
    lf_buf_add(out, path);
}

/* A component in the middle loses a single dot at its end. */
static struct lf_str without_dot(struct lf_str name)
{
    size_t len = name.len;
    if (len > 1 && name.data[len - 1] == '.' && name.data[len - 2] != '.')
        name.len--;
    return name;
}

/* The last one loses all dots and spaces, if no slash follows it. */
static struct lf_str without_tail(struct lf_str name)
{
    while (name.len &&
           (name.data[name.len - 1] == '.' || name.data[name.len - 1] == ' '))
        name.len--;
    return name;
}

/* Back to before the last component, a slash before it left standing. */
static void pop(struct lf_buf *out, size_t root)
{
    size_t len = out->len;
    if (len > root && out->data[len - 1] == '\\')
        len--;
    while (len > root && out->data[len - 1] != '\\')
        len--;
    lf_buf_truncate(out, len);
}

/* A path that ends in dots does not end in a slash for it; the component that
 * is the last one then loses its tail as any last one does. */
static void end_at_dots(struct lf_buf *out, size_t root)
{
    if (out->len <= root)
        return;
    size_t len = out->len - (out->data[out->len - 1] == '\\');
    struct lf_str below = lf_str_of(out->data + root, len - root);
    lf_buf_truncate(out, root + without_tail(below).len);
}

static void collapse(struct lf_buf *out, struct lf_str whole)
{
    size_t root = root_len(whole);
    for (size_t i = 0; i < root; i++)
        lf_buf_add_char(out, is_slash(whole.data[i]) ? '\\' : whole.data[i]);
    struct lf_str rest = from(whole, root);
    struct lf_str name;
    while ((name = lf_win_next(&rest, true)).len) {
        bool last = rest.len == 0;
        if (lf_str_equal(name, LF_STR("..")))
            pop(out, root);
        else if (!lf_str_equal(name, LF_STR(".")))
            lf_buf_add(out, last ? without_tail(name) : without_dot(name));
        else if (out->len > root && !last)
            continue;
        if (last && (lf_str_equal(name, LF_STR(".")) ||
                     lf_str_equal(name, LF_STR(".."))))
            end_at_dots(out, root);
        else if (!last && out->len && out->data[out->len - 1] != '\\')
            lf_buf_add_char(out, '\\');
    }
}

static bool set_device(struct lf_str path, enum lf_win_path_type type,
                       struct lf_win_full_path *ret, struct lf_buf *out)
{
    if (type == LF_WIN_UNC || type == LF_WIN_DEVICE)
        return false;
    size_t start = path.len;
    while (start && !is_slash(path.data[start - 1]))
        start--;
    if (start == 0 && is_drive(path))
        start = 2;
    struct lf_str device = lf_win_device(from(path, start));
    if (device.len == 0)
        return false;
    ret->is_device = true;
    lf_buf_add(out, LF_STR("\\\\.\\"));
    lf_buf_add(out, device);
    return true;
}

bool lf_win_full_path(struct lf_str path, const struct lf_win_context *context,
                      struct lf_win_full_path *ret, struct lf_error *err)
{
    if (!lf_check_request(path, false, err))
        return false;
    if (path.len == 0) {
        lf_error_set(err, LF_CODE_RESOLVE_REQUEST, EINVAL,
                     "an empty path names nothing");
        return false;
    }
    struct lf_buf out = {0}, whole = {0};
    struct lf_win_full_path full = {.type = type_of(path)};
    if (is_verbatim(path)) {
        lf_buf_add(&out, path);
    } else if (!set_device(path, full.type, &full, &out)) {
        add_whole(&whole, path, full.type, context);
        if (!lf_buf_failed(&whole))
            collapse(&out, lf_buf_str(&whole));
    }
    bool failed = lf_buf_failed(&out) || lf_buf_failed(&whole);
    lf_buf_finish(&whole);
    if (failed) {
        lf_buf_finish(&out);
        return lf_error_oom(err);
    }
    full.full = lf_buf_take(&out);
    *ret = full;
    return true;
}
