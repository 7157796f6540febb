/* Whether the library is of this layout and may run here: asked before anything else of it is called, and therefore
 * written so that no instruction of a newer machine is needed for it. */
#include "hilbert.h"
#include "pages.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

int64_t lookout_layout_size(void) { return (int64_t)sizeof(Pages); }

#if defined(__x86_64__)
/* What the compiler was allowed to use: bits of CPUID leaf 7, EBX and ECX, and of the registers the system must save. */
static const unsigned int wanted_ebx = 0
#if defined(__AVX2__)
    | bit_AVX2
#endif
#if defined(__BMI2__)
    | bit_BMI2
#endif
#if defined(__AVX512F__)
    | bit_AVX512F
#endif
#if defined(__AVX512DQ__)
    | bit_AVX512DQ
#endif
#if defined(__AVX512BW__)
    | bit_AVX512BW
#endif
#if defined(__AVX512VL__)
    | bit_AVX512VL
#endif
    ;
static const unsigned int wanted_ecx = 0
#if defined(__AVX512VBMI2__)
    | bit_AVX512VBMI2
#endif
    ;
#if defined(__AVX512F__)
static const unsigned int wanted_state = 0xe6; /* xmm, ymm, zmm and their masks */
#elif defined(__AVX2__)
static const unsigned int wanted_state = 0x6;
#else
static const unsigned int wanted_state = 0;
#endif

int32_t lookout_suits_this_machine(void) {
    unsigned int eax, ebx, ecx, edx, state = 0;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return 0;
    if (ecx & bit_OSXSAVE) __asm__("xgetbv" : "=a"(state), "=d"(edx) : "c"(0));
    if ((state & wanted_state) != wanted_state) return 0;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return wanted_ebx == 0;
    return (ebx & wanted_ebx) == wanted_ebx && (ecx & wanted_ecx) == wanted_ecx;
}
#else
int32_t lookout_suits_this_machine(void) { return 1; }
#endif

void lookout_prepare(void) { make_hilbert_table(); }
