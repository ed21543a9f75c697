/* SPDX-License-Identifier: MIT */
/*
 * fixture.c - described trees, entry by entry
 */
#include "resolve/fixture.h"

static bool add_kind(struct lf_view *view, enum lf_node_kind kind,
                     const struct lf_str *fields, struct lf_error *err)
{
    struct lf_str text = kind == LF_NODE_LINK ? fields[2] : LF_STR("");
    return lf_view_memory_add(view, kind, fields[1], text, err);
}

static bool add_file(struct lf_view *view, const struct lf_str *fields,
                     size_t n_fields, struct lf_error *err)
{
    (void)n_fields;
    return add_kind(view, LF_NODE_FILE, fields, err);
}

static bool add_link(struct lf_view *view, const struct lf_str *fields,
                     size_t n_fields, struct lf_error *err)
{
    (void)n_fields;
    return add_kind(view, LF_NODE_LINK, fields, err);
}

static bool add_other(struct lf_view *view, const struct lf_str *fields,
                      size_t n_fields, struct lf_error *err)
{
    (void)n_fields;
    return add_kind(view, LF_NODE_OTHER, fields, err);
}

static bool bad_entry(const char *why, struct lf_str what, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_FIXTURE, 0, "%s '%.*s'", why, (int)what.len,
                 what.data);
    return false;
}

static bool add_dir(struct lf_view *view, const struct lf_str *fields,
                    size_t n_fields, struct lf_error *err)
{
    if (!add_kind(view, LF_NODE_DIR, fields, err))
        return false;
    if (n_fields < 3)
        return true;
    uint32_t mode = 0;
    for (size_t i = 0; i < fields[2].len; i++) {
        char digit = fields[2].data[i];
        if (digit < '0' || digit > '7' || mode > 07777)
            return bad_entry("not an octal mode:", fields[2], err);
        mode = mode * 8 + (uint32_t)(digit - '0');
    }
    return lf_view_memory_mode(view, fields[1], mode, err);
}

static bool add_hard(struct lf_view *view, const struct lf_str *fields,
                     size_t n_fields, struct lf_error *err)
{
    (void)n_fields;
    return lf_view_memory_hard(view, fields[1], fields[2], err);
}

static bool add_mount(struct lf_view *view, const struct lf_str *fields,
                      size_t n_fields, struct lf_error *err)
{
    (void)n_fields;
    return lf_view_memory_mount(view, fields[1], err);
}

static bool add_bind(struct lf_view *view, const struct lf_str *fields,
                     size_t n_fields, struct lf_error *err)
{
    (void)n_fields;
    return lf_view_memory_bind(view, fields[1], fields[2], err);
}

bool lf_fixture_add(struct lf_view *memory, const struct lf_str *fields,
                    size_t n_fields, struct lf_error *err)
{
    static const struct {
        const char *name;
        size_t least, most; /* fields, the name among them */
        bool (*add)(struct lf_view *view, const struct lf_str *fields,
                    size_t n_fields, struct lf_error *err);
    } kinds[] = {
            {"d",     2, 3, add_dir  },
            {"f",     2, 2, add_file },
            {"l",     3, 3, add_link },
            {"h",     3, 3, add_hard },
            {"fifo",  2, 2, add_other},
            {"mount", 2, 2, add_mount},
            {"bind",  3, 3, add_bind },
    };
    struct lf_str name = n_fields ? fields[0] : LF_STR("");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!lf_str_equal(name, lf_str(kinds[i].name)))
            continue;
        if (n_fields < kinds[i].least || n_fields > kinds[i].most)
            return bad_entry("wrong number of fields in an entry", name, err);
        return kinds[i].add(memory, fields, n_fields, err);
    }
    return bad_entry("no such kind of entry:", name, err);
}
