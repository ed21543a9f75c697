/* SPDX-License-Identifier: MIT */
/* test_ledger.c - the ledger as a value, and its file form */
#include "ledger/checked.h"
#include "ledger/ledger.h"
#include "ledger/lines.h"
#include "support/alloc_fail.h"
#include "support/check.h"
#include "support/sample_ledger.h"

#include <limits.h>
#include <stdlib.h>

/* ---- file form ---- */

static bool decode(struct lf_str text, struct lf_ledger **ret,
                   struct lf_error *err)
{
    return lf_ledger_decode(text, LF_STR("LEDGER"), ret, err);
}

static void test_file_form_is_as_drawn(void **state)
{
    static const char want[] = "linkfarm-ledger 1\n"
                               "transaction 7\n"
                               "farm a 4 1700000000\n"
                               "manifest /m/a.yaml\n"
                               "into /home/u\n"
                               "file /m/a.yaml\n"
                               "in /home/u\n"
                               "dm .config 4 1 0 0\n"
                               "lm .vimrc a/vim\\040rc 4 1 0 0\n"
                               "in /home/u/.config\n"
                               "lm nvim ../a/nvim 4 1 0 0\n"
                               "farm b 1 1700000000\n"
                               "manifest /m/b.yaml\n"
                               "into /home/u\n"
                               "end 14 0001d6367edc0e5a\n";
    struct lf_error err;
    struct lf_ledger *ledger = sample_empty(7);
    struct lf_recorded *b = sample_farm(ledger, "b", 1);
    struct lf_recorded *a = sample_farm(ledger, "a", 4);
    sample_link(ledger, a, "/home/u/.config/nvim", "../a/nvim");
    sample_link(ledger, a, "/home/u/.vimrc", "a/vim rc");
    sample_dir(ledger, a, "/home/u/.config");
    assert_done(lf_recorded_seal(a, &err), &err);
    assert_done(lf_recorded_seal(b, &err), &err);
    struct lf_buf text = sample_text(ledger);
    assert_str(lf_buf_str(&text), want);
    lf_buf_finish(&text);
    lf_ledger_free(ledger);
    (void)state;
}

/* ---- records that are told ---- */

/* A generation that another one's records are told from; every third index has
 * none. */
static bool tell(void *arg, uint32_t index, struct lf_str *ret_dir,
                 struct lf_str *ret_name, struct lf_record *ret_record)
{
    const struct lf_recorded *from = arg;
    if (index % 3 == 2)
        return false;
    const struct lf_item *item = &from->set.items[index - index / 3];
    *ret_dir = from->set.dirs[lf_item_dir(item)].path;
    *ret_name = lf_item_name(item);
    *ret_record = from->records[item->detail];
    return true;
}

static void test_records_that_are_told_are_written_alike(void **state)
{
    struct lf_error err;
    struct lf_ledger *full = sample_full();
    struct lf_ledger *told = sample_empty(full->transaction);
    for (uint32_t i = 0; i < full->n_farms; i++) {
        struct lf_recorded *from = full->farms[i], *to;
        assert_done(lf_ledger_add(told, from->name, &to, &err), &err);
        assert_done(lf_recorded_describe(told, to, &from->head, &err), &err);
        to->generation = from->generation;
        to->time = from->time;
        to->feed = (struct lf_record_feed){
                .count = from->n_records + (from->n_records - 1) / 2,
                .tell = tell,
                .arg = from,
        };
        if (from->n_records == 0)
            to->feed.count = 0;
    }
    struct lf_buf want = sample_text(full), got = sample_text(told);
    assert_str_same(lf_buf_str(&got), lf_buf_str(&want));
    lf_buf_finish(&want);
    lf_buf_finish(&got);
    lf_ledger_free(full);
    lf_ledger_free(told);
    (void)state;
}

/* Two places, one link each, in the order that they are told. */
struct pair {
    const char *dirs[2], *names[2], *texts[2];
    const char *fault; /* NULL: none */
};

static bool tell_pair(void *arg, uint32_t index, struct lf_str *ret_dir,
                      struct lf_str *ret_name, struct lf_record *ret_record)
{
    const struct pair *pair = arg;
    *ret_dir = lf_str(pair->dirs[index]);
    *ret_name = lf_str(pair->names[index]);
    *ret_record = (struct lf_record){
            .kind = LF_RECORD_LINK,
            .text = lf_str(pair->texts[index]),
            .file = lf_str(""),
            .generation = 1,
    };
    return true;
}

