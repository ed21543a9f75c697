/* SPDX-License-Identifier: MIT */
/*
 * windows_resolve.c - both stages together, and what their result answers
 */
#include "resolve/windows.h"

#include "base/util.h"

static const struct {
    const char *name;
    unsigned code;      /* winerror.h */
    const char *symbol; /* there */
} errors[] = {
        [LF_WIN_OK] = {"ok",                   0,    "ok"                  },
        [LF_WIN_NOT_FOUND] = {"not_found",            2,    "ERROR_FILE_NOT_FOUND"},
        [LF_WIN_PATH_NOT_FOUND] = {"path_not_found",       3,    "ERROR_PATH_NOT_FOUND"},
        [LF_WIN_KIND_FILE_TO_DIR] = {"kind_mismatch",        5,    "ERROR_ACCESS_DENIED" },
        [LF_WIN_KIND_DIR_TO_FILE] = {"kind_mismatch",        267,  "ERROR_DIRECTORY"     },
        [LF_WIN_BAD_NET_NAME] = {"bad_net_name",         67,   "ERROR_BAD_NET_NAME"  },
        [LF_WIN_INVALID_NAME] = {"invalid_name",         123,  "ERROR_INVALID_NAME"  },
        [LF_WIN_CLASS_DISABLED] = {"class_disabled",       1463,
                       "ERROR_SYMLINK_CLASS_DISABLED"                      },
        [LF_WIN_TOO_MANY_LINKS] = {"too_many_links",       1921,
                       "ERROR_CANT_RESOLVE_FILENAME"                       },
        [LF_WIN_INVALID_REPARSE_DATA] = {"invalid_reparse_data", 4392,
                       "ERROR_INVALID_REPARSE_DATA"                        },
        [LF_WIN_CROSS_VOLUME] = {"cross_volume",         0,    "cross_volume"        },
        [LF_WIN_IS_DEVICE] = {"is_device",            0,    "is_device"           },
};

const char *lf_win_error_name(enum lf_win_error error)
{
    return errors[error].name;
}

unsigned lf_win_error_code(enum lf_win_error error)
{
    return errors[error].code;
}

const char *lf_win_error_symbol(enum lf_win_error error)
{
    return errors[error].symbol;
}

/* ---- a walk from a path as it was typed ---- */

void lf_win_walked_finish(struct lf_win_walked *walked)
{
    lf_win_walk_finish(&walked->walk);
    lf_free_const(walked->full.full.data);
}

bool lf_win_walk_typed(struct lf_win_walked *walked, struct lf_str path,
                       const struct lf_win_context *context,
                       struct lf_error *err)
{
    if (!lf_win_full_path(path, context, &walked->full, err))
        return false;
    if (walked->full.is_device) {
        walked->walk.error = LF_WIN_IS_DEVICE;
        return true;
    }
    return lf_win_walk(&walked->walk, walked->full.full) || lf_error_oom(err);
}

/* The components of the path itself, without those of a junction's that the
 * walk stopped in. */
static uint32_t own_comps(const struct lf_win_walk *walk)
{
    return walk->n_frames > 1 ? walk->frames[1].first : walk->n_comps;
}

const struct lf_win_node *lf_win_deepest(const struct lf_win_walk *walk,
                                         uint32_t *ret_missing)
{
    uint32_t n = own_comps(walk), i = n;
    while (i > 0 && !walk->comps[i - 1].node)
        i--;
    *ret_missing = n - i;
    return i ? walk->comps[i - 1].node : &walk->frames[0].volume->root;
}

void lf_win_add_name(struct lf_buf *buf, struct lf_str name)
{
    if (buf->len && buf->data[buf->len - 1] != '\\')
        lf_buf_add_char(buf, '\\');
    lf_buf_add(buf, name);
}

void lf_win_add_end(struct lf_buf *buf, const struct lf_win_walk *walk)
{
    uint32_t missing, n = own_comps(walk);
    if (!walk->frames[0].volume)
        return;
    lf_win_add_final(buf, lf_win_deepest(walk, &missing));
    for (uint32_t i = n - missing; i < n; i++)
        lf_win_add_name(buf, walk->comps[i].name);
}

