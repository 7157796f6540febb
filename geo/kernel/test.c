#include "test.h"

/* Bytes of 0xff for the blocks that the edge may part from the anchor: it meets their box or the way there. */
static uint64_t parted(const View *e, const Edge *edge, const Anchor *from, const Blocks *b) {
    marks met = (lesser(edge->ax, edge->bx) <= lanes_greater(b->east, lanes_of(from->x))) &
                (greater(edge->ax, edge->bx) >= lanes_lesser(b->west, lanes_of(from->x)));
    if (e->across)
        met &= (e->low <= lanes_greater(b->north, lanes_of(from->y))) & (e->high >= lanes_lesser(b->south, lanes_of(from->y)));
    else
        met &= (e->low <= b->north) & (e->high >= b->south);
    return marks_bytes(met);
}

/* Winds all edges around the rows; 0 if the anchor is in doubt. */
static int wind_rows(const Test *t, const Box *box, const Rows *r, const Blocks *blocks, Wound *wound) {
    const Anchor *anchor = &t->open->anchor;
    for (int k = 0; k < t->open->edge_count; k++) {
        const Edge *edge = &t->area->edges[t->open->edges[k]];
        View view = view_of(edge, anchor, box);
        if (hides(&view, anchor))
            return 0;
        for (uint64_t met = parted(&view, edge, anchor, blocks); met;) {
            int32_t first = next_lane(&met) * BLOCK_ROWS, last = first + BLOCK_ROWS < r->rows ? first + BLOCK_ROWS : r->rows;
            for (int32_t i = first; i < last; i += LANES)
                wind(&view, lanes_at(r->x + i), lanes_at(r->y + i), &wound[i / LANES]);
        }
    }
    return 1;
}

static void put_bytes(uint8_t *to, marks m) {
    uint64_t bytes = marks_bytes(m) & FIRST_BITS;
    memcpy(to, &bytes, sizeof bytes);
}

static void test_edges(const Test *t, const Box *box, const Blocks *blocks, Rows *r) {
    const Anchor *anchor = &t->open->anchor;
    Wound wound[AT_ONCE / LANES];
    memset(wound, 0, (size_t)((r->rows + LANES - 1) / LANES) * sizeof *wound);
    if (!anchor->known || !wind_rows(t, box, r, blocks, wound)) {
        memset(r->doubt, 1, (size_t)r->rows);
        return;
    }
    for (int32_t i = 0; i < r->rows; i += LANES) {
        const Wound *w = &wound[i / LANES];
        put_bytes(r->in + i, (w->winding + anchor->winding > 0) & ~w->doubt);
        put_bytes(r->doubt + i, w->doubt);
    }
}

static double signed_square(double x) { return x > 0.0 ? x * x : -1.0; }

/* Whose own circle touches the disc; these few one by one. */
static void test_reach(const Test *t, const Disc *disc, lanes away2, int32_t at, Rows *r) {
    const double *radius_m = t->radius_m + r->row;
    for (int32_t i = at; i < at + LANES && i < r->rows; i++) {
        if (r->in[i])
            continue;
        double limit = disc->radius_m + radius_m[i], away = away2[i - at];
        r->in[i] = away <= signed_square(chord_surely_within(limit));
        r->doubt[i] |= !r->in[i] && away <= signed_square(chord_surely_beyond(limit));
    }
}

static void test_lanes(const Test *t, const Disc *disc, double reach_m, int32_t at, Rows *r) {
    lanes away2 = chord2(in_space(lanes_at(r->x + at), lanes_at(r->y + at)), disc);
    marks inner = away2 <= signed_square(chord_surely_within(disc->radius_m));
    marks outer = away2 <= signed_square(chord_surely_beyond(disc->radius_m + reach_m));
    uint64_t in, doubt;
    memcpy(&in, r->in + at, sizeof in);
    in |= marks_bytes(inner) & FIRST_BITS;
    memcpy(r->in + at, &in, sizeof in);
    if (reach_m > 0.0) {
        if (marks_bytes(outer & ~inner))
            test_reach(t, disc, away2, at, r);
        return;
    }
    memcpy(&doubt, r->doubt + at, sizeof doubt);
    doubt |= marks_bytes(outer & ~inner) & FIRST_BITS;
    memcpy(r->doubt + at, &doubt, sizeof doubt);
}

static void test_disc(const Test *t, const Disc *disc, double reach_m, const Blocks *b, Rows *r) {
    Space middle = in_space((b->west + b->east) / 2, (b->south + b->north) / 2);
    lanes away2 = chord2(middle, disc), spread = spread_m(middle, b->east - b->west, b->north - b->south);
    uint64_t whole = marks_bytes(all_within(away2, spread, chord_surely_within(disc->radius_m)));
    uint64_t some = marks_bytes(any_within(away2, spread, lanes_of(chord_surely_beyond(disc->radius_m + reach_m))));
    for (int32_t i = 0; i < r->rows; i += BLOCK_ROWS, whole >>= 8, some >>= 8)
        if (whole & 1)
            memset(r->in + i, 1, BLOCK_ROWS);
        else if (some & 1)
            for (int32_t k = i; k < i + BLOCK_ROWS && k < r->rows; k += LANES)
                test_lanes(t, disc, reach_m, k, r);
}

static void take(const Pages *p, int64_t row, int32_t rows, Rows *r) {
    r->row = row;
    r->rows = rows;
    r->x = p->lon + row;
    r->y = p->lat + row;
    memset(r->in, 0, sizeof r->in);
    memset(r->doubt, 0, sizeof r->doubt);
    if (p->shift >= 3)
        return;
    for (int32_t i = 0; i < LANES; i++) { /* a page shorter than the lanes: the column may end here */
        r->lon[i] = p->lon[row + (i < rows ? i : 0)];
        r->lat[i] = p->lat[row + (i < rows ? i : 0)];
    }
    r->x = r->lon;
    r->y = r->lat;
}

static void test_rows(const Test *t, const Box *box, double reach_m, Rows *r) {
    Blocks blocks = blocks_of(r->x, r->y, r->rows);
    if (t->open->edge_count)
        test_edges(t, box, &blocks, r);
    for (int k = 0; k < t->open->disc_count; k++)
        test_disc(t, &t->area->discs[t->open->discs[k]], reach_m, &blocks, r);
    if (reach_m > 0.0 && t->open->edge_count)
        test_near(t, box, reach_m, r);
    for (int32_t i = 0; i < AT_ONCE; i++)
        r->doubt[i] &= !r->in[i];
}

void test_page(const Test *t, int32_t page, Answer *out) {
    const Pages *p = t->pages;
    double reach_m = t->radius_m ? p->reach_m[page] : 0.0;
    Rows r;
    for (int32_t done = 0; done < p->fill[page]; done += AT_ONCE) {
        int32_t rest = p->fill[page] - done;
        take(p, ((int64_t)page << p->shift) + done, rest < AT_ONCE ? rest : AT_ONCE, &r);
        test_rows(t, &p->box[page], reach_m, &r);
        answer_rows(out, p, &r);
    }
}
