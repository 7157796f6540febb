/* The people of one page against what is open for it. */
#ifndef LOOKOUT_TEST_H
#define LOOKOUT_TEST_H

#include "blocks.h"
#include "query.h"

typedef struct {
    const Pages *pages;
    const Prepared *area;
    const Open *open;
    const double *radius_m; /* NULL: nobody has one, or they do not count */
} Test;

typedef struct {
    double lon[LANES], lat[LANES];
    uint8_t in[AT_ONCE], doubt[AT_ONCE]; /* 0 or 1 */
    const double *x, *y;                 /* the columns themselves, or padded copies */
    int64_t row;
    int32_t rows;
} Rows;

/* Those of the rows that are in, or in doubt (never both). */
void answer_rows(Answer *a, const Pages *p, const Rows *r);

void test_page(const Test *t, int32_t page, Answer *out);

/* Marks whose circle of uncertainty touches an edge, or may. */
void test_near(const Test *t, const Box *box, double reach_m, Rows *r);

#endif