static void test_what_could_not_be_read_back_is_not_written(void **state)
{
    static struct pair pairs[] = {
            {{"/a", "/a"},   {"x", "y"},   {"t", "t"}, NULL                   },
            {{"/a", "/a/b"}, {"x", "c"},   {"t", "t"}, NULL                   },
            {{"/a", "/a"},   {"y", "x"},   {"t", "t"}, "behind the one before"},
            {{"/a", "/a"},   {"x", "x"},   {"t", "t"}, "behind the one before"},
            {{"/b", "/a"},   {"x", "y"},   {"t", "t"}, "behind the one before"},
            {{"/a", "/a/"},  {"x", "y"},   {"t", "t"}, "not a physical path"  },
            {{"a", "a"},     {"x", "y"},   {"t", "t"}, "not a physical path"  },
            {{"/a", "/a"},   {"x", "y/z"}, {"t", "t"}, "not one component"    },
            {{"/a", "/a"},   {"x", "y"},   {"t", ""},  "is empty"             },
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        struct lf_error err = {0};
        struct lf_buf text = {0};
        struct lf_ledger *ledger = sample_empty(1);
        struct lf_recorded *farm = sample_farm(ledger, "f", 1);
        farm->feed = (struct lf_record_feed){2, tell_pair, &pairs[i]};
        bool done = lf_ledger_encode(&text, NULL, ledger, &err);
        if (pairs[i].fault) {
            assert_refused(done, &err, LF_CODE_INTERNAL);
            assert_non_null(strstr(err.message, pairs[i].fault));
        } else {
            assert_done(done, &err);
        }
        lf_buf_finish(&text);
        lf_ledger_free(ledger);
    }
    (void)state;
}

static void check_same_displaced(const struct lf_displaced *got,
                                 const struct lf_displaced *want)
{
    assert_int_equal(!got, !want);
    if (!want)
        return;
    assert_str_same(got->store, want->store);
    assert_true(got->transaction == want->transaction);
    assert_int_equal(got->number, want->number);
    assert_int_equal(got->kind, want->kind);
    assert_true(got->dev == want->dev && got->ino == want->ino);
}

static void check_same_item(const struct lf_recorded *got,
                            const struct lf_recorded *want, uint32_t index)
{
    const struct lf_item *a = &got->set.items[index];
    const struct lf_item *b = &want->set.items[index];
    const struct lf_record *x = &got->records[a->detail];
    const struct lf_record *y = &want->records[b->detail];
    assert_str_same(got->set.dirs[lf_item_dir(a)].path,
                    want->set.dirs[lf_item_dir(b)].path);
    assert_str_same(lf_item_name(a), lf_item_name(b));
    assert_int_equal(x->kind, y->kind);
    assert_int_equal(x->origin, y->origin);
    assert_int_equal(x->has_mode, y->has_mode);
    assert_int_equal(x->mode, y->mode);
    assert_str_same(x->text, y->text);
    assert_str_same(x->file, y->file);
    assert_int_equal(x->line, y->line);
    assert_int_equal(x->column, y->column);
    assert_true(x->generation == y->generation);
    check_same_displaced(x->displaced, y->displaced);
}

static void check_same_texts(const struct lf_str *got, uint32_t n_got,
                             const struct lf_str *want, uint32_t n_want)
{
    assert_int_equal(n_got, n_want);
    for (uint32_t i = 0; i < n_want; i++)
        assert_str_same(got[i], want[i]);
}

static void check_same_head(const struct lf_recorded *got,
                            const struct lf_recorded *want)
{
    assert_str_same(got->name, want->name);
    assert_str_same(got->head.manifest, want->head.manifest);
    assert_str_same(got->head.into, want->head.into);
    assert_true(got->generation == want->generation);
    assert_true(got->time == want->time);
    check_same_texts(got->head.profiles, got->head.n_profiles,
                     want->head.profiles, want->head.n_profiles);
    check_same_texts(got->head.traverse, got->head.n_traverse,
                     want->head.traverse, want->head.n_traverse);
}

static void check_same_farm(const struct lf_recorded *got,
                            const struct lf_recorded *want)
{
    check_same_head(got, want);
    assert_true(got->set.sealed);
    assert_int_equal(got->set.n_items, want->set.n_items);
    for (uint32_t i = 0; i < want->set.n_items; i++)
        check_same_item(got, want, i);
}

