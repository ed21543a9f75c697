/* SPDX-License-Identifier: MIT */
/*
 * schema.c - hold a tree of nodes to the tables of schema_tables.c
 */
#include "manifest/schema.h"

#include "base/buf.h"
#include "base/nearest.h"
#include "manifest/explain.h"

#include <stdio.h>

/* One level of the walk. As deep as a document may be, and one more. */
struct level {
    const struct lf_type *type;
    struct lf_yaml *node;
    struct lf_yaml *next; /* child to look at */
};

struct walk {
    const struct lf_check *check;
    struct level levels[LF_YAML_DEPTH_LIMIT + 1];
    unsigned depth;
};

void lf_report(const struct lf_check *check, struct lf_yaml *node,
               enum lf_code code, const char *help, const char *format, ...)
{
    node->bad = true;
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    lf_diags_add(check->diags, code, LF_SEVERITY_ERROR,
                 lf_yaml_mark(check->document, node), help, "%s", message);
}

struct lf_yaml *lf_yaml_get_key(const struct lf_yaml *map, const char *key)
{
    for (struct lf_yaml *at = map->child; at && at->next; at = at->next->next) {
        if (!at->bad && lf_str_equal(at->text, lf_str(key)))
            return at;
    }
    return NULL;
}

struct lf_yaml *lf_yaml_get(const struct lf_yaml *map, const char *key)
{
    struct lf_yaml *found = lf_yaml_get_key(map, key);
    return found && !found->next->bad ? found->next : NULL;
}

/* ---- keys ---- */

static const char *next_key(const void *arg, size_t index)
{
    const struct lf_key *keys = arg;
    return keys[index].name;
}

static void add_known_keys(struct lf_buf *buf, const struct lf_key *keys)
{
    lf_buf_add(buf, LF_STR("known here: "));
    for (size_t i = 0; keys[i].name; i++) {
        if (i)
            lf_buf_add(buf, LF_STR(", "));
        lf_buf_add(buf, lf_str(keys[i].name));
        if (strcmp(keys[i].name, "x-") == 0)
            lf_buf_add_char(buf, '*');
    }
}

static bool is_known(const struct lf_key *keys, const char *name)
{
    while (keys->name && strcmp(keys->name, name) != 0)
        keys++;
    return keys->name != NULL;
}

static void report_unknown_key(const struct lf_check *check,
                               const struct lf_key *keys, struct lf_yaml *key)
{
    struct lf_buf help = {0};
    /* likely words are looked for only while faults are still kept */
    if (lf_diags_dropped(check->diags) == 0) {
        const char *near = lf_nearest(key->text, next_key, keys);
        const char *foreign =
                lf_foreign_key_help(key->text, is_known(keys, "to"));
        if (near)
            lf_buf_add_format(&help, "did you mean \"%s\"?", near);
        else if (foreign)
            lf_buf_add(&help, lf_str(foreign));
        else
            add_known_keys(&help, keys);
    }
    lf_report(check, key, LF_CODE_UNKNOWN_KEY, lf_buf_str(&help).data,
              "unknown key \"%.*s\"", lf_yaml_shown(key), key->text.data);
    lf_buf_finish(&help);
}

/* The type of the value of `key`, or NULL if it is not to be looked at. */
static const struct lf_type *check_known_key(const struct lf_check *check,
                                             const struct lf_type *type,
                                             struct lf_yaml *key)
{
    if ((type->flags & LF_TYPE_X_KEYS) &&
        lf_str_starts(key->text, LF_STR("x-")))
        return NULL;
    for (const struct lf_key *known = type->keys; known->name; known++) {
        if (!lf_str_equal(key->text, lf_str(known->name)))
            continue;
        if (!check->included || !(known->flags & LF_KEY_MAIN) ||
            type != &lf_type_manifest)
            return known->type;
        lf_report(check, key, LF_CODE_INCLUDE_KEY,
                  "it belongs to the manifest that includes this file",
                  "an included file may not have \"%s\"", known->name);
        return NULL;
    }
    report_unknown_key(check, type->keys, key);
    return NULL;
}

static const struct lf_type *check_key(const struct lf_check *check,
                                       const struct lf_type *type,
                                       struct lf_yaml *key)
{
    if (key->bad)
        return NULL;
    if (type->keys)
        return check_known_key(check, type, key);
    type->check_key(check, key);
    return type->value;
}

static bool has_key(const struct lf_yaml *map, const char *name)
{
    for (const struct lf_yaml *key = map->child; key && key->next;
         key = key->next->next) {
        if (lf_str_equal(key->text, lf_str(name)))
            return true;
    }
    return false;
}

