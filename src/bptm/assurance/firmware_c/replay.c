/*
 * Replays golden vectors on the exported controller.
 *
 *     cc -std=c99 *.c -lm -o replay
 *     ./replay VECTORS           prints one SHA-256 of the traces of all runs
 *     ./replay VECTORS modes     the same of modes and timers alone, for a build with -DBPTM_REAL=float
 *     ./replay VECTORS runs      a line for each run: both digests, or - for a run that the second leaves out
 *     ./replay VECTORS time N    records, ticks and CPU seconds of N replays of the runs without observers, no trace
 *
 * VECTORS is the directory that `bptm firmware vectors` wrote. This file and sha256.c are not firmware: they read a
 * file, take memory and print. The format is described in src/bptm/assurance/vectors_format.py.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core_device.h"
#include "core_settings.h"
#include "remote.h"
#include "scan.h"
#include "sha256.h"

enum { OP_END, OP_START, OP_SCAN, OP_REPEAT, OP_COMMAND, OP_SET, OP_SET_FINE, OP_WORD };

#define FLAG_SINGLE_FLOAT 1
#define FLAG_OBSERVED 2
#define HEAD_SIZE 44
#define ENTRY_SIZE 9
#define PATH_MAX_LENGTH 4096
#define RECORD_SIZE_MAX 4096

/* The records, and tables that name their fields. */
#include "replay_layout.h"

/* With -DREPLAY_MEASURE each scan stands between two marks, for a profiler or a counter of blocks. */
#ifdef REPLAY_MEASURE
#include "replay_measure.h"
#else
#define BEFORE_SCAN ((void)0)
#define AFTER_SCAN ((void)0)
#endif

typedef struct trace {
    sha256 whole;
    sha256 modes;
    int with_modes;
    int is_observed;
    int is_timed; /* no digest: only the time counts */
    uint64_t records;
    uint64_t ticks;
} trace;

typedef struct reader {
    const uint8_t *at;
    const uint8_t *end;
} reader;

#if defined(__GNUC__)
__attribute__((noreturn))
#endif
static void give_up(const char *sentence)
{
    fprintf(stderr, "replay: %s\n", sentence);
    exit(2);
}

static uint32_t read_u32(const uint8_t *b)
{
    return (uint32_t)b[0] | ((uint32_t)b[1] << 8) | ((uint32_t)b[2] << 16) | ((uint32_t)b[3] << 24);
}

static uint64_t read_number(reader *ops)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && ops->at < ops->end; shift += 7) {
        uint8_t byte = *ops->at++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            return value;
        }
    }
    give_up("a number of the vectors has no end; make them again");
}

static int64_t read_signed(reader *ops)
{
    uint64_t value = read_number(ops);
    return value & 1 ? -(int64_t)(value >> 1) - 1 : (int64_t)(value >> 1);
}

static size_t put(uint8_t *out, uint64_t bits, int size)
{
    for (int i = 0; i < size; i++) {
        out[i] = (uint8_t)(bits >> (8 * i));
    }
    return (size_t)size;
}

static uint64_t bits_of(bptm_real value)
{
    double wide = (double)value;
    uint64_t bits;
    memcpy(&bits, &wide, sizeof bits);
    return bits;
}

static size_t size_of(int type)
{
    if (type == TYPE_I4) {
        return sizeof(int32_t);
    }
    return type == TYPE_I8 ? sizeof(int64_t) : sizeof(bptm_real);
}

/* One number of a record; returns its size in the trace. */
static size_t put_field(uint8_t *out, const char *at, int type)
{
    if (type == TYPE_I4) {
        return put(out, (uint64_t)(int64_t)*(const int32_t *)(const void *)at, 4);
    }
    if (type == TYPE_I8) {
        return put(out, (uint64_t)*(const int64_t *)(const void *)at, 8);
    }
    return put(out, bits_of(*(const bptm_real *)(const void *)at), 8);
}

/* What the observers keep, every element of their arrays. */
static void add_observed(trace *t, const device_set *d)
{
    for (const traced_field *f = OBSERVED; f->count > 0; f++) {
        const char *at = (const char *)d + f->offset;
        for (int i = 0; i < f->count; i++) {
            uint8_t bytes[8];
            sha256_add(&t->whole, bytes, put_field(bytes, at, f->type));
            at += size_of(f->type);
        }
    }
}