static void test_reads_back_all_that_it_writes(void **state)
{
    struct lf_error err;
    struct lf_ledger *want = sample_full(), *got = NULL;
    struct lf_buf text = sample_text(want);
    assert_done(decode(lf_buf_str(&text), &got, &err), &err);
    assert_true(got->transaction == want->transaction);
    assert_int_equal(got->n_farms, want->n_farms);
    for (uint32_t i = 0; i < want->n_farms; i++)
        check_same_farm(got->farms[i], want->farms[i]);

    struct lf_buf again = sample_text(got);
    assert_str_same(lf_buf_str(&again), lf_buf_str(&text));
    lf_buf_finish(&again);
    lf_buf_finish(&text);
    lf_ledger_free(got);
    lf_ledger_free(want);
    (void)state;
}

static void test_heads_are_read_without_records(void **state)
{
    struct lf_error err;
    struct lf_ledger *want = sample_full(), *got = NULL;
    struct lf_buf text = sample_text(want);
    assert_done(lf_ledger_decode_heads(lf_buf_str(&text), LF_STR("LEDGER"),
                                       &got, &err),
                &err);
    assert_true(got->transaction == want->transaction);
    assert_int_equal(got->n_farms, want->n_farms);
    for (uint32_t i = 0; i < want->n_farms; i++) {
        check_same_head(got->farms[i], want->farms[i]);
        assert_int_equal(got->farms[i]->n_records, 0);
    }
    text.data[text.len / 2] ^= 1;
    assert_refused(lf_ledger_decode_heads(lf_buf_str(&text), LF_STR("LEDGER"),
                                          &got, &err),
                   &err, LF_CODE_LEDGER_CORRUPT);
    lf_buf_finish(&text);
    lf_ledger_free(got);
    lf_ledger_free(want);
    (void)state;
}

static void test_an_empty_ledger_reads_back(void **state)
{
    struct lf_error err;
    struct lf_ledger *ledger = sample_empty(0), *got = NULL;
    struct lf_buf text = sample_text(ledger);
    assert_done(decode(lf_buf_str(&text), &got, &err), &err);
    assert_int_equal(got->n_farms, 0);
    lf_buf_finish(&text);
    lf_ledger_free(got);
    lf_ledger_free(ledger);
    (void)state;
}

/* ---- damage ---- */

static void test_numbers_are_decimal_and_fit(void **state)
{
    (void)state;
    static const struct {
        const char *digits;
        uint64_t number;
        bool ok;
    } rows[] = {
            {"0",                     0,                              true },
            {"7",                     7,                              true },
            {"9999999999999999999",   UINT64_C(9999999999999999999),  true },
            {"10000000000000000000",  UINT64_C(10000000000000000000), true },
            {"18446744073709551615",  UINT64_MAX,                     true },
            {"18446744073709551616",  0,                              false},
            {"18446744073709551620",  0,                              false},
            {"20000000000000000000",  0,                              false},
            {"99999999999999999999",  0,                              false},
            {"100000000000000000000", 0,                              false},
            {"",                      0,                              false},
            {"00",                    0,                              false},
            {"01",                    0,                              false},
            {"-1",                    0,                              false},
            {"+1",                    0,                              false},
            {"1a",                    0,                              false},
            {"1/",                    0,                              false},
            {"1:",                    0,                              false},
            {"1 ",                    0,                              false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t number = 0;
        bool ok = lf_parse_u64(lf_str(rows[i].digits), &number);
        if (ok != rows[i].ok || number != rows[i].number)
            fail_msg("'%s' is not read right", rows[i].digits);
    }
}

static void test_any_changed_byte_is_refused(void **state)
{
    struct lf_error err;
    struct lf_ledger *ledger = sample_full(), *got = NULL;
    struct lf_buf text = sample_text(ledger);
    for (size_t i = 0; i < text.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            text.data[i] = (char)(text.data[i] ^ 1 << bit);
            assert_false(decode(lf_buf_str(&text), &got, &err));
            text.data[i] = (char)(text.data[i] ^ 1 << bit);
        }
    }
    lf_buf_finish(&text);
    lf_ledger_free(ledger);
    (void)state;
}

