/* SPDX-License-Identifier: MIT */
/*
 * include.c - which files make up a manifest, and their variables
 *
 * Files are read depth first, in the order of their `include` lists; a file is
 * known by its device and inode, so no other spelling of its path hides that
 * it is included twice. Variables are defined file by file in that order, each
 * seeing those before it.
 */
#include "manifest/loader.h"

#include "base/path.h"
#include "base/util.h"
#include "manifest/bytes.h"
#include "platform/sys.h"

#include <assert.h>
#include <stdio.h>

struct lf_check lf_loader_check(const struct lf_loader *loader, uint32_t index)
{
    return (struct lf_check){.document = loader->files[index].document,
                             .diags = loader->diags,
                             .included = index > 0};
}

static bool no_memory(struct lf_loader *loader)
{
    return lf_error_oom(loader->err);
}

/* `..` collapsed by looking at what stands there, so that the same manifest has
 * one name however it is spelled. */
static bool settle(struct lf_loader *loader, struct lf_str path,
                   struct lf_str *ret_path)
{
    struct lf_str dir;
    if (!lf_loader_settle(loader, lf_path_dir(path), &dir))
        return false;
    *ret_path = lf_path_join(&loader->manifest->arena, dir, lf_path_name(path));
    return ret_path->data || no_memory(loader);
}

/* `path`, which a user spelled, from the root on. */
static bool make_absolute(struct lf_loader *loader, struct lf_str path,
                          struct lf_str *ret_path)
{
    struct lf_arena *arena = &loader->manifest->arena;
    if (path.len && path.data[0] == '/') {
        *ret_path = lf_arena_str(arena, path);
    } else {
        char cwd[LF_PATH_LIMIT + 1];
        int result = lf_sys_cwd(cwd, sizeof(cwd));
        if (result < 0) {
            lf_error_set(loader->err, LF_CODE_WORKING_DIR, -result,
                         "the working directory is not known: %s",
                         strerror(-result));
            lf_error_help(loader->err, "go to a directory that exists, or "
                                       "give an absolute path");
            return false;
        }
        *ret_path = lf_path_join(arena, lf_str(cwd), path);
    }
    if (!ret_path->data)
        return no_memory(loader);
    return !lf_path_has_dots(*ret_path) || settle(loader, *ret_path, ret_path);
}

/* ---- one file ---- */

static struct lf_document *new_document(struct lf_loader *loader)
{
    struct lf_manifest *manifest = loader->manifest;
    struct lf_document *document =
            lf_arena_alloc(&manifest->arena, sizeof(*document));
    void *documents = manifest->documents;
    if (!document || !lf_array_reserve(&documents, manifest->n_documents,
                                       &manifest->document_capacity,
                                       sizeof(struct lf_document *)))
        return NULL;
    manifest->documents = documents;
    manifest->documents[manifest->n_documents++] = document;
    return document;
}

/* Parse and check what was read. Takes `text`. */
static bool take_text(struct lf_loader *loader, struct lf_file *file,
                      struct lf_str name, struct lf_str text)
{
    struct lf_arena *arena = &loader->manifest->arena;
    struct lf_document *document = new_document(loader);
    if (!document) {
        lf_free_const(text.data);
        return no_memory(loader);
    }
    document->source = (struct lf_source){
            .name = lf_arena_str(arena, name),
            .text = text,
            .path = file == loader->files ? loader->manifest->file : file->path,
    };
    document->may_be_empty = file != loader->files;
    document->threads = loader->request->threads;
    file->document = document;
    if (!document->source.name.data)
        return no_memory(loader);
    if (!lf_bytes_check(&document->source, loader->diags))
        return true;
    if (!lf_yaml_parse(document, &loader->nodes, loader->diags, loader->err))
        return false;
    if (document->root) {
        struct lf_check check =
                lf_loader_check(loader, (uint32_t)(file - loader->files));
        lf_schema_check(&check);
    }
    return true;
}

/* ---- variables ---- */

