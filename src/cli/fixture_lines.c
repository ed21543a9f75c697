/* SPDX-License-Identifier: MIT */
/*
 * fixture_lines.c - which file, and which line of it, a fixture's name means
 */
#include "cli/fixture_lines.h"

#include "base/util.h"
#include "manifest/loader.h"

#include <jansson.h>
#include <string.h>

/* ---- the file ---- */

bool lf_fixture_find(const char *name, struct lf_str *ret_text,
                     struct lf_str *ret_file, struct lf_error *err)
{
    struct lf_fs fs;
    struct lf_node node;
    struct lf_str whole = lf_str(name);
    const char *mark = strrchr(name, '#');
    lf_fs_system(&fs);
    *ret_file = whole;
    bool read = lf_read_manifest(&fs, whole, ret_text, &node, err);
    if (read || err->code != LF_CODE_MANIFEST_MISSING || !mark)
        return read;
    LF_AUTO_FREE char *file = strndup(name, (size_t)(mark - name));
    if (!file)
        return lf_error_oom(err);
    *ret_file = lf_str_of(name, (size_t)(mark - name));
    return lf_read_manifest(&fs, lf_str(file), ret_text, &node, err);
}

/* ---- the line ---- */

/* Cases of JSON lines, one after the other. */
struct lines {
    const struct lf_source *source;
    const char *id;
    size_t at; /* where the next line begins */
    uint32_t number;
    struct lf_str chosen;
    char first_id[64], last_id[64];
    size_t cases;
};

static bool next_line(struct lines *lines, struct lf_str *ret)
{
    struct lf_str text = lines->source->text;
    if (lines->at >= text.len)
        return false;
    const char *start = text.data + lines->at;
    const char *end = memchr(start, '\n', text.len - lines->at);
    size_t len = end ? (size_t)(end - start) : text.len - lines->at;
    lines->at += len + 1;
    lines->number++;
    *ret = lf_str_of(start, len);
    return true;
}

static bool is_blank(struct lf_str line)
{
    for (size_t i = 0; i < line.len; i++)
        if (!strchr(" \t\r", line.data[i]) || !line.data[i])
            return false;
    return true;
}

/* JSON lines are told from other text by their first line, which is an object
 * by itself. */
static bool are_json_lines(const struct lf_source *source)
{
    struct lines lines = {.source = source};
    struct lf_str line = LF_STR("");
    while (next_line(&lines, &line) && is_blank(line))
        continue;
    json_t *first = json_loadb(line.data, line.len, JSON_ALLOW_NUL, NULL);
    bool are = json_is_object(first);
    json_decref(first);
    return are;
}

static bool no_case(const struct lines *lines, const json_error_t *fault,
                    struct lf_error *err)
{
    lf_error_set(err, LF_CODE_FIXTURE, 0, "this line is no case: %s",
                 fault->line > 0 ? fault->text : "a JSON object is expected");
    lf_error_help(err, "JSON lines hold one object on each line");
    err->mark = (struct lf_mark){
            .source = lines->source,
            .line = lines->number,
            .column = fault->column > 0 ? (uint32_t)fault->column : 1,
    };
    return false;
}

static void note_case(struct lines *lines, const json_t *object,
                      struct lf_str line)
{
    const char *id = json_string_value(json_object_get(object, "id"));
    char *note = lines->cases++ ? lines->last_id : lines->first_id;
    snprintf(note, sizeof(lines->first_id), "%s", id ? id : "");
    if (!lines->id || (id && strcmp(id, lines->id) == 0))
        lines->chosen = line;
}

static bool read_lines(struct lines *lines, struct lf_error *err)
{
    struct lf_str line;
    while (next_line(lines, &line)) {
        json_error_t fault = {0};
        if (is_blank(line))
            continue;
        json_t *object =
                json_loadb(line.data, line.len, JSON_ALLOW_NUL, &fault);
        bool good = json_is_object(object);
        if (good)
            note_case(lines, object, line);
        json_decref(object);
        if (!good)
            return no_case(lines, &fault, err);
    }
    return true;
}

static bool refuse(const struct lines *lines, struct lf_error *err)
{
    const char *name = lines->source->name.data;
    if (!lines->id) {
        lf_error_set(err, LF_CODE_FIXTURE, 0,
                     "'%s' holds %zu cases: which one?", name, lines->cases);
        lf_error_help(err, "name it by its id: --fixture='%s#%s'", name,
                      lines->first_id);
        return false;
    }
    lf_error_set(err, LF_CODE_FIXTURE, 0, "no case of '%s' has the id '%s'",
                 name, lines->id);
    lf_error_help(err, "they go from %s to %s", lines->first_id,
                  lines->cases > 1 ? lines->last_id : lines->first_id);
    return false;
}

/* The text up to and with the chosen line, all others empty. */
static char *only_line(const struct lines *lines)
{
    struct lf_str text = lines->source->text, chosen = lines->chosen;
    size_t before = (size_t)(chosen.data - text.data), len = 0;
    char *only = malloc(before + chosen.len + 1);
    if (!only)
        return NULL;
    for (size_t i = 0; i < before; i++)
        if (text.data[i] == '\n')
            only[len++] = '\n';
    memcpy(only + len, chosen.data, chosen.len);
    only[len + chosen.len] = '\0';
    return only;
}

bool lf_fixture_choose(const struct lf_source *source, const char *id,
                       char **ret_only, struct lf_error *err)
{
    struct lines lines = {.source = source, .id = id};
    *ret_only = NULL;
    if (!are_json_lines(source)) {
        if (!id)
            return true;
        lf_error_set(err, LF_CODE_FIXTURE, 0,
                     "'%s' is not JSON lines: it has no case '%s'",
                     source->name.data, id);
        lf_error_help(err, "leave the # and what follows it out");
        return false;
    }
    if (!read_lines(&lines, err))
        return false;
    if (!lines.chosen.data || (!id && lines.cases > 1))
        return refuse(&lines, err);
    *ret_only = only_line(&lines);
    return *ret_only || lf_error_oom(err);
}
