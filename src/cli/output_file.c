/* SPDX-License-Identifier: MIT */
/*
 * output_file.c - the file that --output names
 */
#include "cli/output_file.h"

#include "base/util.h"
#include "platform/fs.h"
#include "platform/sys.h"

#include <errno.h>
#include <stdlib.h>

enum {
    BEGIN_LIMIT = 1 << 20, /* of a file, to know its kind by */
    TEMP_SIZE = sizeof(".linkfarm-.new") + 20,
};

/* Where the file is to stand. */
struct place {
    const char *file, *name; /* as typed, and its last component */
    const struct lf_output_kind *kind;
    struct lf_fs *fs;
    int dir;
    struct lf_node node; /* what stands there */
    char temp[TEMP_SIZE];
};

bool lf_output_is_stdout(const struct lf_options *options)
{
    return options->output && strcmp(options->output, "-") == 0;
}

bool lf_output_allowed(const struct lf_options *options, struct lf_error *err)
{
    if (!options->dry_run || !options->output || lf_output_is_stdout(options))
        return true;
    lf_error_set(err, LF_CODE_OPTION_CONFLICT, 0,
                 "--dry-run writes no file, and --output is one");
    lf_error_help(err, "leave one of them out; --output=- is standard output");
    return false;
}

void lf_output_cure(struct lf_error *err, const char *how)
{
    switch (err->os_errno) {
    case EFBIG:
        lf_error_help(err, "let files be larger: ulimit -f");
        break;
    case ENOSPC:
    case EDQUOT:
        lf_error_help(err, "make room there, or name another place: %s", how);
        break;
    default:
        lf_error_help(err, "name a place that can be written: %s", how);
    }
}

static bool unwritable(const struct place *place, int error,
                       struct lf_error *err)
{
    if (error == ENOMEM)
        return lf_error_oom(err);
    lf_error_set(err, LF_CODE_FILE_UNWRITABLE, error,
                 "the %s cannot be written to %s: %s", place->kind->name,
                 place->file, strerror(error));
    lf_output_cure(err, "--output=FILE");
    return false;
}

static bool exists(const struct place *place, struct lf_error *err)
{
    enum lf_node_kind kind = place->node.kind;
    if (kind == LF_NODE_FILE)
        lf_error_set(err, LF_CODE_FILE_EXISTS, EEXIST,
                     "%s exists already, and is no %s that linkfarm wrote",
                     place->file, place->kind->name);
    else
        lf_error_set(err, LF_CODE_FILE_EXISTS, EEXIST,
                     "%s exists already, as a %s", place->file,
                     lf_node_kind_name(kind));
    lf_error_help(err, "linkfarm never overwrites a file of yours; give "
                       "another name, or - for standard output");
    return false;
}

/* ---- what stands there ---- */

static bool open_place(struct place *place, struct lf_error *err)
{
    const char *slash = strrchr(place->file, '/');
    struct lf_buf dir = {0};
    place->name = slash ? slash + 1 : place->file;
    lf_buf_add(&dir,
               slash ? lf_str_of(place->file, (size_t)(slash - place->file) + 1)
                     : LF_STR("."));
    place->dir = lf_buf_failed(&dir)
                         ? -ENOMEM
                         : place->fs->open_dir(place->fs, -1, dir.data,
                                               LF_DIR_PATH | LF_DIR_FOLLOW);
    lf_buf_finish(&dir);
    return place->dir >= 0 || unwritable(place, -place->dir, err);
}

/* 1 if it is of this kind, else 0. */
static int is_one(const struct place *place)
{
    struct lf_fs *fs = place->fs;
    LF_AUTO_CLOSE struct lf_fd file = {
            fs, fs->open_file(fs, place->dir, place->name, LF_FILE_READ, 0)};
    if (file.fd < 0)
        return file.fd;
    LF_AUTO_FREE char *text = malloc(BEGIN_LIMIT + 1);
    if (!text)
        return -ENOMEM;
    long len = fs->read(fs, file.fd, text, BEGIN_LIMIT);
    if (len < 0)
        return (int)len;
    text[len] = '\0';
    return place->kind->is_one(lf_str_of(text, (size_t)len));
}

