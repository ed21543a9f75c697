/* SPDX-License-Identifier: MIT */
/*
 * decide.c - the decision table
 */
#include "plan/decide.h"

#include "base/util.h"

enum {
    ANY = -1,
    ANY_LINK = -2 /* had LINK or COVER */
};

/*
 * Row n here is row n of docs/decisions.md; test_decide.c holds them equal.
 * The first row that matches decides.
 */
#define ROWS(ROW)                                                              \
    ROW(1, LINK, ANY, NOTHING, ANY, CREATE)                                    \
    ROW(2, LINK, ANY_LINK, RIGHT, ANY, KEEP)                                   \
    ROW(3, LINK, ANY, RIGHT, ANY, CLAIM)                                       \
    ROW(4, LINK, ANY_LINK, RECORDED, ANY, RELINK)                              \
    ROW(5, LINK, DIR, RECORDED, ANY, REPLACE)                                  \
    ROW(6, LINK, ANY, OTHER_FARM, ANY, CONFLICT)                               \
    ROW(7, LINK, ANY, FOREIGN, SKIP, SKIP)                                     \
    ROW(8, LINK, ANY, FOREIGN_DIR, SKIP, SKIP)                                 \
    ROW(9, LINK, ANY, FOREIGN, BACKUP, BACKUP)                                 \
    ROW(10, LINK, ANY, FOREIGN_DIR, BACKUP, BACKUP)                            \
    ROW(11, LINK, ANY, FOREIGN, ADOPT, ADOPT)                                  \
    ROW(12, LINK, ANY, FOREIGN_DIR, ADOPT, CONFLICT)                           \
    ROW(13, LINK, ANY, FOREIGN, FAIL, CONFLICT)                                \
    ROW(14, LINK, ANY, FOREIGN_DIR, FAIL, CONFLICT)                            \
    ROW(15, DIR, ANY, NOTHING, ANY, MKDIR)                                     \
    ROW(16, DIR, ANY, RIGHT, ANY, KEEP)                                        \
    ROW(17, DIR, DIR, MODE, ANY, CHMOD)                                        \
    ROW(18, DIR, ANY, MODE, ANY, DRIFT)                                        \
    ROW(19, DIR, ANY_LINK, RECORDED, ANY, REPLACE)                             \
    ROW(20, DIR, ANY, OTHER_FARM, ANY, CONFLICT)                               \
    ROW(21, DIR, ANY, FOREIGN, ANY, CONFLICT)                                  \
    ROW(22, NOTHING, LINK, RECORDED, ANY, PRUNE)                               \
    ROW(23, NOTHING, COVER, RECORDED, ANY, RESTORE)                            \
    ROW(24, NOTHING, COVER, NOTHING, ANY, RESTORE)                             \
    ROW(25, NOTHING, DIR, RECORDED, ANY, RMDIR)                                \
    ROW(26, NOTHING, DIR, OCCUPIED, ANY, KEEP)                                 \
    ROW(27, NOTHING, ANY, UNKNOWN, ANY, CONFLICT)                              \
    ROW(28, NOTHING, ANY, ANY, ANY, FORGET)                                    \
    ROW(29, GONE, LINK, RECORDED, ANY, PRUNE)                                  \
    ROW(30, GONE, COVER, RECORDED, ANY, RESTORE)                               \
    ROW(31, GONE, COVER, NOTHING, ANY, RESTORE)                                \
    ROW(32, GONE, COVER, ANY, ANY, CONFLICT)                                   \
    ROW(33, GONE, DIR, RECORDED, ANY, RMDIR)                                   \
    ROW(34, GONE, ANY, UNKNOWN, ANY, CONFLICT)                                 \
    ROW(35, GONE, ANY, ANY, ANY, FORGET)                                       \
    ROW(36, ANY, ANY, UNKNOWN, ANY, CONFLICT)

#define LF_WANT_ANY ANY
#define LF_HAD_ANY ANY
#define LF_HAD_ANY_LINK ANY_LINK
#define LF_SIGHT_ANY ANY
#define LF_CONFLICT_ANY ANY

static const struct row {
    unsigned number;
    int want, had, sight, conflict;
    enum lf_action_kind kind;
    const char *text;
} rows[] = {
#define ROW(number, want, had, sight, conflict, kind)                          \
    {number,                                                                   \
     (int)LF_WANT_##want,                                                      \
     (int)LF_HAD_##had,                                                        \
     (int)LF_SIGHT_##sight,                                                    \
     (int)LF_CONFLICT_##conflict,                                              \
     LF_ACTION_##kind,                                                         \
     #want " " #had " " #sight " " #conflict " " #kind},
        ROWS(ROW)
#undef ROW
};

static bool matches(int pattern, int value)
{
    return pattern == ANY || pattern == value;
}

static bool had_matches(int pattern, enum lf_had had)
{
    if (pattern == ANY_LINK)
        return had == LF_HAD_LINK || had == LF_HAD_COVER;
    return matches(pattern, (int)had);
}

/* A place that is neither wanted nor recorded is nobody's business. */
static bool can_be(enum lf_want want, enum lf_had had)
{
    return want == LF_WANT_LINK || want == LF_WANT_DIR || had != LF_HAD_NONE;
}

struct lf_row lf_decide(enum lf_want want, enum lf_had had, enum lf_sight sight,
                        enum lf_conflict conflict)
{
    for (size_t i = 0; can_be(want, had) && i < LF_COUNT(rows); i++) {
        const struct row *row = &rows[i];
        if (matches(row->want, (int)want) && had_matches(row->had, had) &&
            matches(row->sight, (int)sight) &&
            matches(row->conflict, (int)conflict))
            return (struct lf_row){row->number, row->kind};
    }
    return (struct lf_row){0, LF_ACTION_CONFLICT};
}

const char *lf_decide_row_text(size_t index, unsigned *ret_number)
{
    if (index >= LF_COUNT(rows))
        return NULL;
    *ret_number = rows[index].number;
    return rows[index].text;
}