static bool define(struct lf_loader *loader, const struct lf_check *check,
                   struct lf_yaml *key)
{
    struct lf_var var = {.name = lf_arena_str(&loader->nodes, key->text),
                         .mark = lf_yaml_mark(check->document, key)};
    const struct lf_var *old;
    /* one given by --var is never expanded: it may need what is not there */
    if (lf_facts_var(loader->request->facts, key->text).data)
        return true;
    if (!var.name.data)
        return no_memory(loader);
    enum lf_built built = LF_BUILT_FAULT;
    if (!key->next->bad)
        built = lf_build_text(loader, key->next, &var.value);
    if (built == LF_BUILT_FAILED)
        return false;
    /* after a fault it is defined all the same, so that its uses are none; an empty
     * value would be one where nothing else is said */
    if (built == LF_BUILT_FAULT)
        var.value = LF_STR("/unknown");
    if (!lf_scope_define(&loader->scope, var, &old))
        return no_memory(loader);
    if (old) {
        char help[512];
        snprintf(help, sizeof(help), "it is defined at %.*s:%u:%u already",
                 (int)(old->mark.source->name.len > 400
                               ? 400
                               : old->mark.source->name.len),
                 old->mark.source->name.data, (unsigned)old->mark.line,
                 (unsigned)old->mark.column);
        lf_report(check, key, LF_CODE_DUPLICATE_VAR, help,
                  "two files define \"%.*s\"", lf_yaml_shown(key),
                  key->text.data);
    }
    return true;
}

static bool define_vars(struct lf_loader *loader, uint32_t index)
{
    struct lf_check check = lf_loader_check(loader, index);
    const struct lf_yaml *vars = lf_yaml_get(check.document->root, "vars");
    loader->current = index;
    for (struct lf_yaml *key = vars ? vars->child : NULL; key;
         key = key->next->next) {
        if (!key->bad && !define(loader, &check, key))
            return false;
    }
    return true;
}

/* ---- included files ---- */

static void add_chain(const struct lf_loader *loader, struct lf_buf *buf,
                      uint32_t index)
{
    uint32_t chain[LF_INCLUDE_LIMIT + 1];
    uint32_t n = 0;
    for (uint32_t at = index;; at = loader->files[at].parent) {
        chain[n++] = at;
        if (at == 0)
            break;
    }
    while (n-- > 0) {
        lf_buf_add(buf, loader->files[chain[n]].document->source.name);
        lf_buf_add(buf, LF_STR(" -> "));
    }
}

const struct lf_file *lf_loader_file(const struct lf_loader *loader,
                                     const struct lf_node *node)
{
    for (uint32_t i = 0; i < loader->n_files; i++) {
        const struct lf_file *file = &loader->files[i];
        if (file->dev == node->dev && file->ino == node->ino)
            return file;
    }
    return NULL;
}

/* Whether `file` is `parent`, or includes it. */
static bool leads_to(const struct lf_loader *loader, const struct lf_file *file,
                     uint32_t parent)
{
    while (parent != 0 && file != &loader->files[parent])
        parent = loader->files[parent].parent;
    return file == &loader->files[parent];
}

/* Report a file that was read before. */
static void report_known(struct lf_loader *loader, uint32_t parent,
                         struct lf_yaml *item, const struct lf_file *file)
{
    struct lf_check check = lf_loader_check(loader, parent);
    bool cycle = leads_to(loader, file, parent);
    struct lf_buf help = {0};
    struct lf_str name = file->document->source.name;
    if (cycle) {
        add_chain(loader, &help, parent);
        lf_buf_add(&help, name);
    } else {
        lf_buf_add_format(&help, "it is included at %.*s:%u already",
                          (int)file->mark.source->name.len,
                          file->mark.source->name.data,
                          (unsigned)file->mark.line);
    }
    lf_report(&check, item, LF_CODE_INCLUDE_CYCLE, lf_buf_str(&help).data,
              cycle ? "\"%.*s\" includes itself" : "\"%.*s\" is included twice",
              name.len > 200 ? 200 : (int)name.len, name.data);
    lf_buf_finish(&help);
}

