/* SPDX-License-Identifier: MIT */
/*
 * manifest.c - what a manifest says, read and checked
 */
#include "base/diags.h"
#include "base/texts.h"
#include "base/util.h"
#include "manifest/loader.h"

/* Copy profiles, sorted and each once. */
static bool set_profiles(struct lf_loader *loader,
                         const struct lf_str *profiles, size_t count)
{
    struct lf_manifest *manifest = loader->manifest;
    struct lf_str *copy =
            lf_arena_alloc_array(&manifest->arena, count + 1, sizeof(*copy));
    if (!copy)
        return lf_error_oom(loader->err);
    for (size_t i = 0; i < count; i++) {
        copy[i] = lf_arena_str(&manifest->arena, profiles[i]);
        if (!copy[i].data)
            return lf_error_oom(loader->err);
    }
    manifest->n_profiles = lf_texts_sort(copy, (uint32_t)count);
    manifest->profiles = copy;
    return true;
}

/* The name, and the profiles, which may depend on it. */
static bool name_farm(struct lf_loader *loader)
{
    const struct lf_manifest_request *request = loader->request;
    struct lf_manifest *manifest = loader->manifest;
    const struct lf_yaml *name =
            lf_yaml_get(loader->files[0].document->root, "name");
    const struct lf_str *profiles;
    size_t count = lf_facts_profiles(request->facts, &profiles);
    if (name && !lf_keep_text(loader, name->text, &manifest->name))
        return false;
    if (count == 0 && name && request->profiles_for &&
        /* not the text of the file, behind which no NUL stands */
        !request->profiles_for(request->profiles_arg, manifest->name, &profiles,
                               &count, loader->err))
        return false;
    return set_profiles(loader, profiles, count);
}

/* It would be another one for whoever runs elsewhere. */
static bool check_root(const char *root, struct lf_error *err)
{
    if (!root || root[0] == '/')
        return true;
    lf_error_set(err, LF_CODE_ROOT, 0, "the root '%s' is not an absolute path",
                 root);
    return false;
}

static bool load(struct lf_loader *loader)
{
    struct lf_manifest *manifest = loader->manifest;
    struct lf_diags_held before = lf_diags_held(loader->diags);
    if (!check_root(loader->request->root, loader->err))
        return false;
    lf_facts_begin(loader->request->facts);
    manifest->home = lf_arena_str(&manifest->arena,
                                  lf_facts_get(loader->request->facts, "home"));
    if (!manifest->home.data)
        return lf_error_oom(loader->err);
    if (!lf_load_files(loader))
        return false;
    const struct lf_yaml *root = loader->files[0].document->root;
    if (root && root->kind == LF_YAML_MAP &&
        (!name_farm(loader) || !lf_build(loader)))
        return false;
    if (!lf_note_inputs(loader))
        return false;
    if (lf_diags_failed(loader->diags))
        return lf_error_oom(loader->err);
    if (lf_diags_worse(loader->diags, before))
        manifest->name = LF_STR("");
    return true;
}

/* What is kept of the files is their text, for marks, and what nodes said. */
static void forget_nodes(struct lf_loader *loader)
{
    for (uint32_t i = 0; i < loader->manifest->n_documents; i++)
        loader->manifest->documents[i]->root = NULL;
    lf_arena_finish(&loader->nodes);
}

bool lf_manifest_load(const struct lf_manifest_request *request,
                      struct lf_diags *diags, struct lf_manifest **ret_manifest,
                      struct lf_error *err)
{
    struct lf_loader loader = {.request = request,
                               .manifest =
                                       calloc(1, sizeof(struct lf_manifest)),
                               .diags = diags,
                               .err = err,
                               .scope = {.facts = request->facts}};
    if (!loader.manifest)
        return lf_error_oom(err);
    struct lf_diags_held before = lf_diags_held(diags);
    lf_fs_system(&loader.fs);
    bool ok = load(&loader);
    lf_resolver_free(loader.resolver);
    lf_view_free(loader.view);
    lf_scope_finish(&loader.scope);
    lf_buf_finish(&loader.scratch);
    lf_buf_finish(&loader.tidied);
    forget_nodes(&loader);
    if (!ok) {
        /* their marks are in what is freed */
        lf_diags_back(diags, before);
        lf_manifest_free(loader.manifest);
        return false;
    }
    *ret_manifest = loader.manifest;
    return true;
}

