/* SPDX-License-Identifier: MIT */
/*
 * windows_walk.c - the reparse stage
 *
 * The path as rewritten is a stack of components. A relative symlink is
 * replaced by its text and climbs on that stack, where junctions and mounted
 * folders stand by name; an absolute one empties it. A junction opens a frame
 * of its own, in which its path is walked to the directory that it stands for;
 * symlinks met there climb in that path.
 */
#include "resolve/windows.h"

#include "base/util.h"

static bool stop(struct lf_win_walk *walk, enum lf_win_error error)
{
    walk->error = error;
    return false;
}

static bool out_of_memory(struct lf_win_walk *walk)
{
    walk->failed = true;
    return false;
}

void lf_win_walk_finish(struct lf_win_walk *walk)
{
    lf_buf_finish(&walk->log);
    free(walk->comps);
    walk->comps = NULL;
}

/* ---- frames ---- */

static struct lf_win_frame *top(struct lf_win_walk *walk)
{
    return &walk->frames[walk->n_frames - 1];
}

struct lf_win_node *lf_win_walk_dir(const struct lf_win_walk *walk)
{
    const struct lf_win_frame *frame = &walk->frames[walk->n_frames - 1];
    if (walk->n_comps > frame->first)
        return walk->comps[walk->n_comps - 1].node;
    return &frame->volume->root;
}

static bool push_comp(struct lf_win_walk *walk, struct lf_str name,
                      struct lf_win_node *node, bool junction)
{
    void *comps = walk->comps;
    if (!lf_array_reserve(&comps, walk->n_comps, &walk->comps_capacity,
                          sizeof(*walk->comps)))
        return out_of_memory(walk);
    walk->comps = comps;
    walk->comps[walk->n_comps++] = (struct lf_win_comp){name, node, junction};
    return true;
}

/* Every component that is going to be looked at, before one is. */
static bool check_names(struct lf_win_walk *walk, struct lf_str rest)
{
    struct lf_str name;
    while ((name = lf_win_next(&rest, false)).len)
        if (!lf_win_is_name(name))
            return stop(walk, LF_WIN_INVALID_NAME);
    return true;
}

/* ---- following ---- */

static bool allows(const struct lf_win_walk *walk, bool from_remote,
                   bool to_remote)
{
    unsigned policy = from_remote ? (to_remote ? LF_WIN_R2R : LF_WIN_R2L)
                                  : (to_remote ? LF_WIN_L2R : LF_WIN_L2L);
    return walk->policy & policy;
}

/* The rest of the path behind what was spliced. */
static bool append_rest(struct lf_win_walk *walk, size_t start, size_t rest,
                        size_t end)
{
    struct lf_buf *log = &walk->log;
    if (!lf_buf_reserve(log, end - rest + 1))
        return out_of_memory(walk);
    lf_buf_add_char(log, '\\');
    lf_buf_add(log, lf_str_of(log->data + rest, end - rest));
    struct lf_win_frame *frame = top(walk);
    frame->rest = start;
    frame->end = log->len;
    return check_names(walk, lf_str_of(log->data + start, log->len - start));
}

/* Climb one component on the stack, past names that were spliced before. */
static bool climb(struct lf_win_walk *walk, size_t start)
{
    struct lf_buf *log = &walk->log;
    if (log->len > start) {
        size_t len = log->len;
        while (log->data[len - 1] != '\\')
            len--;
        lf_buf_truncate(log, len - 1);
        return true;
    }
    if (walk->n_comps == top(walk)->first)
        return stop(walk, LF_WIN_INVALID_REPARSE_DATA);
    walk->n_comps--;
    return true;
}

