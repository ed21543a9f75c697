/* SPDX-License-Identifier: MIT */
/*
 * build.c - entries from the nodes of a manifest
 */
#include "base/texts.h"
#include "base/util.h"
#include "manifest/loader.h"

#include <stdio.h>

static bool no_memory(struct lf_loader *loader)
{
    return lf_error_oom(loader->err);
}

/* ---- settings ---- */

static void set_word(const struct lf_yaml *map, const char *key,
                     const char *const *words, unsigned *value)
{
    const struct lf_yaml *node = map ? lf_yaml_get(map, key) : NULL;
    for (unsigned i = 0; node && words[i]; i++) {
        if (lf_str_equal(node->text, lf_str(words[i])))
            *value = i;
    }
}

void lf_build_settings(const struct lf_yaml *map, struct lf_entry *entry)
{
    unsigned conflict = entry->conflict, style = entry->style;
    unsigned fold = entry->fold, dangling = entry->allow_dangling;
    set_word(map, "conflict", lf_conflict_words, &conflict);
    set_word(map, "style", lf_style_words, &style);
    set_word(map, "fold", lf_fold_words, &fold);
    set_word(map, "dangling", lf_dangling_words, &dangling);
    entry->conflict = (uint8_t)conflict;
    entry->style = (uint8_t)style;
    entry->fold = fold == LF_FOLD_AUTO;
    entry->allow_dangling = dangling != 0;
}

const char *lf_policy_rule_name(enum lf_policy_rule rule)
{
    return lf_policy_words[rule];
}

/* ---- entries ---- */

void *lf_new_entry(struct lf_loader *loader, size_t size,
                   enum lf_entry_kind kind, const struct lf_yaml *node)
{
    struct lf_mark mark =
            lf_yaml_mark(loader->files[loader->current].document, node);
    struct lf_entry *entry = lf_arena_alloc(&loader->manifest->arena, size);
    if (!entry) {
        no_memory(loader);
        return NULL;
    }
    *entry = loader->defaults;
    entry->kind = (uint8_t)kind;
    lf_entry_set_mark(entry, &mark);
    return entry;
}

bool lf_add_entry(struct lf_loader *loader, const struct lf_entry *entry)
{
    struct lf_entries *entries = &loader->manifest->entries;
    void *items = entries->items;
    if (!lf_array_reserve(&items, entries->count, &entries->capacity,
                          sizeof(struct lf_entry *)))
        return no_memory(loader);
    entries->items = items;
    entries->items[entries->count++] = entry;
    return true;
}

bool lf_build_patterns(struct lf_loader *loader, const struct lf_yaml *list,
                       struct lf_patterns *patterns)
{
    const char *fault;
    for (struct lf_yaml *item = list ? list->child : NULL; item;
         item = item->next) {
        uint32_t index = patterns->count;
        if (item->bad)
            continue;
        if (!lf_patterns_add(patterns, &loader->manifest->arena, item->text,
                             &fault))
            return no_memory(loader);
        if (!fault)
            lf_pattern_put(patterns, index,
                           lf_yaml_mark(loader->files[loader->current].document,
                                        item));
    }
    return true;
}

/* ---- links ---- */

/* `from` and `to` of a link given as a mapping. */
static enum lf_built build_source(struct lf_loader *loader, struct lf_yaml *map,
                                  struct lf_single *single)
{
    struct lf_check check = lf_loader_check(loader, loader->current);
    struct lf_yaml *from = lf_yaml_get_key(map, "from");
    struct lf_yaml *to = lf_yaml_get_key(map, "to");
    if (!from == !to) /* has been reported */
        return LF_BUILT_FAULT;
    if ((from ? from : to)->next->bad)
        return LF_BUILT_FAULT;
    if (from)
        return lf_build_source_path(loader, from->next, single);
    struct lf_str text;
    enum lf_built built = lf_build_text(loader, to->next, &text);
    if (built != LF_BUILT)
        return built;
    if (text.len == 0) {
        lf_report_vanished(&check, to->next);
        return LF_BUILT_FAULT;
    }
    single->entry.verbatim = true;
    single->source_rest = text.data;
    single->source_len = (uint16_t)text.len;
    return LF_BUILT;
}

