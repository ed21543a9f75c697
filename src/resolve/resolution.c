/* SPDX-License-Identifier: MIT */
/*
 * resolution.c - lf_resolve(): a request walked, and its answer spelled out
 *
 * An answer is one block of memory: the struct, the steps, and the strings,
 * which are collected in a buffer first and known by their offsets till then.
 */
#include "resolve/resolver.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* ---- the walk ---- */

static void ended_at(struct lf_walk *walk, const struct lf_spelled *dir)
{
    walk->outcome = dir->error ? dir->outcome : LF_OUTCOME_MISSING;
    walk->error = dir->error ? dir->error : ENOENT;
    walk->at = dir->at;
    walk->node = dir->at->node;
}

/*
 * The directory where the walk starts. As for a process that stands in it, no
 * permission is needed to have got there. NULL with `walk` ended, or with
 * `*ret_failed` set.
 */
static struct lf_place *start_dir(struct lf_resolver *resolver,
                                  struct lf_str path, struct lf_walk *walk,
                                  bool *ret_failed, struct lf_error *err)
{
    *ret_failed = false;
    if (path.len == 0)
        return resolver->tree.root;
    const struct lf_spelled *dir;
    if (!lf_check_request(path, true, err) ||
        !lf_spelled_get(resolver, path, true, &dir, err)) {
        *ret_failed = true;
        return NULL;
    }
    if (dir->error == 0 && dir->missing == 0)
        return dir->at;
    lf_buf_clear(&resolver->scratch.tail);
    ended_at(walk, dir);
    return NULL;
}

static bool walk_request(struct lf_resolver *resolver,
                         const struct lf_resolve_request *request,
                         struct lf_walk *walk, struct lf_error *err)
{
    bool scoped = request->flags & (LF_RESOLVE_IN_ROOT | LF_RESOLVE_BENEATH);
    bool failed;
    *walk = (struct lf_walk){
            .tree = &resolver->tree,
            .scratch = &resolver->scratch,
            .root = resolver->tree.root,
            .flags = request->flags,
    };
    if (request->path.len > LF_PATH_LIMIT) {
        lf_buf_clear(&resolver->scratch.tail);
        walk->at = resolver->tree.root;
        walk->node = walk->at->node;
        walk->outcome = LF_OUTCOME_TOO_LONG;
        walk->error = ENAMETOOLONG;
        return true;
    }
    walk->start = start_dir(resolver, scoped ? request->scope : request->start,
                            walk, &failed, err);
    if (!walk->start)
        return !failed;
    if (scoped)
        walk->root = walk->start;
    return lf_walk(walk, request->path) || lf_error_oom(err);
}

/* ---- the answer ---- */

/* A string in the buffer; `len` bytes of it and a NUL. */
static struct lf_str close_string(struct lf_buf *out, size_t offset)
{
    struct lf_str string = lf_str_of(NULL, out->len - offset);
    lf_buf_add_char(out, '\0');
    return string;
}

static void add_below(struct lf_buf *out, const struct lf_place *dir,
                      struct lf_str tail)
{
    lf_place_path_add(out, dir);
    if (tail.len == 0)
        return;
    if (dir->parent != dir)
        lf_buf_add_char(out, '/');
    lf_buf_add(out, tail);
}

/* The place where the mount begins that holds what was found. */
static void add_mount(struct lf_buf *out, const struct lf_walk *walk,
                      struct lf_str path)
{
    const struct lf_place *at = walk->at;
    if (walk->node->kind != LF_NODE_NOTHING && walk->node != at->node &&
        !lf_same_mount(walk->node, at->node)) {
        lf_buf_add(out, path);
        return;
    }
    while (at->parent != at && lf_same_mount(at->node, at->parent->node))
        at = at->parent;
    lf_place_path_add(out, at);
}

static struct lf_str log_part(const struct lf_walk *walk, size_t offset,
                              size_t len)
{
    return lf_str_of(walk->scratch->log.data + offset, len);
}

static void add_step(struct lf_buf *out, const struct lf_walk *walk,
                     const struct lf_followed *hop, struct lf_hop *ret)
{
    size_t offset = out->len;
    add_below(out, hop->dir, log_part(walk, hop->name, hop->name_len));
    ret->at = close_string(out, offset);
    offset = out->len;
    lf_buf_add(out, log_part(walk, hop->text, hop->text_len));
    ret->text = close_string(out, offset);
    offset = out->len;
    struct lf_str rest =
            log_part(walk, hop->text, hop->text_len + hop->rest_len);
    while (rest.len && rest.data[0] == '/')
        rest = lf_str_of(rest.data + 1, rest.len - 1);
    add_below(out, hop->start, rest);
    ret->becomes = close_string(out, offset);
    ret->flags = hop->flags;
}

/* The strings stand in the order in which they were added. */
static void point(struct lf_str *string, const char **at)
{
    string->data = *at;
    *at += string->len + 1;
}

