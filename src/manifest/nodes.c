/* SPDX-License-Identifier: MIT */
/*
 * nodes.c - the nodes of a manifest's text, out of libyaml's events
 */
#include "manifest/parse.h"

#include "base/source.h"
#include "base/strmap.h"
#include "manifest/explain.h"

#include <stdio.h>

/* Up to here, comparing each key with each is quicker than hashing. */
enum { FEW_KEYS = 12 };

/* A last line without an end is followed by one more for libyaml; what it has
 * there stands at the end of the last. */
static void put_inside(const struct lf_parse *parse, uint32_t *line,
                       uint32_t *column)
{
    if (*line <= parse->lines)
        return;
    *line = parse->lines;
    *column =
            lf_source_columns(lf_source_line(&parse->document->source, *line)) +
            1;
}

struct lf_mark lf_parse_mark(const struct lf_parse *parse, yaml_mark_t mark)
{
    struct lf_mark ret = {&parse->document->source,
                          (uint32_t)mark.line + parse->line,
                          (uint32_t)mark.column + 1, 1};
    put_inside(parse, &ret.line, &ret.column);
    return ret;
}

/* ---- faults ---- */

/* Whether a fault is not for here to report: the text is read once more as a
 * whole then. */
static bool spoils(struct lf_parse *parse)
{
    parse->spoiled = parse->spoiled || !parse->diags;
    return !parse->diags;
}

static void fault(struct lf_parse *parse, enum lf_code code,
                  const struct lf_yaml *node, const char *help,
                  const char *message)
{
    if (spoils(parse))
        return;
    lf_diags_add(parse->diags, code, LF_SEVERITY_ERROR,
                 lf_yaml_mark(parse->document, node), help, "%s", message);
}

static struct lf_str first_word(struct lf_str text)
{
    size_t len = 0;
    while (len < text.len && !memchr(" \t", text.data[len], 2))
        len++;
    return lf_str_of(text.data, len);
}

static void fault_quote(struct lf_parse *parse, enum lf_code code,
                        struct lf_yaml *node, const char *message)
{
    if (spoils(parse))
        return;
    node->bad = true;
    parse->unquoted_line = node->line;
    struct lf_mark mark = lf_yaml_mark(parse->document, node);
    char help[200] = "linkfarm manifests do without; repeat the text";
    /* finding the text reads the file: only for what will be shown */
    if (lf_diags_dropped(parse->diags) == 0) {
        struct lf_str text = lf_yaml_text_at(mark);
        mark.width = lf_source_columns(first_word(text));
        snprintf(help, sizeof(help),
                 "manifests have no such feature; a text is quoted: %s",
                 lf_yaml_quoted(text).text);
    }
    lf_diags_add(parse->diags, code, LF_SEVERITY_ERROR, mark, help, "%s",
                 message);
}

/* ---- building ---- */

static struct lf_yaml *add_node(struct lf_parse *parse,
                                const yaml_event_t *event,
                                enum lf_yaml_kind kind)
{
    struct lf_yaml *node = lf_arena_alloc(parse->arena, sizeof(*node));
    if (!node) {
        parse->failed = true;
        return NULL;
    }
    node->kind = (uint8_t)kind;
    node->line = (uint32_t)event->start_mark.line + parse->line;
    node->column = (uint32_t)event->start_mark.column + 1;
    if (kind != LF_YAML_SCALAR)
        node->width = 1;
    else if (event->end_mark.line == event->start_mark.line)
        node->width =
                (uint32_t)(event->end_mark.column - event->start_mark.column);
    if (parse->goes_on && node->line > parse->lines)
        parse->spoiled = true; /* it stands at the next thing of the text */
    put_inside(parse, &node->line, &node->column);
    if (++parse->items > LF_YAML_ITEM_LIMIT) {
        fault(parse, LF_CODE_TOO_MANY_ITEMS, node,
              "name whole directories under trees instead of single files",
              "more than 3,000,000 items in one manifest");
        parse->stop = true;
    }
    return node;
}

static bool is_key(const struct lf_parse_level *level)
{
    return level->node->kind == LF_YAML_MAP && !level->at_value;
}

/* `? [a, b] : c` is a key that is a mapping, and begins with a key that is a list: one
 * fault, at one place. */
static bool begins_bad_key(const struct lf_parse *parse,
                           const struct lf_yaml *key)
{
    const struct lf_yaml *map = parse->levels[parse->depth - 1].node;
    return map->bad && map->line == key->line && map->column == key->column;
}

