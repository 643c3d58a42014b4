/*
 * The exported controller on somebody's bench: takes samples over TCP, measures, decides, sends orders.
 *
 *     cc -std=c99 -I. bench/bench_client.c $(ls *.c | grep -v replay.c) -lm -o bench_client
 *     ./bench_client 127.0.0.1 4747
 *
 * The protocol is docs/reference/bench-protocol.md. This file is not firmware: it shows how a device's own main loop
 * calls the controller, with a socket in the place of converter, inputs and contactor drivers.
 */
#define _POSIX_C_SOURCE 200112L
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "core_codes.h"
#include "core_device.h"
#include "core_metrology.h"
#include "core_settings.h"
#include "measure.h"
#include "metrology.h"
#include "metrology_fast.h"
#include "metrology_quality.h"
#include "metrology_tracking.h"
#include "remote.h"
#include "scan.h"

enum { KIND_HELLO = 1, KIND_SAMPLES, KIND_ORDERS, KIND_END, KIND_BYE, KIND_SORRY };

#define FLAG_STARTED 1
#define INPUTS_MAX 64
#define TOLD 16
#define FRAME_MAX (1 << 20)

/* Everything a meter keeps, and tables that name the fields of settings and inputs. */
#include "bench_layout.h"

static int connection = -1;
static uint8_t buffer[FRAME_MAX];

static void give_up(const char *sentence)
{
    fprintf(stderr, "bench_client: %s\n", sentence);
    exit(2);
}

static void put(uint8_t *out, uint64_t bits, int size)
{
    for (int i = 0; i < size; i++) {
        out[i] = (uint8_t)(bits >> (8 * i));
    }
}

static uint64_t get(const uint8_t *at, int size)
{
    uint64_t bits = 0;
    for (int i = 0; i < size; i++) {
        bits |= (uint64_t)at[i] << (8 * i);
    }
    return bits;
}