static void test_any_lost_end_is_refused(void **state)
{
    struct lf_error err;
    struct lf_ledger *ledger = sample_full(), *got = NULL;
    struct lf_buf text = sample_text(ledger);
    for (size_t len = 0; len < text.len; len++)
        assert_refused(decode(lf_str_of(text.data, len), &got, &err), &err,
                       LF_CODE_LEDGER_CORRUPT);
    lf_buf_add_char(&text, '\n');
    assert_refused(decode(lf_buf_str(&text), &got, &err), &err,
                   LF_CODE_LEDGER_CORRUPT);
    assert_refused(decode((struct lf_str){0}, &got, &err), &err,
                   LF_CODE_LEDGER_CORRUPT);
    lf_buf_finish(&text);
    lf_ledger_free(ledger);
    (void)state;
}

/* With the right checksum, what is accepted is what would be written. */
static void test_there_is_one_form_of_each_ledger(void **state)
{
    static const char bytes[] = "\n \\0019-/.aflm";
    struct lf_error err;
    struct lf_ledger *ledger = sample_full();
    struct lf_buf text = sample_text(ledger);
    size_t len = text.len;
    while (text.data[len - 2] != '\n')
        len--;
    struct lf_str body = lf_str_of(text.data, len - 1);
    for (size_t i = 0; i < body.len; i++) {
        char kept = text.data[i];
        for (size_t b = 0; b < sizeof(bytes); b++) {
            struct lf_ledger *got = NULL;
            text.data[i] = bytes[b];
            struct lf_buf sealed = sample_end(body);
            if (decode(lf_buf_str(&sealed), &got, &err)) {
                struct lf_buf again = sample_text(got);
                assert_str_same(lf_buf_str(&again), lf_buf_str(&sealed));
                lf_buf_finish(&again);
                lf_ledger_free(got);
            }
            lf_buf_finish(&sealed);
        }
        text.data[i] = kept;
    }
    lf_buf_finish(&text);
    lf_ledger_free(ledger);
    (void)state;
}

#define HEAD "linkfarm-ledger 1\ntransaction 7\n"
#define FARM "farm a 4 5\nmanifest /m\ninto /u\n"
#define FILES "file /m\n"
#define PLACE "in /u\n"
#define LINK "lm x y 4 1 2 3\n"