static void check_key(struct lf_parse *parse, struct lf_yaml *key)
{
    if (key->kind != LF_YAML_SCALAR) {
        key->bad = true;
        if (begins_bad_key(parse, key))
            return;
        fault(parse, LF_CODE_COMPLEX_KEY, key,
              "a key that begins with [ or { needs quotes",
              "a key must be a text, not a list or a mapping");
    } else if (key->style == LF_YAML_PLAIN &&
               lf_str_equal(key->text, LF_STR("<<"))) {
        key->bad = true;
        fault(parse, LF_CODE_MERGE_KEY, key,
              "write the keys out; what many entries share goes into defaults",
              "a merge key is not allowed");
    }
}

/* Hang `node` where the document stands. */
static void attach(struct lf_parse *parse, struct lf_yaml *node)
{
    if (parse->depth == 0) {
        parse->root = node;
        return;
    }
    struct lf_parse_level *level = &parse->levels[parse->depth - 1];
    if (level->last)
        level->last->next = node;
    else
        level->node->child = node;
    level->last = node;
    if (is_key(level))
        check_key(parse, node);
    else
        level->node->count++;
    level->at_value = level->node->kind == LF_YAML_MAP && !level->at_value;
}

static void check_properties(struct lf_parse *parse, struct lf_yaml *node,
                             const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        fault_quote(parse, LF_CODE_ANCHOR, node, "an anchor is not allowed");
    else if (tag)
        fault_quote(parse, LF_CODE_TAG, node,
                    "a tag is not allowed; a text that begins with ! needs "
                    "quotes");
}

/* How many of the eight bytes of `word` begin a character of UTF-8: all but those
 * whose highest bits are 10. */
static unsigned characters_in(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t inside = word >> 7 & ~(word >> 6) & ones;
    return (unsigned)sizeof(word) - (unsigned)(inside * ones >> 56);
}

/* How many bytes stand before the character that libyaml calls the `index`th.
 * Events come in the order of the text. */
static size_t offset_of(struct lf_parse *parse, size_t index)
{
    struct lf_str text = parse->document->source.text;
    size_t at = parse->bytes, count = parse->characters;
    for (uint64_t word;
         index > count + sizeof(word) && text.len - at >= sizeof(word);
         at += sizeof(word)) {
        memcpy(&word, text.data + at, sizeof(word));
        count += characters_in(word);
    }
    for (; at < text.len; at++) {
        bool begins = ((unsigned char)text.data[at] & 0xc0) != 0x80;
        if (begins && count == index)
            break;
        count += begins;
    }
    parse->bytes = at;
    parse->characters = count;
    return at;
}

/* The text of a scalar: where it stands in the source if it does so as it is, else
 * a copy. data NULL: no memory. */
