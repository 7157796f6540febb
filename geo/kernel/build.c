/* The table from columns: sorted along the curve by radix, then laid down page by page. */
#include <string.h>

#include "hilbert.h"
#include "pages.h"

#define DIGIT 11
#define BUCKETS (1 << DIGIT)
#define MOST_PASSES 4
#define AHEAD 24 /* rows fetched before they are needed */

/* One stable pass by the DIGIT bits at `shift`; `starts` are where each bucket begins. */
static void scatter(const uint64_t *from, uint64_t *to, int64_t count, int shift, int64_t *starts) {
    for (int64_t i = 0; i < count; i++) to[starts[(from[i] >> shift) & (BUCKETS - 1)]++] = from[i];
}

/* Counts to starts; 1 if all fall into one bucket, so that the pass may be left out. */
static int starts_of(int64_t *counts, int64_t count) {
    int64_t sum = 0;
    for (int b = 0; b < BUCKETS; b++) {
        if (counts[b] == count) return 1;
        int64_t here = counts[b];
        counts[b] = sum;
        sum += here;
    }
    return 0;
}

/* pairs[count]: key << (64 - 2 bits) | row, sorted; `scratch` is as large. Returns which of the two holds them. */
uint64_t *lookout_sort(
    const double *lon, const double *lat, int64_t count, int32_t bits, uint64_t *pairs, uint64_t *scratch
) {
    static _Thread_local int64_t counts[MOST_PASSES][BUCKETS];
    int room = 64 - 2 * bits, passes = (2 * bits + DIGIT - 1) / DIGIT;
    memset(counts, 0, sizeof counts);
    for (int64_t i = 0; i < count; i++) {
        uint64_t pair = hilbert_key(lon[i], lat[i], bits) << room | (uint64_t)i;
        pairs[i] = pair;
        for (int pass = 0; pass < passes; pass++) counts[pass][(pair >> (room + pass * DIGIT)) & (BUCKETS - 1)]++;
    }
    for (int pass = 0; pass < passes; pass++) {
        if (starts_of(counts[pass], count)) continue;
        scatter(pairs, scratch, count, room + pass * DIGIT, counts[pass]);
        uint64_t *sorted = scratch;
        scratch = pairs;
        pairs = sorted;
    }
    return pairs;
}

typedef struct {
    const uint32_t *ids;
    const double *lon, *lat, *radius_m; /* radius_m may be NULL */
} People;

static void lay_row(Pages *p, int32_t page, size_t row, const People *from, uint64_t who) {
    double x = from->lon[who], y = from->lat[who];
    Box *box = &p->box[page];
    p->ids[row] = from->ids[who];
    p->lon[row] = x;
    p->lat[row] = y;
    box->west = x < box->west ? x : box->west;
    box->south = y < box->south ? y : box->south;
    box->east = x > box->east ? x : box->east;
    box->north = y > box->north ? y : box->north;
    if (from->radius_m) {
        double radius_m = from->radius_m[who];
        p->radius_m[row] = radius_m;
        p->reach_m[page] = radius_m > p->reach_m[page] ? radius_m : p->reach_m[page];
    }
}

/* Lays the people down in the order of the sorted pairs, `filled` to a page; boxes, fills and keys follow. */
void lookout_lay(
    Pages *p, const uint32_t *ids, const double *lon, const double *lat, const double *radius_m, int64_t count,
    const uint64_t *pairs, int64_t filled
) {
    People from = {ids, lon, lat, radius_m};
    int room = 64 - 2 * p->bits;
    uint64_t mask = ((uint64_t)1 << room) - 1;
    for (int64_t i = 0; i < count; i++) {
        int32_t page = (int32_t)(i / filled);
        if (i + AHEAD < count) {
            uint64_t soon = pairs[i + AHEAD] & mask;
            __builtin_prefetch(&ids[soon]);
            __builtin_prefetch(&lon[soon]);
            __builtin_prefetch(&lat[soon]);
            if (radius_m) __builtin_prefetch(&radius_m[soon]);
        }
        if (i % filled == 0 && page > 0) p->key[page] = pairs[i] >> room;
        lay_row(p, page, ((size_t)page << p->shift) + (size_t)p->fill[page]++, &from, pairs[i] & mask);
    }
}

/* Fills an empty directory from the rows. Returns how many recipients there are, or -1 if `more` is needed for them. */
int64_t lookout_direct(Pages *p) {
    int64_t recipients = 0;
    for (int32_t page = 0; page < p->used; page++) {
        uint32_t first = (uint32_t)page << p->shift, end = first + (uint32_t)p->fill[page];
        for (uint32_t row = first; row < end; row++) {
            uint32_t ahead = row + AHEAD < end ? row + AHEAD : end - 1;
            __builtin_prefetch(&p->rows[slot_of(p, p->ids[ahead])], 1);
            uint32_t *head = &p->rows[slot_of(p, p->ids[row])];
            if (*head == NOWHERE) recipients++;
            else if (!p->more) return -1;
            if (p->more) p->more[row] = *head;
            *head = row;
        }
    }
    return recipients;
}
