/* SPDX-License-Identifier: MIT */
/* tracee.c - a real program, struck at its nth system call */
#define _GNU_SOURCE
#include "support/tracee.h"

#include "support/check.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- which calls ---- */

/* Each call that can change a file system, and is not open or write. */
static const struct {
    long number;
    const char *name;
} changing[] = {
        {SYS_symlinkat, "symlinkat"},
        {SYS_linkat,    "linkat"   },
        {SYS_unlinkat,  "unlinkat" },
        {SYS_mkdirat,   "mkdirat"  },
        {SYS_renameat2, "renameat2"},
        {SYS_fchmodat,  "fchmodat" },
        {SYS_fchmod,    "fchmod"   },
        {452,           "fchmodat2"},
        {SYS_ftruncate, "ftruncate"},
        {SYS_fsync,     "fsync"    },
        {SYS_syncfs,    "syncfs"   },
#ifdef SYS_renameat
        {SYS_renameat,  "renameat" },
#endif
#ifdef SYS_chmod
        {SYS_chmod,     "chmod"    },
#endif
#ifdef SYS_rename
        {SYS_rename,    "rename"   },
        {SYS_mkdir,     "mkdir"    },
        {SYS_rmdir,     "rmdir"    },
        {SYS_unlink,    "unlink"   },
        {SYS_symlink,   "symlink"  },
        {SYS_link,      "link"     },
#endif
};

static const char *changing_name(const struct __ptrace_syscall_info *info)
{
    long number = (long)info->entry.nr;
    if (number == SYS_openat && info->entry.args[2] & O_CREAT)
        return "openat";
    if (number == SYS_write && info->entry.args[0] > 2)
        return "write";
    for (size_t i = 0; i < ARRAY_LEN(changing); i++)
        if (changing[i].number == number)
            return changing[i].name;
    return NULL;
}

/* ---- changing a call ---- */

#if defined(__x86_64__)

static bool skip_call(pid_t pid)
{
    return ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax),
                  -1L) == 0;
}

static bool set_result(pid_t pid, long result)
{
    return ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rax),
                  result) == 0;
}

#elif defined(__aarch64__)

static bool skip_call(pid_t pid)
{
    int number = -1;
    struct iovec io = {&number, sizeof(number)};
    return ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &io) == 0;
}

static bool set_result(pid_t pid, long result)
{
    struct user_regs_struct regs;
    struct iovec io = {&regs, sizeof(regs)};
    if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io) != 0)
        return false;
    regs.regs[0] = (unsigned long long)result;
    return ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &io) == 0;
}

#else

static bool skip_call(pid_t pid)
{
    (void)pid;
    return false;
}

static bool set_result(pid_t pid, long result)
{
    (void)pid;
    (void)result;
    return false;
}

#endif

/* ---- running ---- */

