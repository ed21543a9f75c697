/* SPDX-License-Identifier: MIT */
/*
 * build_path.c - texts of a manifest, expanded; paths, made absolute
 */
#include "base/path.h"
#include "base/util.h"
#include "manifest/loader.h"

#include <string.h>

/* Expand into loader->scratch. */
static enum lf_built expand(struct lf_loader *loader, struct lf_yaml *node)
{
    struct lf_check check = lf_loader_check(loader, loader->current);
    struct lf_expansion_fault fault;
    struct lf_buf *out = &loader->scratch;
    lf_buf_clear(out);
    bool good = lf_expand(&loader->scope, node->text, out, &fault);
    if (lf_buf_failed(out)) {
        lf_error_oom(loader->err);
        return LF_BUILT_FAILED;
    }
    if (!good) {
        lf_report_expansion(&check, node, &fault);
        return LF_BUILT_FAULT;
    }
    if (out->len > LF_PATH_LIMIT) {
        lf_report(&check, node, LF_CODE_PATH_TOO_LONG, NULL,
                  "this is %zu bytes long; a path or link text has at most "
                  "4,095",
                  out->len);
        return LF_BUILT_FAULT;
    }
    return LF_BUILT;
}

bool lf_keep_text(struct lf_loader *loader, struct lf_str text,
                  struct lf_str *ret)
{
    *ret = lf_arena_str(&loader->manifest->arena, text);
    return ret->data || lf_error_oom(loader->err);
}

static enum lf_built keep(struct lf_loader *loader, struct lf_str text,
                          struct lf_str *ret)
{
    return lf_keep_text(loader, text, ret) ? LF_BUILT : LF_BUILT_FAILED;
}

enum lf_built lf_build_text(struct lf_loader *loader, struct lf_yaml *node,
                            struct lf_str *ret_text)
{
    enum lf_built built = expand(loader, node);
    if (built != LF_BUILT)
        return built;
    return keep(loader, lf_buf_str(&loader->scratch), ret_text);
}

/* Add `path` without empty and `.` components, and without a slash at the end.
 * `..` stays: what it means is known only where it is looked up. */
static void add_tidy(struct lf_buf *buf, struct lf_str path)
{
    for (;;) {
        struct lf_str name = lf_path_next(&path);
        if (name.len == 0)
            return;
        if (lf_str_equal(name, LF_STR(".")))
            continue;
        lf_buf_add_char(buf, '/');
        lf_buf_add(buf, name);
    }
}

/* Where relative paths of a kind start, without what add_tidy() leaves out: empty for
 * the root. data NULL without memory. */
static struct lf_str tidy_start(struct lf_loader *loader, enum lf_start start,
                                struct lf_str base)
{
    struct lf_buf *tidied = &loader->starts[start].tidied;
    struct lf_str *given = &loader->starts[start].given;
    if (base.data != given->data || base.len != given->len) {
        lf_buf_clear(tidied);
        add_tidy(tidied, base);
        *given = lf_buf_failed(tidied) ? lf_str(NULL) : base;
    }
    if (lf_buf_failed(tidied))
        return lf_str(NULL);
    return tidied->len ? lf_buf_str(tidied) : LF_STR("");
}

/* `path` below `base`, which is where most paths of that kind start, in
 * loader->tidied. False: no memory. */
static bool tidy(struct lf_loader *loader, enum lf_start start,
                 struct lf_str base, struct lf_str path)
{
    struct lf_buf *buf = &loader->tidied;
    struct lf_str from = tidy_start(loader, start, base);
    lf_buf_clear(buf);
    if (path.data[0] != '/')
        lf_buf_add(buf, from);
    add_tidy(buf, path);
    if (buf->len == 0)
        lf_buf_add_char(buf, '/');
    return !lf_buf_failed(buf) && from.data;
}

/* Whether a text is a relative path as it is to be kept: nothing to expand, and each
 * component one that add_tidy() keeps and limits_hold() lets pass. Most are. */
