// SPDX-License-Identifier: GPL-2.0-or-later
// Each harness over its corpus: inputs that found something once, and one of
// each kind that libFuzzer begins with. Run from the top of the tree.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "fuzz/fuzz.hpp"

namespace berth::fuzz {

std::map<std::string, Harness>& harnesses() {
  static std::map<std::string, Harness> all;
  return all;
}

namespace {

const std::filesystem::path kCorpora = "tests/fuzz/corpus";

std::vector<std::filesystem::path> corpus_of(const std::string& name) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry :
       std::filesystem::directory_iterator(kCorpora / name)) {
    out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

BOOST_AUTO_TEST_SUITE(fuzz)

BOOST_AUTO_TEST_CASE(every_harness_holds_over_its_corpus) {
  for (const auto& [name, run] : harnesses()) {
    const auto files = corpus_of(name);
    BOOST_TEST(files.size() >= 5u, name << " has a corpus");
    for (const auto& file : files) {
      const std::string input = bytes_of(file);
      BOOST_TEST_CONTEXT(file.string()) { BOOST_CHECK_NO_THROW(run(input)); }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_prefix_of_a_corpus_holds_too) {
  for (const auto& [name, run] : harnesses()) {
    for (const auto& file : corpus_of(name)) {
      const std::string input = bytes_of(file);
      const std::size_t step = 1 + input.size() / 40;
      for (std::size_t size = 0; size < input.size(); size += step) {
        BOOST_TEST_CONTEXT(file.string() << ", " << size << " bytes") {
          BOOST_CHECK_NO_THROW(run(std::string_view(input).substr(0, size)));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_corpus_has_its_harness) {
  std::set<std::string> corpora, known;
  for (const auto& entry : std::filesystem::directory_iterator(kCorpora)) {
    corpora.insert(entry.path().filename().string());
  }
  for (const auto& [name, run] : harnesses()) known.insert(name);
  BOOST_TEST(known.size() >= 10u);
  BOOST_TEST(corpora == known, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace berth::fuzz
