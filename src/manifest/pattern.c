/* SPDX-License-Identifier: MIT */
/*
 * pattern.c - lists of gitignore patterns
 */
#include "manifest/pattern.h"

#include "base/path.h"
#include "base/util.h"
#include "manifest/glob.h"

struct lf_pattern {
    struct lf_str text;    /* as written */
    struct lf_str literal; /* what a path (by name: the name) begins with; of
                              `*.x`, what a name ends with */
    struct lf_str end;     /* what it ends with */
    struct lf_glob glob;   /* for what comes after `literal` */
    struct lf_mark mark;
    bool negative;
    bool dir_only; /* had a `/` at the end */
    bool by_name;  /* has no other `/`: matches a name at any depth */
    bool suffix;   /* `literal` is an end */
    bool exact;    /* `literal` is all of it */
};

void lf_patterns_finish(struct lf_patterns *list)
{
    free(list->items);
    *list = (struct lf_patterns){0};
}

static size_t literal_length(struct lf_str text)
{
    size_t len = 0;
    while (len < text.len && !memchr("*?[\\", text.data[len], 4))
        len++;
    return len;
}

/* What all that a pattern matches ends with, as far as it is plain to see. The slash
 * of a `**` before it need not be there. */
static struct lf_str literal_end(struct lf_str text)
{
    size_t at = text.len;
    while (at > 0 && !memchr("*?[]\\", text.data[at - 1], 5))
        at--;
    if (at < text.len && text.data[at] == '/')
        at++;
    return lf_str_of(text.data + at, text.len - at);
}

/* Spaces at the end do not count, unless the last is escaped. */
static struct lf_str trim(struct lf_str text)
{
    size_t keep = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\\') {
            if (++i == text.len)
                return text;
            keep = i + 1;
        } else if (text.data[i] != ' ') {
            keep = i + 1;
        }
    }
    text.len = keep;
    return text;
}

/*
 * Split `body` into what is compared and what is matched. In a path, matching
 * starts behind the literal beginning: so `foo` and a following `**` count as
 * separate, which git does, and its documentation does not say.
 */
static bool compile(struct lf_pattern *pattern, struct lf_arena *arena,
                    struct lf_str body)
{
    size_t plain = literal_length(body);
    pattern->by_name = !body.len || !memchr(body.data, '/', body.len);
    if (!pattern->by_name && body.data[0] == '/') {
        body = lf_str_of(body.data + 1, body.len - 1);
        plain--;
    }
    pattern->literal = lf_str_of(body.data, plain);
    pattern->exact = plain == body.len;
    if (pattern->exact)
        return true;
    pattern->end = literal_end(body);
    pattern->suffix = pattern->by_name && body.data[0] == '*' &&
                      pattern->end.len == body.len - 1;
    if (pattern->suffix) {
        pattern->literal = pattern->end;
        return true;
    }
    struct lf_str rest = lf_str_of(body.data + plain, body.len - plain);
    return lf_glob_compile(arena, rest,
                           pattern->by_name ? LF_GLOB_NAME : LF_GLOB_PATH,
                           &pattern->glob);
}

static const char *fault_of(const struct lf_pattern *pattern)
{
    if (pattern->glob.never)
        return "a [ that is not closed, a class that does not exist, or a "
               "backslash at the end";
    bool anything =
            pattern->literal.len || pattern->glob.count || pattern->suffix;
    return anything ? NULL : "there is no name in it";
}

bool lf_patterns_add(struct lf_patterns *list, struct lf_arena *arena,
                     struct lf_str text, const char **ret_fault)
{
    struct lf_pattern pattern = {.text = lf_arena_str(arena, text)};
    void *items = list->items;
    if (!pattern.text.data ||
        !lf_array_reserve(&items, list->count, &list->capacity,
                          sizeof(pattern)))
        return false;
    list->items = items;
    *ret_fault = NULL;
    struct lf_str body = trim(pattern.text);
    if (body.len && body.data[0] == '#')
        *ret_fault =
                "it is a comment; of a name that begins so, write '\\#...', in "
                "single quotes";
    if (body.len && body.data[0] == '!') {
        pattern.negative = true;
        body = lf_str_of(body.data + 1, body.len - 1);
    }
    if (body.len && body.data[body.len - 1] == '/') {
        pattern.dir_only = true;
        body.len--;
    }
    if (*ret_fault)
        return true;
    if (!compile(&pattern, arena, body))
        return false;
    *ret_fault = fault_of(&pattern);
    if (!*ret_fault)
        list->items[list->count++] = pattern;
    return true;
}

static bool matches(const struct lf_pattern *pattern, struct lf_str path,
                    struct lf_str name)
{
    struct lf_str subject = pattern->by_name ? name : path;
    if (pattern->exact)
        return lf_str_equal(subject, pattern->literal);
    if (pattern->suffix)
        return lf_str_ends(subject, pattern->literal);
    if (!lf_str_starts(subject, pattern->literal))
        return false;
    return lf_glob_match(&pattern->glob,
                         lf_str_of(subject.data + pattern->literal.len,
                                   subject.len - pattern->literal.len));
}

uint32_t lf_patterns_last(const struct lf_patterns *list, struct lf_str path,
                          bool is_dir)
{
    struct lf_str name = lf_path_name(path);
    for (uint32_t i = list->count; i-- > 0;) {
        const struct lf_pattern *pattern = &list->items[i];
        if (pattern->dir_only && !is_dir)
            continue;
        if (matches(pattern, path, name))
            return i;
    }
    return LF_NO_PATTERN;
}

uint32_t lf_patterns_decide(const struct lf_patterns *list, struct lf_str path,
                            bool is_dir)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] != '/')
            continue;
        uint32_t found = lf_patterns_last(list, lf_str_of(path.data, i), true);
        if (lf_pattern_selects(list, found))
            return found;
    }
    return lf_patterns_last(list, path, is_dir);
}

bool lf_pattern_matches(const struct lf_patterns *list, uint32_t index,
                        struct lf_str path, bool is_dir)
{
    const struct lf_pattern *pattern = &list->items[index];
    return (is_dir || !pattern->dir_only) &&
           matches(pattern, path, lf_path_name(path));
}

bool lf_pattern_key(const struct lf_patterns *list, uint32_t index,
                    struct lf_pattern_key *ret_key)
{
    const struct lf_pattern *pattern = &list->items[index];
    bool at_end = pattern->suffix || pattern->end.len > pattern->literal.len;
    *ret_key = (struct lf_pattern_key){
            .text = at_end ? pattern->end : pattern->literal,
            .by_name = pattern->by_name,
            .at_end = at_end,
    };
    return ret_key->text.len > 0;
}

bool lf_pattern_negative(const struct lf_patterns *list, uint32_t index)
{
    return list->items[index].negative;
}

bool lf_pattern_selects(const struct lf_patterns *list, uint32_t index)
{
    return index != LF_NO_PATTERN && !list->items[index].negative;
}

struct lf_str lf_pattern_text(const struct lf_patterns *list, uint32_t index)
{
    return list->items[index].text;
}

void lf_pattern_put(struct lf_patterns *list, uint32_t index,
                    struct lf_mark mark)
{
    list->items[index].mark = mark;
}

struct lf_mark lf_pattern_mark(const struct lf_patterns *list, uint32_t index)
{
    return list->items[index].mark;
}