static bool is_tidy(struct lf_str text)
{
    if (text.len == 0 || text.len > LF_PATH_LIMIT || text.data[0] == '~' ||
        memchr(text.data, '$', text.len))
        return false;
    const char *at = text.data, *end = text.data + text.len;
    for (;;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        size_t len = (size_t)((slash ? slash : end) - at);
        if (len == 0 || len > LF_NAME_LIMIT || (len == 1 && *at == '.'))
            return false;
        if (!slash)
            return true;
        at = slash + 1;
    }
}

/* Such a path below where it starts; data NULL without memory. */
static struct lf_str join(struct lf_arena *arena, struct lf_str base,
                          struct lf_str text)
{
    char *path = lf_arena_bytes(arena, base.len + 1 + text.len + 1);
    if (!path)
        return lf_str(NULL);
    if (base.len)
        memcpy(path, base.data, base.len);
    path[base.len] = '/';
    memcpy(path + base.len + 1, text.data, text.len);
    return lf_str_of(path, base.len + 1 + text.len);
}

static bool limits_hold(struct lf_loader *loader, struct lf_yaml *node,
                        struct lf_str path)
{
    struct lf_check check = lf_loader_check(loader, loader->current);
    if (path.len <= LF_NAME_LIMIT)
        return true;
    if (path.len > LF_PATH_LIMIT) {
        lf_report(&check, node, LF_CODE_PATH_TOO_LONG, NULL,
                  "the path is %zu bytes long; at most 4,095 are possible",
                  path.len);
        return false;
    }
    for (;;) {
        struct lf_str name = lf_path_next(&path);
        if (name.len == 0)
            return true;
        if (name.len <= LF_NAME_LIMIT)
            continue;
        lf_report(&check, node, LF_CODE_NAME_TOO_LONG, NULL,
                  "a component of the path is %zu bytes long; at most 255 are "
                  "possible",
                  name.len);
        return false;
    }
}

static struct lf_str start_of(const struct lf_loader *loader,
                              enum lf_start start)
{
    switch (start) {
    case LF_START_SOURCE:
        return loader->from;
    case LF_START_INTO:
        return loader->manifest->into;
    case LF_START_FILE:
        break;
    }
    return lf_path_dir(loader->files[loader->current].path);
}

/* The path that `text` spells, which is expanded. */
static enum lf_built build(struct lf_loader *loader, struct lf_yaml *node,
                           enum lf_start start, struct lf_str text,
                           struct lf_str *ret_path)
{
    struct lf_check check = lf_loader_check(loader, loader->current);
    if (text.len == 0) {
        lf_report_vanished(&check, node);
        return LF_BUILT_FAULT;
    }
    struct lf_str base = start_of(loader, start);
    if (text.data[0] != '/' && base.len == 0) {
        if (loader->into_lost) /* that was the fault */
            return LF_BUILT_FAULT;
        lf_report(&check, node, LF_CODE_NO_INTO,
                  "add \"into: ~/\" at the top, or begin the path with ~/ or /",
                  "a relative link path, but the manifest has no into");
        return LF_BUILT_FAULT;
    }
    if (!tidy(loader, start, base, text)) {
        lf_error_oom(loader->err);
        return LF_BUILT_FAILED;
    }
    struct lf_str path = lf_buf_str(&loader->tidied);
    if (!limits_hold(loader, node, path))
        return LF_BUILT_FAULT;
    return keep(loader, path, ret_path);
}

/* The same where the text says it as it is; false if not. */
static bool build_plainly(struct lf_loader *loader, const struct lf_yaml *node,
                          enum lf_start start, enum lf_built *ret,
                          struct lf_str *ret_path)
{
    struct lf_str base = start_of(loader, start);
    if (base.len == 0 || !is_tidy(node->text))
        return false;
    struct lf_str from = tidy_start(loader, start, base);
    if (from.len + 1 + node->text.len > LF_PATH_LIMIT)
        return false;
    *ret_path = from.data ? join(&loader->manifest->arena, from, node->text)
                          : lf_str(NULL);
    *ret = LF_BUILT;
    if (!ret_path->data) {
        lf_error_oom(loader->err);
        *ret = LF_BUILT_FAILED;
    }
    return true;
}

