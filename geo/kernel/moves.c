/* People who move, come and go: the table changed in place. The lock of the index is held.
 *
 * A batch is worked on in groups: first everything that a group will touch is asked for, so that the memory answers for
 * many people at a time, then each person is changed, one after the other and each wholly. */
#include <math.h>

#include "hilbert.h"
#include "rows.h"

#define GROUP 64
#define LARGEST_ID 4294967295LL

enum { STAYS, GOES, TOGETHER }; /* written over; put elsewhere; one of several rows */

typedef struct {
    uint32_t *head[GROUP]; /* of each person, in the directory */
    uint8_t kind[GROUP];
    uint64_t key[GROUP];  /* of the new positions, but of those who stay in the box of their page */
    int32_t home[GROUP];  /* the territories of the new positions of those who go */
    int32_t going[GROUP]; /* who they are */
    int32_t goers;
} Plans;

typedef struct {
    const uint32_t *ids;
    const double *lon, *lat, *radius_m; /* radius_m may be NULL */
    int64_t count;
} People;

static inline Person person(const People *all, int64_t i) {
    return (Person){all->ids[i], all->lon[i], all->lat[i], all->radius_m ? all->radius_m[i] : 0.0};
}

/* Whether somebody who is not in the box of the page may be written over there all the same. */
static inline int at_home(const Pages *p, uint32_t row, uint64_t key) { return owns(p, p->home[page_of(p, row)], key); }

static inline int in_box(const Pages *p, uint32_t row, const Person *who) {
    return holds(&p->box[page_of(p, row)], who->lon, who->lat);
}

static inline int alone(const Pages *p, uint32_t row) { return row == NOWHERE || !p->more || p->more[row] == NOWHERE; }

static inline int one_of_several(const People *all, int64_t i) {
    return (i > 0 && all->ids[i - 1] == all->ids[i]) || (i + 1 < all->count && all->ids[i + 1] == all->ids[i]);
}

static inline void fetch_row(const Pages *p, size_t row) {
    __builtin_prefetch(&p->ids[row], 1);
    __builtin_prefetch(&p->lon[row], 1);
    __builtin_prefetch(&p->lat[row], 1);
    if (p->radius_m) __builtin_prefetch(&p->radius_m[row], 1);
}

static void fetch_heads(const Pages *p, const People *all, int64_t first, int32_t size, Plans *plans) {
    for (int32_t i = 0; i < size; i++) {
        plans->head[i] = &p->rows[slot_of(p, all->ids[first + i])];
        __builtin_prefetch(plans->head[i], 1);
    }
    for (int32_t i = 0; i < size; i++) {
        uint32_t row = *plans->head[i];
        if (row == NOWHERE) continue;
        int32_t page = page_of(p, row);
        fetch_row(p, row);
        __builtin_prefetch(&p->box[page]);
        __builtin_prefetch(&p->fill[page], 1);
        __builtin_prefetch(&p->home[page]);
        if (p->more) __builtin_prefetch(&p->more[row]);
    }
}

/* The territories of all who go, step by step together: so the memory is asked for all of them at once. */
static void find_homes(const Pages *p, Plans *plans) {
    int32_t at[GROUP] = {0};
    for (int32_t count = p->primary; count > 1;) {
        int32_t half = count / 2;
        for (int32_t i = 0; i < plans->goers; i++) at[i] += p->key[at[i] + half] <= plans->key[plans->going[i]] ? half : 0;
        count -= half;
    }
    for (int32_t i = 0; i < plans->goers; i++) plans->home[plans->going[i]] = at[i];
}

/* Those who leave: the ends of the pages that they leave and come to, and the directory of who closes the gaps. */
static void fetch_ends(const Pages *p, const Plans *plans) {
    for (int32_t i = 0; i < plans->goers; i++) {
        uint32_t row = *plans->head[plans->going[i]];
        int32_t to = with_room(p, plans->home[plans->going[i]]);
        if (to != NO_PAGE) fetch_row(p, end_of(p, to));
        if (row != NOWHERE) fetch_row(p, end_of(p, page_of(p, row)) - 1);
    }
    for (int32_t i = 0; i < plans->goers; i++) {
        uint32_t row = *plans->head[plans->going[i]];
        if (row != NOWHERE) __builtin_prefetch(&p->rows[slot_of(p, p->ids[end_of(p, page_of(p, row)) - 1])], 1);
    }
}

static void make_plans(const Pages *p, const People *all, int64_t first, int32_t size, Plans *plans) {
    plans->goers = 0;
    fetch_heads(p, all, first, size, plans);
    for (int32_t i = 0; i < size; i++) {
        Person who = person(all, first + i);
        uint32_t row = *plans->head[i];
        plans->kind[i] = TOGETHER;
        if (one_of_several(all, first + i) || !alone(p, row)) continue;
        plans->kind[i] = STAYS;
        if (row != NOWHERE && in_box(p, row, &who)) continue;
        plans->key[i] = hilbert_key(who.lon, who.lat, p->bits);
        if (row != NOWHERE && at_home(p, row, plans->key[i])) continue;
        plans->kind[i] = GOES;
        plans->going[plans->goers++] = i;
    }
    find_homes(p, plans);
    fetch_ends(p, plans);
}

