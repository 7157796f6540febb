/* Single rows of the table: put down, taken out, moved; boxes and chains follow. */
#include "rows.h"

#include <math.h>

int32_t territory(const Pages *p, uint64_t key) {
    const uint64_t *low = p->key;
    for (int32_t count = p->primary; count > 1;) {
        int32_t half = count / 2;
        low += low[half] <= key ? half : 0;
        count -= half;
    }
    return (int32_t)(low - p->key);
}

/* A box and a reach made to hold a place; 0 if they did. */
static inline int widen(Box *box, double *reach_m, double x, double y, double radius_m) {
    if (holds(box, x, y) && radius_m <= *reach_m) return 0;
    box->west = x < box->west ? x : box->west;
    box->south = y < box->south ? y : box->south;
    box->east = x > box->east ? x : box->east;
    box->north = y > box->north ? y : box->north;
    *reach_m = radius_m > *reach_m ? radius_m : *reach_m;
    return 1;
}

/* A node that holds the place lies in nodes that do, so the walk up ends at the first. */
void draw(Pages *p, int32_t page, const Person *who) {
    if (!widen(&p->box[page], &p->reach_m[page], who->lon, who->lat, who->radius_m)) return;
    int32_t node = p->home[page];
    for (int32_t level = 0; level < p->levels; level++) {
        node >>= FAN_SHIFT;
        if (!widen(&p->level_box[level][node], &p->level_reach_m[level][node], who->lon, who->lat, who->radius_m)) return;
    }
}

void tighten(Pages *p, int32_t page) {
    Box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    double reach_m = 0.0;
    uint32_t end = end_of(p, page);
    for (uint32_t row = (uint32_t)page << p->shift; row < end; row++)
        widen(&box, &reach_m, p->lon[row], p->lat[row], p->radius_m ? p->radius_m[row] : 0.0);
    p->box[page] = box;
    p->reach_m[page] = reach_m;
}

void write_row(Pages *p, uint32_t row, const Person *who) {
    p->lon[row] = who->lon;
    p->lat[row] = who->lat;
    if (p->radius_m) p->radius_m[row] = who->radius_m;
    draw(p, page_of(p, row), who);
}

static int32_t take_page(Pages *p) {
    int32_t page = p->free;
    if (page == NO_PAGE) return p->used++;
    p->free = p->next[page];
    p->spare--;
    return page;
}

void unchain_if_empty(Pages *p, int32_t page) {
    if (page < p->primary || p->fill[page] > 0) return;
    int32_t before = p->home[page];
    while (p->next[before] != page) before = p->next[before];
    p->next[before] = p->next[page];
    p->box[page] = (Box){INFINITY, INFINITY, -INFINITY, -INFINITY};
    p->reach_m[page] = 0.0;
    p->next[page] = p->free;
    p->free = page;
    p->spare++;
}

void put_row(Pages *p, uint32_t *head, int32_t home, const Person *who) {
    int32_t page = with_room(p, home);
    if (page == NO_PAGE) {
        page = take_page(p);
        p->home[page] = home;
        p->next[page] = p->next[home];
        p->next[home] = page;
    }
    uint32_t row = end_of(p, page);
    p->fill[page]++;
    p->ids[row] = who->id;
    if (p->more) p->more[row] = *head;
    *head = row;
    write_row(p, row, who);
    p->positions++;
}

void shift_row(Pages *p, uint32_t from, uint32_t to) {
    uint32_t *link = &p->rows[slot_of(p, p->ids[from])];
    if (p->more) {
        while (*link != from) link = &p->more[*link];
        p->more[to] = p->more[from];
    }
    *link = to;
    p->ids[to] = p->ids[from];
    p->lon[to] = p->lon[from];
    p->lat[to] = p->lat[from];
    if (p->radius_m) p->radius_m[to] = p->radius_m[from];
}

void close_gap(Pages *p, uint32_t row) {
    int32_t page = page_of(p, row);
    p->fill[page]--;
    if (row != end_of(p, page)) shift_row(p, end_of(p, page), row);
}

void drop_rows(Pages *p, uint32_t *head) {
    while (*head != NOWHERE) {
        uint32_t row = *head;
        *head = p->more ? p->more[row] : NOWHERE;
        close_gap(p, row);
        unchain_if_empty(p, page_of(p, row));
        p->positions--;
    }
}