static bool note_absent(struct lf_loader *loader, struct lf_str path)
{
    struct lf_manifest *manifest = loader->manifest;
    void *absent = manifest->absent;
    if (!lf_array_reserve(&absent, manifest->n_absent,
                          &manifest->absent_capacity, sizeof(path)))
        return no_memory(loader);
    manifest->absent = absent;
    manifest->absent[manifest->n_absent++] = path;
    return true;
}

/* What could not be read is a fault at the place that names it. */
static bool report_unreadable(struct lf_loader *loader, uint32_t parent,
                              struct lf_yaml *item, bool optional,
                              struct lf_str path, const struct lf_error *why)
{
    struct lf_check check = lf_loader_check(loader, parent);
    if (why->code == LF_CODE_NO_MEMORY)
        return no_memory(loader);
    if (why->code == LF_CODE_MANIFEST_MISSING) {
        if (optional)
            return note_absent(loader, path);
        lf_report(&check, item, LF_CODE_INCLUDE_MISSING,
                  "a ? behind the path says that the file may be missing", "%s",
                  why->message);
        return true;
    }
    lf_report(&check, item,
              why->code == LF_CODE_MANIFEST_SIZE ? LF_CODE_MANIFEST_SIZE
                                                 : LF_CODE_INCLUDE_UNREADABLE,
              why->help[0] ? why->help : NULL, "%s", why->message);
    return true;
}

/* The path of an included file as a user would spell it: from where the one
 * that includes it is spelled. */
static struct lf_str spelled_name(struct lf_loader *loader, uint32_t parent,
                                  struct lf_str path)
{
    const struct lf_file *file = &loader->files[parent];
    assert(file->document);
    struct lf_str dir = lf_path_dir(file->path);
    struct lf_str spelled = lf_path_dir(file->document->source.name);
    bool standard =
            parent == 0 && lf_str_equal(loader->manifest->file, LF_STR("-"));
    if (standard || dir.len == 1 || path.len == dir.len ||
        !lf_path_within(path, dir))
        return path;
    struct lf_str rest =
            lf_str_of(path.data + dir.len + 1, path.len - dir.len - 1);
    if (spelled.len == 0)
        return rest;
    return lf_path_join(&loader->manifest->arena, spelled, rest);
}

/* Where a file lies that one of the manifest names by `text`, which means `*path`.
 * What a file in `--root` says is as seen from there, however the way to it was
 * spelled. */
static bool find_included(struct lf_loader *loader, uint32_t parent,
                          struct lf_str text, struct lf_str *path,
                          struct lf_str *ret_dir, bool *ret_inside)
{
    const struct lf_file *file = &loader->files[parent];
    struct lf_arena *arena = &loader->manifest->arena;
    if (!file->inside)
        return lf_loader_inside_root(loader, lf_path_dir(*path), ret_dir,
                                     ret_inside);
    *ret_inside = true;
    if (text.data[0] == '/') {
        *ret_dir = lf_path_dir(*path);
        *path = lf_path_join(arena, lf_str(loader->request->root),
                             lf_str_of(path->data + 1, path->len - 1));
        return path->data || no_memory(loader);
    }
    struct lf_str below = lf_path_join(arena, file->dir, text);
    *ret_dir = lf_path_dir(below);
    return below.data || no_memory(loader);
}