void lf_manifest_free(struct lf_manifest *manifest)
{
    if (!manifest)
        return;
    for (uint32_t i = 0; i < manifest->n_documents; i++)
        lf_free_const(manifest->documents[i]->source.text.data);
    for (uint32_t i = 0; i < manifest->n_trees; i++) {
        lf_patterns_finish(&manifest->trees[i]->ignore);
        lf_patterns_finish(&manifest->trees[i]->only);
        lf_patterns_finish(&manifest->trees[i]->rule_patterns);
    }
    lf_patterns_finish(&manifest->ignore);
    free(manifest->documents);
    free(manifest->entries.items);
    free(manifest->starts);
    free(manifest->trees);
    free(manifest->traverse);
    free(manifest->unmet);
    free(manifest->absent);
    free(manifest->conditions);
    free(manifest->allowed);
    lf_arena_finish(&manifest->arena);
    free(manifest);
}

struct lf_str lf_manifest_name(const struct lf_manifest *manifest)
{
    return manifest->name;
}

struct lf_str lf_manifest_file(const struct lf_manifest *manifest)
{
    return manifest->file;
}

struct lf_str lf_manifest_into(const struct lf_manifest *manifest)
{
    return manifest->into;
}

struct lf_str lf_manifest_home(const struct lf_manifest *manifest)
{
    return manifest->home;
}

bool lf_manifest_allows_dangling(const struct lf_manifest *manifest)
{
    return manifest->allow_dangling;
}

size_t lf_manifest_profiles(const struct lf_manifest *manifest)
{
    return manifest->n_profiles;
}

struct lf_str lf_manifest_profile(const struct lf_manifest *manifest,
                                  size_t index)
{
    return manifest->profiles[index];
}

size_t lf_manifest_entries(const struct lf_manifest *manifest)
{
    return manifest->entries.count;
}

/* What of an entry depends on its kind. */
static void tell_tree(const struct lf_tree *tree, struct lf_entry_info *info)
{
    info->name = tree->name;
    info->path = lf_spelled_whole(tree->into);
    info->source = lf_spelled_whole(tree->from);
}

static void tell_single(const struct lf_manifest *manifest,
                        const struct lf_single *single,
                        struct lf_entry_info *info)
{
    struct lf_spelled_path source = lf_single_source(manifest, single);
    info->path = lf_single_path(manifest, single);
    if (single->entry.verbatim)
        info->text = source.rest;
    else if (single->entry.kind == LF_ENTRY_LINK)
        info->source = source;
}

struct lf_entry_info lf_manifest_entry(const struct lf_manifest *manifest,
                                       size_t index)
{
    const struct lf_entry *entry = manifest->entries.items[index];
    struct lf_entry_info info = {
            .kind = (enum lf_entry_kind)entry->kind,
            .conflict = (enum lf_conflict)entry->conflict,
            .style = (enum lf_style)entry->style,
            .fold = (enum lf_fold)entry->fold,
            .allow_dangling = entry->allow_dangling,
            .verbatim = entry->verbatim,
            .has_mode = entry->has_mode,
            .mode = entry->mode,
            .mark = lf_entry_mark(entry),
    };
    if (entry->kind == LF_ENTRY_TREE)
        tell_tree(lf_tree_of(entry), &info);
    else
        tell_single(manifest, lf_single_of(entry), &info);
    return info;
}

bool lf_manifest_denies(const struct lf_manifest *manifest,
                        enum lf_policy_rule rule)
{
    return manifest->denied >> rule & 1;
}

size_t lf_manifest_allowed(const struct lf_manifest *manifest)
{
    return manifest->n_allowed;
}

struct lf_str lf_manifest_allowed_under(const struct lf_manifest *manifest,
                                        size_t index)
{
    return manifest->allowed[index];
}

size_t lf_manifest_conditions(const struct lf_manifest *manifest)
{
    return manifest->n_conditions;
}

const struct lf_condition *
lf_manifest_condition(const struct lf_manifest *manifest, size_t index)
{
    return &manifest->conditions[index];
}

size_t lf_manifest_files(const struct lf_manifest *manifest)
{
    return manifest->n_documents;
}

const struct lf_source *lf_manifest_source(const struct lf_manifest *manifest,
                                           size_t index)
{
    return &manifest->documents[index]->source;
}