enum lf_built lf_build_spelled_path(struct lf_loader *loader,
                                    struct lf_yaml *node, enum lf_start start,
                                    struct lf_str *ret_text,
                                    struct lf_str *ret_path)
{
    enum lf_built built;
    *ret_text = node->text;
    if (build_plainly(loader, node, start, &built, ret_path))
        return built;
    built = expand(loader, node);
    if (built != LF_BUILT)
        return built;
    *ret_text = lf_buf_str(&loader->scratch);
    return build(loader, node, start, *ret_text, ret_path);
}

enum lf_built lf_build_path(struct lf_loader *loader, struct lf_yaml *node,
                            enum lf_start start, struct lf_str *ret_path)
{
    struct lf_str text;
    return lf_build_spelled_path(loader, node, start, &text, ret_path);
}

/* Whether a component may be `..`. */
static bool has_two_dots(struct lf_str text)
{
    for (size_t i = 1; i < text.len; i++)
        if (text.data[i] == '.' && text.data[i - 1] == '.')
            return true;
    return false;
}

static const char *link_path_fault(struct lf_str text, struct lf_str path)
{
    if (path.len == 1)
        return "the root directory cannot be a link path";
    if (text.data[text.len - 1] == '/')
        return "a link path cannot end with a slash";
    if (lf_str_equal(lf_path_name(text), LF_STR(".")))
        return "a link path cannot end with \".\"";
    if (!has_two_dots(text))
        return NULL;
    for (;;) {
        struct lf_str name = lf_path_next(&text);
        if (name.len == 0)
            return NULL;
        if (lf_str_equal(name, LF_STR("..")))
            return "a link path cannot go up by \"..\"";
    }
}

enum lf_built lf_build_link_path(struct lf_loader *loader, struct lf_yaml *node,
                                 struct lf_str *ret_path)
{
    struct lf_str text;
    enum lf_built built =
            lf_build_spelled_path(loader, node, LF_START_INTO, &text, ret_path);
    if (built != LF_BUILT)
        return built;
    const char *fault = link_path_fault(text, *ret_path);
    if (!fault)
        return LF_BUILT;
    struct lf_check check = lf_loader_check(loader, loader->current);
    lf_report(&check, node, LF_CODE_LINK_PATH,
              "name the place where the link shall stand, in full", "%s",
              fault);
    return LF_BUILT_FAULT;
}

bool lf_guess_path(struct lf_loader *loader, const struct lf_yaml *path,
                   enum lf_start start, struct lf_str *ret_path)
{
    struct lf_expansion_fault fault;
    struct lf_buf *out = &loader->scratch;
    *ret_path = LF_STR("");
    lf_buf_clear(out);
    /* what cannot be expanded here may well be what the condition is about */
    if (!lf_expand(&loader->scope, path->text, out, &fault) || out->len == 0)
        return true;
    struct lf_str base = start_of(loader, start);
    if (out->data[0] != '/' && base.len == 0)
        return true;
    if (!lf_buf_failed(out) && tidy(loader, start, base, lf_buf_str(out)))
        *ret_path = lf_arena_str(&loader->manifest->arena,
                                 lf_buf_str(&loader->tidied));
    else
        ret_path->data = NULL;
    return ret_path->data || lf_error_oom(loader->err);
}

bool lf_note_unmet(struct lf_loader *loader, const struct lf_yaml *path,
                   enum lf_start start)
{
    struct lf_manifest *manifest = loader->manifest;
    struct lf_unmet unmet;
    void *all = manifest->unmet;
    if (!lf_guess_path(loader, path, start, &unmet.path))
        return false;
    if (unmet.path.len == 0)
        return true;
    if (!lf_array_reserve(&all, manifest->n_unmet, &manifest->unmet_capacity,
                          sizeof(unmet)))
        return lf_error_oom(loader->err);
    manifest->unmet = all;
    manifest->unmet[manifest->n_unmet++] = unmet;
    return true;
}