static const struct {
    const char *body;
    const char *says;
} corrupt[] = {
        {"",                                                             "line 1: this is not a ledger"},
        {"linkfarm-ledger\n",                                            "line 1: this is not a ledger"},
        {"linkfarm-ledger 0\n",                                          "line 1: this is not a ledger"},
        {"linkfarm-ledger 01\n",                                         "line 1: this is not a ledger"},
        {"linkfarm-ledger x\n",                                          "line 1: this is not a ledger"},
        {"linkfarm-ledger 1\n",                                          "line 2: a line 'transaction'"},
        {"linkfarm-ledger 1\ntransaction\n",                             "line 2: a line 'transaction'"},
        {"linkfarm-ledger 1\ntransaction -1\n",                          "line 2: a number"            },
        {"linkfarm-ledger 1\ntransaction 01\n",                          "line 2: a number"            },
        {"linkfarm-ledger 1\ntransaction 1 \n",                          "line 2: a line 'transaction'"},
        {"linkfarm-ledger 1\n\ntransaction 1\n",
         "line 2: a line 'transaction'"                                                                },
        {"linkfarm-ledger 1\ntransaction 18446744073709551616\n",
         "line 2: a number"                                                                            },
        {HEAD "odd\n",                                                   "line 3: a line 'farm'"       },
        {HEAD "farm a 4\n",                                              "line 3: a line 'farm'"       },
        {HEAD "farm a 4 5 6\n",                                          "line 3: a line 'farm'"       },
        {HEAD "farm a/b 4 5\n",                                          "line 3: a farm cannot"       },
        {HEAD "farm .. 4 5\n",                                           "line 3: a farm cannot"       },
        {HEAD "farm \\- 4 5\n",                                          "line 3: a farm cannot"       },
        {HEAD "farm a x 5\n",                                            "line 3: a number"            },
        {HEAD "farm a 4 -0\n",                                           "line 3: a number"            },
        {HEAD "farm a 4 -\n",                                            "line 3: a number"            },
        {HEAD "farm a 4 9223372036854775808\n",                          "line 3: a number"            },
        {HEAD "farm a 4 -9223372036854775809\n",                         "line 3: a number"            },
        {HEAD "farm a 4 5\n",                                            "line 4: a line 'manifest'"   },
        {HEAD "farm a 4 5\nmanifest a b\n",                              "line 4: a line 'manifest'"   },
        {HEAD "farm a 4 5\nmanifest \\141\n",                            "line 4: a text"              },
        {HEAD "farm a 4 5\nmanifest \n",                                 "line 4: a text"              },
        {HEAD "farm a 4 5\nmanifest a\tb\n",                             "line 4: a text"              },
        {HEAD "farm a 4 5\nmanifest /m\n",                               "line 5: a line 'into'"       },
        {HEAD "farm a 4 5\nmanifest /m\ninto u\n",                       "line 5: 'into'"              },
        {HEAD "farm a 4 5\nmanifest /m\ninto /u/\n",                     "line 5: 'into'"              },
        {HEAD FARM "profile b\nprofile a\n",                             "line 7: lines of one keyword"},
        {HEAD FARM "profile a\nprofile a\n",                             "line 7: lines of one keyword"},
        {HEAD FARM "profile\n",                                          "line 6: a line 'profile'"    },
        {HEAD FARM "traverse /b\ntraverse /a\n",
         "line 7: lines of one keyword"                                                                },
        {HEAD FARM "traverse /b\ntraverse /b\n",
         "line 7: lines of one keyword"                                                                },
        {HEAD FARM "traverse b\n",                                       "line 6: a directory is not"  },
        {HEAD FARM "traverse /b/../c\n",                                 "line 6: a directory is not"  },
        {HEAD FARM "traverse\n",                                         "line 6: a line 'traverse'"   },
        {HEAD FARM "traverse /a\nprofile a\n",                           "line 7: a line 'farm'"       },
        {HEAD FARM "file /b\nfile /a\n",                                 "line 7: manifest files"      },
        {HEAD FARM "file /b\nfile /b\n",                                 "line 7: manifest files"      },
        {HEAD FARM "file \\-\n",                                         "line 6: manifest files"      },
        {HEAD FARM "file /b\n",                                          "line 7: no record"           },
        {HEAD FARM "profile a\nfile /m\nprofile b\n",                    "line 8: no record"           },
        {HEAD FARM FILES "in u\n",                                       "line 7: a directory"         },
        {HEAD FARM FILES "in /u/\n",                                     "line 7: a directory"         },
        {HEAD FARM FILES "in //u\n",                                     "line 7: a directory"         },
        {HEAD FARM FILES "in /u/../v\n",                                 "line 7: a directory"         },
        {HEAD FARM FILES "in /u/./v\n",                                  "line 7: a directory"         },
        {HEAD FARM FILES "in /u\\000v\n",                                "line 7: a directory"         },
        {HEAD FARM FILES "in /u\n",                                      "line 8: a record is due"     },
        {HEAD FARM FILES "in /u\nxm a b 4 1 2 3\n",                      "line 8: a record is due"     },
        {HEAD FARM FILES "in /u\nlx a b 4 1 2 3\n",                      "line 8: a record is due"     },
        {HEAD FARM FILES PLACE LINK "in /u\n",                           "line 9: directories"         },
        {HEAD FARM FILES PLACE LINK "in /t\n",                           "line 9: directories"         },
        {HEAD FARM FILES PLACE LINK LINK,                                "line 9: names"               },
        {HEAD FARM FILES PLACE LINK "lm w y 4 1 2 3\n",                  "line 9: names"               },
        {HEAD FARM FILES PLACE "lm\n",                                   "line 8: a field is missing"  },
        {HEAD FARM FILES PLACE "lm x y 4 1 2\n",                         "line 8: a field is missing"  },
        {HEAD FARM FILES PLACE "lm x y 4 1 2 3 4\n",
         "line 8: a record has a wrong"                                                                },
        {HEAD FARM FILES PLACE "dm x 4 1 2 3 4096\n",                    "line 8: a number"            },
        {HEAD FARM FILES PLACE "dm x 4 1 2 3 4 5\n",
         "line 8: a record has a wrong"                                                                },
        {HEAD FARM FILES PLACE "lm x y 4 1 2 3 4 5 6 7 8 9 10 11 12\n",
         "line 8: the line has too many"                                                               },
        {HEAD FARM FILES PLACE "lm a/b y 4 1 2 3\n",                     "line 8: a name"              },
        {HEAD FARM FILES PLACE "lm .. y 4 1 2 3\n",                      "line 8: a name"              },
        {HEAD FARM FILES PLACE "lm \\- y 4 1 2 3\n",                     "line 8: a name"              },
        {HEAD FARM FILES PLACE "lm x \\- 4 1 2 3\n",                     "line 8: a link text"         },
        {HEAD FARM FILES PLACE "lm x a\\000 4 1 2 3\n",                  "line 8: a link text"         },
        {HEAD FARM FILES PLACE "lm x y 4 2 2 3\n",
         "line 8: there is no manifest"                                                                },
        {HEAD FARM FILES PLACE "lm x y 4 0 2 3\n",                       "line 9: no record"           },
        {HEAD FARM FILES PLACE "lm x y 4 4294967296 2 3\n",              "line 8: a number"            },
        {HEAD FARM FILES PLACE "lm x y 4 1 4294967296 3\n",              "line 8: a number"            },
        {HEAD FARM FILES PLACE "dm x y 4 1 2 3\n",                       "line 8: a number"            },
        {HEAD FARM FILES PLACE "lm x y 4 1 2 3 s 1 2 f 3 4\n",
         "line 8: the store"                                                                           },
        {HEAD FARM FILES PLACE "lm x y 4 1 2 3 /s 1 2 x 3 4\n",
         "line 8: a displaced"                                                                         },
        {HEAD FARM FILES PLACE "lm x y 4 1 2 3 /s 1 2 ff 3 4\n",
         "line 8: a displaced"                                                                         },
        {HEAD FARM FILES PLACE "lm x y 4 1 2 3 /s 1 4294967296 f 3 4\n",
         "line 8: a number"                                                                            },
        {HEAD FARM FILES PLACE LINK "end 1 0\n",                         "line 9: a line 'farm'"       },
        {HEAD FARM FILES PLACE LINK FARM,                                "line 9: farms"               },
        {HEAD "farm b 4 5\nmanifest /m\ninto /u\n" FARM,                 "line 6: farms"               },
};

