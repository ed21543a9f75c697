/* SPDX-License-Identifier: MIT */
/*
 * import_stow.c - trees for packages of GNU Stow
 *
 * Stow keeps no record: where its links are is asked of --into, else taken to be
 * above the stow directory, as Stow does.
 */
#include "cli/import.h"

#include "base/path.h"

#include <errno.h>
#include <stdlib.h>

/* What Stow leaves out by itself, in the patterns of a manifest. */
static const char default_ignore[] = "ignore:\n"
                                     "  - RCS\n"
                                     "  - \"?*,v\"\n"
                                     "  - CVS\n"
                                     "  - \".#?*\"\n"
                                     "  - .cvsignore\n"
                                     "  - .svn\n"
                                     "  - _darcs\n"
                                     "  - .hg\n"
                                     "  - .git\n"
                                     "  - .gitignore\n"
                                     "  - .gitmodules\n"
                                     "  - \"?*~\"\n"
                                     "  - '\\#*#'\n"
                                     "  - /README*\n"
                                     "  - /LICENSE*\n"
                                     "  - /COPYING\n";

struct stow {
    struct lf_import *import;
    struct lf_error *err;
    struct lf_ignore_list *own;    /* of each package */
    struct lf_ignore_list options; /* of all of them */
    bool is_mixed; /* some have one, and others go by another that all share */
};

static bool exists(struct stow *stow, struct lf_str dir, struct lf_str name,
                   bool *ret)
{
    struct lf_import *import = stow->import;
    struct lf_resolution *walk;
    struct lf_resolve_request request = {.flags = LF_RESOLVE_NOFOLLOW};
    request.path = lf_path_join(&import->arena, dir, name);
    if (!request.path.data)
        return lf_error_oom(stow->err);
    if (!lf_resolve(import->disk.resolver, &request, &walk, stow->err))
        return false;
    *ret = walk->error == 0;
    lf_resolution_free(walk);
    return true;
}

/* Whether the name `dot-x` stands as `.x`, and not as it is. */
static bool is_dotted(struct stow *stow, struct lf_str name, bool *ret)
{
    struct lf_str into = stow->import->stow_into;
    struct lf_buf dotted = {0};
    bool plain = false;
    *ret = false;
    if (!lf_str_starts(name, LF_STR("dot-")) || name.len == 4)
        return true;
    /* from the '-' on, which gives way to a dot */
    lf_buf_add_char(&dotted, '.');
    lf_buf_add(&dotted, lf_str_of(name.data + 4, name.len - 4));
    bool done = lf_buf_failed(&dotted)
                        ? lf_error_oom(stow->err)
                        : exists(stow, into, lf_buf_str(&dotted), ret) &&
                                  exists(stow, into, name, &plain);
    lf_buf_finish(&dotted);
    *ret = *ret && !plain;
    return done;
}

/* Whether it was stowed with --dotfiles. */
static bool find_dots(struct stow *stow, struct lf_str package, bool *ret)
{
    struct lf_import *import = stow->import;
    struct lf_listing names = {0};
    bool done = lf_disk_list(&import->disk, package, &import->arena, &names,
                             stow->err);
    *ret = false;
    for (uint32_t i = 0; done && !*ret && i < names.count; i++)
        done = is_dotted(stow, lf_path_name(names.items[i].path), ret);
    free(names.items);
    return done;
}

/* Whether a pattern was added, be it before. */
static bool add_patterns(struct lf_buf *text, bool any,
                         const struct lf_ignore_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        lf_buf_add(text, any ? LF_STR(", ") : LF_STR(", ignore: ["));
        lf_buf_add(text, list->items[i]);
        any = true;
    }
    return any;
}

/* What the others share is taken back, but for the list of one's own. */
static void add_own_ignore(struct stow *stow, const struct lf_ignore_list *own)
{
    struct lf_buf *text = &stow->import->text;
    bool takes_back = stow->is_mixed && own->is_there;
    if (takes_back)
        lf_buf_add(text, LF_STR(", ignore: [\"!**\", /.stow-local-ignore"));
    bool any = add_patterns(text, takes_back, own);
    if (takes_back)
        (void)add_patterns(text, true, &stow->options);
    if (any)
        lf_buf_add_char(text, ']');
}

static bool add_package(struct stow *stow, size_t index)
{
    struct lf_buf *text = &stow->import->text;
    struct lf_str package = stow->import->packages[index];
    size_t begin = text->len;
    bool dots;
    if (!find_dots(stow, package, &dots))
        return false;
    lf_buf_add(text, LF_STR("  - {from: "));
    struct lf_str name = lf_path_name(package);
    /* `~x` would be the home of a user */
    bool told = *name.data == '~' ? lf_import_path(stow->import, package)
                                  : lf_import_text(stow->import, name);
    lf_buf_add(text, LF_STR(", fold: auto"));
    if (dots)
        lf_buf_add(text, LF_STR(", dot: marked"));
    add_own_ignore(stow, &stow->own[index]);
    lf_buf_add(text, LF_STR("}\n"));
    if (!told && !lf_buf_failed(text))
        lf_buf_truncate(text, begin);
    return true;
}

/* ---- what Stow leaves out ---- */

static void add_lines(struct lf_buf *text, const struct lf_ignore_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        lf_buf_add(text, LF_STR("  - "));
        lf_buf_add(text, list->items[i]);
        lf_buf_add_char(text, '\n');
    }
}

