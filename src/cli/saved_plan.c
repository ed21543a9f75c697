/* SPDX-License-Identifier: MIT */
/*
 * saved_plan.c - a plan in a file, to be looked at and then carried out
 */
#include "cli/saved_plan.h"

#include "base/escape.h"
#include "base/util.h"
#include "cli/output_file.h"
#include "cli/places.h"
#include "cli/render_json.h"
#include "platform/fs.h"

#include <errno.h>

/* ---- what can be saved ---- */

static bool is_text(struct lf_str text)
{
    json_t *value = json_stringn(text.data ? text.data : "", text.len);
    json_decref(value);
    return value;
}

/* Of the profiles those that hold: they may come from elsewhere. */
static bool are_text(const struct lf_session *session)
{
    const struct lf_texts *vars = &session->cli->options.vars;
    size_t count;
    const struct lf_str *profiles = lf_plan_profiles(session->plan, &count);
    for (size_t i = 0; i < vars->count; i++) {
        if (!is_text(lf_str(vars->items[i])))
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_text(profiles[i]))
            return false;
    }
    return true;
}

/* Variables are read back from the file, and JSON knows only UTF-8. */
static bool can_be_saved(struct lf_session *session, struct lf_error *err)
{
    struct lf_str manifest = lf_manifest_file(session->manifest);
    if (lf_str_equal(manifest, LF_STR("-"))) {
        lf_error_set(err, LF_CODE_OPTION_CONFLICT, 0,
                     "a plan of standard input cannot be saved: it is read "
                     "again when the plan is carried out");
        lf_error_help(err, "put the manifest into a file");
        return false;
    }
    if (are_text(session))
        return true;
    lf_error_set(err, LF_CODE_OPTION_VALUE, 0,
                 "a value of --var, or a profile that is active, is not UTF-8 "
                 "and cannot be saved");
    lf_error_help(err, "choose others by --var and --profile");
    return false;
}

/* ---- reading ---- */

enum { CHUNK = 64 * 1024 };

static int slurp(struct lf_fs *fs, int fd, struct lf_buf *buf)
{
    for (;;) {
        if (!lf_buf_reserve(buf, CHUNK))
            return -ENOMEM;
        long got = fs->read(fs, fd, buf->data + buf->len, CHUNK);
        if (got <= 0)
            return (int)got;
        buf->len += (size_t)got;
    }
}

/* LF_FILE_FOLLOW opens what the user names and never blocks on a FIFO. */
static int slurp_file(struct lf_fs *fs, const char *path, struct lf_buf *buf)
{
    struct lf_node node;
    LF_AUTO_CLOSE struct lf_fd fd = {
            fs, fs->open_file(fs, -1, path, LF_FILE_READ | LF_FILE_FOLLOW, 0)};
    if (fd.fd < 0)
        return fd.fd;
    int error = fs->stat(fs, fd.fd, "", &node);
    if (error < 0)
        return error;
    if (node.kind != LF_NODE_FILE)
        return node.kind == LF_NODE_DIR ? -EISDIR : -EINVAL;
    return slurp(fs, fd.fd, buf);
}

static bool not_a_plan(const char *file, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_PLAN_FILE, 0, "%s is not a saved plan", file);
    lf_error_help(err, "make one: linkfarm plan -o FILE");
    return false;
}

/* A copy of the text under `key`, exact even if it is not UTF-8. NULL when it
 * is not there, or memory runs out. */
static char *copy_text(const json_t *object, const char *key)
{
    char exact_key[64];
    struct lf_buf buf = {0};
    snprintf(exact_key, sizeof(exact_key), "%s_b64", key);
    const json_t *exact = json_object_get(object, exact_key);
    const json_t *value = exact ? exact : json_object_get(object, key);
    if (!json_is_string(value))
        return NULL;
    struct lf_str text =
            lf_str_of(json_string_value(value), json_string_length(value));
    if (!exact)
        lf_buf_add(&buf, text);
    else if (!lf_base64_decode(&buf, text))
        buf.failed = true;
    if (lf_buf_failed(&buf) || (buf.data && strlen(buf.data) != buf.len))
        lf_buf_finish(&buf);
    return buf.data;
}

