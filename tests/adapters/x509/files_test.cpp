// Files of certificates and secrets, on the real file system.
#include "adapters/x509/files.h"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace arangosync::x509 {
namespace {

namespace fs = std::filesystem;

struct Files : testing::Test {
  Files() {
    std::string pattern = (fs::temp_directory_path() / "arangosync-files-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~Files() override { fs::remove_all(folder); }

  static unsigned mode_of(fs::path const& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
  }

  fs::path folder;
};

TEST_F(Files, AreWrittenWithTheirModeAndReadBack) {
  std::string const path = folder / "a.key";
  ASSERT_TRUE(write_file(path, "one", secret_mode).has_value());
  EXPECT_EQ(mode_of(path), 0600u);
  ASSERT_TRUE(write_file(folder / "a.crt", "x", public_mode).has_value());
  EXPECT_EQ(mode_of(folder / "a.crt"), 0644u);
  EXPECT_EQ(read_file(path), "one");
}

TEST_F(Files, KeepTheModeTheyHad) {
  std::string const path = folder / "a.key";
  std::ofstream(path) << "old and longer";
  ::chmod(path.c_str(), 0640);
  ASSERT_TRUE(write_file(path, "new", secret_mode).has_value());
  EXPECT_EQ(mode_of(path), 0640u);
  EXPECT_EQ(read_file(path), "new");
}

TEST_F(Files, MakeTheirMissingParentFolders) {
  ASSERT_TRUE(write_file(folder / "a/b/c.key", "x", secret_mode).has_value());
  EXPECT_EQ(read_file(folder / "a/b/c.key"), "x");
  EXPECT_EQ(mode_of(folder / "a/b") & 0700, 0700u);
}

TEST_F(Files, BehindALinkAreReplacedAndTheLinkStays) {
  std::ofstream(folder / "real") << "old";
  fs::create_symlink("real", folder / "link");
  ASSERT_TRUE(write_file(folder / "link", "new", secret_mode).has_value());
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "real"), "new");
}

TEST_F(Files, SayInOneLineWhyTheyCannotBeUsed) {
  std::string const missing = folder / "missing";
  EXPECT_EQ(read_file(missing).error(), "cannot read " + missing + ": No such file or directory");
  EXPECT_EQ(read_file(folder).error(), "cannot read " + folder.string() + ": Is a directory");
  EXPECT_EQ(write_file(folder, "x", secret_mode).error(), "cannot write " + folder.string() + ": Is a directory");
  std::string const file = folder / "file";
  std::ofstream(file.c_str()) << "x";
  EXPECT_EQ(write_file(file + "/below", "x", secret_mode).error(), "cannot write " + file + "/below: Not a directory");
}

TEST_F(Files, LeaveNothingBehindWhenWritingFails) {
  fs::create_directory(folder / "target");
  EXPECT_FALSE(write_file(folder / "target", "x", secret_mode).has_value());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

TEST_F(Files, OfSecretsLoseTheLineFeedOfEcho) {
  std::ofstream(folder / "secret") << "abc \r\n";
  EXPECT_EQ(read_secret_file(folder / "secret"), "abc");
  std::ofstream(folder / "empty") << "\n";
  EXPECT_EQ(read_secret_file(folder / "empty").error(),
            "cannot read " + (folder / "empty").string() + ": the file is empty");
}

}  // namespace
}  // namespace arangosync::x509
