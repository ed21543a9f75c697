/* SPDX-License-Identifier: MIT */
/*
 * syntax.c - the text of a manifest as a tree of nodes
 */
#include "manifest/parse.h"

#include "base/source.h"
#include "manifest/explain.h"

/* Bytes for one of several threads: what is won must be more than it costs. */
enum { PART_LEAST = 16 << 10 };

struct lf_mark lf_yaml_mark(const struct lf_document *document,
                            const struct lf_yaml *node)
{
    return (struct lf_mark){&document->source, node->line, node->column,
                            node->width};
}

struct lf_mark lf_yaml_mark_within(const struct lf_document *document,
                                   const struct lf_yaml *node, size_t offset,
                                   size_t len)
{
    struct lf_mark mark = lf_yaml_mark(document, node);
    struct lf_str line = lf_source_line(mark.source, mark.line);
    size_t start = lf_source_offset(line, mark.column);
    if (node->style == LF_YAML_QUOTED)
        start++;
    if (start > line.len ||
        !lf_str_starts(lf_str_of(line.data + start, line.len - start),
                       node->text))
        return mark;
    mark.column = lf_source_columns(lf_str_of(line.data, start + offset)) + 1;
    mark.width = lf_source_columns(lf_str_of(node->text.data + offset, len));
    return mark;
}

/* ---- feeding ---- */

/* yaml_read_handler_t. Stops when one token has taken in too much, because
 * libyaml would hold several copies of it before we see it. */
static int feed(void *arg, unsigned char *buffer, size_t size, size_t *ret_size)
{
    struct lf_parse *parse = arg;
    struct lf_str *from = parse->head.len ? &parse->head : &parse->text;
    *ret_size = from->len < size ? from->len : size;
    if (*ret_size)
        memcpy(buffer, from->data, *ret_size);
    from->data += *ret_size;
    from->len -= *ret_size;
    parse->since += *ret_size;
    /* what is near to the limit is for the whole to decide, which is read in other
     * pieces */
    parse->too_long = parse->since > (parse->diags ? LF_YAML_SCALAR_LIMIT
                                                   : LF_YAML_SCALAR_LIMIT / 2);
    return !parse->too_long;
}

static void on_error(struct lf_parse *parse)
{
    const yaml_parser_t *yaml = &parse->yaml;
    parse->root = NULL;
    if (yaml->error == YAML_MEMORY_ERROR) {
        parse->failed = true;
        return;
    }
    if (!parse->diags) {
        parse->spoiled = true;
        return;
    }
    struct lf_yaml_problem problem = {
            .problem = yaml->problem,
            .context = yaml->context,
            .at = lf_parse_mark(parse, yaml->problem_mark),
            .began = lf_parse_mark(parse, yaml->context_mark),
    };
    if (!yaml->context)
        problem.began.line = 0;
    if (parse->too_long)
        lf_diags_add(parse->diags, LF_CODE_SCALAR_TOO_LONG, LF_SEVERITY_ERROR,
                     lf_parse_mark(parse, yaml->mark),
                     "is a quote or bracket missing before?", "%s",
                     "a text or comment of more than 16 MiB");
    else if (problem.at.line != parse->unquoted_line)
        /* else it is the rest of a text that needs quotes */
        lf_yaml_explain(&problem, parse->diags);
}

/* No document, or one of which there is only its `---`. */
static bool is_empty(const struct lf_yaml *root)
{
    return !root || (root->kind == LF_YAML_SCALAR && !root->bad &&
                     root->style == LF_YAML_PLAIN && root->text.len == 0);
}

static void read_events(struct lf_parse *parse)
{
    bool more = true;
    while (more) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parse->yaml, &event)) {
            on_error(parse);
            return;
        }
        parse->since = 0;
        more = lf_parse_event(parse, &event);
        yaml_event_delete(&event);
    }
    bool empty = !parse->stop && is_empty(parse->root);
    if (parse->stop || empty)
        parse->root = NULL;
    if (empty && parse->diags && !parse->document->may_be_empty &&
        !parse->failed)
        lf_diags_add(parse->diags, LF_CODE_EMPTY_MANIFEST, LF_SEVERITY_ERROR,
                     (struct lf_mark){&parse->document->source, 1, 1, 1},
                     "a manifest begins with \"version: 1\"", "%s",
                     "the manifest is empty");
}

void lf_parse_run(struct lf_parse *parse)
{
    if (!yaml_parser_initialize(&parse->yaml)) {
        parse->failed = true;
        return;
    }
    yaml_parser_set_encoding(&parse->yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input(&parse->yaml, feed, parse);
    read_events(parse);
    yaml_parser_delete(&parse->yaml);
}

/* Whether several threads have parsed it. */
static bool run_shared(struct lf_parse *parse, unsigned threads)
{
    size_t parts = parse->text.len / PART_LEAST;
    if (parts > threads)
        parts = threads;
    return parts > 1 && lf_parse_parts(parse, (unsigned)parts, threads);
}

bool lf_yaml_parse(struct lf_document *document, struct lf_arena *arena,
                   struct lf_diags *diags, struct lf_error *err)
{
    struct lf_parse parse = {
            .document = document,
            .arena = arena,
            .diags = diags,
            .text = document->source.text,
            .line = 1,
    };
    if (!run_shared(&parse, document->threads)) {
        parse.lines = lf_source_lines(parse.text);
        lf_parse_run(&parse);
    }
    document->root = parse.root;
    if (parse.failed || lf_diags_failed(diags))
        return lf_error_oom(err);
    return true;
}