static bool splice_relative(struct lf_win_walk *walk, struct lf_str text)
{
    size_t start = walk->log.len;
    if (text.len && text.data[0] == '\\')
        walk->n_comps = top(walk)->first;
    struct lf_str name;
    while ((name = lf_win_next(&text, false)).len) {
        if (lf_str_equal(name, LF_STR(".")))
            continue;
        if (lf_str_equal(name, LF_STR(".."))) {
            if (!climb(walk, start))
                return false;
            continue;
        }
        lf_buf_add_char(&walk->log, '\\');
        lf_buf_add(&walk->log, name);
        if (lf_buf_failed(&walk->log))
            return out_of_memory(walk);
    }
    return true;
}

/* Dots may not leave the volume that holds the link. */
static bool follow_relative(struct lf_win_walk *walk,
                            const struct lf_win_node *link, size_t rest)
{
    struct lf_win_frame *frame = top(walk);
    size_t start = walk->log.len, end = frame->end;
    if (!allows(walk, link->volume->remote, link->volume->remote))
        return stop(walk, LF_WIN_CLASS_DISABLED);
    if (!splice_relative(walk, link->substitute))
        return false;
    const struct lf_win_node *base = lf_win_walk_dir(walk);
    if (base->volume != link->volume) {
        if (!walk->cross_volume)
            return stop(walk, LF_WIN_CROSS_VOLUME);
        walk->hops[walk->n_hops - 1].flags |= LF_HOP_MOUNT;
    }
    return append_rest(walk, start, rest, end);
}

/* `root` with what follows it as the frame's whole path. */
static bool enter(struct lf_win_walk *walk, const struct lf_win_root *root,
                  const struct lf_win_volume *from)
{
    struct lf_win_volume *volume = lf_win_find_volume(walk->tree, root->volume);
    struct lf_win_frame *frame = top(walk);
    if (!volume)
        return stop(walk,
                    root->remote ? LF_WIN_BAD_NET_NAME : LF_WIN_PATH_NOT_FOUND);
    if (from && volume != from)
        walk->hops[walk->n_hops - 1].flags |= LF_HOP_MOUNT;
    frame->volume = volume;
    walk->n_comps = frame->first;
    return true;
}

static bool follow_absolute(struct lf_win_walk *walk,
                            const struct lf_win_node *link, size_t rest)
{
    struct lf_win_root root;
    bool failed;
    if (!lf_str_starts(link->substitute, LF_STR("\\??\\")) ||
        !lf_win_split_root(link->substitute, &root, &failed))
        return stop(walk, LF_WIN_INVALID_NAME);
    const struct lf_win_volume *volume =
            lf_win_find_volume(walk->tree, root.volume);
    bool remote = volume ? volume->remote : root.remote;
    bool done = allows(walk, link->volume->remote, remote)
                        ? enter(walk, &root, link->volume)
                        : stop(walk, LF_WIN_CLASS_DISABLED);
    size_t start = walk->log.len, end = top(walk)->end;
    lf_buf_add(&walk->log, root.rest);
    lf_buf_finish(&root.owned);
    if (lf_buf_failed(&walk->log))
        return out_of_memory(walk);
    return done && append_rest(walk, start, rest, end);
}

/* A junction keeps its name; what it stands for is walked in a new frame. */
static bool follow_junction(struct lf_win_walk *walk, struct lf_win_node *link)
{
    if (!push_comp(walk, link->name, link, true))
        return false;
    if (link->mounted) {
        walk->comps[walk->n_comps - 1].node = &link->mounted->root;
        if (link->mounted != link->volume)
            walk->hops[walk->n_hops - 1].flags |= LF_HOP_MOUNT;
        return true;
    }
    struct lf_win_root root;
    bool failed;
    if (!lf_win_split_root(link->substitute, &root, &failed))
        return failed ? out_of_memory(walk) : stop(walk, LF_WIN_INVALID_NAME);
    size_t start = walk->log.len;
    walk->frames[walk->n_frames++] = (struct lf_win_frame){
            .first = walk->n_comps,
            .rest = start,
            .end = start + root.rest.len,
    };
    lf_buf_add(&walk->log, root.rest);
    bool done = enter(walk, &root, link->volume);
    lf_buf_finish(&root.owned);
    if (lf_buf_failed(&walk->log))
        return out_of_memory(walk);
    return done && check_names(walk, lf_str_of(walk->log.data + start,
                                               walk->log.len - start));
}