static double get_real(const uint8_t *at)
{
    uint64_t bits = get(at, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void put_real(uint8_t *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put(out, bits, 8);
}

static void send_frame(int kind, const uint8_t *content, size_t size)
{
    uint8_t head[5];
    put(head, size + 1, 4);
    head[4] = (uint8_t)kind;
    if (send(connection, head, sizeof head, 0) != (ssize_t)sizeof head) {
        give_up("the bench has gone");
    }
    for (size_t sent = 0; sent < size;) {
        ssize_t more = send(connection, content + sent, size - sent, 0);
        if (more <= 0) {
            give_up("the bench has gone");
        }
        sent += (size_t)more;
    }
}

static void receive_bytes(uint8_t *into, size_t size)
{
    for (size_t got = 0; got < size;) {
        ssize_t more = recv(connection, into + got, size - got, 0);
        if (more <= 0) {
            give_up("the bench has gone");
        }
        got += (size_t)more;
    }
}

/* The next frame into `buffer`; returns its kind and puts the size of its content. */
static int receive_frame(size_t *size)
{
    uint8_t head[5];
    receive_bytes(head, sizeof head);
    size_t length = (size_t)get(head, 4);
    if (length < 1 || length > sizeof buffer) {
        give_up("a frame too long for this protocol");
    }
    *size = length - 1;
    receive_bytes(buffer, *size);
    return head[4];
}

static void set_field(meter *d, const named_field *f, double value)
{
    char *at = (char *)d + f->offset;
    if (f->type == TYPE_F8) {
        *(bptm_real *)(void *)at = (bptm_real)value;
    } else if (f->type == TYPE_I4) {
        *(int32_t *)(void *)at = (int32_t)value;
    } else {
        *(int64_t *)(void *)at = (int64_t)value;
    }
}

static const named_field *find_field(const named_field *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static double get_field(const meter *d, const named_field *f)
{
    const char *at = (const char *)d + f->offset;
    if (f->type == TYPE_F8) {
        return (double)*(const bptm_real *)(const void *)at;
    }
    return f->type == TYPE_I4 ? (double)*(const int32_t *)(const void *)at : (double)*(const int64_t *)(const void *)at;
}

#define COUNT(table) (sizeof table / sizeof table[0])

/* What the bench says first: the order of its inputs, and the settings to run with. */
static size_t take_hello(meter *d, char *text, const named_field **inputs)
{
    size_t count = 0;
    if (strncmp(text, "protocol bptm-bench 1\n", 22) != 0) {
        give_up("the bench speaks another protocol or version");
    }
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char name[80];
        double value = 0.0;
        if (sscanf(line, "input %79s", name) == 1) {
            if (count == INPUTS_MAX) {
                give_up("more inputs than this client has room for");
            }
            inputs[count++] = find_field(INPUTS, COUNT(INPUTS), name);
        } else if (sscanf(line, "setting %79s %lf", name, &value) == 2) {
            const named_field *setting = find_field(SETTINGS, COUNT(SETTINGS), name);
            if (setting != NULL) {
                set_field(d, setting, value);
            }
        }
    }
    return count;
}

static void answer_hello(void)
{
    char text[1024] = "protocol bptm-bench 1\ncontroller bptm-c99\n";
    for (size_t i = 0; i < COUNT(TELLS); i++) {
        strncat(text, "told ", sizeof text - strlen(text) - 1);
        strncat(text, TELLS[i].name, sizeof text - strlen(text) - 1);
        strncat(text, "\n", sizeof text - strlen(text) - 1);
    }
    send_frame(KIND_HELLO, (const uint8_t *)text, strlen(text));
}

/* What this half-cycle's energy is registered under: the source that the scan before had proved (LAW-8). */
static int64_t metered_feed(const meter *d)
{
    if (d->s.fed_by == FED_BY_UTILITY && d->s.u_contact == CONTACT_CLOSED && d->s.b_contact == CONTACT_OPEN) {
        return FED_BY_UTILITY;
    }
    if (d->s.fed_by == FED_BY_BACKUP && d->s.b_contact == CONTACT_CLOSED && d->s.u_contact == CONTACT_OPEN) {
        return FED_BY_BACKUP;
    }
    return d->s.fed_by == FED_BY_LOAD_SIDE ? FED_BY_LOAD_SIDE : FED_BY_NONE;
}

/* Samples into the eight channels, the detector fed on the way. */
static void take_samples(meter *d, const uint8_t *at, int64_t n)
{
    for (int64_t j = 0; j < n; j++) {
        for (int64_t c = 0; c < CHANNELS; c++) {
            d->w.samples[c * ROOM + 1 + j] = (bptm_real)get_real(at + 8 * (j * CHANNELS + c));
        }
        d->d.now_v[0] = d->w.samples[1 + j];
        d->d.now_v[1] = d->w.samples[ROOM + 1 + j];
        bptm_detect(&d->d, &d->g);
    }
}

static uint64_t events_of(const meter *d)
{
    return (uint64_t)d->s.events;
}

static void answer_samples(meter *d, const named_field **inputs, size_t count, size_t size)
{
    uint32_t tick = (uint32_t)get(buffer, 4);
    int flags = buffer[4];
    int64_t n = (int64_t)get(buffer + 5, 2);
    if (size != 7 + 8 * ((size_t)n * CHANNELS + count)) {
        give_up("a half-cycle of another size than it says");
    }
    const uint8_t *at = buffer + 7;
    const uint8_t *read = at + 8 * (size_t)n * CHANNELS;
    int64_t due = bptm_samples_due(&d->a, &d->g);
    if (due != n) {
        give_up("the bench counts half-cycles otherwise than the metrology");
    }
    take_samples(d, at, n);
    for (size_t i = 0; i < count; i++) {
        if (inputs[i] != NULL) {
            set_field(d, inputs[i], get_real(read + 8 * i));
        }
    }
    /* The interlock reads the same four feedbacks, on wires of its own. */
    d->r.u_open_poles = d->m.u_open_poles;
    d->r.u_closed_poles = d->m.u_closed_poles;
    d->r.b_open_poles = d->m.b_open_poles;
    d->r.b_closed_poles = d->m.b_closed_poles;
    bptm_half_cycle(&d->a, &d->g, &d->w, n, metered_feed(d), &d->t, &d->y, &d->e);
    bptm_watch_voltage(&d->q, &d->a, &d->g, &d->w, n, &d->t);
    bptm_fill_measured(&d->m, &d->t);
    if (flags & FLAG_STARTED) {
        bptm_start(&d->s, &d->k, &d->m, &d->p);
    }
    uint64_t events = flags & FLAG_STARTED ? events_of(d) : 0;
    if (d->remote_action != 0) {
        bptm_command(&d->s, &d->p, d->remote_action, d->remote_hold_ticks);
        events |= events_of(d);
    }
    bptm_scan(&d->s, &d->k, &d->m, &d->r, &d->p, 1);
    d->s.events |= (int64_t)events;
    uint8_t out[6 + 8 * COUNT(TELLS)];
    put(out, tick, 4);
    out[4] = (uint8_t)d->k.u_out;
    out[5] = (uint8_t)d->k.b_out;
    for (size_t i = 0; i < COUNT(TELLS); i++) {
        put_real(out + 6 + 8 * i, get_field(d, &TELLS[i]));
    }
    send_frame(KIND_ORDERS, out, sizeof out);
}

static void begin(meter *d)
{
    memset(d, 0, sizeof *d);
    d->p = bptm_settings_default;
    d->g = bptm_metrology_default;
}

static int run(void)
{
    static meter d;
    static const named_field *inputs[INPUTS_MAX];
    size_t count = 0;
    for (;;) {
        size_t size = 0;
        int kind = receive_frame(&size);
        if (kind == KIND_HELLO) {
            if (size == sizeof buffer) {
                give_up("a HELLO too long for this client");
            }
            buffer[size] = 0;
            begin(&d);
            count = take_hello(&d, (char *)buffer, inputs);
            bptm_begin_meter(&d.a, &d.g, &d.w, FED_BY_UTILITY);
            bptm_begin_detector(&d.d, &d.g);
            answer_hello();
        } else if (kind == KIND_SAMPLES) {
            answer_samples(&d, inputs, count, size);
        } else if (kind == KIND_BYE) {
            return 0;
        } else if (kind != KIND_END) {
            give_up("a frame that this protocol does not have");
        }
    }
}

int main(int count, char **words)
{
    if (count != 3) {
        fprintf(stderr, "usage: bench_client HOST PORT\n");
        return 2;
    }
    struct addrinfo hints;
    struct addrinfo *found = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(words[1], words[2], &hints, &found) != 0) {
        give_up("no such host or port");
    }
    connection = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (connection < 0 || connect(connection, found->ai_addr, found->ai_addrlen) != 0) {
        give_up("no bench is listening there; start it with `bptm bench SCENARIO --listen HOST:PORT`");
    }
    freeaddrinfo(found);
    int status = run();
    close(connection);
    return status;
}
