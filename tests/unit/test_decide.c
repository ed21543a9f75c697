/* SPDX-License-Identifier: MIT */
/*
 * test_decide.c - the decision table, and the document that explains it
 */
#include "support/check.h"

#include "plan/decide.h"
#include <stdlib.h>

static FILE *open_document(void)
{
    const char *root = getenv("LF_SOURCE_ROOT");
    char path[4096];
    assert_non_null(root);
    snprintf(path, sizeof(path), "%s/docs/decisions.md", root);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

/* "| 7 | LINK | ANY | FOREIGN | SKIP | SKIP | why |" -> "LINK ANY FOREIGN SKIP
 * SKIP"; false for a line that is no row. */
static bool parse_row(const char *line, unsigned *ret_number, char text[256])
{
    char words[5][64];
    if (sscanf(line,
               "| %u | %63[A-Z_] | %63[A-Z_] | %63[A-Z_] | %63[A-Z_] |"
               " %63[A-Z_] |",
               ret_number, words[0], words[1], words[2], words[3],
               words[4]) != 6)
        return false;
    snprintf(text, 256, "%s %s %s %s %s", words[0], words[1], words[2],
             words[3], words[4]);
    return true;
}

static void test_document_and_code_have_the_same_rows(void **state)
{
    (void)state;
    FILE *file = open_document();
    char line[1024], text[256];
    size_t rows = 0;
    unsigned documented, coded;
    while (fgets(line, sizeof(line), file)) {
        if (!parse_row(line, &documented, text))
            continue;
        const char *row = lf_decide_row_text(rows, &coded);
        assert_non_null(row);
        assert_int_equal(documented, coded);
        assert_int_equal(coded, rows + 1);
        assert_string_equal(text, row);
        rows++;
    }
    fclose(file);
    assert_true(rows > 0);
    assert_null(lf_decide_row_text(rows, &coded));
}

static bool can_be_seen(enum lf_want want, enum lf_had had, enum lf_sight sight)
{
    bool wanted = want == LF_WANT_LINK || want == LF_WANT_DIR;
    switch (sight) {
    case LF_SIGHT_RIGHT:
        return wanted;
    case LF_SIGHT_MODE:
        return want == LF_WANT_DIR;
    case LF_SIGHT_RECORDED:
        return had != LF_HAD_NONE &&
               !(want == LF_WANT_DIR && had == LF_HAD_DIR);
    case LF_SIGHT_OCCUPIED:
    case LF_SIGHT_SHARED:
        return !wanted && had == LF_HAD_DIR;
    case LF_SIGHT_OTHER_FARM:
        return wanted;
    case LF_SIGHT_FOREIGN_DIR:
        return want != LF_WANT_DIR;
    case LF_SIGHT_NOTHING:
    case LF_SIGHT_FOREIGN:
    case LF_SIGHT_UNKNOWN:
    case LF_SIGHTS:
        break;
    }
    return true;
}

static void test_every_sight_has_a_row(void **state)
{
    (void)state;
    for (unsigned w = 0; w < LF_WANTS; w++)
        for (unsigned h = 0; h < LF_HADS; h++)
            for (unsigned s = 0; s < LF_SIGHTS; s++)
                for (unsigned c = 0; c <= LF_CONFLICT_ADOPT; c++) {
                    enum lf_want want = (enum lf_want)w;
                    enum lf_had had = (enum lf_had)h;
                    bool nobodys = w >= LF_WANT_NOTHING && had == LF_HAD_NONE;
                    if (nobodys || !can_be_seen(want, had, (enum lf_sight)s))
                        continue;
                    struct lf_row row = lf_decide(want, had, (enum lf_sight)s,
                                                  (enum lf_conflict)c);
                    if (row.number == 0)
                        fail_msg("no row for want %u had %u sight %u", w, h, s);
                }
}

static void test_what_nobody_asked_for_stops(void **state)
{
    (void)state;
    struct lf_row row = lf_decide(LF_WANT_NOTHING, LF_HAD_NONE,
                                  LF_SIGHT_FOREIGN, LF_CONFLICT_BACKUP);
    assert_int_equal(row.number, 0);
    assert_int_equal(row.kind, LF_ACTION_CONFLICT);
}

/* Whatever the manifest says, these never lead to a change of what is seen. */
static void test_never_touches_what_is_foreign_without_leave(void **state)
{
    (void)state;
    static const enum lf_sight foreign[] = {
            LF_SIGHT_FOREIGN, LF_SIGHT_FOREIGN_DIR, LF_SIGHT_UNKNOWN,
            LF_SIGHT_OTHER_FARM};
    for (unsigned w = 0; w < LF_WANTS; w++)
        for (unsigned h = 0; h < LF_HADS; h++)
            for (size_t f = 0; f < 4; f++) {
                struct lf_row row = lf_decide((enum lf_want)w, (enum lf_had)h,
                                              foreign[f], LF_CONFLICT_FAIL);
                assert_true(row.kind == LF_ACTION_CONFLICT ||
                            row.kind == LF_ACTION_FORGET);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_document_and_code_have_the_same_rows),
            cmocka_unit_test(test_every_sight_has_a_row),
            cmocka_unit_test(test_what_nobody_asked_for_stops),
            cmocka_unit_test(test_never_touches_what_is_foreign_without_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