static void test_says_what_is_wrong_and_where(void **state)
{
    struct lf_error err;
    for (size_t i = 0; i < ARRAY_LEN(corrupt); i++) {
        struct lf_ledger *got = NULL;
        struct lf_buf text = sample_end(lf_str(corrupt[i].body));
        char want[128];
        snprintf(want, sizeof(want), "ledger 'LEDGER': %s", corrupt[i].says);
        assert_refused(decode(lf_buf_str(&text), &got, &err), &err,
                       LF_CODE_LEDGER_CORRUPT);
        assert_int_equal(strncmp(err.message, want, strlen(want)), 0);
        assert_true(err.help[0]);
        lf_buf_finish(&text);
    }
    (void)state;
}

static void test_a_long_component_is_refused(void **state)
{
    struct lf_error err;
    struct lf_buf body = {0};
    struct lf_ledger *got = NULL;
    lf_buf_add(&body, LF_STR(HEAD FARM FILES "in /"));
    for (int i = 0; i < 256; i++)
        lf_buf_add_char(&body, 'a');
    lf_buf_add(&body, LF_STR("\n" LINK));
    struct lf_buf text = sample_end(lf_buf_str(&body));
    assert_refused(decode(lf_buf_str(&text), &got, &err), &err,
                   LF_CODE_LEDGER_CORRUPT);
    lf_buf_finish(&text);
    lf_buf_finish(&body);
    (void)state;
}

static void test_a_newer_version_is_told_from_damage(void **state)
{
    struct lf_error err;
    struct lf_ledger *got = NULL;
    assert_refused(decode(LF_STR("linkfarm-ledger 2\n\x01\x02"), &got, &err),
                   &err, LF_CODE_LEDGER_VERSION);
    assert_string_equal(err.message, "ledger 'LEDGER': it has version 2, and "
                                     "this program reads up to 1");
    assert_string_equal(err.help, "use the newer linkfarm that wrote it");
    (void)state;
}

/* ---- memory ---- */

static void test_out_of_memory_is_an_error_like_any_other(void **state)
{
    struct lf_error err;
    struct lf_ledger *ledger = sample_full();
    struct lf_buf text = sample_text(ledger);
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        struct lf_ledger *got = NULL;
        alloc_fail_at(n);
        bool done = decode(lf_buf_str(&text), &got, &err);
        if (alloc_fail_stop())
            assert_refused(done, &err, LF_CODE_NO_MEMORY);
        else
            assert_done(done, &err);
        lf_ledger_free(got);
    }
    for (size_t n = 0; !alloc_fail_done(n); n++) {
        struct lf_buf buf = {0};
        alloc_fail_at(n);
        bool done = lf_ledger_encode(&buf, NULL, ledger, &err);
        assert_int_equal(alloc_fail_stop(), !done);
        lf_buf_finish(&buf);
    }
    lf_buf_finish(&text);
    lf_ledger_free(ledger);
    (void)state;
}

