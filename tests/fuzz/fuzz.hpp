// SPDX-License-Identifier: GPL-2.0-or-later
// A harness: what some part of Berth does with bytes that another wrote, and
// what has to be true afterwards.
//
//   FUZZ(names) {                       // tests/fuzz/names.cpp
//     if (!refuse_note(input)) require(input.size() <= 500, "a note is short");
//   }
//
// `make fuzz` makes a program of libFuzzer's from each file; the unit test
// `fuzz` runs all of them over tests/fuzz/corpus/NAME, without libFuzzer. An
// exception that leaves the harness is a finding in either.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace berth::fuzz {

// Something that was promised does not hold.
struct Broken : std::logic_error {
  using std::logic_error::logic_error;
};

inline void require(bool holds, const std::string& what) {
  if (!holds) throw Broken(what);
}

// The first line, or all that is left, without its newline; `input` is what
// follows.
inline std::string take_line(std::string_view& input) {
  const std::size_t end = input.find('\n');
  const std::string line(input.substr(0, end));
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  return line;
}

using Harness = void (*)(std::string_view input);
// By name; only in the unit test.
std::map<std::string, Harness>& harnesses();

}  // namespace berth::fuzz

#ifdef BERTH_FUZZER
#define BERTH_FUZZ_ENTRY(name)                                              \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,           \
                                        std::size_t size) {                 \
    fuzz_##name({reinterpret_cast<const char*>(data), size});               \
    return 0;                                                               \
  }
#else
#define BERTH_FUZZ_ENTRY(name)                      \
  [[maybe_unused]] static const bool listed_##name = \
      berth::fuzz::harnesses().emplace(#name, fuzz_##name).second;
#endif
#define FUZZ(name)                                 \
  static void fuzz_##name(std::string_view input); \
  BERTH_FUZZ_ENTRY(name)                           \
  static void fuzz_##name(std::string_view input)