/* What one form of a link says. LF_BUILT with `*ret_holds` false: nothing. */
static enum lf_built build_choice(struct lf_loader *loader,
                                  const struct lf_yaml *key,
                                  struct lf_yaml *value,
                                  struct lf_single *single, bool *ret_holds)
{
    *ret_holds = true;
    if (value->bad)
        return LF_BUILT_FAULT;
    if (value->kind == LF_YAML_SCALAR)
        return lf_build_source_path(loader, value, single);
    enum lf_built built = lf_decide_when(
            loader, value, (struct lf_subject){key->text, key, key, false},
            ret_holds);
    if (built != LF_BUILT || !*ret_holds)
        return built;
    lf_build_settings(value, &single->entry);
    return build_source(loader, value, single);
}

/* The first choice that holds fills `single`. */
static enum lf_built build_link(struct lf_loader *loader,
                                const struct lf_yaml *key,
                                struct lf_single *single, bool *ret_holds)
{
    struct lf_yaml *value = key->next;
    bool is_list = value->kind == LF_YAML_LIST;
    struct lf_yaml *choice = is_list ? value->child : value;
    enum lf_built built = LF_BUILT;
    *ret_holds = false;
    for (; choice && built == LF_BUILT && !*ret_holds; choice = choice->next) {
        built = build_choice(loader, key, choice, single, ret_holds);
        if (!is_list)
            break;
    }
    return built;
}

/* An entry at a link path; false only when err is set. */
static bool place_link(struct lf_loader *loader, struct lf_yaml *key)
{
    bool holds;
    if (key->next->bad)
        return true;
    struct lf_single *single =
            lf_new_entry(loader, sizeof(*single), LF_ENTRY_LINK, key);
    if (!single)
        return false;
    enum lf_built built = build_link(loader, key, single, &holds);
    if (built == LF_BUILT && !holds)
        return lf_note_unmet(loader, key, LF_START_INTO);
    if (built == LF_BUILT)
        built = lf_build_link_path(loader, key, single);
    if (built == LF_BUILT)
        return lf_add_entry(loader, &single->entry);
    return built != LF_BUILT_FAILED;
}

/* ---- directories ---- */

static uint16_t octal(struct lf_str text)
{
    unsigned mode = 0;
    for (size_t i = 0; i < text.len; i++)
        mode = mode * 8 + (unsigned)(text.data[i] - '0');
    return (uint16_t)mode;
}

static bool place_dir(struct lf_loader *loader, struct lf_yaml *key)
{
    bool holds;
    if (key->next->bad)
        return true;
    struct lf_single *single =
            lf_new_entry(loader, sizeof(*single), LF_ENTRY_DIR, key);
    if (!single)
        return false;
    const struct lf_yaml *mode = lf_yaml_get(key->next, "mode");
    single->entry.has_mode = mode != NULL;
    if (mode)
        single->entry.mode = octal(mode->text);
    enum lf_built built = lf_decide_when(
            loader, key->next, (struct lf_subject){key->text, key, key, false},
            &holds);
    if (built == LF_BUILT && !holds)
        return lf_note_unmet(loader, key, LF_START_INTO);
    if (built == LF_BUILT)
        built = lf_build_link_path(loader, key, single);
    if (built == LF_BUILT)
        return lf_add_entry(loader, &single->entry);
    return built != LF_BUILT_FAILED;
}

static bool place_each(struct lf_loader *loader, const struct lf_yaml *root,
                       const char *name,
                       bool (*place)(struct lf_loader *, struct lf_yaml *))
{
    const struct lf_yaml *map = lf_yaml_get(root, name);
    for (struct lf_yaml *key = map ? map->child : NULL; key;
         key = key->next->next) {
        if (!key->bad && !place(loader, key))
            return false;
    }
    return true;
}

/* ---- lists of paths ---- */

