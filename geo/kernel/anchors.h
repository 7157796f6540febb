/* The winding at one place of each box of a batch. */
#ifndef LOOKOUT_ANCHORS_H
#define LOOKOUT_ANCHORS_H

#include "batch.h"

/* From the anchor of the node past the bundles that are open for it; where that fails, from afar past all of them. An
 * anchor that is not known even then lies on an edge, or too near one. */
void set_anchors(Batch *b, const Prepared *area, const Open *of);

#endif
