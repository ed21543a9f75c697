/* SPDX-License-Identifier: MIT */
/*
 * build_path.c - texts of a manifest, expanded; paths, made absolute
 */
#include "base/path.h"
#include "base/util.h"
#include "manifest/loader.h"

#include <assert.h>
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
        lf_report(&check, node, LF_CODE_PATH_TOO_LONG, "shorten it",
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

static bool add_start(struct lf_loader *loader, struct lf_str start,
                      uint16_t *ret_index)
{
    struct lf_manifest *manifest = loader->manifest;
    struct lf_str kept = lf_arena_str(&manifest->arena, start);
    void *starts = manifest->starts;
    /* three for each file, and one */
    assert(manifest->n_starts < UINT16_MAX);
    if (!kept.data ||
        !lf_array_reserve(&starts, manifest->n_starts,
                          &manifest->start_capacity, sizeof(kept)))
        return lf_error_oom(loader->err);
    manifest->starts = starts;
    manifest->starts[manifest->n_starts] = kept;
    *ret_index = (uint16_t)manifest->n_starts++;
    return true;
}

/* Where relative paths of a kind start, which is at `base`, as an index into the
 * manifest's starts. False: err is set. */
static bool find_start(struct lf_loader *loader, enum lf_start start,
                       struct lf_str base, uint16_t *ret_index)
{
    struct lf_str *given = &loader->starts[start].given;
    struct lf_buf *buf = &loader->tidied;
    uint16_t index = 0;
    if (loader->manifest->n_starts == 0 &&
        !add_start(loader, LF_STR(""), &index))
        return false;
    if (base.data != given->data || base.len != given->len) {
        lf_buf_clear(buf);
        add_tidy(buf, base);
        if (lf_buf_failed(buf))
            return lf_error_oom(loader->err);
        if (buf->len > 0 && !add_start(loader, lf_buf_str(buf), &index))
            return false;
        loader->starts[start].index = index;
        *given = base;
    }
    *ret_index = loader->starts[start].index;
    return true;
}

/* `path` below `base`, which is where most paths of that kind start, in
 * loader->tidied. False: err is set. */
static bool tidy(struct lf_loader *loader, enum lf_start start,
                 struct lf_str base, struct lf_str path)
{
    struct lf_buf *buf = &loader->tidied;
    uint16_t from = 0;
    if (!find_start(loader, start, base, &from))
        return false;
    lf_buf_clear(buf);
    if (path.data[0] != '/')
        lf_buf_add(buf, loader->manifest->starts[from]);
    add_tidy(buf, path);
    if (buf->len == 0)
        lf_buf_add_char(buf, '/');
    return !lf_buf_failed(buf) || lf_error_oom(loader->err);
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

static bool limits_hold(struct lf_loader *loader, struct lf_yaml *node,
                        struct lf_str path)
{
    struct lf_check check = lf_loader_check(loader, loader->current);
    if (path.len <= LF_NAME_LIMIT)
        return true;
    if (path.len > LF_PATH_LIMIT) {
        lf_report(&check, node, LF_CODE_PATH_TOO_LONG, "shorten it",
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
        lf_report(&check, node, LF_CODE_NAME_TOO_LONG, "shorten it",
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

/* A path in two parts. `rest` is borrowed from the node, or from the loader until it
 * builds another one. */
struct parts {
    uint16_t start;
    struct lf_str rest;
};

/* The path that `text` spells, which is expanded. */
static enum lf_built build(struct lf_loader *loader, struct lf_yaml *node,
                           enum lf_start start, struct lf_str text,
                           struct parts *ret)
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
                  "a relative path, which starts at into, but the manifest has "
                  "none");
        return LF_BUILT_FAULT;
    }
    if (!tidy(loader, start, base, text))
        return LF_BUILT_FAILED;
    struct lf_str path = lf_buf_str(&loader->tidied);
    if (!limits_hold(loader, node, path))
        return LF_BUILT_FAULT;
    *ret = (struct parts){0, lf_str_of(path.data + 1, path.len - 1)};
    return LF_BUILT;
}

/* The same where the text says it as it is. LF_BUILT_FAULT, with no report: it does
 * not. */
static enum lf_built build_plainly(struct lf_loader *loader,
                                   const struct lf_yaml *node,
                                   enum lf_start start, struct parts *ret)
{
    struct lf_str base = start_of(loader, start);
    if (base.len == 0 || !is_tidy(node->text))
        return LF_BUILT_FAULT;
    if (!find_start(loader, start, base, &ret->start))
        return LF_BUILT_FAILED;
    ret->rest = node->text;
    return loader->manifest->starts[ret->start].len + 1 + ret->rest.len <=
                           LF_PATH_LIMIT
                   ? LF_BUILT
                   : LF_BUILT_FAULT;
}

/* `*ret_text`: the text after expansion, borrowed as the rest is. */
static enum lf_built build_parts(struct lf_loader *loader, struct lf_yaml *node,
                                 enum lf_start start, struct lf_str *ret_text,
                                 struct parts *ret)
{
    *ret_text = node->text;
    enum lf_built built = build_plainly(loader, node, start, ret);
    if (built != LF_BUILT_FAULT)
        return built;
    built = expand(loader, node);
    if (built != LF_BUILT)
        return built;
    *ret_text = lf_buf_str(&loader->scratch);
    return build(loader, node, start, *ret_text, ret);
}

/* data NULL: no memory. */
static struct lf_str join(struct lf_arena *arena, struct lf_str start,
                          struct lf_str rest)
{
    char *path = lf_arena_bytes(arena, start.len + 1 + rest.len + 1);
    if (!path)
        return lf_str(NULL);
    memcpy(path, start.data, start.len);
    path[start.len] = '/';
    memcpy(path + start.len + 1, rest.data, rest.len);
    return lf_str_of(path, start.len + 1 + rest.len);
}

enum lf_built lf_build_spelled_path(struct lf_loader *loader,
                                    struct lf_yaml *node, enum lf_start start,
                                    struct lf_str *ret_text,
                                    struct lf_str *ret_path)
{
    struct parts parts;
    enum lf_built built = build_parts(loader, node, start, ret_text, &parts);
    if (built != LF_BUILT)
        return built;
    *ret_path = join(&loader->manifest->arena,
                     loader->manifest->starts[parts.start], parts.rest);
    if (ret_path->data)
        return LF_BUILT;
    lf_error_oom(loader->err);
    return LF_BUILT_FAILED;
}

enum lf_built lf_build_path(struct lf_loader *loader, struct lf_yaml *node,
                            enum lf_start start, struct lf_str *ret_path)
{
    struct lf_str text;
    return lf_build_spelled_path(loader, node, start, &text, ret_path);
}

/* The rest of a path, where it lives as long as the manifest: mostly it stands in the
 * file. data NULL: no memory. */
static struct lf_str keep_rest(const struct lf_loader *loader,
                               struct lf_str rest)
{
    struct lf_str file = loader->files[loader->current].document->source.text;
    if (rest.data >= file.data && rest.data < file.data + file.len)
        return rest;
    return lf_arena_str(&loader->manifest->arena, rest);
}

/* As build_parts(), of an entry: the rest lives as long as the manifest. */
static enum lf_built build_kept(struct lf_loader *loader, struct lf_yaml *node,
                                enum lf_start start, struct lf_str *ret_text,
                                struct parts *ret)
{
    enum lf_built built = build_parts(loader, node, start, ret_text, ret);
    if (built != LF_BUILT)
        return built;
    ret->rest = keep_rest(loader, ret->rest);
    if (ret->rest.data)
        return LF_BUILT;
    lf_error_oom(loader->err);
    return LF_BUILT_FAILED;
}

enum lf_built lf_build_source_path(struct lf_loader *loader,
                                   struct lf_yaml *node,
                                   struct lf_single *single)
{
    struct parts parts;
    struct lf_str text;
    enum lf_built built =
            build_kept(loader, node, LF_START_SOURCE, &text, &parts);
    if (built != LF_BUILT)
        return built;
    single->source_start = parts.start;
    single->source_len = (uint16_t)parts.rest.len;
    single->source_rest = parts.rest.data;
    return LF_BUILT;
}

/* Whether a component may be `..`. */
static bool has_two_dots(struct lf_str text)
{
    for (size_t i = 1; i < text.len; i++)
        if (text.data[i] == '.' && text.data[i - 1] == '.')
            return true;
    return false;
}

/* What is wrong with the path of an entry; NULL: nothing. A directory may end in
 * slashes. */
static const char *link_path_fault(enum lf_entry_kind kind, struct lf_str text,
                                   const struct parts *path)
{
    if (path->start == 0 && path->rest.len == 0)
        return "be the root directory";
    while (kind == LF_ENTRY_DIR && lf_str_ends(text, LF_STR("/")))
        text.len--;
    if (lf_str_ends(text, LF_STR("/")))
        return "end with a slash";
    if (lf_str_equal(lf_path_name(text), LF_STR(".")))
        return "end with \".\"";
    if (!has_two_dots(text))
        return NULL;
    for (;;) {
        struct lf_str name = lf_path_next(&text);
        if (name.len == 0)
            return NULL;
        if (lf_str_equal(name, LF_STR("..")))
            return "go up by \"..\"";
    }
}

static void report_link_path(const struct lf_loader *loader,
                             enum lf_entry_kind kind, struct lf_yaml *node,
                             const char *fault)
{
    struct lf_check check = lf_loader_check(loader, loader->current);
    bool is_dir = kind == LF_ENTRY_DIR;
    lf_report(&check, node, LF_CODE_LINK_PATH,
              is_dir ? LF_HELP_DIR_PATH : LF_HELP_LINK_PATH, "a %s cannot %s",
              is_dir ? "directory that is listed" : "link path", fault);
}

enum lf_built lf_build_link_path(struct lf_loader *loader, struct lf_yaml *node,
                                 struct lf_single *single)
{
    enum lf_entry_kind kind = (enum lf_entry_kind)single->entry.kind;
    struct parts parts;
    struct lf_str text;
    enum lf_built built =
            build_kept(loader, node, LF_START_INTO, &text, &parts);
    if (built != LF_BUILT)
        return built;
    const char *fault = link_path_fault(kind, text, &parts);
    if (fault) {
        report_link_path(loader, kind, node, fault);
        return LF_BUILT_FAULT;
    }
    single->path_start = parts.start;
    single->path_len = (uint16_t)parts.rest.len;
    single->path_rest = parts.rest.data;
    return LF_BUILT;
}

bool lf_guess_path(struct lf_loader *loader, const struct lf_yaml *path,
                   enum lf_start start, struct lf_str *ret_path)
{
    struct lf_expansion_fault fault;
    struct lf_buf *out = &loader->scratch;
    *ret_path = LF_STR("");
    lf_buf_clear(out);
    bool good = lf_expand(&loader->scope, path->text, out, &fault);
    if (lf_buf_failed(out))
        return lf_error_oom(loader->err);
    /* what cannot be expanded here may well be what the condition is about */
    if (!good || out->len == 0)
        return true;
    struct lf_str base = start_of(loader, start);
    if (out->data[0] != '/' && base.len == 0)
        return true;
    return tidy(loader, start, base, lf_buf_str(out)) &&
           lf_keep_text(loader, lf_buf_str(&loader->tidied), ret_path);
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