static bool is_profile(const char *text)
{
    return *text;
}

/* Whoever reads the options relies on what the command line takes. */
static bool copy_list(const json_t *object, const char *key,
                      bool (*is_one)(const char *text), struct lf_texts *texts)
{
    const json_t *list = json_object_get(object, key);
    size_t count = json_array_size(list);
    if (!json_is_array(list))
        return false;
    texts->items = calloc(count + 1, sizeof(*texts->items));
    for (size_t i = 0; texts->items && i < count; i++) {
        const char *item = json_string_value(json_array_get(list, i));
        char *copy = item && is_one(item) ? strdup(item) : NULL;
        if (!copy)
            return false;
        texts->items[texts->count++] = copy;
    }
    return texts->items != NULL;
}

static bool is_version_line(const json_t *object)
{
    const char *type = json_string_value(json_object_get(object, "type"));
    return json_integer_value(json_object_get(object, "format")) == 1 && type &&
           strcmp(type, "version") == 0;
}

static bool take_version_line(struct lf_saved_plan *saved)
{
    const char *end =
            saved->text ? memchr(saved->text, '\n', saved->len) : NULL;
    if (!end)
        return false;
    saved->body = (size_t)(end - saved->text) + 1;
    json_t *object = json_loadb(saved->text, saved->body, 0, NULL);
    bool good = is_version_line(object) &&
                copy_list(object, "profiles", is_profile, &saved->profiles) &&
                copy_list(object, "vars", lf_option_var_valid, &saved->vars);
    if (good) {
        saved->manifest = copy_text(object, "manifest");
        saved->state_dir = copy_text(object, "state_dir");
        saved->root = copy_text(object, "root");
    }
    json_decref(object);
    return good && saved->manifest && saved->state_dir;
}

bool lf_saved_plan_read(const char *file, struct lf_saved_plan *ret_saved,
                        struct lf_error *err)
{
    struct lf_saved_plan saved = {0};
    struct lf_buf buf = {0};
    struct lf_fs fs;
    LF_AUTO_FREE char *path = NULL;
    bool input = strcmp(file, "-") == 0;
    if (!input && !lf_place_absolute(file, &path, err))
        return false;
    lf_fs_system(&fs);
    int error = input ? slurp(&fs, 0, &buf) : slurp_file(&fs, path, &buf);
    if (error < 0) {
        lf_buf_finish(&buf);
        lf_error_set(err, LF_CODE_NO_PLAN_FILE, -error,
                     "the saved plan %s cannot be read: %s",
                     input ? "on standard input" : file,
                     error == -EINVAL ? "not a regular file"
                                      : strerror(-error));
        lf_error_help(err, "name the file that 'linkfarm plan -o FILE' wrote");
        return false;
    }
    saved.text = buf.data;
    saved.len = buf.len;
    if (take_version_line(&saved)) {
        *ret_saved = saved;
        return true;
    }
    lf_saved_plan_finish(&saved);
    return not_a_plan(input ? "standard input" : file, err);
}

static void free_texts(struct lf_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        lf_free_const(texts->items[i]);
    free(texts->items);
}

void lf_saved_plan_finish(struct lf_saved_plan *saved)
{
    free(saved->text);
    free(saved->manifest);
    free(saved->root);
    free(saved->state_dir);
    free_texts(&saved->profiles);
    free_texts(&saved->vars);
    *saved = (struct lf_saved_plan){0};
}

/* ---- writing ---- */

/* Whether its first line is that of one. */
static bool is_plan(struct lf_str text)
{
    struct lf_saved_plan saved = {.text = (char *)(uintptr_t)text.data,
                                  .len = text.len};
    bool is = take_version_line(&saved);
    saved.text = NULL; /* which was borrowed */
    lf_saved_plan_finish(&saved);
    return is;
}

