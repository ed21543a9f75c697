/* SPDX-License-Identifier: MIT */
/*
 * import_ignore.c - what Stow is told to leave out, as patterns
 *
 * "Types And Syntax Of Ignore Lists" in Stow's manual: a line has a regular
 * expression, blanks around it do not count, nor does what follows a `#` that begins
 * the line or stands behind a blank, and `\\#` is a `#`. "Resource Files": words of
 * a .stowrc, with blanks between them, are options.
 */
#include "cli/import.h"

#include "base/path.h"
#include "base/source.h"
#include "base/util.h"
#include "base/yaml.h"
#include "cli/stow_regex.h"
#include "manifest/loader.h"

#include <stdlib.h>
#include <string.h>

struct reading {
    struct lf_import *import;
    enum lf_stow_origin origin;
    struct lf_ignore_list *list;
    struct lf_str file;      /* as it is named in messages */
    struct lf_strmap listed; /* patterns, as they are written */
    struct lf_error *err;
};

/* ---- lines ---- */

static bool is_blank(char c)
{
    return strchr(" \t\n\r\f\v", c) && c != '\0';
}

static struct lf_str trimmed(struct lf_str line)
{
    while (line.len > 0 && is_blank(line.data[0]))
        line = lf_str_of(line.data + 1, line.len - 1);
    while (line.len > 0 && is_blank(line.data[line.len - 1]))
        line.len--;
    return line;
}

/* Without a comment, which is not empty. */
static struct lf_str uncommented(struct lf_str line)
{
    for (size_t i = 1; i + 1 < line.len; i++) {
        if (line.data[i] != '#' || !is_blank(line.data[i - 1]))
            continue;
        line.len = i;
        return trimmed(line);
    }
    return line;
}

/* The expression that the line has; empty: none. */
static bool regex_of(struct reading *reading, struct lf_str line,
                     struct lf_str *ret)
{
    char *text = lf_arena_bytes(&reading->import->arena, line.len + 1);
    size_t len = 0;
    line = trimmed(line);
    if (line.len > 0 && line.data[0] == '#')
        line.len = 0;
    line = uncommented(line);
    for (size_t i = 0; text && i < line.len; i++) {
        bool is_sign = line.data[i] == '\\' && i + 1 < line.len &&
                       line.data[i + 1] == '#';
        text[len++] = line.data[i += is_sign];
    }
    if (text)
        text[len] = '\0';
    *ret = lf_str_of(text, len);
    return text || lf_error_oom(reading->err);
}

/* ---- patterns ---- */

static bool add_pattern(struct reading *reading, struct lf_str shown)
{
    struct lf_ignore_list *list = reading->list;
    void *items = list->items;
    uint32_t index;
    struct lf_str copy = lf_arena_str(&reading->import->arena, shown);
    if (!copy.data ||
        !lf_strmap_add(&reading->listed, copy, list->count, &index) ||
        !lf_array_reserve(&items, list->count, &list->capacity,
                          sizeof(*list->items)))
        return lf_error_oom(reading->err);
    list->items = items;
    if (index == list->count)
        list->items[list->count++] = copy;
    return true;
}

/* `*ret_said`: each of them can stand in a manifest. */
static bool add_patterns(struct reading *reading,
                         const struct lf_stow_patterns *patterns,
                         bool *ret_said)
{
    struct lf_buf shown = {0};
    bool ok = true;
    *ret_said = patterns->said;
    for (uint32_t i = 0; ok && i < patterns->count; i++) {
        lf_buf_clear(&shown);
        bool said = lf_yaml_add_pattern(&shown, patterns->items[i]);
        *ret_said &= said;
        if (lf_buf_failed(&shown))
            ok = lf_error_oom(reading->err);
        else
            ok = !said || add_pattern(reading, lf_buf_str(&shown));
    }
    lf_buf_finish(&shown);
    return ok;
}

/* One that stands at `at` in the line with that number. */
static bool take_regex(struct reading *reading, struct lf_str regex,
                       struct lf_str line, const char *at, uint32_t number)
{
    struct lf_stow_patterns patterns;
    bool said;
    if (!lf_stow_patterns(regex, reading->origin, &reading->import->arena,
                          &patterns))
        return lf_error_oom(reading->err);
    if (!add_patterns(reading, &patterns, &said))
        return false;
    struct lf_str before = lf_str_of(line.data, (size_t)(at - line.data));
    if (!said)
        lf_import_untold(reading->import,
                         "%.*s:%u:%u: left out: the regular expression %.*s; "
                         "write it as a pattern under ignore",
                         (int)reading->file.len, reading->file.data, number,
                         lf_source_columns(before) + 1, (int)regex.len,
                         regex.data);
    return true;
}

