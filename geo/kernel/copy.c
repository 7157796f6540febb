/* The ids of an answer, in index order. */
#include <stdlib.h>

#include "query.h"

typedef struct {
    uint32_t *to;
    int64_t count;
    const Pages *pages;
    uint64_t *seen; /* bits by slot, NULL while nobody has several places */
} Copy;

static void put(Copy *c, const uint32_t *ids, int64_t count) {
    if (!c->seen) {
        memcpy(c->to + c->count, ids, (size_t)count * sizeof *ids);
        c->count += count;
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        size_t slot = slot_of(c->pages, ids[i]);
        uint64_t bit = 1ULL << (slot & 63), *word = &c->seen[slot >> 6];
        c->to[c->count] = ids[i];
        c->count += !(*word & bit);
        *word |= bit;
    }
}

static void put_page(Copy *c, int32_t page) {
    put(c, c->pages->ids + ((size_t)page << c->pages->shift), c->pages->fill[page]);
}

static void put_stretch(Copy *c, const Answer *a, const Stretch *s) {
    if (s->kind == TESTED)
        put(c, a->ids + s->first, s->last - s->first);
    else if (s->kind == PAGE)
        put_page(c, s->first);
    else
        for (int32_t home = s->first; home < s->last; home++)
            for (int32_t page = home; page != NO_PAGE; page = c->pages->next[page])
                put_page(c, page);
}

/* Takes those in doubt that are not in after all (verdict 0) out of the tested. */
static void settle(Answer *a, const uint8_t *verdict) {
    int64_t next = 0, kept = 0;
    for (int64_t i = 0; i < a->stretch_count; i++) {
        Stretch *s = &a->stretches[i];
        if (s->kind != TESTED)
            continue;
        int64_t first = kept;
        for (int64_t at = s->first; at < s->last; at++) {
            int out = next < a->doubts && a->doubt_at[next] == at && !verdict[next];
            next += next < a->doubts && a->doubt_at[next] == at;
            a->ids[kept] = a->ids[at];
            kept += !out;
        }
        *s = (Stretch){TESTED, (int32_t)first, (int32_t)kept};
    }
    a->doubts = 0;
}

/* Writes the ids to `to` (room for a->count), each once; `slots` are those of the directory. How many, or -1 if there
 * is no memory. `verdict` [doubts]: whether those in doubt are in. */
int64_t lookout_copy(const Pages *pages, Answer *a, const uint8_t *verdict, int64_t slots, uint32_t *to) {
    Copy c = {.to = to, .pages = pages};
    if (pages->positions != pages->recipients && !(c.seen = calloc((size_t)(slots / 64 + 1), sizeof *c.seen)))
        return -1;
    if (a->doubts)
        settle(a, verdict);
    for (int64_t i = 0; i < a->stretch_count; i++)
        put_stretch(&c, a, &a->stretches[i]);
    free(c.seen);
    return c.count;
}

/* Adds up how many of the ids have each label, in `counts` [65536]. */
void lookout_count_labels(const Pages *pages, const uint32_t *ids, int64_t count, int64_t *counts) {
    for (int64_t i = 0; i < count; i++)
        counts[pages->codes[slot_of(pages, ids[i])]]++;
}
