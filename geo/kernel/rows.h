/* Single rows of the table, and the pages and chains they stand in. The lock of the index is held. */
#ifndef LOOKOUT_ROWS_H
#define LOOKOUT_ROWS_H

#include "pages.h"

typedef struct {
    uint32_t id;
    double lon, lat, radius_m;
} Person;

static inline int32_t page_of(const Pages *p, uint32_t row) { return (int32_t)(row >> p->shift); }

static inline uint32_t end_of(const Pages *p, int32_t page) {
    return ((uint32_t)page << p->shift) + (uint32_t)p->fill[page];
}

static inline int full(const Pages *p, int32_t page) { return p->fill[page] >> p->shift; }

static inline int holds(const Box *box, double x, double y) {
    return box->west <= x && x <= box->east && box->south <= y && y <= box->north;
}

static inline int32_t size_of_page(const Pages *p) { return (int32_t)1 << p->shift; }

static inline int64_t free_pages(const Pages *p) { return (int64_t)p->capacity - p->used + p->spare; }

/* Where somebody new goes: the primary page, the first overflow page, or NO_PAGE: a new one is to be put before it. */
static inline int32_t with_room(const Pages *p, int32_t home) {
    if (!full(p, home)) return home;
    int32_t page = p->next[home];
    return page != NO_PAGE && !full(p, page) ? page : NO_PAGE;
}

/* Whether a key belongs to the territory; its borders belong to it and to its neighbour. */
static inline int owns(const Pages *p, int32_t home, uint64_t key) {
    return p->key[home] <= key && key <= p->key[home + 1];
}

int32_t territory(const Pages *p, uint64_t key);

/* The boxes of a page, and of the tree over it, made to hold somebody. */
void draw(Pages *p, int32_t page, const Person *who);

/* The box and the reach of a page as small as they can be. */
void tighten(Pages *p, int32_t page);

/* Somebody written over in a row. */
void write_row(Pages *p, uint32_t row, const Person *who);

/* One more row for somebody; if with_room is NO_PAGE there must be a free page. */
void put_row(Pages *p, uint32_t *head, int32_t home, const Person *who);

/* A row moves into another, dead one and is found there. */
void shift_row(Pages *p, uint32_t from, uint32_t to);

/* The last row of the page closes the gap that a row leaves; who stood in it is already elsewhere or nowhere. */
void close_gap(Pages *p, uint32_t row);

/* An empty overflow page leaves its chain for the free list; any other page stays. */
void unchain_if_empty(Pages *p, int32_t page);

/* All rows of somebody are gone. */
void drop_rows(Pages *p, uint32_t *head);

/* Moves some of a full territory towards a near one that has room, and the borders with them. 0 if none has. */
int lean(Pages *p, int32_t home);

#endif
