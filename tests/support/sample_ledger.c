/* SPDX-License-Identifier: MIT */
/* sample_ledger.c - ledgers for tests */
#include "support/sample_ledger.h"

#include "base/path.h"
#include "ledger/checked.h"
#include "support/check.h"

struct lf_ledger *sample_empty(uint64_t transaction)
{
    struct lf_error err;
    struct lf_ledger *ledger = NULL;
    assert_done(lf_ledger_new(&ledger, &err), &err);
    ledger->transaction = transaction;
    return ledger;
}

struct lf_recorded *sample_farm(struct lf_ledger *ledger, const char *name,
                                uint64_t generation)
{
    struct lf_error err;
    struct lf_recorded *farm = NULL;
    char manifest[128];
    snprintf(manifest, sizeof(manifest), "/m/%s.yaml", name);
    assert_done(lf_ledger_add(ledger, lf_str(name), &farm, &err), &err);
    const struct lf_recorded_head head = {.manifest = lf_str(manifest),
                                          .into = LF_STR("/home/u")};
    assert_done(lf_recorded_describe(ledger, farm, &head, &err), &err);
    farm->generation = generation;
    farm->time = 1700000000;
    return farm;
}

static void add(struct lf_ledger *ledger, struct lf_recorded *farm,
                const char *path, const struct lf_record *record)
{
    struct lf_error err;
    assert_done(lf_recorded_add(ledger, farm, lf_path_dir(lf_str(path)),
                                lf_path_name(lf_str(path)), record, &err),
                &err);
}

void sample_link(struct lf_ledger *ledger, struct lf_recorded *farm,
                 const char *path, const char *text)
{
    struct lf_record record = {.kind = LF_RECORD_LINK,
                               .text = lf_str(text),
                               .file = farm->head.manifest,
                               .generation = farm->generation};
    add(ledger, farm, path, &record);
}

void sample_dir(struct lf_ledger *ledger, struct lf_recorded *farm,
                const char *path)
{
    struct lf_record record = {.kind = LF_RECORD_DIR,
                               .file = farm->head.manifest,
                               .generation = farm->generation};
    add(ledger, farm, path, &record);
}

static void add_displacing(struct lf_ledger *ledger, struct lf_recorded *farm)
{
    static const enum lf_node_kind kinds[] = {LF_NODE_FILE, LF_NODE_DIR,
                                              LF_NODE_LINK, LF_NODE_OTHER};
    for (uint32_t i = 0; i < ARRAY_LEN(kinds); i++) {
        char path[64];
        struct lf_displaced displaced = {
                .store = i ? LF_STR("/home/u/.linkfarm displaced") : LF_STR(""),
                .transaction = i ? 9 : UINT64_MAX,
                .number = i ? i : UINT32_MAX,
                .kind = kinds[i],
                .dev = i ? 2049 : UINT64_MAX,
                .ino = i ? 1000 + i : UINT64_MAX,
        };
        struct lf_record record = {
                .kind = i == 1 ? LF_RECORD_DIR : LF_RECORD_LINK,
                .origin = i == 0 ? LF_ORIGIN_ADOPTED : LF_ORIGIN_MADE,
                .text = i == 1 ? LF_STR("") : LF_STR("../x"),
                .file = i == 3 ? LF_STR("") : LF_STR("/m/part.yaml"),
                .line = i == 3 ? 0 : 12,
                .column = i == 3 ? 0 : 3,
                .mode = i == 1 ? 0700 : 0,
                .has_mode = i == 1,
                .generation = i == 0 ? UINT64_MAX : 2,
                .displaced = &displaced,
        };
        snprintf(path, sizeof(path), "/home/u/displaced/%u", (unsigned)i);
        add(ledger, farm, path, &record);
    }
}

static void add_odd(struct lf_ledger *ledger, struct lf_recorded *farm)
{
    struct lf_record record = {
            .kind = LF_RECORD_LINK,
            .origin = LF_ORIGIN_CLAIMED,
            .text = LF_STR("\x01 \t\n\\-\x7f\xff\xc3\xa4"),
            .file = LF_STR("/m/a b\nc.yaml"),
            .line = UINT32_MAX,
            .column = UINT32_MAX,
            .generation = 1,
    };
    add(ledger, farm, "/home/u/odd names/new\nline", &record);
    add(ledger, farm, "/home/u/odd names/\\-", &record);
    add(ledger, farm, "/home/u/odd names/\xff\xfe", &record);
    record = (struct lf_record){.kind = LF_RECORD_DIR,
                                .origin = LF_ORIGIN_CLAIMED,
                                .generation = 0};
    add(ledger, farm, "/top", &record);
    record.has_mode = true;
    add(ledger, farm, "/top/closed", &record);
    record.mode = 07777;
    add(ledger, farm, "/top/open", &record);
}

struct lf_ledger *sample_full(void)
{
    static const struct lf_str profiles[] = {
            {"",        0},
            {"at work", 7}
    };
    static const struct lf_str traverse[] = {
            {"/srv/a b", 8},
            {"/tmp",     4}
    };
    const struct lf_recorded_head odd = {
            .manifest = LF_STR("-"),
            .into = LF_STR(""),
            .profiles = profiles,
            .n_profiles = ARRAY_LEN(profiles),
            .traverse = traverse,
            .n_traverse = ARRAY_LEN(traverse),
    };
    struct lf_error err;
    struct lf_ledger *ledger = sample_empty(UINT64_MAX);
    struct lf_recorded *farm = sample_farm(ledger, "dotfiles", 4);
    sample_link(ledger, farm, "/home/u/.vimrc", "dotfiles/vim/vimrc");
    sample_link(ledger, farm, "/home/u/.config/nvim", "../dotfiles/nvim");
    sample_dir(ledger, farm, "/home/u/.config");
    add_displacing(ledger, farm);
    assert_done(lf_recorded_seal(farm, &err), &err);

    farm = sample_farm(ledger, "ci-tools.2", UINT64_MAX);
    assert_done(lf_recorded_describe(ledger, farm, &odd, &err), &err);
    farm->time = INT64_MIN;
    add_odd(ledger, farm);
    assert_done(lf_recorded_seal(farm, &err), &err);

    farm = sample_farm(ledger, "empty", 1);
    farm->time = INT64_MAX;
    assert_done(lf_recorded_seal(farm, &err), &err);
    return ledger;
}

struct lf_buf sample_text(const struct lf_ledger *ledger)
{
    struct lf_buf buf = {0};
    struct lf_error err;
    assert_done(lf_ledger_encode(&buf, NULL, ledger, &err), &err);
    return buf;
}

struct lf_buf sample_end(struct lf_str body)
{
    struct lf_buf buf = {0};
    lf_buf_add(&buf, body);
    assert_true(lf_checked_end(&buf, NULL));
    return buf;
}