/* Writes one record of the trace: every field, then the command's answer. */
static void add_record(trace *t, const device_set *d, int64_t answer)
{
    uint8_t whole[RECORD_SIZE_MAX];
    uint8_t modes[RECORD_SIZE_MAX];
    size_t whole_size = 0;
    size_t modes_size = 0;
    t->records++;
    if (t->is_timed) {
        return;
    }
    for (size_t i = 0; i < sizeof TRACED / sizeof TRACED[0]; i++) {
        const traced_field *f = &TRACED[i];
        size_t size = put_field(whole + whole_size, (const char *)d + f->offset, f->type);
        if (f->in_modes) {
            memcpy(modes + modes_size, whole + whole_size, size);
            modes_size += size;
        }
        whole_size += size;
    }
    whole_size += put(whole + whole_size, (uint64_t)answer, 4);
    modes_size += put(modes + modes_size, (uint64_t)answer, 4);
    sha256_add(&t->whole, whole, whole_size);
    if (t->with_modes) {
        sha256_add(&t->modes, modes, modes_size);
    }
    if (t->is_observed && t->records % OBSERVED_EVERY == 0) {
        add_observed(t, d);
    }
}

static void scan_once(device_set *d, trace *t, int64_t ticks)
{
    BEFORE_SCAN;
    bptm_scan(&d->s, &d->k, &d->m, &d->r, &d->p, ticks);
    AFTER_SCAN;
    t->ticks += (uint64_t)ticks;
    if (t->is_observed) {
        call_observers(d, ticks);
    }
    add_record(t, d, 0);
}

static void set_slot(device_set *d, uint64_t slot, int64_t value, double unit)
{
    if (slot >= sizeof SLOTS / sizeof SLOTS[0]) {
        give_up("the vectors set a field that this controller does not have; make them again");
    }
    char *at = (char *)d + SLOTS[slot].offset;
    if (SLOTS[slot].type == TYPE_F8) {
        *(bptm_real *)(void *)at = (bptm_real)((double)value / unit);
    } else if (SLOTS[slot].type == TYPE_I4) {
        *(int32_t *)(void *)at = (int32_t)value;
    } else {
        *(int64_t *)(void *)at = value;
    }
}

static void replay_run(reader ops, trace *t)
{
    device_set d;
    memset(&d, 0, sizeof d);
    d.p = bptm_settings_default;
    begin_observers(&d);
    while (ops.at < ops.end) {
        uint8_t op = *ops.at++;
        if (op == OP_END) {
            if (t->is_observed) {
                add_observed(t, &d);
            }
            return;
        }
        if (op == OP_START) {
            bptm_start(&d.s, &d.k, &d.m, &d.p);
            add_record(t, &d, 0);
            continue;
        }
        uint64_t first = read_number(&ops);
        if (op == OP_SCAN) {
            scan_once(&d, t, (int64_t)first);
        } else if (op == OP_REPEAT) {
            for (uint64_t i = 0; i < first; i++) {
                scan_once(&d, t, 1);
            }
        } else if (op == OP_WORD) {
            if (first >= WORDS_KNOWN) {
                give_up("the vectors hold an unknown word; make them again");
            }
            int64_t a = read_signed(&ops);
            int64_t b = read_signed(&ops);
            int64_t c = read_signed(&ops);
            add_record(t, &d, say_word(&d, first, a, b, c));
        } else if (op == OP_COMMAND) {
            int64_t hold_ticks = read_signed(&ops);
            add_record(t, &d, bptm_command(&d.s, &d.p, (int64_t)first, hold_ticks));
        } else if (op == OP_SET || op == OP_SET_FINE) {
            set_slot(&d, first, read_signed(&ops), op == OP_SET ? 256.0 : 70368744177664.0);
        } else {
            give_up("the vectors hold an unknown operation; make them again");
        }
    }
    give_up("a run of the vectors has no end; make them again");
}

static uint8_t *read_whole(const char *directory, size_t *size)
{
    char path[PATH_MAX_LENGTH];
    if (snprintf(path, sizeof path, "%s/vectors.bin", directory) >= (int)sizeof path) {
        give_up("the path of the vectors is too long");
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        give_up("no vectors.bin in that directory; make it with `bptm firmware vectors`");
        return NULL;
    }
    uint8_t *content = NULL;
    size_t room = 0;
    *size = 0;
    for (;;) {
        if (*size == room) {
            room = room == 0 ? (size_t)1 << 20 : 2 * room;
            uint8_t *larger = realloc(content, room);
            if (larger == NULL) {
                free(content);
                give_up("no memory for the vectors");
                return NULL;
            }
            content = larger;
        }
        size_t got = fread(content + *size, 1, room - *size, file);
        if (got == 0) {
            break;
        }
        *size += got;
    }
    fclose(file);
    return content;
}

