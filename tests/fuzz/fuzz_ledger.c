/* SPDX-License-Identifier: MIT */
/*
 * fuzz_ledger.c - what the decoder accepts is what the encoder writes
 *
 * And a scan of it meets the same records, in the same order. The input is tried twice: as it is, and with a right last line after it, as
 * no fuzzer finds a checksum.
 */
#include "fuzz.h"
#include "ledger/checked.h"
#include "ledger/ledger.h"
#include "ledger/scan.h"

/* What is damaged or not may be scanned, and must end. */
static void scan_records(struct lf_str records, const struct lf_recorded *farm,
                         uint32_t *item)
{
    struct lf_error err = {0};
    struct lf_lines lines = {.text = records, .err = &err};
    struct lf_scanned_record record;
    bool ok = true;
    while (lf_scan_record(&lines, &record, &ok)) {
        if (!farm)
            continue;
        must(*item < farm->set.n_items);
        const struct lf_item *due = &farm->set.items[(*item)++];
        const struct lf_record *is = &farm->records[due->detail];
        must(lf_str_equal(record.name, lf_item_name(due)) &&
             record.kind == is->kind && lf_str_equal(record.text, is->text));
    }
    must(ok || !farm);
    lf_lines_finish(&lines);
}

static void scan(struct lf_str text, struct lf_str name,
                 const struct lf_recorded *farm)
{
    struct lf_error err = {0};
    struct lf_lines lines = {.err = &err};
    struct lf_scanned dir;
    uint64_t generation = 0;
    uint32_t item = 0, n_dirs = 0;
    bool ok = true;
    bool found = lf_scan_farm(&lines, text, name, &generation);
    must(found || !farm);
    while (found && lf_scan_dir(&lines, &dir, &ok)) {
        must(!farm || (n_dirs < farm->set.n_dirs &&
                       lf_str_equal(farm->set.dirs[n_dirs].path, dir.dir)));
        n_dirs++;
        scan_records(dir.records, farm, &item);
    }
    must(!farm || (ok && generation == farm->generation &&
                   item == farm->set.n_items && n_dirs == farm->set.n_dirs));
    lf_lines_finish(&lines);
}

static void try_text(struct lf_str text)
{
    struct lf_error err = {0};
    struct lf_ledger *ledger = NULL;
    struct lf_buf again = {0};
    struct lf_ledger *heads = NULL;
    bool has_heads =
            lf_ledger_decode_heads(text, LF_STR("input"), &heads, &err);
    must(has_heads == (heads != NULL));
    lf_ledger_free(heads);
    if (!lf_ledger_decode(text, LF_STR("input"), &ledger, &err)) {
        fuzz_refused(&err);
        must(!ledger);
        scan(text, LF_STR("dotfiles"), NULL);
        return;
    }
    for (uint32_t i = 0; i < ledger->n_farms; i++)
        scan(text, ledger->farms[i]->name, ledger->farms[i]);
    must(has_heads); /* what is whole has them */
    must(lf_ledger_encode(&again, NULL, ledger, &err));
    must(lf_str_equal(lf_buf_str(&again), text));
    lf_buf_finish(&again);
    lf_ledger_free(ledger);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf_str text = lf_str_of((const char *)data, size);
    struct lf_buf sealed = {0};
    try_text(text);
    lf_buf_add(&sealed, text);
    must(lf_checked_end(&sealed, NULL));
    try_text(lf_buf_str(&sealed));
    lf_buf_finish(&sealed);
    return 0;
}
