// A block's threads as fibers of one host thread. Blocks run one after another; within a block, each warp runs until all its
// threads wait or are done. Barriers are strict: every thread of the block (or warp) must come to the same kind of barrier.
#include <stdlib.h>
#include <sys/mman.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "engine.h"

#ifndef __x86_64__
#error "the switch between fibers is written for x86-64"
#endif

namespace emulation {
namespace {

constexpr size_t STACK = 64 << 10;
constexpr size_t MAX_THREADS = 1024;
constexpr size_t WARP = 32;

enum class State { READY, AT_BLOCK_BARRIER, AT_WARP_BARRIER, DONE };

struct Fiber {
  void* stack_pointer;
  EmulatorIndex index;
  State state;
};

Fiber fibers[MAX_THREADS];
char* stacks;
void* scheduler_stack_pointer;
size_t thread_count;
size_t current;
unsigned order;
uint32_t block_number;
uint32_t block_epoch;
uint32_t warp_epochs[MAX_THREADS / WARP];
uint64_t lanes[MAX_THREADS / WARP][WARP];
EmulatorKernel kernel;
void** kernel_parameters;
int failure;

extern "C" void emulation_switch(void** save, void* to);
asm(R"(
  .text
  .type emulation_switch, @function
emulation_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size emulation_switch, . - emulation_switch
)");

void pause(State state) {
  Fiber& self = fibers[current];
  self.state = state;
  emulation_switch(&self.stack_pointer, scheduler_stack_pointer);
}

void fiber_main() {
  kernel(kernel_parameters);
  for (;;) pause(State::DONE);
}

void prepare(size_t i) {
  auto** top = reinterpret_cast<void**>(stacks + (i + 1) * STACK - 64);
  *--top = nullptr;  // keeps the stack aligned as after a call
  *--top = reinterpret_cast<void*>(&fiber_main);
  for (int saved = 0; saved < 6; saved++) *--top = nullptr;
  fibers[i].stack_pointer = top;
  fibers[i].state = State::READY;
}

void resume(size_t i) {
  current = i;
  api().thread_index = fibers[i].index;
  emulation_switch(&scheduler_stack_pointer, fibers[i].stack_pointer);
}

std::vector<uint32_t> permutation(size_t count, uint32_t salt) {
  std::vector<uint32_t> out(count);
  std::iota(out.begin(), out.end(), 0);
  if (order == 1) std::reverse(out.begin(), out.end());
  if (order > 1) {
    uint32_t random = order * 2654435761u + salt;
    for (size_t i = count; i > 1; i--) {
      random = random * 1664525u + 1013904223u;
      std::swap(out[i - 1], out[(random >> 8) % i]);
    }
  }
  return out;
}

size_t count(size_t from, size_t to, State state) {
  return std::count_if(fibers + from, fibers + to, [&](const Fiber& f) { return f.state == state; });
}

bool broken(const char* what) {
  failure = LAUNCH_FAILED;
  set_fault(std::string(what) + " in block " + std::to_string(block_number));
  return false;
}

// Runs a warp until each of its threads waits at a block barrier or is done.
bool run_warp(size_t warp, uint32_t salt) {
  size_t from = warp * WARP;
  size_t to = std::min(thread_count, from + WARP);
  std::vector<uint32_t> lane_order = permutation(to - from, salt);
  for (;;) {
    for (uint32_t lane : lane_order) {
      if (fibers[from + lane].state == State::DONE) continue;
      resume(from + lane);
      if (failure) return false;
    }
    size_t at_warp = count(from, to, State::AT_WARP_BARRIER);
    size_t at_block = count(from, to, State::AT_BLOCK_BARRIER);
    size_t done = count(from, to, State::DONE);
    if (at_warp == 0) return at_block == 0 || done == 0 || broken("divergent __syncthreads inside a warp");
    if (at_block + done > 0) return broken("divergent warp primitive");
    warp_epochs[warp]++;
  }
}

bool run_block() {
  for (size_t i = 0; i < thread_count; i++) prepare(i);
  size_t warps = (thread_count + WARP - 1) / WARP;
  std::fill(warp_epochs, warp_epochs + warps, 0);
  for (block_epoch = 0;; block_epoch++) {
    for (uint32_t warp : permutation(warps, block_epoch)) {
      if (!run_warp(warp, block_epoch + warp)) return false;
    }
    if (count(0, thread_count, State::DONE) == thread_count) return true;
    if (count(0, thread_count, State::AT_BLOCK_BARRIER) != thread_count) {
      return broken("divergent __syncthreads between warps");
    }
  }
}

void block_barrier() { pause(State::AT_BLOCK_BARRIER); }
void warp_barrier() { pause(State::AT_WARP_BARRIER); }

uint64_t exchange(uint64_t bits, unsigned source) {
  size_t self = current;
  lanes[self / WARP][self % WARP] = bits;
  warp_barrier();
  uint64_t out = lanes[self / WARP][source % WARP];
  warp_barrier();
  return out;
}

}  // namespace

EmulatorApi& api() {
  static EmulatorApi instance = {{}, {}, {}, {}, block_barrier, warp_barrier, exchange, check_access};
  return instance;
}

void set_order(unsigned value) { order = value; }

Actor actor() { return {block_number, uint32_t(current), block_epoch, warp_epochs[current / WARP]}; }

bool in_fiber_stacks(uintptr_t address) {
  auto from = reinterpret_cast<uintptr_t>(stacks);
  return address >= from && address < from + MAX_THREADS * STACK;
}

void fail(int result, const std::string& reason) {
  failure = result;
  set_fault(reason);
  for (;;) pause(State::DONE);
}

int launch(EmulatorKernel run, void** parameters) {
  EmulatorIndex size = api().block_size;
  EmulatorIndex grid = api().grid_size;
  thread_count = size_t(size.x) * size.y * size.z;
  uint64_t blocks = uint64_t(grid.x) * grid.y * grid.z;
  if (thread_count == 0 || thread_count > MAX_THREADS || blocks == 0 || grid.y > 65535 || grid.z > 65535) {
    set_fault("bad launch: " + std::to_string(thread_count) + " threads, " + std::to_string(blocks) + " blocks");
    return INVALID_VALUE;
  }
  if (!stacks) {
    void* at = mmap(nullptr, MAX_THREADS * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return OUT_OF_MEMORY;
    stacks = static_cast<char*>(at);
  }
  for (size_t i = 0; i < thread_count; i++) {
    fibers[i].index = {unsigned(i % size.x), unsigned(i / size.x % size.y), unsigned(i / (size_t(size.x) * size.y))};
  }
  kernel = run;
  kernel_parameters = parameters;
  failure = SUCCESS;
  set_fault("");
  begin_launch();
  for (uint32_t block : permutation(blocks, 0)) {
    block_number = block;
    api().block_index = {block % grid.x, block / grid.x % grid.y, unsigned(block / (uint64_t(grid.x) * grid.y))};
    if (!run_block()) break;
  }
  return failure;
}

}  // namespace emulation