static bool build_paths(struct lf_loader *loader, const struct lf_yaml *list,
                        struct lf_str **paths, uint32_t *count,
                        uint32_t *capacity)
{
    for (struct lf_yaml *item = list ? list->child : NULL; item;
         item = item->next) {
        struct lf_str path;
        if (item->bad)
            continue;
        enum lf_built built = lf_build_path(loader, item, LF_START_INTO, &path);
        if (built == LF_BUILT_FAILED)
            return false;
        void *array = *paths;
        if (!lf_array_reserve(&array, *count, capacity, sizeof(path)))
            return no_memory(loader);
        *paths = array;
        if (built == LF_BUILT)
            (*paths)[(*count)++] = path;
    }
    return true;
}

static bool build_policy(struct lf_loader *loader, const struct lf_yaml *root)
{
    struct lf_manifest *manifest = loader->manifest;
    const struct lf_yaml *policy = lf_yaml_get(root, "policy");
    if (!policy)
        return true;
    const struct lf_yaml *deny = lf_yaml_get(policy, "deny");
    for (const struct lf_yaml *item = deny ? deny->child : NULL; item;
         item = item->next) {
        for (unsigned i = 0; i < LF_POLICY_RULES; i++) {
            if (lf_str_equal(item->text, lf_str(lf_policy_words[i])))
                manifest->denied |= 1u << i;
        }
    }
    return build_paths(loader, lf_yaml_get(policy, "allow_under"),
                       &manifest->allowed, &manifest->n_allowed,
                       &manifest->allowed_capacity);
}

/* ---- the whole ---- */

/* What only the manifest itself has, and others need. */
static bool build_head(struct lf_loader *loader, const struct lf_yaml *root)
{
    struct lf_manifest *manifest = loader->manifest;
    struct lf_yaml *from = lf_yaml_get(root, "from");
    struct lf_yaml *into = lf_yaml_get(root, "into");
    const struct lf_yaml *defaults = lf_yaml_get(root, "defaults");
    lf_build_settings(defaults, &loader->defaults);
    manifest->allow_dangling = loader->defaults.allow_dangling;
    loader->current = 0;
    /* both start at the file's own directory */
    loader->from = loader->files[0].dir;
    if (into && lf_build_path(loader, into, LF_START_SOURCE, &manifest->into) ==
                        LF_BUILT_FAILED)
        return false;
    if (into)
        manifest->into_mark = lf_yaml_mark(loader->files[0].document, into);
    loader->into_lost = lf_yaml_get_key(root, "into") && !manifest->into.len;
    if (from && lf_build_path(loader, from, LF_START_SOURCE, &manifest->dir) ==
                        LF_BUILT_FAILED)
        return false;
    return build_policy(loader, root);
}

static bool build_file(struct lf_loader *loader, uint32_t index)
{
    struct lf_manifest *manifest = loader->manifest;
    const struct lf_yaml *root = loader->files[index].document->root;
    loader->current = index;
    loader->from = index ? loader->files[index].dir : manifest->dir;
    return build_paths(loader, lf_yaml_get(root, "traverse"),
                       &manifest->traverse, &manifest->n_traverse,
                       &manifest->traverse_capacity) &&
           lf_build_patterns(loader, lf_yaml_get(root, "ignore"),
                             &manifest->ignore) &&
           place_each(loader, root, "links", place_link) &&
           lf_build_trees(loader, lf_yaml_get(root, "trees")) &&
           place_each(loader, root, "dirs", place_dir);
}

bool lf_build(struct lf_loader *loader)
{
    struct lf_manifest *manifest = loader->manifest;
    bool ok = build_head(loader, loader->files[0].document->root) &&
              lf_check_tree_names(loader);
    for (uint32_t i = 0; ok && i < loader->n_files; i++) {
        const struct lf_yaml *root = loader->files[i].document->root;
        if (root && root->kind == LF_YAML_MAP)
            ok = build_file(loader, i);
    }
    manifest->n_traverse =
            lf_texts_sort(manifest->traverse, manifest->n_traverse);
    return ok;
}
