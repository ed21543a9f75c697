/* SPDX-License-Identifier: MIT */
/*
 * walk.c - one walk along one path, the same over every view
 *
 * Every step returns GO to go on, STOP when the walk has its answer, FAIL when
 * memory has run out.
 */
#include "resolve/walk.h"

#include "base/util.h"
#include <errno.h>

enum step { GO, STOP, FAIL };

/* A component of what is left. */
struct component {
    struct lf_str name;
    size_t at, after; /* offsets of its first byte and of what follows it */
    bool last;        /* no other component follows */
    bool slash;       /* a slash does */
};

static const struct lf_node nothing = {.kind = LF_NODE_NOTHING};

void lf_scratch_finish(struct lf_scratch *scratch)
{
    lf_buf_finish(&scratch->log);
    lf_buf_finish(&scratch->tail);
    for (size_t i = 0; i < LF_COUNT(scratch->ways); i++)
        lf_buf_finish(&scratch->ways[i].spelling);
    free(scratch->deps);
    *scratch = (struct lf_scratch){0};
}

void lf_scratch_forget(struct lf_scratch *scratch)
{
    for (size_t i = 0; i < LF_COUNT(scratch->ways); i++)
        scratch->ways[i].from = scratch->ways[i].to = NULL;
    scratch->n_deps = 0;
}

static enum step stop(struct lf_walk *walk, enum lf_outcome outcome, int error)
{
    walk->outcome = outcome;
    walk->error = error;
    return STOP;
}

/* A look that failed, or a directory that may not be searched. */
static enum step stop_failed(struct lf_walk *walk, int result)
{
    walk->node = walk->at->node;
    if (result == -ENOMEM)
        return FAIL;
    if (result == -EACCES || result == -EPERM)
        return stop(walk, LF_OUTCOME_DENIED, -result);
    if (result == -ENAMETOOLONG)
        return stop(walk, LF_OUTCOME_TOO_LONG, -result);
    return stop(walk, LF_OUTCOME_FAILED, -result);
}

/* `at` leads out of where the walk may go. */
static enum step stop_escape(struct lf_walk *walk)
{
    walk->node = walk->at->node;
    return stop(walk, LF_OUTCOME_ESCAPE, EXDEV);
}

/* What the latest link led to. */
static void flag_hop(struct lf_walk *walk, unsigned flag)
{
    if (walk->n_hops)
        walk->hops[walk->n_hops - 1].flags |= flag;
}

static bool next_component(const struct lf_walk *walk, struct component *ret)
{
    const char *log = walk->scratch->log.data;
    size_t at = walk->rest;
    while (at < walk->end && log[at] == '/')
        at++;
    if (at == walk->end)
        return false;
    const char *slash = memchr(log + at, '/', walk->end - at);
    size_t after = slash ? (size_t)(slash - log) : walk->end;
    size_t next = after;
    while (next < walk->end && log[next] == '/')
        next++;
    *ret = (struct component){
            .name = lf_str_of(log + at, after - at),
            .at = at,
            .after = after,
            .last = next == walk->end,
            .slash = after < walk->end,
    };
    return true;
}

/* ---- names below what exists ---- */

static void push_tail(struct lf_walk *walk, struct lf_str name)
{
    struct lf_buf *tail = &walk->scratch->tail;
    if (tail->len)
        lf_buf_add_char(tail, '/');
    lf_buf_add(tail, name);
}

static enum step push_missing(struct lf_walk *walk, struct lf_str name)
{
    push_tail(walk, name);
    walk->missing++;
    walk->way_end = 0; /* `..` would come back as if it were there */
    walk->node = &nothing;
    return GO;
}

static void pop_missing(struct lf_walk *walk)
{
    struct lf_buf *tail = &walk->scratch->tail;
    size_t len = tail->len;
    while (len && tail->data[len - 1] != '/')
        len--;
    lf_buf_truncate(tail, len ? len - 1 : 0);
    if (--walk->missing == 0)
        walk->node = walk->at->node;
}

/* ---- ways ---- */

/* Farms ask of directory after directory, where path after path and text after
 * text begins alike. Anything that reports or limits steps takes each. */
static struct lf_way *way_of(const struct lf_walk *walk)
{
    const unsigned free_of_steps = LF_RESOLVE_NOFOLLOW |
                                   LF_RESOLVE_MISSING_TAIL |
                                   LF_RESOLVE_MISSING_FINAL;
    if (walk->flags & ~free_of_steps)
        return NULL;
    return &walk->scratch->ways[walk->n_hops ? 1 : 0];
}

/* At the start of the path or text log[at..at + len): go to the directory that
 * holds its last name, if that is known. */
static void enter_way(struct lf_walk *walk, size_t at, size_t len)
{
    const struct lf_way *way = way_of(walk);
    const char *log = walk->scratch->log.data;
    walk->way_end = 0;
    while (way && len && log[at + len - 1] != '/')
        len--;
    if (!way || len <= 1)
        return;
    if (way->from == walk->at && way->seen == walk->tree->view->generation &&
        lf_str_equal(lf_buf_str(&way->spelling), lf_str_of(log + at, len))) {
        walk->at = way->to;
        walk->node = walk->at->node;
        walk->rest = at + len;
        return;
    }
    walk->way = at;
    walk->way_end = at + len;
    walk->way_from = walk->at;
}

