// Device memory in one reserved range, and the check of every access: is it inside something alive, and is it ordered against
// the accesses of other threads?
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <map>
#include <vector>

#include "engine.h"

namespace emulation {
namespace {

constexpr size_t RANGE = size_t(512) << 20;
constexpr size_t ALIGNMENT = 256;
// Left free between allocations, so that a step too far meets nothing.
constexpr size_t GAP = 4096;

uintptr_t base;
std::map<uintptr_t, size_t> live;
size_t generation;  // changes with live
std::string reason;

// The last accesses of one place. A scope is one launch for device memory and one block for shared memory: what was noted in
// another scope does not count, so nothing is cleared in between.
struct Shadow {
  uint64_t scope;
  bool written, read, read_by_several, read_by_blocks;
  Actor writer, reader;
};

Shadow* shadows;  // of device memory, one for four bytes
uint64_t launches;

// A module's memory: constants and shared arrays.
struct Region {
  uintptr_t to;
  std::vector<Shadow> shadows;
};
std::map<uintptr_t, Region> regions;

void* reserve(size_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? nullptr : at;
}

bool ready() {
  if (!base) {
    base = reinterpret_cast<uintptr_t>(reserve(RANGE));
    shadows = static_cast<Shadow*>(reserve(RANGE / 4 * sizeof(Shadow)));
  }
  return base && shadows;
}

std::string hex(uintptr_t value) {
  char text[32];
  snprintf(text, sizeof text, "0x%zx", size_t(value));
  return text;
}

bool ordered(const Actor& before, const Actor& now) {
  if (before.block == now.block && before.thread == now.thread) return true;
  if (before.block != now.block) return false;
  if (before.block_epoch != now.block_epoch) return true;
  return before.thread / 32 == now.thread / 32 && before.warp_epoch != now.warp_epoch;
}

void check_order(Shadow& shadow, uint64_t scope, bool write) {
  Actor now = actor();
  if (shadow.scope != scope) {
    shadow = Shadow{};
    shadow.scope = scope;
  }
  bool race = shadow.written && !ordered(shadow.writer, now);
  if (write) {
    bool same_phase = shadow.reader.block_epoch == now.block_epoch;
    race |= shadow.read && (!ordered(shadow.reader, now) || shadow.read_by_blocks || (shadow.read_by_several && same_phase));
    shadow.written = true;
    shadow.writer = now;
  } else {
    bool again = shadow.read && shadow.reader.block_epoch == now.block_epoch;
    bool other_warp = shadow.reader.thread / 32 != now.thread / 32;
    shadow.read_by_several = again && (shadow.read_by_several || other_warp);
    shadow.read_by_blocks |= shadow.read && shadow.reader.block != now.block;
    shadow.read = true;
    shadow.reader = now;
  }
  if (race) {
    fail(LAUNCH_FAILED, "race: thread " + std::to_string(now.thread) + " of block " + std::to_string(now.block) +
                            (write ? " writes" : " reads") +
                            " what another thread touches without a barrier between them");
  }
}

}  // namespace

uintptr_t allocate(size_t bytes) {
  if (!ready() || bytes == 0 || bytes > RANGE) return 0;
  uintptr_t at = base + ALIGNMENT;
  for (const auto& [from, size] : live) {
    if (from >= at + bytes + GAP) break;
    at = (from + size + GAP + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
  if (at + bytes + GAP > base + RANGE) return 0;
  live[at] = bytes;
  generation++;
  memset(reinterpret_cast<void*>(at), 0xFF, bytes);  // NaN: what is read before it is written shows
  return at;
}

bool release(uintptr_t address) {
  generation++;
  return live.erase(address) == 1;
}

bool is_live(uintptr_t address, size_t bytes) {
  static std::pair<uintptr_t, uintptr_t> last;
  static size_t last_count;
  if (address >= last.first && address + bytes <= last.second && generation == last_count) return true;
  auto after = live.upper_bound(address);
  if (after == live.begin()) return false;
  auto [from, size] = *--after;
  if (address + bytes > from + size) return false;
  last = {from, from + size};
  last_count = generation;
  return true;
}

size_t live_bytes() {
  size_t sum = 0;
  for (const auto& [from, size] : live) sum += size;
  return sum;
}

void allow(uintptr_t from, uintptr_t to) { regions[from] = {to, std::vector<Shadow>((to - from) / 4 + 1)}; }
void forbid(uintptr_t from) { regions.erase(from); }

void begin_launch() { launches++; }

void check_access(uintptr_t address, size_t size, bool write) {
  auto state = reinterpret_cast<uintptr_t>(&api());
  if (in_fiber_stacks(address) || (address >= state && address < state + sizeof(EmulatorApi))) return;
  // Places of one and two bytes share a shadow, so only whole ones are compared.
  bool comparable = address % 4 == 0 && size >= 4;
  if (address >= base && address < base + RANGE) {
    if (!is_live(address, size)) {
      fail(ILLEGAL_ADDRESS, std::string(write ? "write" : "read") + " of " + std::to_string(size) +
                                " bytes outside every allocation at " + hex(address));
    }
    if (comparable) check_order(shadows[(address - base) / 4], launches, write);
    return;
  }
  auto after = regions.upper_bound(address);
  if (after == regions.begin() || address + size > (--after)->second.to) {
    fail(ILLEGAL_ADDRESS, std::string(write ? "write" : "read") + " of " + std::to_string(size) +
                              " bytes of host memory at " + hex(address));
  }
  uint64_t scope = launches << 32 | (actor().block + 1);
  if (comparable) check_order(after->second.shadows[(address - after->first) / 4], scope, write);
}

const std::string& fault() { return reason; }
void set_fault(const std::string& text) { reason = text; }

}  // namespace emulation
