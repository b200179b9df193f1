// Files appear whole, together and with the right rights, or nothing changes.
#include "app/cli/files.h"
#include "app/cli/pid_file.h"
#include "tests/app/cli/temporary_folder.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

using namespace arangosync::cli;

TEST(Files, AreWrittenWithTheirModeWhateverTheMask) {
  TemporaryFolder folder;
  auto const old = umask(0077);
  auto const written = write_files({{folder.file("a.crt"), "A", 0644}, {folder.file("a.key"), "B", 0600}});
  umask(old);
  ASSERT_TRUE(written) << written.error();
  EXPECT_EQ(folder.read("a.crt"), "A");
  EXPECT_EQ(folder.mode("a.crt"), 0644u);
  EXPECT_EQ(folder.mode("a.key"), 0600u);
  EXPECT_EQ(folder.entries(), 2u);
}

TEST(Files, ThatExistKeepTheirMode) {
  TemporaryFolder folder;
  folder.write("a.key", "old");
  chmod(folder.file("a.key").c_str(), 0640);
  ASSERT_TRUE(write_files({{folder.file("a.key"), "new", 0600}}));
  EXPECT_EQ(folder.read("a.key"), "new");
  EXPECT_EQ(folder.mode("a.key"), 0640u);
}

TEST(Files, AreWrittenThroughLinks) {
  TemporaryFolder folder;
  folder.write("real", "old");
  std::filesystem::create_symlink("real", folder.path() / "link");
  ASSERT_TRUE(write_files({{folder.file("link"), "new", 0600}}));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link"));
  EXPECT_EQ(folder.read("real"), "new");
}

TEST(Files, GetTheirParentFolders) {
  TemporaryFolder folder;
  ASSERT_TRUE(write_files({{folder.file("x/y/z.key"), "B", 0600}}));
  EXPECT_EQ(folder.read("x/y/z.key"), "B");
}

TEST(Files, AreNotTouchedIfOneOfThemCannotBeWritten) {
  TemporaryFolder folder;
  folder.write("a.crt", "old");
  folder.write("blocker", "a file where a folder is needed");
  auto const written = write_files({{folder.file("a.crt"), "new", 0644}, {folder.file("blocker/a.key"), "B", 0600}});
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().find("Failed to write " + folder.file("blocker/a.key")), std::string::npos)
      << written.error();
  EXPECT_EQ(folder.read("a.crt"), "old");
  EXPECT_EQ(folder.entries(), 2u);
}

TEST(Files, ThatAreFoldersAreNamed) {
  TemporaryFolder folder;
  auto const written = write_files({{folder.path().string(), "x", 0600}});
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().find("Is a directory"), std::string::npos) << written.error();
  EXPECT_FALSE(read_file(folder.path().string()));
}

TEST(Files, ThatAreMissingAreNamed) {
  auto const content = read_file("no-such-file.crt");
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error(), "Failed to read no-such-file.crt: No such file or directory");
}

TEST(PidFiles, HoldTheProcessIdWhileTheServerRuns) {
  TemporaryFolder folder;
  {
    auto const pid_file = PidFile::write(folder.file("sync.pid"));
    ASSERT_TRUE(pid_file);
    EXPECT_EQ(folder.read("sync.pid"), std::to_string(getpid()));
  }
  EXPECT_FALSE(folder.has("sync.pid"));
}

TEST(PidFiles, AreGivenBackToWhoeverRunsByThoseThatCannot) {
  TemporaryFolder folder;
  std::string const runs = std::to_string(getppid());
  for (std::string const& former : std::vector<std::string>{runs, "999999999", "nonsense"}) {
    folder.write("sync.pid", former);
    PidFile::write(folder.file("sync.pid"))->give_back();
    ASSERT_EQ(folder.has("sync.pid"), former == runs) << former;
  }
  folder.write("sync.pid", runs);
  PidFile::write(folder.file("sync.pid"))->give_back();
  EXPECT_EQ(folder.read("sync.pid"), runs);
  ASSERT_TRUE(PidFile::write(folder.file("sync.pid")));
  EXPECT_FALSE(folder.has("sync.pid")) << "ours, and we ran";
}

TEST(PidFiles, MakeNoFolders) {
  TemporaryFolder folder;
  auto const pid_file = PidFile::write(folder.file("nope/x/pid"));
  ASSERT_FALSE(pid_file);
  EXPECT_EQ(pid_file.error().message,
            "--pid-file: Failed to write " + folder.file("nope/x/pid") + ": No such file or directory");
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(PidFiles, OfASuccessorStay) {
  TemporaryFolder folder;
  {
    auto const pid_file = PidFile::write(folder.file("sync.pid"));
    ASSERT_TRUE(pid_file);
    folder.write("sync.pid", "1");
  }
  EXPECT_TRUE(folder.has("sync.pid"));
}