/* The territory of a key if there is room for one more, now or by leaning on a neighbour; else NO_PAGE. */
static int32_t home_with_room(Pages *p, int32_t home, uint64_t key) {
    if (!owns(p, home, key)) home = territory(p, key);
    if (full(p, home) && lean(p, home) && !owns(p, home, key)) home = territory(p, key);
    return with_room(p, home) == NO_PAGE && free_pages(p) == 0 ? NO_PAGE : home;
}

/* 0 if there is no page for the person, who then stands where they stood. */
static int go(Pages *p, uint32_t *head, int32_t home, uint64_t key, const Person *who) {
    home = home_with_room(p, home, key);
    if (home == NO_PAGE) return 0;
    p->recipients += *head == NOWHERE;
    drop_rows(p, head);
    put_row(p, head, home, who);
    return 1;
}

/* Written over as planned, unless those who came before have moved the border or the row since. */
static int stay(Pages *p, uint32_t *head, const Person *who) {
    if (!in_box(p, *head, who)) {
        uint64_t key = hilbert_key(who->lon, who->lat, p->bits);
        if (!at_home(p, *head, key)) return go(p, head, territory(p, key), key, who);
    }
    write_row(p, *head, who);
    return 1;
}

/* All the places of one person; 0 if there may be no pages for them, and the person stands where they stood. */
static int go_together(Pages *p, uint32_t *head, const People *all, int64_t first, int64_t last) {
    if (free_pages(p) < last - first) return 0;
    p->recipients += *head == NOWHERE;
    drop_rows(p, head);
    for (int64_t i = first; i < last; i++) {
        Person who = person(all, i);
        uint64_t key = hilbert_key(who.lon, who.lat, p->bits);
        put_row(p, head, home_with_room(p, territory(p, key), key), &who);
    }
    return 1;
}

static int change(Pages *p, const Plans *plans, int32_t at, const People *all, int64_t i, int64_t end) {
    Person who = person(all, i);
    if (plans->kind[at] == STAYS) return stay(p, plans->head[at], &who);
    if (plans->kind[at] == GOES) return go(p, plans->head[at], plans->home[at], plans->key[at], &who);
    return go_together(p, plans->head[at], all, i, end);
}

static int64_t end_of_person(const People *all, int64_t first) {
    int64_t last = first + 1;
    while (last < all->count && all->ids[last] == all->ids[first]) last++;
    return last;
}

/* Puts people there and nowhere else; rows of one id follow each other. Returns how many rows are done: fewer than
 * `count` if no page is free for the next person. Blocks of the directory and the columns needed must be there. */
int64_t lookout_place(
    Pages *p, const uint32_t *ids, const double *lon, const double *lat, const double *radius_m, int64_t count
) {
    People all = {ids, lon, lat, radius_m, count};
    Plans plans;
    for (int64_t i = 0; i < count;) {
        int64_t first = i;
        int32_t size = count - first < GROUP ? (int32_t)(count - first) : GROUP;
        make_plans(p, &all, first, size, &plans);
        while (i < first + size) {
            int32_t at = (int32_t)(i - first);
            int64_t end = plans.kind[at] == TOGETHER ? end_of_person(&all, i) : i + 1;
            if (!change(p, &plans, at, &all, i, end)) return i;
            i = end;
        }
    }
    return count;
}

/* One person, who stands there alone afterwards. 1, and nothing changed, for whatever is not quite simple or not valid:
 * the caller then goes the long way. */
int32_t lookout_move_one(Pages *p, int64_t id, double lon, double lat, double radius_m) {
    if (p->frozen || id < 0 || id > LARGEST_ID || !(fabs(lon) <= 180.0) || !(fabs(lat) <= 90.0)) return 1;
    if (!(radius_m >= 0.0) || radius_m == INFINITY || (radius_m > 0.0 && !p->radius_m)) return 1;
    if (p->block_of[id >> BLOCK_SHIFT] == 0) return 1;
    Person who = {(uint32_t)id, lon, lat, radius_m};
    uint32_t *head = &p->rows[slot_of(p, who.id)];
    if (!alone(p, *head)) return 1;
    if (*head != NOWHERE) return !stay(p, head, &who);
    uint64_t key = hilbert_key(lon, lat, p->bits);
    return !go(p, head, territory(p, key), key, &who);
}

/* Takes everybody of these (each given once) off the table; nothing happens to those who are not on it. */
void lookout_take_out(Pages *p, const uint32_t *ids, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        uint32_t *head = &p->rows[slot_of(p, ids[i])];
        p->recipients -= *head != NOWHERE;
        drop_rows(p, head);
    }
}

/* Marks the ids in a bitmap of zeros, 0 for `least`; 1 as soon as one comes again. */
int32_t lookout_again(const uint32_t *ids, int64_t count, uint32_t least, uint64_t *bitmap) {
    for (int64_t i = 0; i < count; i++) {
        uint32_t at = ids[i] - least;
        uint64_t bit = (uint64_t)1 << (at & 63);
        if (bitmap[at >> 6] & bit) return 1;
        bitmap[at >> 6] |= bit;
    }
    return 0;
}
