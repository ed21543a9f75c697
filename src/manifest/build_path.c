/* SPDX-License-Identifier: MIT */
/*
 * build_path.c - texts of a manifest, expanded; paths, made absolute
 */
#include "base/path.h"
#include "base/util.h"
#include "manifest/loader.h"

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

static enum lf_built keep(struct lf_loader *loader, struct lf_str text,
                          struct lf_str *ret)
{
    *ret = lf_arena_str(&loader->manifest->arena, text);
    if (ret->data)
        return LF_BUILT;
    lf_error_oom(loader->err);
    return LF_BUILT_FAILED;
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

/* `path` below `base`, which is where most paths of that kind start, in
 * loader->tidied. False: no memory. */
static bool tidy(struct lf_loader *loader, enum lf_start start,
                 struct lf_str base, struct lf_str path)
{
    struct lf_buf *buf = &loader->tidied, *from = &loader->starts[start].tidied;
    struct lf_str *given = &loader->starts[start].given;
    if (base.data != given->data || base.len != given->len) {
        lf_buf_clear(from);
        add_tidy(from, base);
        *given = lf_buf_failed(from) ? lf_str(NULL) : base;
    }
    lf_buf_clear(buf);
    if (path.data[0] != '/')
        lf_buf_add(buf, lf_buf_str(from));
    add_tidy(buf, path);
    if (buf->len == 0)
        lf_buf_add_char(buf, '/');
    return !lf_buf_failed(buf) && !lf_buf_failed(from);
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

enum lf_built lf_build_path(struct lf_loader *loader, struct lf_yaml *node,
                            enum lf_start start, struct lf_str *ret_path)
{
    struct lf_check check = lf_loader_check(loader, loader->current);
    enum lf_built built = expand(loader, node);
    if (built != LF_BUILT)
        return built;
    struct lf_str path = lf_buf_str(&loader->scratch);
    if (path.len == 0) {
        lf_report_vanished(&check, node);
        return LF_BUILT_FAULT;
    }
    struct lf_str base = start_of(loader, start);
    if (path.data[0] != '/' && base.len == 0) {
        if (loader->into_lost) /* that was the fault */
            return LF_BUILT_FAULT;
        lf_report(&check, node, LF_CODE_NO_INTO,
                  "add \"into: ~/\" at the top, or begin the path with ~/ or /",
                  "a relative link path, but the manifest has no into");
        return LF_BUILT_FAULT;
    }
    if (!tidy(loader, start, base, path)) {
        lf_error_oom(loader->err);
        return LF_BUILT_FAILED;
    }
    path = lf_buf_str(&loader->tidied);
    if (!limits_hold(loader, node, path))
        return LF_BUILT_FAULT;
    return keep(loader, path, ret_path);
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
    enum lf_built built = lf_build_path(loader, node, LF_START_INTO, ret_path);
    if (built != LF_BUILT)
        return built;
    const char *fault =
            link_path_fault(lf_buf_str(&loader->scratch), *ret_path);
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
