/* SPDX-License-Identifier: MIT */
/*
 * fuzz_manifest.c - whole manifests, read as the program reads them
 *
 * The input is the manifest, and behind each line that is `===` a file that
 * stands next to it: 1.yaml, 2.yaml and so on. The loader sees these files and
 * an empty root directory, and nothing of the machine (--wrap, meson.build).
 */
#include "base/escape.h"
#include "base/path.h"
#include "base/source.h"
#include "cli/render_diag.h"
#include "fuzz.h"
#include "manifest/model.h"
#include "platform/fs.h"

#include <errno.h>

enum { FILES_MOST = 8, ROOT_FD = 100, SHOWN_MOST = 20 };

#define MANIFEST "/farm/linkfarm.yaml"

void __wrap_lf_fs_system(struct lf_fs *ret);

/* What the process would find on its disk. */
static struct {
    struct lf_str files[FILES_MOST];
    int n_files;
    size_t at; /* bytes of the open file that were read */
} disk;

/* ---- the disk ---- */

static int open_file(struct lf_fs *fs, int at, const char *name, unsigned how,
                     uint32_t mode)
{
    (void)fs, (void)at, (void)how, (void)mode;
    disk.at = 0;
    if (strcmp(name, MANIFEST) == 0)
        return 0;
    for (int i = 1; i < disk.n_files; i++) {
        char path[32];
        snprintf(path, sizeof(path), "/farm/%d.yaml", i);
        if (strcmp(name, path) == 0)
            return i;
    }
    return strcmp(name, "/farm/denied") == 0 ? -EACCES : -ENOENT;
}

static int open_dir(struct lf_fs *fs, int at, const char *path, unsigned how)
{
    (void)fs, (void)at, (void)how;
    return strcmp(path, "/") == 0 ? ROOT_FD : -ENOENT;
}

static int stat_node(struct lf_fs *fs, int at, const char *name,
                     struct lf_node *ret)
{
    (void)fs;
    *ret = (struct lf_node){.kind = LF_NODE_DIR, .dev = 1, .ino = 1};
    if (at == ROOT_FD)
        return *name ? -ENOENT : 0;
    ret->kind = LF_NODE_FILE;
    ret->ino = (uint64_t)at + 2;
    ret->size = disk.files[at].len;
    return 0;
}

static long read_file(struct lf_fs *fs, int fd, void *buf, size_t size)
{
    (void)fs;
    struct lf_str file = disk.files[fd];
    size_t left = file.len - disk.at;
    size_t got = size < left ? size : left;
    if (got)
        memcpy(buf, file.data + disk.at, got);
    disk.at += got;
    return (long)got;
}

static int close_nothing(struct lf_fs *fs, int fd)
{
    (void)fs, (void)fd;
    return 0;
}

void __wrap_lf_fs_system(struct lf_fs *ret)
{
    *ret = (struct lf_fs){
            .open_dir = open_dir,
            .close = close_nothing,
            .stat = stat_node,
            .open_file = open_file,
            .read = read_file,
    };
}

/* ---- reading ---- */

struct reading {
    struct lf_diags *diags;
    struct lf_manifest *manifest;
};

static struct lf_facts *make_facts(void)
{
    static const char *const names[] = {"os", "arch", "host", "user"};
    static const char *const values[] = {"linux", "x86_64", "box", "u"};
    char editor[] = "EDITOR=vi", empty[] = "EMPTY=";
    char *const environment[] = {editor, empty, NULL};
    struct lf_facts *facts;
    struct lf_error err;
    must(lf_facts_new(&facts, &err));
    for (size_t i = 0; i < LF_COUNT(names); i++)
        must(lf_facts_set(facts, names[i], lf_str(values[i]), &err));
    must(lf_facts_set(facts, "home", LF_STR("/home/u"), &err));
    must(lf_facts_set_environment(facts, environment, &err));
    must(lf_facts_add_profile(facts, LF_STR("work"), &err));
    return facts;
}

static void load(struct reading *reading, size_t shown)
{
    struct lf_facts *facts = make_facts();
    struct lf_manifest_request request = {.file = MANIFEST, .facts = facts};
    struct lf_error err;
    reading->diags = lf_diags_new(shown);
    must(reading->diags);
    must(lf_manifest_load(&request, reading->diags, &reading->manifest, &err));
    lf_facts_free(facts);
}

static void unload(struct reading *reading)
{
    lf_manifest_free(reading->manifest);
    lf_diags_free(reading->diags);
}