static void print_digest(const uint8_t digest[SHA256_SIZE], const char *after)
{
    for (int i = 0; i < SHA256_SIZE; i++) {
        printf("%02x", digest[i]);
    }
    printf("%s", after);
}

/* Number of runs; gives up on what is no vectors file of this controller. */
static size_t runs_in(const uint8_t *content, size_t size)
{
    static const uint8_t LAYOUT[SHA256_SIZE] = LAYOUT_DIGEST;
    if (size < HEAD_SIZE || memcmp(content, "BPTMVEC1", 8) != 0) {
        give_up("vectors.bin is no vectors file; make it with `bptm firmware vectors`");
    }
    if (memcmp(content + 8, LAYOUT, sizeof LAYOUT) != 0) {
        give_up("vectors.bin was made for other records; export and make it with the same version");
    }
    size_t runs = read_u32(content + 40);
    if (runs > (size - HEAD_SIZE) / ENTRY_SIZE) {
        give_up("vectors.bin is cut off; make it again");
    }
    return runs;
}

/* Operations of a run; `at` is where they begin, and is moved behind them. */
static reader ops_of(const uint8_t *content, size_t size, size_t run, size_t *at)
{
    size_t length = read_u32(content + HEAD_SIZE + run * ENTRY_SIZE);
    if (length > size - *at) {
        give_up("vectors.bin is cut off; make it again");
    }
    reader ops = { content + *at, content + *at + length };
    *at += length;
    return ops;
}

/* Replays every run without observers so many times, and prints how long that took. */
static void time_all(const uint8_t *content, size_t size, long times)
{
    size_t runs = runs_in(content, size);
    trace t;
    memset(&t, 0, sizeof t);
    t.is_timed = 1;
    clock_t begun = clock();
    for (long i = 0; i < times; i++) {
        size_t at = HEAD_SIZE + runs * ENTRY_SIZE;
        for (size_t run = 0; run < runs; run++) {
            reader ops = ops_of(content, size, run, &at);
            if (!(content[HEAD_SIZE + run * ENTRY_SIZE + 8] & FLAG_OBSERVED)) {
                replay_run(ops, &t);
            }
        }
    }
    double seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;
    printf("%llu %llu %.6f\n", (unsigned long long)t.records, (unsigned long long)t.ticks, seconds);
}

/* Replays every run, and prints what was asked for. */
static void replay_all(const uint8_t *content, size_t size, const char *what)
{
    size_t runs = runs_in(content, size);
    sha256 all;
    sha256 all_modes;
    uint8_t digest[SHA256_SIZE];
    size_t at = HEAD_SIZE + runs * ENTRY_SIZE;
    sha256_begin(&all);
    sha256_begin(&all_modes);
    for (size_t run = 0; run < runs; run++) {
        int flags = content[HEAD_SIZE + run * ENTRY_SIZE + 8];
        trace t;
        memset(&t, 0, sizeof t);
        sha256_begin(&t.whole);
        sha256_begin(&t.modes);
        t.with_modes = flags & FLAG_SINGLE_FLOAT;
        t.is_observed = flags & FLAG_OBSERVED;
        replay_run(ops_of(content, size, run, &at), &t);
        sha256_end(&t.whole, digest);
        sha256_add(&all, digest, sizeof digest);
        if (strcmp(what, "runs") == 0) {
            print_digest(digest, t.with_modes ? " " : " -\n");
        }
        if (t.with_modes) {
            sha256_end(&t.modes, digest);
            sha256_add(&all_modes, digest, sizeof digest);
            if (strcmp(what, "runs") == 0) {
                print_digest(digest, "\n");
            }
        }
    }
    if (strcmp(what, "runs") != 0) {
        sha256_end(strcmp(what, "modes") == 0 ? &all_modes : &all, digest);
        print_digest(digest, "\n");
    }
}

int main(int count, char **words)
{
    const char *what = count > 2 ? words[2] : "";
    int is_timed = count == 4 && strcmp(what, "time") == 0;
    long times = is_timed ? strtol(words[3], NULL, 10) : 0;
    int is_known = count == 2 || (count == 3 && (strcmp(what, "modes") == 0 || strcmp(what, "runs") == 0));
    if (!is_known && times < 1) {
        fprintf(stderr, "usage: replay VECTORS [modes|runs|time N]\n");
        return 2;
    }
    size_t size = 0;
    uint8_t *content = read_whole(words[1], &size);
    if (is_timed) {
        time_all(content, size, times);
    } else {
        replay_all(content, size, what);
    }
    free(content);
    return 0;
}
