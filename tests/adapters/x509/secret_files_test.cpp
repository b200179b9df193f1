// Secrets of a cluster as they lie on disk.
#include "adapters/x509/secret_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace arangosync::x509 {
namespace {

using Strings = std::vector<std::string>;

class SecretFiles : public testing::Test {
protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "secret_files_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(std::string const& name, std::string const& text) const {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }

  std::string folder_;
};

TEST_F(SecretFiles, AreReadWithoutTheLineFeedOfEcho) {
  EXPECT_EQ(*read_secrets(write("one", "a secret \r\n")), (Strings{"a secret"}));
}

TEST_F(SecretFiles, OfAFolderComeInTheOrderOfTheirNames) {
  write("b", "second");
  write("a", "first\n");
  write(".hidden", "no");
  write("c", "\n");
  std::filesystem::create_directory(folder_ + "/0");
  EXPECT_TRUE(is_secret_folder(folder_));
  EXPECT_EQ(*read_secrets(folder_), (Strings{"first", "second"}));
}

TEST_F(SecretFiles, AreNamedWhenTheyAreMissingOrEmpty) {
  auto const missing = read_secrets(folder_ + "/none");
  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().find(folder_ + "/none: No such file"), std::string::npos) << missing.error();
  EXPECT_EQ(read_secrets(write("empty", "\n")).error(), folder_ + "/empty is empty");
  std::filesystem::remove(folder_ + "/empty");
  EXPECT_EQ(read_secrets(folder_).error(), folder_ + " holds no secret");
}

}  // namespace
}  // namespace arangosync::x509