/* ---- laws ---- */

/* A place is in a file of the manifest, at most one past the end of a line. */
static void check_mark(const struct reading *reading,
                       const struct lf_mark *mark)
{
    bool ours = false;
    uint32_t lines = 1;
    for (size_t i = 0; i < lf_manifest_files(reading->manifest); i++)
        ours |= mark->source == lf_manifest_source(reading->manifest, i);
    must(ours);
    struct lf_str text = mark->source->text;
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    uint32_t columns =
            lf_source_columns(lf_source_line(mark->source, mark->line));
    must(mark->line >= 1 && mark->line <= lines);
    must(mark->column >= 1 && mark->column <= columns + 1);
    must(mark->width <= 1 || mark->column + mark->width <= columns + 1);
}

/* What is shown is text, in lines, whatever the manifest holds. */
static void check_shown(const struct lf_diag *diag)
{
    struct lf_buf shown = {0};
    lf_render_diag(&shown, diag, NULL, false);
    must(!lf_buf_failed(&shown) && shown.len &&
         shown.data[shown.len - 1] == '\n');
    struct lf_str rest = lf_buf_str(&shown);
    while (rest.len)
        must(!lf_needs_escape(fuzz_take(&rest, '\n')));
    lf_buf_finish(&shown);
}

static void check_diags(const struct reading *reading)
{
    const struct lf_diags *diags = reading->diags;
    for (size_t i = 0; i < lf_diags_count(diags); i++) {
        const struct lf_diag *diag = lf_diags_at(diags, i);
        must(lf_code_meaning(diag->code) && diag->message.len);
        check_mark(reading, &diag->mark);
        check_shown(diag);
    }
    must(lf_diags_errors(diags) == 0 ||
         lf_manifest_name(reading->manifest).len == 0);
}

static void check_path(struct lf_str path)
{
    must(path.len && path.len <= LF_PATH_LIMIT && path.data[0] == '/');
    must(!memchr(path.data, '\0', path.len) && !path.data[path.len]);
    for (size_t i = 1; i < path.len; i++)
        must(path.data[i] != '/' || path.data[i - 1] != '/');
}

static void check_spelled(struct lf_spelled_path spelled, bool dots)
{
    struct lf_buf path = {0};
    lf_spelled_join(&path, spelled);
    lf_buf_add_char(&path, '\0');
    must(!lf_buf_failed(&path));
    lf_buf_truncate(&path, path.len - 1);
    check_path(lf_buf_str(&path));
    must(dots || !lf_path_has_dots(lf_buf_str(&path)));
    lf_buf_finish(&path);
}

static void check_entry(const struct reading *reading,
                        struct lf_entry_info entry)
{
    check_mark(reading, &entry.mark);
    check_spelled(entry.path, false);
    if (entry.kind != LF_ENTRY_DIR && !entry.verbatim)
        check_spelled(entry.source, true);
    must(!entry.verbatim ||
         (entry.text.len && entry.text.len <= LF_PATH_LIMIT &&
          !memchr(entry.text.data, 0, entry.text.len)));
    must(!entry.has_mode || entry.mode <= 07777);
}

static void check_entries(const struct reading *reading)
{
    const struct lf_manifest *manifest = reading->manifest;
    if (lf_diags_errors(reading->diags))
        return;
    must(lf_manifest_name(manifest).len);
    for (size_t i = 0; i < lf_manifest_entries(manifest); i++)
        check_entry(reading, lf_manifest_entry(manifest, i));
    for (size_t i = 0; i < lf_manifest_allowed(manifest); i++)
        check_path(lf_manifest_allowed_under(manifest, i));
    for (size_t i = 0; i < lf_manifest_conditions(manifest); i++)
        check_mark(reading, &lf_manifest_condition(manifest, i)->mark);
}

/* ---- one manifest, spelled in other ways ---- */

/* How a path is parted depends on how the file spells it. */
static bool same_path(struct lf_spelled_path a, struct lf_spelled_path b)
{
    struct lf_buf one = {0}, other = {0};
    bool same =
            lf_str_equal(lf_spelled_join(&one, a), lf_spelled_join(&other, b));
    must(!lf_buf_failed(&one) && !lf_buf_failed(&other));
    lf_buf_finish(&one);
    lf_buf_finish(&other);
    return same;
}

