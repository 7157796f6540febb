#include <stdlib.h>

#include "test.h"

/* Room for `more` behind `used`; 0 and a fault if there is no memory. */
static int grow(Answer *a, void **column, int64_t *room, int64_t used, int64_t more, size_t size) {
    if (!make_room(column, room, used + more, size))
        a->fault = NO_MEMORY;
    return !a->fault;
}

static void stretch(Answer *a, int32_t kind, int32_t first, int32_t last) {
    Stretch *before = a->stretch_count ? &a->stretches[a->stretch_count - 1] : NULL;
    if (before && before->kind == kind && kind != PAGE && before->last == first)
        before->last = last;
    else if (grow(a, (void **)&a->stretches, &a->stretch_room, a->stretch_count, 1, sizeof *a->stretches))
        a->stretches[a->stretch_count++] = (Stretch){kind, first, last};
}

void answer_whole(Answer *a, const Pages *p, int32_t kind, int32_t first, int32_t last) {
    for (int32_t page = first; page < last; page++) {
        a->count += p->fill[page];
        if (kind == TERRITORIES)
            for (int32_t more = p->next[page]; more != NO_PAGE; more = p->next[more])
                a->count += p->fill[more];
    }
    stretch(a, kind, first, last);
}

/* Mostly all of eight neighbours are in, or none. */
static int64_t put_sure(uint32_t *to, const uint32_t *ids, const Rows *r) {
    int64_t n = 0;
    for (int32_t i = 0; i < r->rows; i += LANES) {
        uint64_t in;
        memcpy(&in, r->in + i, sizeof in);
        if (in == FIRST_BITS && i + LANES <= r->rows) {
            memcpy(to + n, ids + i, LANES * sizeof *ids);
            n += LANES;
        } else if (in) {
            for (int32_t k = i; k < i + LANES && k < r->rows; k++) {
                to[n] = ids[k];
                n += r->in[k];
            }
        }
    }
    return n;
}

static int64_t put_all(Answer *a, const uint32_t *ids, const Rows *r) {
    int64_t n = 0;
    if (!grow(a, (void **)&a->doubt_row, &a->row_room, a->doubts, r->rows, sizeof *a->doubt_row) ||
        !grow(a, (void **)&a->doubt_at, &a->at_room, a->doubts, r->rows, sizeof *a->doubt_at))
        return 0;
    for (int32_t i = 0; i < r->rows; i++) {
        if (r->doubt[i]) {
            a->doubt_row[a->doubts] = (uint32_t)(r->row + i);
            a->doubt_at[a->doubts++] = a->tested + n;
        }
        a->ids[a->tested + n] = ids[i];
        n += r->in[i] | r->doubt[i];
    }
    return n;
}

void answer_rows(Answer *a, const Pages *p, const Rows *r) {
    uint64_t doubts = 0, some;
    for (int32_t i = 0; i < r->rows; i += LANES) {
        memcpy(&some, r->doubt + i, sizeof some);
        doubts |= some;
    }
    if (!grow(a, (void **)&a->ids, &a->ids_room, a->tested, AT_ONCE, sizeof *a->ids))
        return;
    const uint32_t *ids = p->ids + r->row;
    int64_t n = doubts ? put_all(a, ids, r) : put_sure(a->ids + a->tested, ids, r);
    if (n)
        stretch(a, TESTED, (int32_t)a->tested, (int32_t)(a->tested + n));
    a->tested += n;
    a->count += n;
}