bool lf_yaml_meant(const struct lf_yaml *map, const struct lf_key *keys,
                   const char *name)
{
    for (const struct lf_yaml *key = map->child; key && key->next;
         key = key->next->next) {
        /* nothing is told of those that are anybody's own */
        if (lf_str_starts(key->text, LF_STR("x-")))
            continue;
        const char *near = lf_nearest(key->text, next_key, keys);
        if (near ? strcmp(near, name) == 0
                 : lf_foreign_key_means(key->text, is_known(keys, "to"), name))
            return true;
    }
    return false;
}

static void check_required(const struct lf_check *check,
                           const struct lf_type *type, struct lf_yaml *map)
{
    if (!type->keys || (check->included && type == &lf_type_manifest))
        return;
    for (const struct lf_key *key = type->keys; key->name; key++) {
        if (!(key->flags & LF_KEY_REQUIRED) || has_key(map, key->name))
            continue;
        if (!lf_yaml_meant(map, type->keys, key->name))
            lf_report(check, map, LF_CODE_MISSING_KEY, key->type->help,
                      "\"%s\" is missing", key->name);
        map->bad = type != &lf_type_manifest;
    }
}

/* ---- texts ---- */

static bool is_word(struct lf_str text, const char *const *words)
{
    for (; *words; words++) {
        if (lf_str_equal(text, lf_str(*words)))
            return true;
    }
    return false;
}

static void check_word(const struct lf_check *check, const struct lf_type *type,
                       struct lf_yaml *node)
{
    static const char *const yes[] = {"true", "True", "yes", "Yes",
                                      "on",   "On",   "y",   NULL};
    static const char *const no[] = {"false", "False", "no", "No",
                                     "off",   "Off",   "n",  NULL};
    if (is_word(node->text, type->words))
        return;
    const char *meant =
            lf_nearest(node->text, lf_nearest_of_array, type->words);
    if (type->yes && is_word(node->text, yes))
        meant = type->yes;
    else if (type->no && is_word(node->text, no))
        meant = type->no;
    struct lf_buf help = {0};
    if (meant)
        lf_buf_add_format(&help, "did you mean %s? ", meant);
    lf_buf_add(&help, LF_STR("it can be "));
    for (size_t i = 0; type->words[i]; i++) {
        const char *between = type->words[i + 1] ? ", " : " or ";
        lf_buf_add_format(&help, "%s%s", i ? between : "", type->words[i]);
    }
    lf_report(check, node, LF_CODE_WRONG_VALUE, lf_buf_str(&help).data,
              "\"%.*s\" is not allowed here", lf_yaml_shown(node),
              node->text.data);
    lf_buf_finish(&help);
}

static bool is_nothing(const struct lf_yaml *node)
{
    return node->kind == LF_YAML_SCALAR && node->style == LF_YAML_PLAIN &&
           node->text.len == 0;
}

/* `{a:b}` is a key and no value: YAML has no colon without a blank behind it. */
static bool lacks_space(const struct lf_yaml *key, const struct lf_yaml *value)
{
    return key && key->style == LF_YAML_PLAIN && is_nothing(value) &&
           memchr(key->text.data, ':', key->text.len);
}

static void report_colon(const struct lf_check *check,
                         const struct lf_yaml *key, struct lf_yaml *value)
{
    enum { SHOWN = 60 }; /* bytes */
    const char *colon = memchr(key->text.data, ':', key->text.len);
    size_t before = (size_t)(colon - key->text.data);
    size_t behind = key->text.len - before - 1;
    char help[80 + 2 * SHOWN];
    snprintf(help, sizeof(help),
             "a key ends with a colon and a space; was \"%.*s: %.*s\" meant?",
             before > SHOWN ? SHOWN : (int)before, key->text.data,
             behind > SHOWN ? SHOWN : (int)behind, colon + 1);
    lf_report(check, value, LF_CODE_EMPTY_TEXT, help, "\"%.*s\" has no value",
              lf_yaml_shown(key), key->text.data);
}

static void check_text(const struct lf_check *check, const struct lf_type *type,
                       const struct lf_yaml *key, struct lf_yaml *node)
{
    if (type->check == lf_check_path_form && lacks_space(key, node))
        report_colon(check, key, node);
    else if (node->style == LF_YAML_PLAIN &&
             lf_str_equal(node->text, LF_STR("~")))
        lf_report(check, node, LF_CODE_NULL_VALUE,
                  "for the home directory write ~/",
                  "a lone ~ is YAML's way to write nothing");
    else if (type->words)
        check_word(check, type, node);
    else if (type->check)
        type->check(check, node);
}

