/* SPDX-License-Identifier: MIT */
/*
 * words.c - what an action looks like: its symbol, its colour, its words
 */
#include "cli/words.h"

#include "base/escape.h"
#include "base/path.h"

#include <inttypes.h>

/* The words are what is said of an action for which the plan has no reason. */
#define KIND(kind, symbol, paint, words)                                       \
    [LF_ACTION_##kind] = {symbol, LF_PAINT_##paint, words}

static const struct {
    char symbol;
    enum lf_paint paint;
    const char *words;
} kinds[LF_ACTION_KINDS] = {
        KIND(CREATE, '+', GREEN, ""),
        KIND(KEEP, ' ', DIM, ""),
        KIND(CLAIM, '=', GREEN, "is right already: recorded"),
        KIND(RELINK, '~', YELLOW, ""),
        KIND(REPLACE, '>', YELLOW, ""),
        KIND(BACKUP, '>', YELLOW, ""),
        KIND(ADOPT, '>', YELLOW, ""),
        KIND(SKIP, '.', DIM, ""),
        KIND(PRUNE, '-', RED, ""),
        KIND(RESTORE, '<', RED, "what stood here comes back"),
        KIND(FORGET, '?', DIM, "left alone, no longer ours"),
        KIND(CONFLICT, '!', RED, "is taken"),
        KIND(MKDIR, '+', GREEN, ""),
        KIND(RMDIR, '-', RED, "is empty then"),
        KIND(CHMOD, '~', YELLOW, ""),
        KIND(DRIFT, '.', DIM, "has another mode"),
};

char lf_word_symbol(const struct lf_action *action)
{
    return kinds[action->kind].symbol;
}

enum lf_paint lf_word_paint(const struct lf_action *action)
{
    return kinds[action->kind].paint;
}

void lf_word_path(struct lf_buf *buf, const struct lf_look *look,
                  struct lf_str path, bool is_dir)
{
    if (look->home.len > 1 && lf_path_within(path, look->home)) {
        lf_buf_add_char(buf, '~');
        path = lf_str_of(path.data + look->home.len, path.len - look->home.len);
    }
    lf_escape_shown(buf, path);
    if (is_dir && (path.len == 0 || path.data[path.len - 1] != '/'))
        lf_buf_add_char(buf, '/');
}

void lf_word_place(struct lf_buf *buf, const struct lf_look *look,
                   struct lf_str dir, struct lf_str name, bool is_dir)
{
    struct lf_buf room = {0};
    struct lf_str path = lf_path_in(&room, dir, name);
    if (path.data)
        lf_word_path(buf, look, path, is_dir);
    buf->failed |= lf_buf_failed(&room);
    lf_buf_finish(&room);
}

void lf_word_count(struct lf_buf *buf, uint64_t count, const char *one,
                   const char *many)
{
    lf_buf_add_u64(buf, count);
    lf_buf_add_char(buf, ' ');
    lf_buf_add(buf, lf_str(count == 1 ? one : many));
}

void lf_word_node(struct lf_buf *buf, const struct lf_node *node)
{
    lf_buf_add(buf, lf_str(lf_node_kind_name(node->kind)));
    if (node->kind == LF_NODE_FILE) {
        lf_buf_add(buf, LF_STR(" of "));
        lf_word_count(buf, node->size, "byte", "bytes");
    } else if (node->kind == LF_NODE_LINK && node->text.len > 0) {
        lf_buf_add(buf, LF_STR(" to '"));
        lf_escape_shown(buf, node->text);
        lf_buf_add_char(buf, '\'');
    }
}

const char *lf_word_keeping(enum lf_keeping keeping)
{
    switch (keeping) {
    case LF_KEEPING_MEMORY:
        return "on a tmpfs: when that goes, so does what is known of the "
               "links, "
               "and what was moved aside";
    case LF_KEEPING_VOLATILE:
        return "on an overlay that does not sync: after a power cut it may be "
               "of any time, and a transaction half done";
    case LF_KEEPING_DURABLE:
        break;
    }
    return "on a disk";
}

/* The node in question: the plan's words, which know more, or our own. */
static void add_subject(struct lf_buf *buf, const struct lf_action *action)
{
    if (action->reason.len > 0)
        lf_escape_shown(buf, action->reason);
    else
        lf_word_node(buf, &action->expect);
}

static void add_adopt(struct lf_buf *buf, const struct lf_look *look,
                      const struct lf_action *action)
{
    add_subject(buf, action);
    lf_buf_add(buf, LF_STR(" becomes the source"));
    if (action->source_dir.len > 0) {
        lf_buf_add_char(buf, ' ');
        lf_word_place(buf, look, action->source_dir, action->source_name,
                      false);
    }
}

static void add_plain(struct lf_buf *buf, const struct lf_look *look,
                      const struct lf_action *action)
{
    bool pruned = action->kind == LF_ACTION_PRUNE;
    if (action->reason.len > 0)
        lf_escape_shown(buf, action->reason);
    else if (pruned)
        lf_buf_add(buf, lf_str(look->gone));
    else
        lf_buf_add(buf, lf_str(kinds[action->kind].words));
}

void lf_word_text(struct lf_buf *buf, struct lf_pair text)
{
    lf_escape_shown(buf, text.start);
    lf_escape_shown(buf, text.rest);
}

static void add_relink(struct lf_buf *buf, const struct lf_action *action)
{
    if (lf_pair_len(action->old_text) == 0)
        return;
    lf_buf_add(buf, LF_STR("was "));
    lf_word_text(buf, action->old_text);
}

void lf_word_at(struct lf_buf *buf, const struct lf_at *at)
{
    if (at->name.len == 0)
        return;
    lf_escape_shown(buf, at->name);
    lf_buf_add_format(buf, ":%u:%u", at->line, at->column);
}

void lf_word_note(struct lf_buf *buf, const struct lf_look *look,
                  const struct lf_action *action)
{
    switch (action->kind) {
    case LF_ACTION_RELINK:
        add_relink(buf, action);
        return;
    case LF_ACTION_REPLACE:
        add_subject(buf, action);
        lf_buf_add(buf, LF_STR(" of ours makes room"));
        return;
    case LF_ACTION_BACKUP:
        add_subject(buf, action);
        lf_buf_add(buf, LF_STR(" moved to the store"));
        return;
    case LF_ACTION_ADOPT:
        add_adopt(buf, look, action);
        return;
    case LF_ACTION_SKIP:
        add_subject(buf, action);
        lf_buf_add(buf, LF_STR(" left alone"));
        return;
    case LF_ACTION_CHMOD:
        lf_buf_add_format(buf, "mode %04" PRIo32 ", was %04" PRIo32,
                          action->mode, action->expect.mode);
        return;
    case LF_ACTION_DRIFT:
    case LF_ACTION_CREATE:
    case LF_ACTION_KEEP:
    case LF_ACTION_CLAIM:
    case LF_ACTION_PRUNE:
    case LF_ACTION_RESTORE:
    case LF_ACTION_FORGET:
    case LF_ACTION_CONFLICT:
    case LF_ACTION_MKDIR:
    case LF_ACTION_RMDIR:
        add_plain(buf, look, action);
        return;
    }
}