/* Read the file that `item` of file `parent` names, as a new one. */
static bool include(struct lf_loader *loader, uint32_t parent,
                    struct lf_yaml *item)
{
    struct lf_check check = lf_loader_check(loader, parent);
    bool optional = item->text.data[item->text.len - 1] == '?';
    bool inside;
    struct lf_yaml bare = *item;
    struct lf_str path, dir, text;
    struct lf_node node;
    struct lf_error why = {0};
    bare.text.len -= optional;
    loader->current = parent;
    struct lf_str spelled;
    enum lf_built built = lf_build_spelled_path(loader, &bare, LF_START_FILE,
                                                &spelled, &path);
    if (built != LF_BUILT)
        return built == LF_BUILT_FAULT;
    if (loader->n_files > LF_INCLUDE_LIMIT) {
        lf_report(&check, item, LF_CODE_INCLUDE_LIMIT, "merge some of them",
                  "more than 64 included files");
        return true;
    }
    if (!find_included(loader, parent, spelled, &path, &dir, &inside))
        return false;
    if (!(inside ? lf_loader_read_inside(loader, dir, path, &text, &node, &why)
                 : lf_loader_read(loader, path, &text, &node, &why)))
        return report_unreadable(loader, parent, item, optional, path, &why);
    const struct lf_file *known = lf_loader_file(loader, &node);
    if (known) {
        report_known(loader, parent, item, known);
        return true;
    }
    struct lf_file *file = &loader->files[loader->n_files++];
    *file = (struct lf_file){.path = path,
                             .dir = dir,
                             .inside = inside,
                             .dev = node.dev,
                             .ino = node.ino,
                             .parent = parent,
                             .mark = lf_yaml_mark(check.document, item)};
    return take_text(loader, file, spelled_name(loader, parent, path), text);
}

/* Whether file `index` can be gone on with. */
static bool is_readable(const struct lf_loader *loader, uint32_t index)
{
    const struct lf_document *document = loader->files[index].document;
    return document && document->root && document->root->kind == LF_YAML_MAP &&
           !document->root->bad;
}

static bool begin_file(struct lf_loader *loader, uint32_t index,
                       struct lf_yaml **ret_item)
{
    *ret_item = NULL;
    if (!is_readable(loader, index))
        return true;
    const struct lf_yaml *list =
            lf_yaml_get(loader->files[index].document->root, "include");
    *ret_item = list ? list->child : NULL;
    return define_vars(loader, index);
}

static bool load_included(struct lf_loader *loader)
{
    struct {
        uint32_t file;
        struct lf_yaml *item;
    } stack[LF_INCLUDE_LIMIT + 1];
    uint32_t depth = 1;
    stack[0].file = 0;
    if (!begin_file(loader, 0, &stack[0].item))
        return false;
    while (depth) {
        struct lf_yaml *item = stack[depth - 1].item;
        uint32_t count = loader->n_files;
        if (!item) {
            depth--;
            continue;
        }
        stack[depth - 1].item = item->next;
        if (item->bad)
            continue;
        if (!include(loader, stack[depth - 1].file, item))
            return false;
        if (loader->n_files == count)
            continue;
        stack[depth].file = count;
        if (!begin_file(loader, count, &stack[depth].item))
            return false;
        depth++;
    }
    return true;
}

bool lf_load_files(struct lf_loader *loader)
{
    struct lf_manifest *manifest = loader->manifest;
    struct lf_str spelled = lf_str(loader->request->file);
    bool standard = lf_str_equal(spelled, LF_STR("-"));
    struct lf_file *file = &loader->files[0];
    struct lf_str text;
    struct lf_node node = {0};
    if (!make_absolute(loader, standard ? LF_STR("stdin") : spelled,
                       &file->path) ||
        !lf_loader_inside_root(loader, lf_path_dir(file->path), &file->dir,
                               &file->inside))
        return false;
    bool given = loader->request->text.data != NULL;
    bool inside = file->inside && !standard;
    if (given    ? !lf_read_given(loader->request->text, &text, loader->err)
        : inside ? !lf_loader_read_inside(loader, file->dir, file->path, &text,
                                          &node, loader->err)
                 : !lf_read_manifest(&loader->fs,
                                     standard ? spelled : file->path, &text,
                                     &node, loader->err))
        return false;
    loader->n_files = 1;
    file->dev = node.dev;
    file->ino = node.ino;
    manifest->file = standard ? LF_STR("-") : file->path;
    manifest->dir = file->dir;
    loader->scope.manifest_dir = file->dir;
    if (standard)
        spelled = LF_STR("<stdin>");
    return take_text(loader, file, spelled, text) && load_included(loader);
}
