// What Swift cannot name by itself: zlib, the processor's own instruction for CRC32C, and a setting of malloc.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

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

#else

static inline int crc32c_instruction_is_there(void) { return 0; }
static inline uint32_t crc32c_by_instruction(uint32_t state, const void *bytes, size_t count) { return state; }

#endif