/* Does not return. */
static void run_child(const struct tracee *tracee, char *const argv[],
                      char *const environment[])
{
    int fd = open(tracee->said ? tracee->said : "/dev/null",
                  O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 || close(fd) < 0 ||
        ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
        _exit(99);
    raise(SIGSTOP);
    execve(argv[0], argv, environment);
    _exit(98);
}

static void wait_for(struct tracee *tracee)
{
    pid_t pid;
    do {
        pid = waitpid(tracee->pid, &tracee->status, 0);
    } while (pid < 0 && errno == EINTR);
    assert_int_equal(pid, tracee->pid);
}

static void go_on(const struct tracee *tracee, int signal)
{
    if (ptrace(PTRACE_SYSCALL, tracee->pid, NULL, (long)signal) < 0)
        assert_int_equal(errno, ESRCH); /* it was killed just now */
}

static bool is_at_call(const struct tracee *tracee)
{
    return WIFSTOPPED(tracee->status) &&
           WSTOPSIG(tracee->status) == (SIGTRAP | 0x80);
}

/* What is left to do when the call has been made. */
struct pending {
    bool give; /* a result */
    long result;
    bool kill;
};

static void strike(struct tracee *tracee, struct pending *pending)
{
    tracee->struck = true;
    switch (tracee->blow) {
    case TRACEE_KILL_BEFORE:
        kill(tracee->pid, SIGKILL);
        break;
    case TRACEE_KILL_AFTER:
        pending->kill = true;
        break;
    case TRACEE_FAIL:
        assert_true(skip_call(tracee->pid));
        *pending = (struct pending){.give = true, .result = -tracee->error};
        break;
    case TRACEE_SIGNAL:
        kill(tracee->pid, tracee->signal);
        break;
    case TRACEE_WATCH:
    case TRACEE_HOLD:
        break;
    }
}

static void enter_call(struct tracee *tracee,
                       const struct __ptrace_syscall_info *info,
                       struct pending *pending)
{
    const char *name = changing_name(info);
    if (tracee->lacks_rename && info->entry.nr == SYS_renameat2) {
        assert_true(skip_call(tracee->pid));
        *pending = (struct pending){.give = true, .result = -ENOSYS};
        name = NULL;
    }
    if (!name && !tracee->all_calls)
        return;
    unsigned long now = ++tracee->calls;
    if (now == tracee->at) {
        tracee->name = name ? name : "another call";
        strike(tracee, pending);
    } else if (tracee->struck && tracee->again > 0) {
        tracee->again--;
        strike(tracee, pending);
    }
}

static void leave_call(const struct tracee *tracee, struct pending *pending)
{
    if (pending->give)
        assert_true(set_result(tracee->pid, pending->result));
    if (pending->kill)
        kill(tracee->pid, SIGKILL);
    *pending = (struct pending){0};
}

/* From stop to stop, until it has ended or is held. */
static void follow(struct tracee *tracee)
{
    struct pending pending = {0};
    struct __ptrace_syscall_info info;
    for (;;) {
        wait_for(tracee);
        if (!WIFSTOPPED(tracee->status))
            return;
        if (!is_at_call(tracee)) { /* a signal goes on to it */
            int signal = WSTOPSIG(tracee->status);
            go_on(tracee, signal == SIGTRAP ? 0 : signal);
            continue;
        }
        if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->pid, sizeof(info), &info) <
            0) {
            assert_int_equal(errno, ESRCH);
            continue;
        }
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
            enter_call(tracee, &info, &pending);
        else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
            leave_call(tracee, &pending);
        if (tracee->struck && tracee->blow == TRACEE_HOLD)
            return;
        go_on(tracee, 0);
    }
}

void tracee_strike(struct tracee *tracee, char *const argv[],
                   char *const environment[])
{
    tracee->calls = 0;
    tracee->struck = false;
    fflush(NULL);
    tracee->pid = fork();
    assert_true(tracee->pid >= 0);
    if (tracee->pid == 0)
        run_child(tracee, argv, environment);
    wait_for(tracee);
    assert_true(WIFSTOPPED(tracee->status));
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
    assert_int_equal(ptrace(PTRACE_SETOPTIONS, tracee->pid, NULL, options), 0);
    go_on(tracee, 0);
    follow(tracee);
}

void tracee_end(struct tracee *tracee)
{
    kill(tracee->pid, SIGKILL);
    do {
        wait_for(tracee);
    } while (WIFSTOPPED(tracee->status));
}

/* ---- whether it can be done ---- */

#if defined(__x86_64__) || defined(__aarch64__)
/* A child that is traced, for one call. */
static bool can_trace(void)
{
    int status;
    struct __ptrace_syscall_info info;
    pid_t child = fork();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
            _exit(1);
        raise(SIGSTOP);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
        return false;
    bool can = ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) > 0;
    kill(child, SIGKILL);
    while (waitpid(child, &status, 0) == child && WIFSTOPPED(status))
        ;
    return can;
}
#endif

bool tracee_works(const char **ret_why)
{
#if defined(__x86_64__) || defined(__aarch64__)
    *ret_why = "ptrace(2) is not allowed, or the kernel is older than 5.3";
    return can_trace();
#else
    *ret_why = "system calls cannot be changed on this machine";
    return false;
#endif
}