/* Takes so many pieces of a file. */
struct taker {
    struct lf_buf text;
    unsigned pieces, most;
    bool refused;
};

static bool take(void *arg, struct lf_str text)
{
    struct taker *taker = arg;
    assert_false(taker->refused); /* it is asked no more */
    assert_true(text.len > 0);
    if (taker->pieces == taker->most) {
        taker->refused = true;
        return false;
    }
    taker->pieces++;
    lf_buf_add(&taker->text, text);
    return true;
}

static bool encode_by(struct taker *taker, unsigned most,
                      const struct lf_ledger *ledger, size_t *ret_held)
{
    struct lf_spill spill = {.put = take, .arg = taker};
    struct lf_buf buf = {0};
    struct lf_error err;
    *taker = (struct taker){.most = most};
    bool done = lf_ledger_encode(&buf, &spill, ledger, &err);
    assert_false(lf_buf_failed(&buf));
    *ret_held = buf.capacity;
    lf_buf_finish(&buf);
    return done;
}

/* In pieces, none of which is long, it is the same file; and what cannot be put
 * down is noticed, wherever that is. */
static void check_spilled(const struct lf_ledger *ledger, struct lf_str whole)
{
    struct taker taker;
    size_t held;
    assert_true(encode_by(&taker, UINT_MAX, ledger, &held));
    assert_true(lf_str_equal(lf_buf_str(&taker.text), whole));
    assert_true(held <= 4 * (size_t)(1 << 16));
    unsigned pieces = taker.pieces;
    lf_buf_finish(&taker.text);
    assert_true(pieces > 2);
    for (unsigned most = 0; most < pieces; most += pieces / 2) {
        assert_false(encode_by(&taker, most, ledger, &held));
        assert_true(taker.refused);
        lf_buf_finish(&taker.text);
    }
    assert_false(encode_by(&taker, pieces - 1, ledger, &held));
    lf_buf_finish(&taker.text);
}

static void test_a_hundred_thousand_links_read_back(void **state)
{
    struct lf_error err;
    struct lf_ledger *ledger = sample_empty(1), *got = NULL;
    struct lf_recorded *farm = sample_farm(ledger, "big", 1);
    for (int i = 0; i < 100000; i++) {
        char path[64], text[64];
        snprintf(path, sizeof(path), "/home/u/dir%d/sub%d/link%d", i / 200,
                 i / 20 % 10, i);
        snprintf(text, sizeof(text), "../../dotfiles/dir%d/link%d", i / 200, i);
        sample_link(ledger, farm, path, text);
    }
    assert_done(lf_recorded_seal(farm, &err), &err);
    struct lf_buf text = sample_text(ledger);
    assert_done(decode(lf_buf_str(&text), &got, &err), &err);
    struct lf_buf again = sample_text(got);
    assert_true(lf_str_equal(lf_buf_str(&again), lf_buf_str(&text)));
    check_spilled(ledger, lf_buf_str(&text));
    lf_buf_finish(&again);
    lf_buf_finish(&text);
    lf_ledger_free(got);
    lf_ledger_free(ledger);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_file_form_is_as_drawn),
            cmocka_unit_test(test_records_that_are_told_are_written_alike),
            cmocka_unit_test(test_what_could_not_be_read_back_is_not_written),
            cmocka_unit_test(test_reads_back_all_that_it_writes),
            cmocka_unit_test(test_heads_are_read_without_records),
            cmocka_unit_test(test_an_empty_ledger_reads_back),
            cmocka_unit_test(test_numbers_are_decimal_and_fit),
            cmocka_unit_test(test_any_changed_byte_is_refused),
            cmocka_unit_test(test_any_lost_end_is_refused),
            cmocka_unit_test(test_there_is_one_form_of_each_ledger),
            cmocka_unit_test(test_says_what_is_wrong_and_where),
            cmocka_unit_test(test_a_long_component_is_refused),
            cmocka_unit_test(test_a_newer_version_is_told_from_damage),
            cmocka_unit_test(test_out_of_memory_is_an_error_like_any_other),
            cmocka_unit_test(test_a_hundred_thousand_links_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
