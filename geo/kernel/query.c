#include <stdlib.h>

#include "test.h"

#define LINE 64 /* bytes that memory brings at once */

typedef struct {
    const Pages *pages;
    const Prepared *area;
    const double *radius_m;
    Answer *out;
} Query;

/* Room for the lists of a batch; NULL and a fault if there is no memory. */
static uint32_t *lists_for(Query *q, int level, const Open *of) {
    Answer *a = q->out;
    if (!make_room((void **)&a->lists[level + 1], &a->list_room[level + 1], batch_room(level < 0, of) + 1, sizeof **a->lists))
        a->fault = NO_MEMORY;
    return a->lists[level + 1];
}

static void test(Query *q, int32_t page, const Open *open) {
    test_page(&(Test){q->pages, q->area, open, q->radius_m}, page, q->out);
}

static void everybody_in_doubt(Query *q, int32_t page) {
    static const uint32_t first = 0;
    test(q, page, &(Open){.edges = &first, .edge_count = 1, .anchor = {.known = 0}});
}

static void fetch(const void *from, size_t bytes) {
    for (size_t k = 0; k < bytes; k += LINE)
        __builtin_prefetch((const char *)from + k);
}

/* Calls for what the children of the open nodes will be asked by. */
static void fetch_children(const Query *q, int level, const Batch *b) {
    const Pages *p = q->pages;
    for (int i = 0; i < b->count; i++) {
        size_t child = (size_t)b->item[i] << FAN_SHIFT;
        if (b->fate[i] == OUT || b->fate[i] == WHOLE)
            continue;
        fetch((level ? p->level_box[level - 1] : p->box) + child, BATCH * sizeof(Box));
        if (level == 0) {
            fetch(p->fill + child, BATCH * sizeof *p->fill);
            fetch(p->next + child, BATCH * sizeof *p->next);
        }
    }
}

/* Calls for the rows of the next open page: the memory takes longer to bring them than the page before takes to test. */
static void fetch_next(const Query *q, const Batch *b, int i) {
    while (i < b->count && b->fate[i] != OPEN)
        i++;
    if (i == b->count)
        return;
    size_t row = (size_t)b->item[i] << q->pages->shift, rows = (size_t)q->pages->fill[b->item[i]];
    fetch(q->pages->lon + row, rows * sizeof *q->pages->lon);
    fetch(q->pages->lat + row, rows * sizeof *q->pages->lat);
    fetch(q->pages->ids + row, rows * sizeof *q->pages->ids);
}

static void visit_pages(Query *q, Batch *b, const Open *of) {
    uint32_t *lists = lists_for(q, -1, of);
    if (!b->count || !lists)
        return;
    batch_sort(b, q->area, of, lists);
    fetch_next(q, b, 0);
    for (int i = 0; i < b->count; i++) {
        int32_t page = b->item[i];
        if (b->fate[i] == OPEN)
            fetch_next(q, b, i + 1);
        int alone = page < q->pages->primary && q->pages->next[page] == NO_PAGE;
        if (b->fate[i] == WHOLE)
            answer_whole(q->out, q->pages, alone ? TERRITORIES : PAGE, page, page + 1);
        else if (b->fate[i] == UNSURE)
            everybody_in_doubt(q, page);
        else if (b->fate[i] == OPEN)
            test(q, page, &b->open[i]);
    }
    b->count = 0;
}

/* The pages of territories `first` to `last` with their chains, in batches. */
static void visit_territories(Query *q, int32_t first, int32_t last, const Open *of) {
    Batch b;
    b.count = 0;
    b.pages = 1;
    for (int32_t home = first; home < last; home++)
        for (int32_t page = home; page != NO_PAGE; page = q->pages->next[page]) {
            if (q->pages->fill[page])
                batch_add(&b, page, q->pages->box[page], q->radius_m ? q->pages->reach_m[page] : 0.0);
            if (b.count == BATCH)
                visit_pages(q, &b, of);
        }
    visit_pages(q, &b, of);
}

static int32_t lesser_of(int64_t a, int32_t b) { return a < b ? (int32_t)a : b; }

/* Nodes `first` to `last` (at most 16) of a level. */
static void visit_nodes(Query *q, int level, int32_t first, int32_t last, const Open *of) {
    const Pages *p = q->pages;
    Batch b;
    b.count = b.pages = 0;
    for (int32_t node = first; node < last; node++)
        if (p->level_box[level][node].west <= p->level_box[level][node].east)
            batch_add(&b, node, p->level_box[level][node], q->radius_m ? p->level_reach_m[level][node] : 0.0);
    uint32_t *lists = lists_for(q, level, of);
    if (!lists)
        return;
    batch_sort(&b, q->area, of, lists);
    fetch_children(q, level, &b);
    for (int i = 0; i < b.count && !q->out->fault; i++) {
        int shift = FAN_SHIFT * (level + 1);
        int64_t from = b.item[i];
        int32_t begin = (int32_t)(from << shift), end = lesser_of((from + 1) << shift, p->primary);
        if (b.fate[i] == WHOLE)
            answer_whole(q->out, p, TERRITORIES, begin, end);
        else if (b.fate[i] != OUT && level == 0)
            visit_territories(q, begin, end, &b.open[i]);
        else if (b.fate[i] != OUT)
            visit_nodes(q, level - 1, (int32_t)(from << FAN_SHIFT),
                        lesser_of((from + 1) << FAN_SHIFT, p->level_size[level - 1]), &b.open[i]);
    }
}

static void reset(Answer *a) { a->count = a->doubts = a->fault = a->tested = a->stretch_count = 0; }

/* For `lookout_find`, again and again; NULL if there is no memory. `lookout_forget` frees it. */
Answer *lookout_answer(void) { return calloc(1, sizeof(Answer)); }

/* Finds who is in the area. */
void lookout_find(const Pages *pages, const Area *area, Answer *out) {
    int top = pages->levels - 1;
    Box everybody = pages->level_box[top][0];
    reset(out);
    if (!(everybody.west <= everybody.east))
        return;
    Query q = {.pages = pages, .area = &out->area, .radius_m = area->centre ? NULL : pages->radius_m, .out = out};
    everybody = grown(everybody, q.radius_m ? pages->level_reach_m[top][0] : 0.0);
    out->fault = prepare(area, &everybody, &out->area);
    if (out->fault != DONE)
        return;
    const Prepared *all = &out->area;
    if (all->bundle_count || all->disc_count)
        visit_nodes(&q, top, 0, pages->level_size[top],
                    &(Open){.bundles = all->every, .bundle_count = all->bundle_count, .discs = all->every,
                            .disc_count = all->disc_count});
}

void lookout_forget(Answer *a) {
    unprepare(&a->area);
    free(a->doubt_row);
    free(a->doubt_at);
    free(a->ids);
    free(a->stretches);
    for (int i = 0; i < MOST_LEVELS + 1; i++)
        free(a->lists[i]);
    free(a);
}