/* The walk has come to the last name. */
static void keep_way(struct lf_walk *walk)
{
    struct lf_way *way = way_of(walk);
    size_t len = walk->way_end - walk->way;
    walk->way_end = 0;
    lf_buf_clear(&way->spelling);
    lf_buf_add(&way->spelling,
               lf_str_of(walk->scratch->log.data + walk->way, len));
    way->from = lf_buf_failed(&way->spelling) ? NULL : walk->way_from;
    way->to = walk->at;
    way->seen = walk->tree->view->generation;
}

/* ---- steps ---- */

/* Into another directory; the kernel forbids no mount but with NO_XDEV. */
static enum step move(struct lf_walk *walk, struct lf_place *to)
{
    if (!lf_same_mount(walk->at->node, to->node)) {
        if (walk->flags & LF_RESOLVE_NO_XDEV)
            return stop_escape(walk);
        flag_hop(walk, LF_HOP_MOUNT);
    }
    walk->at = to;
    walk->node = to->node;
    return GO;
}

static enum step climb(struct lf_walk *walk)
{
    if (walk->missing) {
        pop_missing(walk);
        return GO;
    }
    if (walk->at != walk->root && walk->at->parent != walk->at)
        return move(walk, walk->at->parent);
    if (walk->flags & LF_RESOLVE_BENEATH)
        return stop_escape(walk);
    flag_hop(walk, LF_HOP_CLAMPED);
    return GO;
}

/* An absolute link text. */
static enum step jump(struct lf_walk *walk, struct lf_followed *hop)
{
    if (walk->flags & LF_RESOLVE_BENEATH)
        return stop_escape(walk);
    if (walk->flags & LF_RESOLVE_IN_ROOT)
        hop->flags |= LF_HOP_CLAMPED;
    return move(walk, walk->root);
}

/* The same link with the same rest: what happened since will happen again. */
static bool is_repeated(const struct lf_walk *walk, const struct component *c)
{
    const char *log = walk->scratch->log.data;
    for (unsigned i = 0; i < walk->n_hops; i++) {
        const struct lf_followed *hop = &walk->hops[i];
        if (hop->dir == walk->at && hop->rest_len == walk->end - c->after &&
            lf_str_equal(lf_str_of(log + hop->name, hop->name_len), c->name) &&
            memcmp(log + hop->rest, log + c->after, hop->rest_len) == 0)
            return true;
    }
    return false;
}

/* The rest must be copied within the buffer, which may move meanwhile. */
static bool splice(struct lf_walk *walk, struct lf_followed *hop,
                   struct lf_str text)
{
    struct lf_buf *log = &walk->scratch->log;
    if (!lf_buf_reserve(log, text.len + hop->rest_len))
        return false;
    hop->text = log->len;
    hop->text_len = text.len;
    lf_buf_add(log, text);
    lf_buf_add(log, lf_str_of(log->data + hop->rest, hop->rest_len));
    walk->rest = hop->text;
    walk->end = log->len;
    if (walk->own > hop->rest_len)
        walk->own = hop->rest_len;
    return true;
}

static struct lf_followed *add_hop(struct lf_walk *walk,
                                   const struct component *c)
{
    struct lf_followed *hop = &walk->hops[walk->n_hops++];
    bool spelled = walk->end - c->at <= walk->own;
    *hop = (struct lf_followed){
            .dir = walk->at,
            .start = walk->at,
            .name = c->at,
            .name_len = c->name.len,
            .rest = c->after,
            .rest_len = walk->end - c->after,
            .spelled = spelled ? walk->asked - (walk->end - c->after) : 0,
    };
    return hop;
}

/* Why a link may not be followed at all; GO if it may. */
static enum step refuse(struct lf_walk *walk, const struct component *c,
                        const struct lf_found *found)
{
    if (is_repeated(walk, c))
        return stop(walk, LF_OUTCOME_LOOP, ELOOP);
    if (walk->links == LF_LINK_LIMIT)
        return stop(walk, LF_OUTCOME_TOO_MANY, ELOOP);
    if (walk->flags & LF_RESOLVE_NO_SYMLINKS)
        return stop(walk, LF_OUTCOME_FORBIDDEN, ELOOP);
    if (found->node->text.len == 0)
        return stop(walk, LF_OUTCOME_MISSING, ENOENT);
    if (found->node->text.len > LF_PATH_LIMIT)
        return stop(walk, LF_OUTCOME_TOO_LONG, ENAMETOOLONG);
    return GO;
}