static bool check_place(struct place *place, struct lf_error *err)
{
    int error =
            place->fs->stat(place->fs, place->dir, place->name, &place->node);
    if (error == -ENOENT) {
        place->node = (struct lf_node){.kind = LF_NODE_NOTHING};
        return true;
    }
    if (error < 0)
        return unwritable(place, -error, err);
    if (place->node.kind != LF_NODE_FILE)
        return exists(place, err);
    int is = place->node.size > 0 ? is_one(place) : 1;
    if (is < 0)
        return unwritable(place, -is, err);
    return is || exists(place, err);
}

/* ---- writing ---- */

static int fill(const struct place *place, int fd, void *arg)
{
    struct lf_stream stream = {.file = fdopen(fd, "w")};
    if (!stream.file) {
        int error = errno;
        place->fs->close(place->fs, fd);
        return -error;
    }
    place->kind->write(&stream, arg);
    int error = lf_stream_flush(&stream);
    if (fclose(stream.file) == EOF && error == 0)
        error = errno;
    return -error;
}

static bool was_seen(const struct place *place, const struct lf_node *node)
{
    return lf_node_same(&place->node, node) && place->node.size == node->size &&
           place->node.mtime == node->mtime;
}

static int rename_or_drop(const struct place *place, enum lf_rename how)
{
    struct lf_fs *fs = place->fs;
    int error = fs->rename(fs, place->dir, place->temp, place->dir, place->name,
                           how);
    if (error < 0)
        fs->unlink(fs, place->dir, place->temp);
    return error;
}

/* What comes out is looked at before it goes: another file may have come to the name,
 * or something into the one that was there. */
static int put_in_place_of(const struct place *place)
{
    struct lf_fs *fs = place->fs;
    struct lf_node out;
    int error = fs->rename(fs, place->dir, place->temp, place->dir, place->name,
                           LF_RENAME_EXCHANGE);
    if (error == -EINVAL || error == -ENOSYS) /* cannot be done there */
        return rename_or_drop(place, LF_RENAME_REPLACE);
    if (error < 0) {
        fs->unlink(fs, place->dir, place->temp);
        return error;
    }
    error = fs->stat(fs, place->dir, place->temp, &out);
    if (error == 0 && was_seen(place, &out))
        return fs->unlink(fs, place->dir, place->temp);
    int back = fs->rename(fs, place->dir, place->temp, place->dir, place->name,
                          LF_RENAME_EXCHANGE);
    if (back < 0) /* it stays where it is, whatever it is */
        return back;
    fs->unlink(fs, place->dir, place->temp);
    return error < 0 ? error : -EEXIST;
}

/* The rights of the file that it takes the place of, if there is one, and it is the
 * user's: another's let others write what is the user's now. */
static int write_beside(const struct place *place, void *arg)
{
    struct lf_fs *fs = place->fs;
    bool there = place->node.kind == LF_NODE_FILE;
    bool ours = there && place->node.uid == lf_sys_uid();
    uint32_t mode = ours ? place->node.mode & 0777 : 0666;
    int fd = fs->open_file(fs, place->dir, place->temp,
                           LF_FILE_WRITE | LF_FILE_CREATE | LF_FILE_EXCLUSIVE,
                           mode);
    if (fd < 0)
        return fd;
    int error = ours ? fs->chmod(fs, fd, "", mode) : 0;
    if (error < 0)
        fs->close(fs, fd);
    else
        error = fill(place, fd, arg);
    if (error == 0)
        return there ? put_in_place_of(place)
                     : rename_or_drop(place, LF_RENAME_NOREPLACE);
    fs->unlink(fs, place->dir, place->temp);
    return error;
}

bool lf_output_file_write(const char *file, const struct lf_output_kind *kind,
                          void *arg, struct lf_error *err)
{
    struct lf_fs fs;
    struct place place = {.file = file, .kind = kind, .fs = &fs, .dir = -1};
    lf_fs_system(&fs);
    snprintf(place.temp, sizeof(place.temp), ".linkfarm-%lld.new",
             (long long)lf_sys_pid());
    if (!open_place(&place, err))
        return false;
    bool done = check_place(&place, err);
    if (done) {
        int error = write_beside(&place, arg);
        done = error == 0 || unwritable(&place, -error, err);
    }
    fs.close(&fs, place.dir);
    return done;
}
