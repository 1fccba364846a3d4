// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/child.hpp"
#include "base/error.hpp"
#include "base/tar.hpp"
#include "temporary_dir.hpp"

namespace {

using namespace berth;

}  // namespace

BOOST_AUTO_TEST_SUITE(tar)

BOOST_AUTO_TEST_CASE(tar_reads_what_was_packed) {
  TemporaryDir folder;
  const std::string deep = "etc/" + std::string(90, 'd') + "/" +
                           std::string(90, 'f') + ".conf";
  folder.put("x.tar", make_tar({{"etc/a", std::string(513, 'x')},
                                {deep, "deep"},
                                {"etc/empty", ""},
                                {"etc/run", "x", 0750}}));
  const RunResult result =
      run({"tar", "-C", folder.path(), "-xf", folder / "x.tar"}, 20000);
  BOOST_TEST(result.status.ok(), result.err);
  BOOST_TEST(folder.get("etc/a") == std::string(513, 'x'));
  BOOST_TEST(folder.get(deep) == "deep");
  BOOST_TEST((std::filesystem::status(folder / "etc/run").permissions() ==
              std::filesystem::perms(0750)));
  BOOST_TEST(std::filesystem::file_size(folder / "etc/empty") == 0u);
  BOOST_CHECK_THROW(make_tar({{std::string(300, 'x'), ""}}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
