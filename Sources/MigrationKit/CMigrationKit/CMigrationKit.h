// What Swift cannot name by itself: zlib, the processor's own instruction for CRC32C, a setting of malloc, and a loop over
// a dump's rows for which Swift's own vectors take five times as long.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#if defined(__GLIBC__)
#include <malloc.h>

// Blocks of four megabytes and more, such as the parts of an upload, go back to the system when they are freed. By itself
// glibc begins to keep them once the first was freed, and what is kept in one thread's heap grows with time.
static inline void give_large_blocks_back(void) {
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 16 << 20);
}

#else

static inline void give_large_blocks_back(void) {}

#endif

#if defined(__x86_64__)

static inline int crc32c_instruction_is_there(void) { return __builtin_cpu_supports("sse4.2") != 0; }

// Swift inlines no function that needs more than the baseline processor, and has no way to ask for more itself.
__attribute__((target("sse4.2"))) static inline uint32_t crc32c_by_instruction(
    uint32_t state, const void *bytes, size_t count) {
    const uint8_t *next = (const uint8_t *)bytes;
    uint64_t wide = state;
    for (; count >= 8; next += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    state = (uint32_t)wide;
    for (; count > 0; next++, count--) state = __builtin_ia32_crc32qi(state, *next);
    return state;
}

#elif defined(__aarch64__) && defined(__clang__)

#if defined(__linux__)
#include <sys/auxv.h>
#endif

static inline int crc32c_instruction_is_there(void) {
#if defined(__linux__)
    return (getauxval(AT_HWCAP) & (1UL << 7)) != 0; // HWCAP_CRC32 of asm/hwcap.h
#else
    return 1; // every Mac has it
#endif
}

__attribute__((target("crc"))) static inline uint32_t crc32c_by_instruction(
    uint32_t state, const void *bytes, size_t count) {
    const uint8_t *next = (const uint8_t *)bytes;
    for (; count >= 8; next += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        state = __builtin_arm_crc32cd(state, word);
    }
    for (; count > 0; next++, count--) state = __builtin_arm_crc32cb(state, *next);
    return state;
}

#else

static inline int crc32c_instruction_is_there(void) { return 0; }
static inline uint32_t crc32c_by_instruction(uint32_t state, const void *bytes, size_t count) { return state; }

#endif

#if defined(__SSE2__)

// The two halves of a vector of bytes, each summed up, together.
static inline size_t sum_of_bytes(__m128i bytes) {
    __m128i halves = _mm_sad_epu8(bytes, _mm_setzero_si128());
    return (size_t)(_mm_cvtsi128_si32(halves) + _mm_extract_epi16(halves, 4));
}

// Where the row of COPY text that begins here ends: the number of bytes before its line feed, or all of them; and how many
// tabs are among them.
static inline size_t copy_row_end(const void *bytes, size_t count, size_t *tabs) {
    const uint8_t *start = (const uint8_t *)bytes, *next = start;
    const __m128i feed = _mm_set1_epi8('\n'), tab = _mm_set1_epi8('\t');
    size_t found = 0, rest = count;
    while (rest >= 16) {
        // A lane counts to 255.
        size_t blocks = rest / 16 < 255 ? rest / 16 : 255;
        const uint8_t *end = next + blocks * 16;
        __m128i lanes = _mm_setzero_si128();
        for (; next != end; next += 16) {
            __m128i block = _mm_loadu_si128((const __m128i *)next);
            __m128i is_tab = _mm_cmpeq_epi8(block, tab);
            unsigned feeds = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(block, feed));
            if (feeds) {
                unsigned before = (feeds - 1) & ~feeds;
                *tabs = found + sum_of_bytes(lanes) + __builtin_popcount((unsigned)_mm_movemask_epi8(is_tab) & before);
                return (size_t)(next - start) + __builtin_ctz(feeds);
            }
            lanes = _mm_sub_epi8(lanes, is_tab);
        }
        found += sum_of_bytes(lanes);
        rest -= blocks * 16;
    }
    for (; rest && *next != '\n'; rest--, next++) found += *next == '\t';
    *tabs = found;
    return (size_t)(next - start);
}

#else

static inline size_t copy_row_end(const void *bytes, size_t count, size_t *tabs) {
    const uint8_t *start = (const uint8_t *)bytes;
    const uint8_t *feed = (const uint8_t *)memchr(bytes, '\n', count);
    size_t length = feed ? (size_t)(feed - start) : count, found = 0;
    for (size_t index = 0; index < length; index++) found += start[index] == '\t';
    *tabs = found;
    return length;
}

#endif