static struct lf_resolution *assemble(const struct lf_buf *out,
                                      const struct lf_resolution *parts,
                                      const struct lf_hop *steps)
{
    size_t head = sizeof(*parts) + parts->n_steps * sizeof(*steps);
    struct lf_resolution *answer = malloc(head + out->len);
    if (!answer)
        return NULL;
    *answer = *parts;
    char *strings = (char *)answer + head;
    memcpy(strings, out->data, out->len);
    const char *at = strings;
    point(&answer->path, &at);
    point(&answer->mount, &at);
    if (answer->node.text.data)
        point(&answer->node.text, &at);
    struct lf_hop *copies = (struct lf_hop *)(answer + 1);
    for (size_t i = 0; i < parts->n_steps; i++) {
        copies[i] = steps[i];
        point(&copies[i].at, &at);
        point(&copies[i].text, &at);
        point(&copies[i].becomes, &at);
    }
    answer->steps = parts->n_steps ? copies : NULL;
    return answer;
}

static struct lf_resolution *spell_out(struct lf_resolver *resolver,
                                       const struct lf_walk *walk)
{
    struct lf_buf *out = &resolver->out;
    assert(walk->node);
    lf_buf_clear(out);
    struct lf_resolution parts = {
            .outcome = walk->outcome,
            .error = walk->error,
            .node = *walk->node,
            .links = walk->links,
            .missing = walk->missing,
    };
    add_below(out, walk->at, lf_buf_str(&walk->scratch->tail));
    parts.path = close_string(out, 0);
    size_t offset = out->len;
    if (!lf_buf_failed(out))
        add_mount(out, walk, lf_str_of(out->data, parts.path.len));
    parts.mount = close_string(out, offset);
    offset = out->len;
    bool is_link = parts.node.kind == LF_NODE_LINK;
    if (is_link) {
        lf_buf_add(out, parts.node.text);
        size_t len = close_string(out, offset).len;
        parts.node.text = lf_str_of("", len);
    }
    struct lf_hop steps[LF_LINK_LIMIT + 1];
    if (walk->flags & LF_RESOLVE_TRACE) {
        parts.n_steps = walk->n_hops;
        for (unsigned i = 0; i < walk->n_hops; i++)
            add_step(out, walk, &walk->hops[i], &steps[i]);
    }
    return lf_buf_failed(out) ? NULL : assemble(out, &parts, steps);
}

bool lf_resolve(struct lf_resolver *resolver,
                const struct lf_resolve_request *request,
                struct lf_resolution **ret_resolution, struct lf_error *err)
{
    struct lf_walk walk;
    if (!lf_check_request(request->path, false, err) ||
        !walk_request(resolver, request, &walk, err))
        return false;
    struct lf_resolution *answer = spell_out(resolver, &walk);
    if (!answer)
        return lf_error_oom(err);
    *ret_resolution = answer;
    return true;
}

void lf_resolution_free(struct lf_resolution *resolution)
{
    free(resolution);
}

/* ---- names ---- */

const char *lf_errno_name(int error)
{
    static const struct {
        int error;
        const char *name;
    } names[] = {
            {ENOENT,       "ENOENT"      },
            {ENOTDIR,      "ENOTDIR"     },
            {ELOOP,        "ELOOP"       },
            {EXDEV,        "EXDEV"       },
            {ENAMETOOLONG, "ENAMETOOLONG"},
            {EACCES,       "EACCES"      },
            {EPERM,        "EPERM"       },
            {EIO,          "EIO"         },
            {EAGAIN,       "EAGAIN"      },
            {EINVAL,       "EINVAL"      },
            {EISDIR,       "EISDIR"      },
            {EEXIST,       "EEXIST"      },
            {ENOMEM,       "ENOMEM"      },
            {EMFILE,       "EMFILE"      },
            {ENFILE,       "ENFILE"      },
            {ESTALE,       "ESTALE"      },
            {ENODEV,       "ENODEV"      },
            {ENXIO,        "ENXIO"       },
            {EOVERFLOW,    "EOVERFLOW"   },
            {EROFS,        "EROFS"       },
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].error == error)
            return names[i].name;
    return "E?";
}

const char *lf_outcome_name(enum lf_outcome outcome)
{
    switch (outcome) {
    case LF_OUTCOME_OK:
        return "ok";
    case LF_OUTCOME_MISSING:
        return "dangling";
    case LF_OUTCOME_NOT_DIR:
        return "notdir";
    case LF_OUTCOME_LOOP:
        return "loop";
    case LF_OUTCOME_TOO_MANY:
        return "toomany";
    case LF_OUTCOME_FORBIDDEN:
        return "forbidden";
    case LF_OUTCOME_ESCAPE:
        return "escape";
    case LF_OUTCOME_TOO_LONG:
        return "toolong";
    case LF_OUTCOME_DENIED:
        return "denied";
    case LF_OUTCOME_FAILED:
        break;
    }
    return "failed";
}
