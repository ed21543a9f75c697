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

/* All is taken back, but for the list of one's own. */
static const char own_ignore[] = "\"!**\", /.stow-local-ignore";

struct stow {
    struct lf_import *import;
    struct lf_error *err;
    bool *has_list; /* of each package: an ignore list of its own */
    bool is_mixed;  /* some have one, and others go by the one built in */
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
    if (stow->is_mixed && stow->has_list[index])
        lf_buf_add_format(text, ", ignore: [%s]", own_ignore);
    lf_buf_add(text, LF_STR("}\n"));
    if (!told && !lf_buf_failed(text))
        lf_buf_truncate(text, begin);
    return true;
}

/* ---- what Stow leaves out ---- */

/* An ignore list of the user's takes the place of the one built in. */
static bool find_list(struct stow *stow, struct lf_str dir, const char *name,
                      bool *ret)
{
    *ret = false;
    if (dir.len == 0)
        return true;
    if (!exists(stow, dir, lf_str(name), ret))
        return false;
    if (*ret)
        lf_import_untold(stow->import,
                         "left out: the regular expressions of %.*s/%s; write "
                         "them as patterns under ignore",
                         (int)dir.len, dir.data, name);
    return true;
}

static bool add_ignore(struct stow *stow)
{
    struct lf_import *import = stow->import;
    bool is_global;
    size_t lists = 0;
    stow->has_list = lf_arena_alloc_array(&import->arena, import->n_packages,
                                          sizeof(*stow->has_list));
    if (!stow->has_list)
        return lf_error_oom(stow->err);
    if (!find_list(stow, import->home, ".stow-global-ignore", &is_global))
        return false;
    for (size_t i = 0; i < import->n_packages; i++) {
        if (!find_list(stow, import->packages[i], ".stow-local-ignore",
                       &stow->has_list[i]))
            return false;
        lists += stow->has_list[i];
    }
    stow->is_mixed = !is_global && lists > 0 && lists < import->n_packages;
    lf_buf_add(&import->text,
               is_global || (lists > 0 && !stow->is_mixed)
                       ? LF_STR("ignore: [/.stow-local-ignore]\n")
                       : lf_str(default_ignore));
    return true;
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
    bool has_dirs = lf_import_head(import, import->stow_dir, import->stow_into);
    return add_ignore(&stow) && add_trees(&stow, has_dirs);
}