static enum step follow(struct lf_walk *walk, const struct component *c,
                        const struct lf_found *found)
{
    enum step step = refuse(walk, c, found);
    if (step != GO) {
        push_tail(walk, c->name);
        walk->node = found->node;
        return step;
    }
    struct lf_str text = found->node->text;
    struct lf_followed *hop = add_hop(walk, c);
    if (!splice(walk, hop, text))
        return FAIL;
    walk->links++;
    if (found->magic) {
        hop->flags |= LF_HOP_MAGIC;
        push_tail(walk, lf_str_of(walk->scratch->log.data + hop->name,
                                  hop->name_len));
        walk->node = found->node;
        return stop(walk, LF_OUTCOME_FORBIDDEN, ELOOP);
    }
    if (text.data[0] == '/') {
        step = jump(walk, hop);
        hop->start = walk->root;
    }
    if (step == GO)
        enter_way(walk, hop->text, hop->text_len);
    return step;
}

/* A name that is free. */
static enum step take_missing(struct lf_walk *walk, const struct component *c)
{
    push_missing(walk, c->name);
    if (walk->flags & LF_RESOLVE_MISSING_TAIL)
        return GO;
    if ((walk->flags & LF_RESOLVE_MISSING_FINAL) && c->last && !c->slash)
        return GO;
    return stop(walk, LF_OUTCOME_MISSING, ENOENT);
}

static enum step take_leaf(struct lf_walk *walk, const struct component *c,
                           const struct lf_node *node)
{
    bool wants_dir = !c->last || c->slash || (walk->flags & LF_WALK_DIR);
    push_tail(walk, c->name);
    walk->node = node;
    if (wants_dir)
        return stop(walk, LF_OUTCOME_NOT_DIR, ENOTDIR);
    return GO;
}

static bool note_dep(struct lf_walk *walk, struct lf_place *place)
{
    struct lf_scratch *scratch = walk->scratch;
    if (!(walk->flags & LF_WALK_DEPS) || !place)
        return true;
    void *deps = scratch->deps;
    if (!lf_array_reserve(&deps, scratch->n_deps, &scratch->deps_capacity,
                          sizeof(struct lf_place *)))
        return false;
    scratch->deps = deps;
    scratch->deps[scratch->n_deps++] = place;
    return true;
}

static enum step take_name(struct lf_walk *walk, const struct component *c)
{
    if (c->name.len > LF_NAME_LIMIT)
        return stop_failed(walk, -ENAMETOOLONG);
    if (walk->missing)
        return push_missing(walk, c->name);
    bool keep = !c->last || (walk->flags & LF_WALK_DIR);
    struct lf_found found = {0};
    int result = lf_tree_get(walk->tree, walk->at, c->name, keep, &found);
    if (result < 0)
        return stop_failed(walk, result);
    if (!note_dep(walk, found.place))
        return FAIL;
    if (found.node->kind == LF_NODE_NOTHING)
        return take_missing(walk, c);
    if (found.node->kind == LF_NODE_DIR)
        return move(walk, found.place);
    if ((walk->flags & LF_RESOLVE_NO_XDEV) &&
        !lf_same_mount(walk->at->node, found.node))
        return stop_escape(walk);
    bool stays = c->last && !c->slash && (walk->flags & LF_RESOLVE_NOFOLLOW);
    if (found.node->kind == LF_NODE_LINK && !stays)
        return follow(walk, c, &found);
    return take_leaf(walk, c, found.node);
}

static enum step take(struct lf_walk *walk, const struct component *c)
{
    bool dot = lf_str_equal(c->name, LF_STR("."));
    bool dots = dot || lf_str_equal(c->name, LF_STR(".."));
    if (walk->missing == 0 && !(walk->flags & LF_WALK_TRUSTED)) {
        int result = lf_tree_search(walk->tree, walk->at, dots);
        if (result < 0)
            return stop_failed(walk, result);
    }
    if (dot)
        return GO;
    return dots ? climb(walk) : take_name(walk, c);
}

/* Where the path starts. */
static enum step start(struct lf_walk *walk, struct lf_str path)
{
    walk->at = walk->start;
    walk->node = walk->at->node;
    if (path.len == 0)
        return stop(walk, LF_OUTCOME_MISSING, ENOENT);
    if (path.data[0] != '/')
        return GO;
    if (walk->flags & LF_RESOLVE_BENEATH)
        return stop_escape(walk);
    walk->at = walk->root;
    walk->node = walk->at->node;
    return GO;
}

bool lf_walk(struct lf_walk *walk, struct lf_str path)
{
    struct lf_scratch *scratch = walk->scratch;
    lf_buf_clear(&scratch->log);
    lf_buf_clear(&scratch->tail);
    scratch->n_deps = 0;
    walk->outcome = LF_OUTCOME_OK;
    walk->error = 0;
    walk->missing = walk->n_hops = walk->links = 0;
    walk->rest = 0;
    walk->end = walk->own = walk->asked = path.len;
    lf_buf_add(&scratch->log, path);
    enum step step = start(walk, path);
    struct component c;
    if (step == GO && !scratch->log.failed)
        enter_way(walk, 0, path.len);
    while (step == GO && !scratch->log.failed && next_component(walk, &c)) {
        if (walk->way_end && c.at >= walk->way_end)
            keep_way(walk);
        walk->rest = c.after;
        step = take(walk, &c);
    }
    return step != FAIL && !scratch->log.failed && !scratch->tail.failed;
}
