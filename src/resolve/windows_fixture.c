/* SPDX-License-Identifier: MIT */
/*
 * windows_fixture.c - described Windows trees, entry by entry
 */
#include "resolve/fixture.h"

#include "base/util.h"

static bool bad_entry(const char *why, struct lf_str what, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_FIXTURE, 0, "%s '%.*s'", why, (int)what.len,
                 what.data);
    return false;
}

/* One of two words. */
static bool choose(struct lf_str field, const char *yes, const char *no,
                   bool *ret, struct lf_error *err)
{
    *ret = lf_str_equal(field, lf_str(yes));
    if (*ret || lf_str_equal(field, lf_str(no)))
        return true;
    lf_error_set(err, LF_CODE_FIXTURE, 0, "neither %s nor %s: '%.*s'", yes, no,
                 (int)field.len, field.data);
    return false;
}

static bool add_volume(struct lf_win_tree *tree, const struct lf_str *fields,
                       struct lf_error *err)
{
    bool remote;
    return choose(fields[2], "remote", "local", &remote, err) &&
           lf_win_tree_volume(tree, fields[1], remote, err);
}

static bool add_raw(struct lf_win_tree *tree, const struct lf_str *fields,
                    struct lf_error *err)
{
    bool relative, is_dir;
    return choose(fields[3], "true", "false", &relative, err) &&
           choose(fields[4], "true", "false", &is_dir, err) &&
           lf_win_tree_add_raw(tree, fields[1], fields[2], relative, is_dir,
                               err);
}

bool lf_win_fixture_add(struct lf_win_tree *tree, const struct lf_str *fields,
                        size_t n_fields, struct lf_error *err)
{
    static const struct {
        const char *name;
        size_t fields; /* the name among them */
        enum lf_win_kind kind;
        bool (*add)(struct lf_win_tree *tree, const struct lf_str *fields,
                    struct lf_error *err); /* NULL: a node of that kind */
    } kinds[] = {
            {"vol", 3, LF_WIN_NOTHING,   add_volume},
            {"d",   2, LF_WIN_DIR,       NULL      },
            {"f",   2, LF_WIN_FILE,      NULL      },
            {"sd",  3, LF_WIN_DIR_LINK,  NULL      },
            {"sf",  3, LF_WIN_FILE_LINK, NULL      },
            {"sr",  5, LF_WIN_NOTHING,   add_raw   },
            {"j",   3, LF_WIN_JUNCTION,  NULL      },
            {"m",   3, LF_WIN_MOUNT,     NULL      },
    };
    struct lf_str name = n_fields ? fields[0] : LF_STR("");
    for (size_t i = 0; i < LF_COUNT(kinds); i++) {
        if (!lf_str_equal(name, lf_str(kinds[i].name)))
            continue;
        if (n_fields != kinds[i].fields)
            return bad_entry("wrong number of fields in an entry", name, err);
        if (kinds[i].add)
            return kinds[i].add(tree, fields, err);
        return lf_win_tree_add(tree, kinds[i].kind, fields[1],
                               n_fields > 2 ? fields[2] : LF_STR(""), err);
    }
    return bad_entry("no such kind of entry:", name, err);
}
