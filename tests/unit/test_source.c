/* SPDX-License-Identifier: MIT */
/* test_source.c - the places of a user's file */
#include "base/buf.h"
#include "base/source.h"
#include "support/check.h"

/* What lf_source_find() stands for. */
static size_t found_plainly(const struct lf_mark *mark)
{
    struct lf_str line = lf_source_line(mark->source, mark->line);
    return (size_t)(line.data - mark->source->text.data) +
           lf_source_offset(line, mark->column);
}

static void check_all(const struct lf_source *source)
{
    struct lf_source_finder finder = {0};
    uint32_t lines = lf_source_lines(source->text);
    /* there and back: what is known already, and what is not yet */
    for (uint32_t i = 0; i < 2 * lines; i++) {
        uint32_t line = i < lines ? i + 1 : 2 * lines - i;
        uint32_t columns = lf_source_columns(lf_source_line(source, line));
        for (uint32_t column = 1; column <= columns + 2;
             column += columns > 200 ? 97 : 1) {
            struct lf_mark mark = {source, line, column, 1};
            size_t plainly = found_plainly(&mark);
            assert_int_equal(lf_source_find(&finder, &mark), plainly);
            assert_int_equal(lf_source_find(NULL, &mark), plainly);
        }
    }
    lf_source_finder_finish(&finder);
}

static void test_finds_what_is_found_plainly(void **state)
{
    static const char *const pieces[] = {"\n",   "\r\n",         "\r", "x",
                                         "ab",   "\xc3\xa4",     "",   "y",
                                         "\xff", "\xe2\x82\xac", "\r"};
    struct lf_buf text = {0};
    uint32_t seed = 1;
    (void)state;
    check_all(&(struct lf_source){.text = LF_STR("")});
    check_all(&(struct lf_source){.text = LF_STR("\n")});
    check_all(&(struct lf_source){.text = LF_STR("a\r")});
    for (int round = 0; round < 8; round++) {
        lf_buf_clear(&text);
        for (int i = 0; i < 4000; i++) {
            seed = seed * 1103515245 + 12345;
            uint32_t which = (seed >> 16) % ARRAY_LEN(pieces);
            /* in half of them lines are longer than the finder's steps */
            if (round % 2 && i % 1500 > 0)
                which = which < 2 ? 3 : which;
            lf_buf_add(&text, lf_str(pieces[which]));
        }
        check_all(&(struct lf_source){.text = lf_buf_str(&text)});
    }
    lf_buf_finish(&text);
}

/* Each from the start would be read for hours. */
static void finds_each(struct lf_str piece, uint32_t lines, uint32_t columns)
{
    struct lf_buf text = {0};
    struct lf_source_finder finder = {0};
    uint32_t pieces = lines * columns;
    for (uint32_t i = 0; i < pieces; i++)
        lf_buf_add(&text, piece);
    struct lf_source source = {.text = lf_buf_str(&text)};
    for (uint32_t i = 0; i < pieces; i++) {
        uint32_t which = (uint32_t)(i * UINT64_C(7919) % pieces);
        struct lf_mark mark = {&source, lines > 1 ? which + 1 : 1,
                               lines > 1 ? 1 : which + 1, 1};
        assert_int_equal(lf_source_find(&finder, &mark), which * piece.len);
    }
    lf_source_finder_finish(&finder);
    lf_buf_finish(&text);
}

static void test_time_is_for_the_text_but_once(void **state)
{
    (void)state;
    finds_each(LF_STR("\n"), 400000, 1);
    finds_each(LF_STR("\xc3\xa4"), 1, 400000);
}

static void test_keeps_the_ways_of_sources_apart(void **state)
{
    struct lf_source one = {.text = LF_STR("a\nb\n")};
    struct lf_source other = {.text = LF_STR("\n\nlonger\n")};
    struct lf_source_finder finder = {0};
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct lf_mark b = {&one, 2, 1, 1}, n = {&other, 3, 3, 1};
        assert_int_equal(lf_source_find(&finder, &b), 2);
        assert_int_equal(lf_source_find(&finder, &n), 4);
    }
    assert_int_equal(finder.count, 2);
    lf_source_finder_finish(&finder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_finds_what_is_found_plainly),
            cmocka_unit_test(test_time_is_for_the_text_but_once),
            cmocka_unit_test(test_keeps_the_ways_of_sources_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