/* A junction that is kept by name is passed again when the path starts again,
 * but followed once. */
static bool note_hop(struct lf_win_walk *walk, const struct lf_win_node *link,
                     bool junction)
{
    for (unsigned i = 0; junction && i < walk->n_hops; i++)
        if (walk->hops[i].node == link && walk->n_frames == 1)
            return true;
    if (walk->n_hops == LF_WIN_LINK_LIMIT)
        return stop(walk, LF_WIN_TOO_MANY_LINKS);
    walk->hops[walk->n_hops++] = (struct lf_win_followed){.node = link};
    return true;
}

/* What remains, as a path of the outermost frame: for people. */
static bool note_becomes(struct lf_win_walk *walk, struct lf_win_followed *hop)
{
    struct lf_buf *log = &walk->log;
    const struct lf_win_frame *frame = top(walk);
    size_t start = log->len;
    lf_win_add_root(log, frame->volume->name);
    for (uint32_t i = frame->first; i < walk->n_comps; i++) {
        lf_buf_add_char(log, '\\');
        lf_buf_add(log, walk->comps[i].name);
    }
    for (uint32_t i = walk->n_frames; i > 0; i--) {
        size_t at = walk->frames[i - 1].rest, end = walk->frames[i - 1].end;
        if (!lf_buf_reserve(log, end - at + 1))
            return out_of_memory(walk);
        struct lf_str rest = lf_str_of(log->data + at, end - at), name;
        while ((name = lf_win_next(&rest, false)).len) {
            lf_buf_add_char(log, '\\');
            size_t offset = (size_t)(name.data - log->data);
            if (!lf_buf_reserve(log, name.len))
                return out_of_memory(walk);
            lf_buf_add(log, lf_str_of(log->data + offset, name.len));
        }
    }
    hop->becomes = start;
    hop->becomes_len = log->len - start;
    return !lf_buf_failed(log) || out_of_memory(walk);
}

static bool follow(struct lf_win_walk *walk, struct lf_win_node *link,
                   bool last, size_t rest)
{
    bool junction = link->kind == LF_WIN_JUNCTION || link->kind == LF_WIN_MOUNT;
    unsigned known = walk->n_hops;
    if (!note_hop(walk, link, junction))
        return false;
    top(walk)->rest = rest;
    bool done;
    if (junction) {
        done = follow_junction(walk, link);
    } else {
        if (last && walk->n_frames == 1) {
            walk->wants_dir |= link->kind == LF_WIN_DIR_LINK;
            walk->wants_file |= link->kind == LF_WIN_FILE_LINK;
        }
        done = link->relative ? follow_relative(walk, link, rest)
                              : follow_absolute(walk, link, rest);
    }
    if (done && walk->n_hops > known)
        done = note_becomes(walk, &walk->hops[known]);
    return done;
}

/* ---- the walk ---- */

/* Nothing more will come, in this frame or in those that wait for it. */
static bool is_last(const struct lf_win_walk *walk, struct lf_str rest)
{
    if (lf_win_next(&rest, false).len)
        return false;
    for (uint32_t i = 0; i + 1 < walk->n_frames; i++) {
        const struct lf_win_frame *frame = &walk->frames[i];
        struct lf_str more = lf_str_of(walk->log.data + frame->rest,
                                       frame->end - frame->rest);
        if (lf_win_next(&more, false).len)
            return false;
    }
    return true;
}

static bool take_missing(struct lf_win_walk *walk, struct lf_str name,
                         bool last)
{
    bool outer = walk->n_frames == 1;
    if (outer && ((walk->flags & LF_RESOLVE_MISSING_TAIL) ||
                  (last && (walk->flags & LF_RESOLVE_MISSING_FINAL))))
        return push_comp(walk, name, NULL, false);
    return stop(walk, last ? LF_WIN_NOT_FOUND : LF_WIN_PATH_NOT_FOUND);
}