static void write_lines(struct lf_stream *stream, void *arg)
{
    struct lf_session *session = arg;
    lf_json_write(stream, lf_json_version(session));
    lf_json_write_plan(stream, session->plan, false);
}

bool lf_saved_plan_write(struct lf_session *session, struct lf_error *err)
{
    static const struct lf_output_kind kind = {"plan", is_plan, write_lines};
    struct lf_cli *cli = session->cli;
    if (!can_be_saved(session, err))
        return false;
    if (!lf_output_is_stdout(&cli->options))
        return lf_output_file_write(cli->options.output, &kind, session, err);
    write_lines(&cli->out, session);
    return true;
}

/* ---- comparing ---- */

/* Where the comparison stands in the file. */
struct comparison {
    struct lf_str rest;       /* of the file */
    struct lf_str saved_line; /* the first that differs; empty: ended before */
    struct lf_buf now;        /* what it would be now */
};

static bool line_is_same(void *arg, struct lf_str line)
{
    struct comparison *comparison = arg;
    struct lf_str rest = comparison->rest;
    const char *end = rest.len ? memchr(rest.data, '\n', rest.len) : NULL;
    size_t len = end ? (size_t)(end - rest.data) + 1 : rest.len;
    comparison->saved_line = lf_str_of(rest.data, len);
    if (!lf_str_equal(comparison->saved_line, line)) {
        lf_buf_add(&comparison->now, line);
        return false;
    }
    comparison->rest = lf_str_of(rest.data + len, rest.len - len);
    comparison->saved_line = lf_str("");
    return true;
}

/* "create /home/u/.vimrc", for a line of a plan. */
static void add_what(struct lf_buf *buf, struct lf_str line)
{
    json_t *object = json_loadb(line.len ? line.data : "", line.len, 0, NULL);
    const char *type = json_string_value(json_object_get(object, "type"));
    const char *op = json_string_value(json_object_get(object, "op"));
    const char *path = json_string_value(json_object_get(object, "path"));
    if (line.len == 0)
        lf_buf_add(buf, LF_STR("nothing more"));
    else if (type && strcmp(type, "summary") == 0)
        lf_buf_add(buf, LF_STR("the end of the plan"));
    else
        lf_buf_add(buf, lf_str(op     ? op
                               : type ? type
                                      : "a line that is no JSON"));
    if (path) {
        lf_buf_add_char(buf, ' ');
        lf_escape_shown(buf, lf_str(path));
    }
    json_decref(object);
}

static bool stale(const struct comparison *comparison, struct lf_error *err)
{
    struct lf_buf saved = {0}, now = {0};
    add_what(&saved, comparison->saved_line);
    add_what(&now, lf_buf_str(&comparison->now));
    lf_buf_add_char(&saved, '\0');
    lf_buf_add_char(&now, '\0');
    if (lf_buf_failed(&saved) || lf_buf_failed(&now)) {
        lf_error_oom(err);
    } else if (strcmp(saved.data, now.data) == 0) {
        lf_error_set(
                err, LF_CODE_PLAN_STALE, 0,
                "the saved plan is stale: '%s' would be done otherwise now",
                now.data);
    } else {
        lf_error_set(err, LF_CODE_PLAN_STALE, 0,
                     "the saved plan is stale: it says '%s' where it would be "
                     "'%s' now",
                     saved.data, now.data);
    }
    lf_error_help(err, "make the plan again and look at it again");
    lf_buf_finish(&saved);
    lf_buf_finish(&now);
    return false;
}

bool lf_saved_plan_check(const struct lf_saved_plan *saved,
                         const struct lf_plan *plan, struct lf_error *err)
{
    struct comparison comparison = {
            .rest = lf_str_of(saved->text + saved->body,
                              saved->len - saved->body)};
    bool same = lf_json_each_line(plan, false, line_is_same, &comparison);
    if (!same && comparison.now.len == 0) {
        lf_error_oom(err);
    } else if (!same || comparison.rest.len > 0) {
        if (same)
            comparison.saved_line = comparison.rest;
        same = stale(&comparison, err);
    }
    lf_buf_finish(&comparison.now);
    return same;
}
