/* SPDX-License-Identifier: MIT */
/*
 * parts.c - a long text, parsed by several threads
 *
 * Nearly all of a long manifest is one list or mapping below the root, which is
 * written one item to a line. A line of it that is indented as its items are begins a
 * new one, whatever stands before, unless that is a text in quotes or something in
 * brackets which has not ended, or a document that has. So the text is cut before such
 * lines; each part but the first is read behind a key of its own, as if it began what
 * it goes on with; and what the parts have is joined where each of them ended in what
 * the next one goes on with. What says that it was not so, and every fault, makes it
 * be read again as a whole, so that messages are the same however many threads there
 * are.
 */
#include "manifest/parse.h"

#include "base/source.h"
#include "platform/threads.h"

#include <stdatomic.h>

enum { LINES_SEEN = 64 }; /* for one to cut before */

#define HEAD LF_STR("x:\n")
/* the root, the key, and what goes on in the one before */
enum { HEAD_NODES = 3 };

struct parts {
    struct lf_parse parse[LF_THREADS_MOST];
    struct lf_arena arenas[LF_THREADS_MOST];
    uint32_t indents[LF_THREADS_MOST];
    unsigned count;
    atomic_uint next; /* to be parsed */
};

/* ---- cutting ---- */

struct cut {
    size_t at; /* where the part begins; 0: nowhere */
    uint32_t indent;
};

/* Whether an item may begin so. What has another meaning to YAML there is rare. */
static bool begins_item(struct lf_str rest)
{
    if (rest.data[0] == '-')
        return rest.len > 1 && rest.data[1] == ' ';
    return !strchr("?:,[]{}&*!|>%@`\t", rest.data[0]);
}

/* Before the first of those lines behind `from` that are indented least, but are.
 * Empty lines and comments may be indented as they like. */
static struct cut find_cut(struct lf_str text, size_t from)
{
    struct cut cut = {0};
    for (unsigned i = 0; i <= LINES_SEEN; i++) {
        const char *end = memchr(text.data + from, '\n', text.len - from);
        if (!end)
            break;
        size_t at = (size_t)(end + 1 - text.data), first = at;
        while (first < text.len && text.data[first] == ' ')
            first++;
        from = at;
        if (first == text.len || strchr("\n\r#", text.data[first]))
            continue;
        if (first == at)
            break;
        if (cut.at && first - at >= cut.indent)
            continue;
        cut = (struct cut){at, (uint32_t)(first - at)};
    }
    if (cut.at && !begins_item(lf_str_of(text.data + cut.at + cut.indent,
                                         text.len - cut.at - cut.indent)))
        cut.at = 0;
    return cut;
}

/* Take `cut` as the beginning of one more part, which ends the one before. */
static void add_part(struct parts *parts, struct cut cut)
{
    struct lf_parse *before = &parts->parse[parts->count - 1];
    struct lf_parse *part = &parts->parse[parts->count];
    struct lf_str text = before->text;
    *part = *before;
    before->text.len = cut.at - before->bytes;
    before->goes_on = true;
    part->items = 0;
    part->head = HEAD;
    part->begins = part->characters = HEAD.len;
    part->bytes = cut.at;
    part->text = lf_str_of(text.data + before->text.len,
                           text.len - before->text.len);
    part->arena = &parts->arenas[parts->count];
    parts->indents[parts->count++] = cut.indent;
}

/* Which lines the parts have. */
static void number_lines(struct parts *parts)
{
    uint32_t line = 1;
    for (unsigned i = 0; i < parts->count; i++) {
        struct lf_parse *part = &parts->parse[i];
        /* libyaml counts the head as one */
        part->line = i ? line - 1 : line;
        line += lf_source_lines(part->text) - 1;
        part->lines = part->goes_on ? line - 1 : line;
    }
}

static void cut_up(struct parts *parts, const struct lf_parse *whole,
                   unsigned most)
{
    struct lf_str text = whole->text;
    parts->parse[0] = *whole;
    parts->parse[0].diags = NULL;
    parts->parse[0].arena = &parts->arenas[0];
    parts->count = 1;
    for (unsigned i = 1; i < most; i++) {
        struct cut cut = find_cut(text, text.len / most * i);
        if (cut.at > parts->parse[parts->count - 1].bytes)
            add_part(parts, cut);
    }
    number_lines(parts);
}

/* ---- joining ---- */

/* The node that goes on with what `before` ended in, whose items are indented by
 * `indent`; NULL if they do not fit together. */
static struct lf_yaml *continuation(const struct lf_parse *before,
                                    const struct lf_parse *part,
                                    uint32_t indent)
{
    const struct lf_yaml *open = before->end_of_last.node;
    if (!before->root || before->root->kind != LF_YAML_MAP || !open ||
        open != before->end_of_root.last || !before->last_is_block ||
        open->column != indent + 1 || !part->root ||
        part->root->column != before->root->column)
        return NULL;
    struct lf_yaml *more = part->root->child->next;
    return more->kind == open->kind && more->column == open->column ? more
                                                                    : NULL;
}

/* Hang what `part` has into the root of `whole`, which is the first part. */
static bool join(struct lf_parse *whole, const struct lf_parse *part,
                 uint32_t indent)
{
    const struct lf_yaml *more = continuation(whole, part, indent);
    if (!more)
        return false;
    struct lf_yaml *open = whole->end_of_last.node, *key = more->next;
    whole->end_of_last.last->next = more->child;
    open->count += more->count;
    whole->items += part->items - HEAD_NODES;
    if (!key) {
        whole->end_of_last.last = part->end_of_last.last;
        return whole->items <= LF_YAML_ITEM_LIMIT;
    }
    open->next = key;
    whole->root->count += part->root->count - 1;
    whole->end_of_root.last = part->end_of_root.last;
    whole->end_of_last = part->end_of_last;
    whole->last_is_block = part->last_is_block;
    return whole->items <= LF_YAML_ITEM_LIMIT;
}

static bool join_all(struct parts *parts)
{
    for (unsigned i = 0; i < parts->count; i++) {
        const struct lf_parse *part = &parts->parse[i];
        if (part->failed || part->spoiled ||
            (i && !join(&parts->parse[0], part, parts->indents[i])))
            return false;
    }
    return true;
}

/* What could be seen of no part alone. */
static void check_keys(struct lf_parse *parse)
{
    for (const struct lf_yaml *key = parse->root->child; key;
         key = key->next->next)
        lf_parse_check_keys(parse, key->next);
    lf_parse_check_keys(parse, parse->root);
}

/* ---- the whole ---- */

static void work(void *arg, unsigned index)
{
    struct parts *parts = arg;
    unsigned next;
    (void)index;
    while ((next = atomic_fetch_add(&parts->next, 1)) < parts->count)
        lf_parse_run(&parts->parse[next]);
}

bool lf_parse_parts(struct lf_parse *parse, unsigned count, unsigned threads)
{
    struct parts parts = {0};
    if (count > LF_THREADS_MOST)
        count = LF_THREADS_MOST;
    cut_up(&parts, parse, count);
    if (parts.count < 2)
        return false;
    lf_threads_run(threads < parts.count ? threads : parts.count, work, &parts);
    bool joined = join_all(&parts);
    for (unsigned i = 0; i < parts.count; i++) {
        if (joined)
            lf_arena_join(parse->arena, &parts.arenas[i]);
        lf_arena_finish(&parts.arenas[i]);
    }
    if (!joined)
        return false;
    parse->root = parts.parse[0].root;
    check_keys(parse);
    return true;
}