/* What the packages have in common, of which some have no list of their own. */
static void add_shared(struct stow *stow, const struct lf_ignore_list *list,
                       bool built_in)
{
    struct lf_buf *text = &stow->import->text;
    if (built_in)
        lf_buf_add(text, lf_str(default_ignore));
    else if (list->count + stow->options.count > 0)
        lf_buf_add(text, LF_STR("ignore:\n  - /.stow-local-ignore\n"));
    else
        lf_buf_add(text, LF_STR("ignore: [/.stow-local-ignore]\n"));
    add_lines(text, list);
    add_lines(text, &stow->options);
}

static bool read_own(struct stow *stow, size_t *ret_count)
{
    struct lf_import *import = stow->import;
    *ret_count = 0;
    for (size_t i = 0; i < import->n_packages; i++) {
        if (!lf_import_ignore(import, import->packages[i], ".stow-local-ignore",
                              &stow->own[i], stow->err))
            return false;
        *ret_count += stow->own[i].is_there;
    }
    return true;
}

/* An ignore list of the user's takes the place of the one built in, and a package's
 * that of both. */
static bool add_ignore(struct stow *stow)
{
    struct lf_import *import = stow->import;
    struct lf_ignore_list global = {0};
    size_t n_own;
    if (!lf_import_stowrc(import, &stow->options, stow->err) ||
        !read_own(stow, &n_own))
        return false;
    bool is_shared = n_own < import->n_packages;
    stow->is_mixed = is_shared && n_own > 0;
    bool done = !is_shared ||
                lf_import_ignore(import, import->home, ".stow-global-ignore",
                                 &global, stow->err);
    if (done)
        add_shared(stow, &global, is_shared && !global.is_there);
    free(global.items);
    return done;
}

/* ---- the whole ---- */

static bool no_package(struct stow *stow, const char *dir)
{
    lf_error_set(stow->err, LF_CODE_OPERANDS, 0,
                 "'%s' is not a package in the stow directory '%.*s'", dir,
                 (int)stow->import->stow_dir.len, stow->import->stow_dir.data);
    lf_error_help(stow->err, "name the packages of one stow directory, and "
                             "import another by itself");
    return false;
}

struct lf_str lf_import_package_of(const struct lf_import *import,
                                   struct lf_str path)
{
    struct lf_str above = import->stow_dir;
    size_t end = above.len == 1 ? 1 : above.len + 1;
    uint32_t index;
    if (path.len <= end || !lf_path_within(path, above))
        return LF_STR("");
    while (end < path.len && path.data[end] != '/')
        end++;
    return end < path.len && lf_strmap_find(&import->package_index,
                                            lf_str_of(path.data, end), &index)
                   ? import->packages[index]
                   : LF_STR("");
}

/* One that is named twice counts once. */
static bool take_packages(struct stow *stow, const char *const *dirs,
                          size_t count)
{
    struct lf_import *import = stow->import;
    import->packages = lf_arena_alloc_array(&import->arena, count + 1,
                                            sizeof(*import->packages));
    if (!import->packages)
        return lf_error_oom(stow->err);
    for (size_t i = 0; i < count; i++) {
        struct lf_str package;
        if (!lf_disk_dir(&import->disk, dirs[i], &import->arena, &package,
                         stow->err)) {
            if (stow->err->os_errno == ENOTDIR)
                lf_error_help(stow->err, "a package is a directory: where "
                                         "files stand beside, name DIR/*/");
            return false;
        }
        struct lf_str above = lf_path_dir(package);
        if (i == 0)
            import->stow_dir = above;
        if (package.len <= 1 || !lf_str_equal(above, import->stow_dir))
            return no_package(stow, dirs[i]);
        uint32_t index, next = (uint32_t)import->n_packages;
        if (!lf_strmap_add(&import->package_index, package, next, &index))
            return lf_error_oom(stow->err);
        if (index == next)
            import->packages[import->n_packages++] = package;
    }
    return true;
}

static bool add_trees(struct stow *stow, bool has_dirs)
{
    struct lf_import *import = stow->import;
    lf_buf_add(&import->text, LF_STR("trees:\n"));
    for (size_t i = 0; i < import->n_packages; i++) {
        struct lf_str package = import->packages[i];
        if (!has_dirs)
            lf_import_untold(import, "left out: %.*s", (int)package.len,
                             package.data);
        else if (!add_package(stow, i))
            return false;
    }
    return true;
}

static bool add_all(struct stow *stow)
{
    struct lf_import *import = stow->import;
    bool has_dirs = lf_import_head(import, import->stow_dir, import->stow_into);
    bool done = add_ignore(stow) && add_trees(stow, has_dirs);
    for (size_t i = 0; i < import->n_packages; i++)
        free(stow->own[i].items);
    free(stow->options.items);
    return done;
}

bool lf_import_stow(struct lf_import *import, const char *const *dirs,
                    size_t count, struct lf_error *err)
{
    const char *into = import->session->cli->options.into;
    struct stow stow = {.import = import, .err = err};
    if (!take_packages(&stow, dirs, count))
        return false;
    import->stow_into = lf_path_dir(import->stow_dir);
    if (into && !lf_disk_dir(&import->disk, into, &import->arena,
                             &import->stow_into, err))
        return false;
    stow.own = lf_arena_alloc_array(&import->arena, import->n_packages,
                                    sizeof(*stow.own));
    return stow.own ? add_all(&stow) : lf_error_oom(err);
}