static void add_rewritten(struct lf_buf *buf, const struct lf_win_walk *walk)
{
    uint32_t n = own_comps(walk);
    if (!walk->frames[0].volume)
        return;
    lf_win_add_root(buf, walk->frames[0].volume->name);
    if (n == 0)
        lf_buf_add_char(buf, '\\');
    for (uint32_t i = 0; i < n; i++)
        lf_win_add_name(buf, walk->comps[i].name);
}

/* ---- resolving ---- */

struct answer {
    struct lf_win_resolution resolution; /* first: it is what callers hold */
    struct lf_arena arena;
};

typedef void add_fn(struct lf_buf *buf, const struct lf_win_walk *walk);

static void add_volume(struct lf_buf *buf, const struct lf_win_walk *walk)
{
    uint32_t missing;
    if (walk->frames[0].volume)
        lf_win_add_root(buf, lf_win_deepest(walk, &missing)->volume->name);
}

static bool keep(struct answer *answer, struct lf_buf *buf, struct lf_str *ret)
{
    if (lf_buf_failed(buf))
        return false;
    *ret = lf_arena_str(&answer->arena, lf_buf_str(buf));
    lf_buf_clear(buf);
    return ret->data != NULL;
}

static bool keep_path(struct answer *answer, struct lf_buf *buf, add_fn *add,
                      const struct lf_win_walk *walk, struct lf_str *ret)
{
    add(buf, walk);
    return keep(answer, buf, ret);
}

static bool keep_hops(struct answer *answer, struct lf_buf *buf,
                      const struct lf_win_walk *walk)
{
    struct lf_win_hop *steps = lf_arena_alloc_array(
            &answer->arena, walk->n_hops + 1, sizeof(*steps));
    if (!steps)
        return false;
    for (unsigned i = 0; i < walk->n_hops; i++) {
        const struct lf_win_followed *hop = &walk->hops[i];
        steps[i].junction = hop->node->kind == LF_WIN_JUNCTION ||
                            hop->node->kind == LF_WIN_MOUNT;
        steps[i].flags = hop->flags;
        lf_win_add_final(buf, hop->node);
        if (!keep(answer, buf, &steps[i].at))
            return false;
        steps[i].text = lf_arena_str(&answer->arena, hop->node->print);
        steps[i].becomes = lf_arena_str(
                &answer->arena,
                lf_str_of(walk->log.data + hop->becomes, hop->becomes_len));
        if (!steps[i].text.data || !steps[i].becomes.data)
            return false;
    }
    answer->resolution.steps = steps;
    answer->resolution.n_steps = walk->n_hops;
    return true;
}

static bool fill(struct answer *answer, const struct lf_win_walk *walk)
{
    struct lf_win_resolution *resolution = &answer->resolution;
    struct lf_buf buf = {0};
    resolution->error = walk->error;
    resolution->kind = walk->node ? walk->node->kind : LF_WIN_NOTHING;
    resolution->links = walk->n_hops;
    bool ok =
            keep_path(answer, &buf, add_rewritten, walk,
                      &resolution->rewritten) &&
            keep_path(answer, &buf, lf_win_add_end, walk, &resolution->final) &&
            keep_path(answer, &buf, add_volume, walk, &resolution->volume) &&
            keep_hops(answer, &buf, walk);
    lf_buf_finish(&buf);
    return ok;
}

bool lf_win_resolve(struct lf_win_tree *tree,
                    const struct lf_win_request *request,
                    struct lf_win_resolution **ret, struct lf_error *err)
{
    struct lf_win_walked walked = {
            .walk = {.tree = tree,
                     .flags = request->flags,
                     .policy = request->policy,
                     .cross_volume = request->cross_volume},
    };
    struct answer *answer = calloc(1, sizeof(*answer));
    bool ok = answer ? lf_win_walk_typed(&walked, request->path,
                                         &request->context, err) &&
                               (fill(answer, &walked.walk) || lf_error_oom(err))
                     : lf_error_oom(err);
    lf_win_walked_finish(&walked);
    if (ok)
        *ret = &answer->resolution;
    else
        lf_win_resolution_free(answer ? &answer->resolution : NULL);
    return ok;
}

void lf_win_resolution_free(struct lf_win_resolution *resolution)
{
    struct answer *answer = (struct answer *)resolution;
    if (!answer)
        return;
    lf_arena_finish(&answer->arena);
    free(answer);
}