static struct lf_str text_of(struct lf_parse *parse, const yaml_event_t *event)
{
    struct lf_str value = lf_str_of((const char *)event->data.scalar.value,
                                    event->data.scalar.length);
    struct lf_str rest = parse->document->source.text;
    if (event->start_mark.index < parse->begins)
        return lf_str("");
    size_t offset = offset_of(parse, event->start_mark.index);
    if (event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
        event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        offset++;
    if (offset > rest.len)
        offset = rest.len;
    rest = lf_str_of(rest.data + offset, rest.len - offset);
    if (lf_str_starts(rest, value))
        return lf_str_of(rest.data, value.len);
    return lf_arena_str(parse->arena, value);
}

static void on_scalar(struct lf_parse *parse, const yaml_event_t *event)
{
    struct lf_yaml *node = add_node(parse, event, LF_YAML_SCALAR);
    if (!node)
        return;
    node->text = text_of(parse, event);
    if (!node->text.data)
        parse->failed = true;
    yaml_scalar_style_t style = event->data.scalar.style;
    node->style = style == YAML_LITERAL_SCALAR_STYLE ||
                                  style == YAML_FOLDED_SCALAR_STYLE
                          ? LF_YAML_BLOCK
                  : style == YAML_PLAIN_SCALAR_STYLE ? LF_YAML_PLAIN
                                                     : LF_YAML_QUOTED;
    check_properties(parse, node, event->data.scalar.anchor,
                     event->data.scalar.tag);
    if (!node->bad && node->text.data &&
        memchr(node->text.data, '\0', node->text.len)) {
        node->bad = true;
        fault(parse, LF_CODE_NUL_IN_TEXT, node,
              "no path, name or link text can hold one", "a NUL in a text");
    }
    attach(parse, node);
}

static void on_alias(struct lf_parse *parse, const yaml_event_t *event)
{
    struct lf_yaml *node = add_node(parse, event, LF_YAML_SCALAR);
    if (!node)
        return;
    node->text = lf_str("");
    fault_quote(parse, LF_CODE_ALIAS, node,
                "an alias is not allowed; a text that begins with * needs "
                "quotes");
    attach(parse, node);
}

/* Whether it is written by its indentation, and not in brackets. */
static bool is_block(const yaml_event_t *event)
{
    return event->type == YAML_MAPPING_START_EVENT
                   ? event->data.mapping_start.style == YAML_BLOCK_MAPPING_STYLE
                   : event->data.sequence_start.style ==
                             YAML_BLOCK_SEQUENCE_STYLE;
}

static void on_start(struct lf_parse *parse, const yaml_event_t *event,
                     enum lf_yaml_kind kind)
{
    struct lf_yaml *node = add_node(parse, event, kind);
    if (!node)
        return;
    if (kind == LF_YAML_MAP)
        check_properties(parse, node, event->data.mapping_start.anchor,
                         event->data.mapping_start.tag);
    else
        check_properties(parse, node, event->data.sequence_start.anchor,
                         event->data.sequence_start.tag);
    if (parse->depth == LF_YAML_DEPTH_LIMIT) {
        fault(parse, LF_CODE_TOO_DEEP, node, "is a bracket not closed before?",
              "more than 64 levels of nesting");
        parse->stop = true;
        return;
    }
    attach(parse, node);
    if (parse->depth == 1)
        parse->last_is_block = is_block(event);
    parse->levels[parse->depth++] = (struct lf_parse_level){.node = node};
}

static void report_duplicate(struct lf_parse *parse, struct lf_yaml *key,
                             uint32_t first_line)
{
    if (spoils(parse))
        return;
    key->bad = true;
    char help[64];
    snprintf(help, sizeof(help), "it is at line %u already",
             (unsigned)first_line);
    lf_diags_add(parse->diags, LF_CODE_DUPLICATE_KEY, LF_SEVERITY_ERROR,
                 lf_yaml_mark(parse->document, key), help,
                 "key \"%.*s\" appears twice", lf_yaml_shown(key),
                 key->text.data);
}

/* The line of an earlier key that is equal to `key`; 0 if there is none. */
static uint32_t line_before(const struct lf_yaml *map,
                            const struct lf_yaml *key)
{
    for (const struct lf_yaml *other = map->child; other != key;
         other = other->next->next) {
        if (!other->bad && lf_str_equal(other->text, key->text))
            return other->line;
    }
    return 0;
}

void lf_parse_check_keys(struct lf_parse *parse, const struct lf_yaml *map)
{
    struct lf_strmap seen = {0};
    struct lf_yaml *value;
    if (map->kind != LF_YAML_MAP || map->count < 2)
        return;
    if (map->count > FEW_KEYS && !lf_strmap_reserve(&seen, map->count)) {
        parse->failed = true;
        return;
    }
    for (struct lf_yaml *key = map->child; key && (value = key->next);
         key = value->next) {
        if (key->bad)
            continue;
        uint32_t first = 0, count = seen.count;
        if (map->count <= FEW_KEYS) {
            first = line_before(map, key);
        } else if (!lf_strmap_add(&seen, key->text, key->line, &first)) {
            parse->failed = true;
            break;
        } else if (seen.count > count) {
            first = 0;
        }
        if (first)
            report_duplicate(parse, key, first);
    }
    lf_strmap_finish(&seen);
}

static void on_end(struct lf_parse *parse)
{
    const struct lf_parse_level *level = &parse->levels[--parse->depth];
    if (parse->depth == 0)
        parse->end_of_root = *level;
    else if (parse->depth == 1)
        parse->end_of_last = *level;
    /* of what may go on in another part, who joins them looks at the keys */
    if (parse->diags || parse->depth > 1)
        lf_parse_check_keys(parse, level->node);
}

static void on_document(struct lf_parse *parse, const yaml_event_t *event)
{
    if (!parse->root || spoils(parse))
        return;
    lf_diags_add(parse->diags, LF_CODE_SECOND_DOCUMENT, LF_SEVERITY_ERROR,
                 lf_parse_mark(parse, event->start_mark),
                 "keep one document; other files can be named under include",
                 "%s", "a second document begins here");
    parse->stop = true;
}

bool lf_parse_event(struct lf_parse *parse, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        on_document(parse, event);
        break;
    case YAML_ALIAS_EVENT:
        on_alias(parse, event);
        break;
    case YAML_SCALAR_EVENT:
        on_scalar(parse, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        on_start(parse, event, LF_YAML_LIST);
        break;
    case YAML_MAPPING_START_EVENT:
        on_start(parse, event, LF_YAML_MAP);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        on_end(parse);
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_END_EVENT:
        return false;
    case YAML_DOCUMENT_END_EVENT:
        /* behind a written end there is nothing for another part to go on with */
        if (parse->goes_on && !event->data.document_end.implicit)
            parse->spoiled = true;
        break;
    case YAML_STREAM_START_EVENT:
        break;
    }
    return !parse->stop && !parse->failed && !parse->spoiled;
}