static bool take(struct lf_win_walk *walk, struct lf_str name, size_t after)
{
    struct lf_win_frame *frame = top(walk);
    struct lf_win_node *dir = lf_win_walk_dir(walk);
    struct lf_str rest = lf_str_of(walk->log.data + after, frame->end - after);
    bool last = is_last(walk, rest);
    frame->rest = after;
    if (!dir)
        return take_missing(walk, name, last);
    if (dir->kind != LF_WIN_DIR)
        return stop(walk, LF_WIN_PATH_NOT_FOUND);
    bool failed;
    struct lf_win_node *node = lf_win_find(walk->tree, dir, name, &failed);
    if (failed)
        return out_of_memory(walk);
    if (!node)
        return take_missing(walk, name, last);
    bool stays = node->kind == LF_WIN_FILE || node->kind == LF_WIN_DIR ||
                 (last && walk->n_frames == 1 &&
                  (walk->flags & LF_RESOLVE_NOFOLLOW));
    if (stays)
        return push_comp(walk, node->name, node, false);
    return follow(walk, node, last, after);
}

/* A junction's path has been walked: its component knows what it stands for. */
static bool leave_frame(struct lf_win_walk *walk)
{
    struct lf_win_node *node = lf_win_walk_dir(walk);
    walk->n_comps = top(walk)->first;
    walk->n_frames--;
    walk->comps[walk->n_comps - 1].node = node;
    if (node->kind == LF_WIN_DIR)
        return true;
    return stop(walk, LF_WIN_PATH_NOT_FOUND);
}

static bool step(struct lf_win_walk *walk, bool *ret_done)
{
    struct lf_win_frame *frame = top(walk);
    struct lf_str rest = lf_str_of(lf_buf_str(&walk->log).data + frame->rest,
                                   frame->end - frame->rest);
    struct lf_str name = lf_win_next(&rest, false);
    if (name.len)
        return take(walk, name, frame->end - rest.len);
    if (walk->n_frames > 1)
        return leave_frame(walk);
    *ret_done = true;
    return true;
}

/* Whether what was found is what the links in the last place are for. */
static void check_kind(struct lf_win_walk *walk)
{
    if (!walk->node)
        return;
    bool is_file = walk->node->kind == LF_WIN_FILE;
    bool is_dir = walk->node->kind == LF_WIN_DIR;
    if (is_file && walk->wants_dir)
        stop(walk, LF_WIN_KIND_DIR_TO_FILE);
    else if (is_dir && walk->wants_file)
        stop(walk, LF_WIN_KIND_FILE_TO_DIR);
    else if (is_file && walk->slash)
        stop(walk, LF_WIN_INVALID_NAME);
}

bool lf_win_walk(struct lf_win_walk *walk, struct lf_str path)
{
    struct lf_win_root root;
    bool failed, done = false;
    walk->error = LF_WIN_OK;
    if (!lf_win_split_root(path, &root, &failed)) {
        stop(walk, LF_WIN_PATH_NOT_FOUND);
        return !failed;
    }
    walk->slash = root.rest.len && path.data[path.len - 1] == '\\';
    lf_buf_add(&walk->log, root.rest);
    walk->n_frames = 1;
    walk->frames[0] = (struct lf_win_frame){.end = root.rest.len};
    bool going = enter(walk, &root, NULL) && !lf_buf_failed(&walk->log) &&
                 check_names(walk, root.rest);
    lf_buf_finish(&root.owned);
    while (going && !done)
        going = step(walk, &done);
    if (walk->failed || lf_buf_failed(&walk->log))
        return false;
    if (walk->frames[0].volume && walk->n_frames == 1)
        walk->node = lf_win_walk_dir(walk);
    if (walk->error == LF_WIN_OK)
        check_kind(walk);
    return true;
}
