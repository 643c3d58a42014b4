/*
 * Marks around each scan of a replay, for measurements only (scripts/bench_controller.py).
 *
 * -DREPLAY_MEASURE -fsanitize-coverage=trace-pc counts the blocks that each scan runs through and prints, at the end,
 * the scans with the most; -DREPLAY_MEASURE -DREPLAY_CALLGRIND lets callgrind write one count for each scan whose
 * number stands in the file that REPLAY_SCANS names.
 */
#ifndef BPTM_REPLAY_MEASURE_H
#define BPTM_REPLAY_MEASURE_H

#ifdef REPLAY_CALLGRIND

#include <valgrind/callgrind.h>

static FILE *wanted_scans;
static long next_scan = -2;
static long this_scan;

static void read_next_scan(void)
{
    if (next_scan == -2) {
        const char *name = getenv("REPLAY_SCANS");
        wanted_scans = name ? fopen(name, "r") : NULL;
    }
    if (wanted_scans == NULL || fscanf(wanted_scans, "%ld", &next_scan) != 1) {
        next_scan = -1;
    }
}

static void before_scan(void)
{
    if (next_scan == -2) {
        read_next_scan();
    }
    if (this_scan == next_scan) {
        CALLGRIND_ZERO_STATS;
        CALLGRIND_TOGGLE_COLLECT;
    }
}

static void after_scan(void)
{
    if (this_scan++ == next_scan) {
        CALLGRIND_TOGGLE_COLLECT;
        CALLGRIND_DUMP_STATS;
        read_next_scan();
    }
}

#else

/* gcc calls this at each block of what was compiled with -fsanitize-coverage=trace-pc. */
static uint32_t blocks;
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    blocks++;
}

static void before_scan(void)
{
    blocks = 0;
}

static void after_scan(void)
{
    fprintf(stderr, "%lu\n", (unsigned long)blocks);
}

#endif

#define BEFORE_SCAN before_scan()
#define AFTER_SCAN after_scan()

#endif