static bool same_entry(struct lf_entry_info a, struct lf_entry_info b)
{
    return a.kind == b.kind && a.conflict == b.conflict && a.style == b.style &&
           a.fold == b.fold && a.allow_dangling == b.allow_dangling &&
           a.verbatim == b.verbatim && a.mode == b.mode &&
           same_path(a.path, b.path) && same_path(a.source, b.source) &&
           lf_str_equal(a.text, b.text);
}

/* The same faults and entries, those of the first file `lines` further down. */
static void check_same(const struct reading *a, const struct reading *b,
                       uint32_t lines)
{
    const struct lf_source *first = lf_manifest_source(a->manifest, 0);
    must(lf_diags_errors(a->diags) == lf_diags_errors(b->diags));
    must(lf_diags_count(a->diags) == lf_diags_count(b->diags));
    for (size_t i = 0; i < lf_diags_count(a->diags); i++) {
        const struct lf_diag *one = lf_diags_at(a->diags, i);
        const struct lf_diag *other = lf_diags_at(b->diags, i);
        uint32_t moved = one->mark.source == first ? lines : 0;
        must(one->code == other->code);
        must(one->mark.line + moved == other->mark.line);
        must(one->mark.column == other->mark.column);
        must(one->mark.width == other->mark.width);
        must(lines || lf_str_equal(one->message, other->message));
    }
    size_t n = lf_manifest_entries(a->manifest);
    must(n == lf_manifest_entries(b->manifest));
    for (size_t i = 0; i < n && lf_diags_errors(a->diags) == 0; i++)
        must(same_entry(lf_manifest_entry(a->manifest, i),
                        lf_manifest_entry(b->manifest, i)));
}

static void check_other(const struct reading *reading,
                        const struct lf_buf *text, uint32_t lines)
{
    struct lf_str kept = disk.files[0];
    struct reading other;
    disk.files[0] = lf_buf_str(text);
    load(&other, SHOWN_MOST);
    check_diags(&other);
    check_same(reading, &other, lines);
    unload(&other);
    disk.files[0] = kept;
}

/* Whether the first bytes are at fault, whatever stands behind them. */
static bool is_odd(const struct reading *reading)
{
    enum lf_code first = lf_diags_count(reading->diags)
                                 ? lf_diags_at(reading->diags, 0)->code
                                 : LF_CODE_NONE;
    return first == LF_CODE_BYTE_ORDER_MARK || first == LF_CODE_EMPTY_MANIFEST;
}

/* A comment in front moves every place, and changes nothing else. */
static void check_moved(const struct reading *reading)
{
    struct lf_buf text = {0};
    lf_buf_add(&text, LF_STR("# moved\n"));
    lf_buf_add(&text, disk.files[0]);
    check_other(reading, &text, 1);
    lf_buf_finish(&text);
}

/* CR LF ends a line as LF does. */
static void check_line_ends(const struct reading *reading)
{
    struct lf_buf text = {0};
    struct lf_str file = disk.files[0];
    if (file.len && memchr(file.data, '\r', file.len))
        return;
    for (size_t i = 0; i < file.len; i++) {
        if (file.data[i] == '\n')
            lf_buf_add_char(&text, '\r');
        lf_buf_add_char(&text, file.data[i]);
    }
    check_other(reading, &text, 0);
    lf_buf_finish(&text);
}

/* What is not shown is counted. */
static void check_counted(const struct reading *reading)
{
    struct reading few;
    load(&few, 1);
    must(lf_diags_errors(few.diags) == lf_diags_errors(reading->diags));
    must(lf_diags_count(few.diags) + lf_diags_dropped(few.diags) ==
         lf_diags_count(reading->diags) + lf_diags_dropped(reading->diags));
    unload(&few);
}

/* The files that an input holds. */
static void split(struct lf_str rest)
{
    struct lf_str file = lf_str_of(rest.data, 0);
    disk.n_files = 0;
    while (rest.len) {
        const char *begin = rest.data;
        if (!lf_str_equal(fuzz_take(&rest, '\n'), LF_STR("===")) ||
            disk.n_files == FILES_MOST - 1) {
            file.len += (size_t)(rest.data - begin);
            continue;
        }
        disk.files[disk.n_files++] = file;
        file = lf_str_of(rest.data, 0);
    }
    disk.files[disk.n_files++] = file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading reading;
    split(lf_str_of((const char *)data, size));
    load(&reading, SHOWN_MOST);
    check_diags(&reading);
    check_entries(&reading);
    check_counted(&reading);
    if (!is_odd(&reading)) {
        check_moved(&reading);
        check_line_ends(&reading);
    }
    unload(&reading);
    return 0;
}
