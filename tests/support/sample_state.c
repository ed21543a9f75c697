/* SPDX-License-Identifier: MIT */
/* sample_state.c - state directories for tests, below a scratch directory */
#include "support/sample_state.h"

#include "support/check.h"
#include "support/sample_ledger.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

struct lf_str below(struct scratch *scratch, const char *name)
{
    static char path[4096];
    snprintf(path, sizeof(path), "%s/%s", scratch->path, name);
    return lf_str(path);
}

struct lf_state open_state(struct lf_fs *fs, struct lf_str path)
{
    struct lf_error err;
    struct lf_state state;
    assert_done(lf_state_open(fs, path, LF_STATE_WRITE, &state, &err), &err);
    return state;
}

unsigned mode_of(struct scratch *scratch, const char *path)
{
    struct stat st;
    assert_int_equal(fstatat(scratch->fd, path, &st, AT_SYMLINK_NOFOLLOW), 0);
    return st.st_mode & 07777;
}

uint64_t inode_of(struct scratch *scratch, const char *path)
{
    struct stat st;
    assert_int_equal(fstatat(scratch->fd, path, &st, AT_SYMLINK_NOFOLLOW), 0);
    return st.st_ino;
}

void check_file(struct scratch *scratch, const char *path, const char *want)
{
    size_t len = 0;
    char *bytes = scratch_read(scratch, path, &len);
    assert_non_null(bytes);
    assert_str(lf_str_of(bytes, len), want);
    free(bytes);
}

static void write_ledger(struct lf_state *state, struct lf_ledger *ledger)
{
    struct lf_error err;
    struct lf_buf text = sample_text(ledger);
    assert_done(lf_state_write(state, "ledger", lf_buf_str(&text), NULL, &err),
                &err);
    lf_buf_finish(&text);
}

/* A ledger with one farm that owns one link. */
static struct lf_ledger *ledger_of(const char *farm, uint64_t generation,
                                   const char *text)
{
    struct lf_error err;
    struct lf_ledger *ledger = sample_empty(generation);
    struct lf_recorded *recorded = sample_farm(ledger, farm, generation);
    sample_link(ledger, recorded, "/home/u/x", text);
    assert_done(lf_recorded_seal(recorded, &err), &err);
    return ledger;
}

void stand(struct lf_state *state, const char *farm, uint64_t generation,
           const char *text)
{
    struct lf_ledger *ledger = ledger_of(farm, generation, text);
    write_ledger(state, ledger);
    lf_ledger_free(ledger);
}

void stand_full(struct scratch *scratch)
{
    struct lf_fs fs;
    struct lf_error err;
    lf_fs_system(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    struct lf_ledger *ledger = sample_full();
    struct lf_buf text = sample_text(ledger);
    assert_done(
            lf_state_write(&writer, "ledger", lf_buf_str(&text), NULL, &err),
            &err);
    lf_buf_finish(&text);
    lf_ledger_free(ledger);
    lf_state_close(&writer);
}