/* ---- types ---- */

static const char *kind_name(const struct lf_yaml *node)
{
    return node->kind == LF_YAML_LIST  ? "a list"
           : node->kind == LF_YAML_MAP ? "a mapping"
                                       : "a text";
}

static bool has_control(struct lf_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
            return true;
    return false;
}

/* What to write where a list is due and one text stands. */
static bool suggest_list(char *help, size_t size, const struct lf_type *type,
                         const struct lf_yaml *node)
{
    if (!(type->flags & LF_TYPE_LIST) || !(type->item->flags & LF_TYPE_TEXT) ||
        node->kind != LF_YAML_SCALAR || node->text.len > LF_QUOTED_SHOWN ||
        has_control(node->text))
        return false;
    snprintf(help, size, "write [%s]", lf_yaml_quoted(node->text).text);
    return true;
}

static void report_type(const struct lf_check *check,
                        const struct lf_type *type, struct lf_yaml *key,
                        struct lf_yaml *node)
{
    char help[160], name[80] = "this";
    if (key)
        snprintf(name, sizeof(name), "\"%.*s\"",
                 key->text.len > 60 ? 60 : (int)key->text.len, key->text.data);
    if (is_nothing(node) && key) {
        lf_report(check, key, LF_CODE_WRONG_TYPE,
                  type->flags & LF_TYPE_SOME   ? type->help
                  : type->flags & LF_TYPE_LIST ? "write [] for none"
                  : type->flags & LF_TYPE_MAP
                          ? "write {} for none, or indent what belongs below "
                            "it"
                          : type->help,
                  "%s has no value; it must be %s", name, type->what);
        return;
    }
    bool listed = suggest_list(help, sizeof(help), type, node);
    const char *cure = listed ? help : type->help;
    if (!cure && type->flags & LF_TYPE_TEXT)
        cure = "a text that begins with [ or { needs quotes";
    lf_report(check, node, LF_CODE_WRONG_TYPE, cure, "%s must be %s, not %s",
              name, type->what, kind_name(node));
}

static bool type_fits(const struct lf_type *type, const struct lf_yaml *node)
{
    static const unsigned flag_of[] = {[LF_YAML_SCALAR] = LF_TYPE_TEXT,
                                       [LF_YAML_LIST] = LF_TYPE_LIST,
                                       [LF_YAML_MAP] = LF_TYPE_MAP};
    return type->flags & flag_of[node->kind];
}

/* ---- the walk ---- */

static void enter(struct walk *walk, const struct lf_type *type,
                  struct lf_yaml *key, struct lf_yaml *node)
{
    const struct lf_check *check = walk->check;
    if (node->bad || (type->flags & LF_TYPE_ANYTHING))
        return;
    if (!type_fits(type, node)) {
        report_type(check, type, key, node);
    } else if (node->kind == LF_YAML_SCALAR) {
        check_text(check, type, key, node);
    } else if (node->kind == LF_YAML_LIST && node->count == 0 &&
               (type->flags & LF_TYPE_SOME)) {
        lf_report(check, node, LF_CODE_EMPTY_LIST,
                  "remove the key, or list one",
                  "an empty list, of which nothing can hold");
    } else {
        if (node->kind == LF_YAML_MAP)
            check_required(check, type, node);
        walk->levels[walk->depth++] = (struct level){type, node, node->child};
    }
}

/* Look at the next child of the deepest level, or leave it. */
static void step(struct walk *walk)
{
    struct level *level = &walk->levels[walk->depth - 1];
    struct lf_yaml *child = level->next;
    if (!child) {
        walk->depth--;
        if (level->node->kind == LF_YAML_MAP && level->type->check_map)
            level->type->check_map(walk->check, level->node);
    } else if (level->node->kind == LF_YAML_LIST) {
        level->next = child->next;
        enter(walk, level->type->item, NULL, child);
    } else if (!child->next) {
        level->next = NULL;
    } else {
        level->next = child->next->next;
        const struct lf_type *type = check_key(walk->check, level->type, child);
        if (type)
            enter(walk, type, child, child->next);
    }
}

void lf_schema_check(const struct lf_check *check)
{
    struct walk walk = {.check = check};
    enter(&walk, &lf_type_manifest, NULL, check->document->root);
    while (walk.depth)
        step(&walk);
}
