/* A territory that is full leans on its neighbour: the people next to the border go over, and the border with them; the
 * neighbour may have to lean first. So the slack of many pages serves each, and few territories need an overflow page. */
#include "hilbert.h"
#include "rows.h"

#define MOST 1024  /* rows of a chain that is looked at: a longer one needs packing, not leaning */
#define FARTHEST 8 /* pages along the curve */

typedef struct {
    uint64_t key[MOST]; /* of all rows of the chain, page by page */
    uint64_t own[MOST]; /* of those that belong to the territory, in no order */
    int32_t count, owned;
} Keys;

static inline int32_t room_of(const Pages *p, int32_t page) { return size_of_page(p) - p->fill[page]; }

/* The nearest page along the curve with room worth the while. */
static int32_t nearest_with_room(const Pages *p, int32_t home) {
    int32_t least = size_of_page(p) >> 4 ? size_of_page(p) >> 4 : 1;
    for (int32_t far = 1; far <= FARTHEST; far++) {
        if (home + far < p->primary && room_of(p, home + far) >= least) return home + far;
        if (home - far >= 0 && room_of(p, home - far) >= least) return home - far;
    }
    return NO_PAGE;
}

static int gather(const Pages *p, int32_t home, Keys *keys) {
    keys->count = keys->owned = 0;
    for (int32_t page = home; page != NO_PAGE; page = p->next[page]) {
        if (keys->count + p->fill[page] > MOST) return 0;
        uint32_t end = end_of(p, page);
        for (uint32_t row = (uint32_t)page << p->shift; row < end; row++) {
            uint64_t key = hilbert_key(p->lon[row], p->lat[row], p->bits);
            keys->key[keys->count++] = key;
            if (owns(p, home, key)) keys->own[keys->owned++] = key;
        }
    }
    return 1;
}

/* The key that `rank` others are not larger than, by Hoare's selection; the keys change their order. */
static uint64_t select_key(uint64_t *keys, int32_t count, int32_t rank) {
    int32_t low = 0, high = count - 1;
    while (low < high) {
        uint64_t middle = keys[low + (high - low) / 2];
        int32_t i = low, j = high;
        while (i <= j) {
            while (keys[i] < middle) i++;
            while (keys[j] > middle) j--;
            if (i <= j) {
                uint64_t key = keys[i];
                keys[i++] = keys[j];
                keys[j--] = key;
            }
        }
        if (rank <= j) high = j;
        else if (rank >= i) low = i;
        else break;
    }
    return keys[rank];
}

static void hand_over(Pages *p, uint32_t row, int32_t to) {
    Person who = {p->ids[row], p->lon[row], p->lat[row], p->radius_m ? p->radius_m[row] : 0.0};
    shift_row(p, row, end_of(p, to));
    p->fill[to]++;
    draw(p, to, &who);
    close_gap(p, row);
}

/* Those beyond the border go, and of those on it `ties`. Backwards, so that who closes a gap has been looked at. */
static void hand_over_all(Pages *p, int32_t home, int32_t to, const Keys *keys, uint64_t border, int32_t ties) {
    uint64_t low = p->key[home], high = p->key[home + 1];
    const uint64_t *key = keys->key;
    for (int32_t page = home; page != NO_PAGE; page = p->next[page]) {
        uint32_t first = (uint32_t)page << p->shift;
        int32_t fill = p->fill[page];
        for (int32_t i = fill - 1; i >= 0; i--) {
            if (key[i] < low || key[i] > high) continue;
            if (key[i] == border ? ties-- > 0 : (key[i] > border) == (to > home)) hand_over(p, first + (uint32_t)i, to);
        }
        key += fill;
        tighten(p, page);
    }
}

/* An overflow page whose people have room on the primary page again is given up. */
static void absorb(Pages *p, int32_t home) {
    for (int32_t page = p->next[home]; page != NO_PAGE;) {
        int32_t following = p->next[page];
        while (p->fill[page] > 0 && p->fill[page] <= room_of(p, home)) hand_over(p, end_of(p, page) - 1, home);
        unchain_if_empty(p, page);
        page = following;
    }
}

/* About so many go from a territory to the one before or after it; 0 if nobody can. */
static int lean_on(Pages *p, int32_t home, int32_t to, int32_t going) {
    Keys keys;
    int32_t beyond = 0;
    if (!gather(p, home, &keys)) return 0;
    going = going < keys.owned ? going : keys.owned;
    going = going < room_of(p, to) ? going : room_of(p, to);
    if (going == 0) return 0;
    uint64_t border = select_key(keys.own, keys.owned, to > home ? keys.owned - going : going - 1);
    for (int32_t i = 0; i < keys.owned; i++) beyond += keys.own[i] != border && (keys.own[i] > border) == (to > home);
    hand_over_all(p, home, to, &keys, border, going - beyond);
    absorb(p, home);
    p->key[to > home ? to : home] = border;
    return 1;
}

int lean(Pages *p, int32_t home) {
    int32_t far = nearest_with_room(p, home);
    if (far == NO_PAGE) return 0;
    int32_t step = far > home ? 1 : -1, going = (room_of(p, far) + 1) / 2;
    for (int32_t page = far - step; lean_on(p, page, page + step, going); page -= step)
        if (page == home) return 1;
    return 0;
}
