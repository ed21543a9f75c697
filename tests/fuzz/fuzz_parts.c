/* SPDX-License-Identifier: MIT */
/*
 * fuzz_parts.c - a manifest's text that is parsed in parts
 *
 * Whatever it is, and wherever it is cut: what comes of the parts is what comes of the
 * whole, down to the columns, and without a word where the whole has none.
 */
#include "base/source.h"
#include "fuzz.h"
#include "manifest/bytes.h"
#include "manifest/parse.h"

#include <string.h>

enum { FAULTS_MOST = 200 };

struct read {
    struct lf_arena arena;
    struct lf_diags *diags;
    struct lf_yaml *root;
    bool in_parts;
};

static struct read read_text(const struct lf_document *document, unsigned parts)
{
    struct read ret = {.diags = lf_diags_new(FAULTS_MOST)};
    struct lf_parse parse = {
            .document = document,
            .arena = &ret.arena,
            .diags = ret.diags,
            .text = document->source.text,
            .line = 1,
    };
    must(ret.diags);
    ret.in_parts = parts > 1 && lf_parse_parts(&parse, parts, 1);
    if (parts == 1) {
        parse.lines = lf_source_lines(document->source.text);
        lf_parse_run(&parse);
    }
    must(!parse.failed);
    ret.root = parse.root;
    return ret;
}

static void forget(struct read *read)
{
    lf_diags_free(read->diags);
    lf_arena_finish(&read->arena);
}

static void same_node(const struct lf_yaml *a, const struct lf_yaml *b)
{
    must(a->kind == b->kind && a->style == b->style && a->bad == b->bad);
    must(a->line == b->line && a->column == b->column && a->width == b->width);
    must(a->count == b->count && lf_str_equal(a->text, b->text));
    must(!a->child == !b->child && !a->next == !b->next);
}

/* At most LF_YAML_DEPTH_LIMIT deep. */
static void same_tree(const struct lf_yaml *a, const struct lf_yaml *b)
{
    for (; a; a = a->next, b = b->next) {
        same_node(a, b);
        same_tree(a->child, b->child);
    }
}

static void same_faults(const struct lf_diags *a, const struct lf_diags *b)
{
    must(lf_diags_count(a) == lf_diags_count(b));
    for (size_t i = 0; i < lf_diags_count(a); i++) {
        const struct lf_diag *one = lf_diags_at(a, i),
                             *other = lf_diags_at(b, i);
        must(one->code == other->code && one->mark.line == other->mark.line &&
             one->mark.column == other->mark.column);
        must(lf_str_equal(one->message, other->message));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf_str text = fuzz_copy(lf_str_of((const char *)data, size));
    struct lf_document document = {
            .source = {.name = LF_STR("m.yaml"), .text = text}
    };
    struct lf_diags *bytes = lf_diags_new(1);
    must(bytes);
    if (lf_bytes_check(&document.source, bytes)) {
        struct read whole = read_text(&document, 1);
        for (unsigned parts = 2; parts <= 8; parts++) {
            struct read read = read_text(&document, parts);
            if (read.in_parts) {
                must(whole.root);
                same_node(whole.root, read.root);
                same_tree(whole.root, read.root);
                same_faults(whole.diags, read.diags);
            }
            forget(&read);
        }
        forget(&whole);
    }
    lf_diags_free(bytes);
    lf_free_const(text.data);
    return 0;
}