static bool take_line(struct reading *reading, struct lf_str line,
                      uint32_t number)
{
    struct lf_str regex;
    return regex_of(reading, line, &regex) &&
           (regex.len == 0 ||
            take_regex(reading, regex, line, trimmed(line).data, number));
}

/* Take the next word off `*rest`, which begins with it. */
static struct lf_str take_word(struct lf_str *rest)
{
    size_t len = 0;
    while (len < rest->len && !is_blank(rest->data[len]))
        len++;
    struct lf_str word = lf_str_of(rest->data, len);
    *rest = trimmed(lf_str_of(rest->data + len, rest->len - len));
    return word;
}

/* Quotes mean nothing there. */
static bool take_words(struct reading *reading, struct lf_str line,
                       uint32_t number)
{
    const struct lf_str option = LF_STR("--ignore=");
    struct lf_str rest = trimmed(line);
    bool is_value = false; /* of the word before, which is the option */
    while (rest.len > 0) {
        struct lf_str word = take_word(&rest);
        bool has_value = !is_value && lf_str_starts(word, option);
        size_t skip = has_value ? option.len : 0;
        struct lf_str regex = lf_str_of(word.data + skip, word.len - skip);
        if ((is_value || has_value) &&
            !take_regex(reading, regex, line, regex.data, number))
            return false;
        is_value = !is_value && lf_str_equal(word, LF_STR("--ignore"));
    }
    return true;
}

static bool take_lines(struct reading *reading, struct lf_str text)
{
    bool ok = true;
    for (uint32_t number = 1; ok && text.len > 0; number++) {
        const char *end = memchr(text.data, '\n', text.len);
        size_t len = end ? (size_t)(end - text.data) : text.len;
        struct lf_str line = lf_str_of(text.data, len);
        ok = reading->origin == LF_STOW_LIST
                     ? take_line(reading, line, number)
                     : take_words(reading, line, number);
        len += end != NULL;
        text = lf_str_of(text.data + len, text.len - len);
    }
    return ok;
}

/* ---- the file ---- */

/* One that cannot be read is left out as a whole. */
static bool read_list(struct reading *reading, struct lf_str real)
{
    struct lf_str text;
    struct lf_node node;
    struct lf_error why;
    if (!lf_read_manifest(&reading->import->disk.fs, real, &text, &node,
                          &why)) {
        lf_import_untold(reading->import,
                         "left out: the regular expressions of %.*s: %s",
                         (int)reading->file.len, reading->file.data,
                         why.message);
        return why.code != LF_CODE_NO_MEMORY || lf_error_oom(reading->err);
    }
    bool ok = take_lines(reading, text);
    lf_free_const(text.data);
    return ok;
}

static bool read_file(struct reading *reading, struct lf_str dir,
                      const char *name)
{
    struct lf_import *import = reading->import;
    struct lf_resolution *walk;
    struct lf_buf real = {0};
    if (dir.len == 0)
        return true;
    reading->file = lf_path_join(&import->arena, dir, lf_str(name));
    if (!reading->file.data)
        return lf_error_oom(reading->err);
    struct lf_resolve_request request = {.path = reading->file};
    if (!lf_resolve(import->disk.resolver, &request, &walk, reading->err))
        return false;
    bool is_there = walk->error == 0;
    reading->list->is_there |= is_there;
    if (import->session->root)
        lf_buf_add(&real, lf_str(import->session->root));
    lf_buf_add(&real, walk->path);
    lf_resolution_free(walk);
    bool ok = lf_buf_failed(&real)
                      ? lf_error_oom(reading->err)
                      : !is_there || read_list(reading, lf_buf_str(&real));
    lf_buf_finish(&real);
    return ok;
}

bool lf_import_ignore(struct lf_import *import, struct lf_str dir,
                      const char *name, struct lf_ignore_list *ret,
                      struct lf_error *err)
{
    struct reading reading = {
            .import = import, .origin = LF_STOW_LIST, .list = ret, .err = err};
    *ret = (struct lf_ignore_list){0};
    bool ok = read_file(&reading, dir, name);
    lf_strmap_finish(&reading.listed);
    return ok;
}

bool lf_import_stowrc(struct lf_import *import, struct lf_ignore_list *ret,
                      struct lf_error *err)
{
    struct reading reading = {.import = import,
                              .origin = LF_STOW_OPTION,
                              .list = ret,
                              .err = err};
    *ret = (struct lf_ignore_list){0};
    bool ok = read_file(&reading, import->home, ".stowrc") &&
              (lf_str_equal(import->home, import->stow_dir) ||
               read_file(&reading, import->stow_dir, ".stowrc"));
    lf_strmap_finish(&reading.listed);
    return ok;
}
