// Dumps of every age go into a cluster: which files belong together, what a line is, what is left out.
#include "app/sandbox/load.h"
#include "app/sandbox/dump_folder.h"
#include "app/sandbox/sandbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace arangosync::sandbox {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string structure(std::string const& name, std::string const& more = "", std::string const& indexes = "") {
  return R"({"indexes":[)" + indexes + R"(],"parameters":{"name":")" + name + R"(","type":2)" + more + "}}";
}

class Dump : public ::testing::Test {
protected:
  Dump() : folder_(fs::path(::testing::TempDir()) / ("dump-" + name_of_test())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    Options options;
    options.db_servers = 2;
    auto started = Sandbox::start(std::move(options));
    if (!started) throw std::runtime_error(started.error());
    sandbox_ = std::move(*started);
  }
  ~Dump() override { fs::remove_all(folder_); }

  void file(std::string const& name, std::string const& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  void packed(std::string const& name, std::string const& text) {
    gzFile const out = gzopen((folder_ / name).c_str(), "wb");
    ASSERT_EQ(gzwrite(out, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
    gzclose(out);
  }

  Expected<LoadReport, std::string> load(std::string const& database = "", std::uint32_t shards = 0) {
    LoadWish wish;
    wish.folder = folder_.string();
    wish.coordinator = http::parse_endpoint(sandbox_->coordinators().front(), 8529).value();
    wish.database = database;
    wish.shards = shards;
    return load_dumps(wish, told_);
  }

  /// Key and text of all documents.
  std::map<std::string, std::string> documents(std::string const& database, std::string const& collection) {
    std::map<std::string, std::string> found;
    sandbox_->with_model([&](sim::ClusterModel& model) {
      auto const* there = model.find_collection(database, collection);
      if (there == nullptr) return;
      for (auto const& shard : there->shards) {
        for (auto const& [key, document] : *shard.documents) found[key] = document->text;
      }
    });
    return found;
  }
  std::size_t shards_of(std::string const& database, std::string const& collection) {
    std::size_t count = 0;
    sandbox_->with_model([&](sim::ClusterModel& model) {
      if (auto const* there = model.find_collection(database, collection)) count = there->shards.size();
    });
    return count;
  }

  fs::path folder_;
  std::unique_ptr<Sandbox> sandbox_;
  std::ostringstream told_;

private:
  static std::string name_of_test() { return ::testing::UnitTest::GetInstance()->current_test_info()->name(); }
};

TEST_F(Dump, OfAnOldServerIsLoadedWithItsEnvelopes) {
  file("dump.json", R"({"database":"shop","lastTickAtDumpStart":"1"})");
  file("things_0cc1.structure.json", structure("things"));
  file("things_0cc1.data.json", R"({"type":2300,"data":{"_id":"things/1","_key":"1","_rev":"5","n":1.50}}
{"type":2300,"key":"2","rev":"6","data":{"_key":"2","_rev":"6","data":{"n":2}}}
)");
  auto const loaded = load();
  ASSERT_TRUE(loaded.has_value()) << loaded.error();
  EXPECT_EQ(loaded->documents, 2u);
  auto const found = documents("shop", "things");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_THAT(found.at("1"), HasSubstr("1.50")) << "numbers keep their bytes";
  EXPECT_EQ(shards_of("shop", "things"), 3u);
}

TEST_F(Dump, OfANewServerHasNoEnvelopesIsPackedAndInParts) {
  file("dump.json", R"({"database":"shop"})");
  file("things.structure.json", structure("things", R"(,"numberOfShards":5)"));
  packed("things.10.data.json.gz", R"({"_key":"c","data":"a text"})");
  packed("things.2.data.json.gz", "{\"_key\":\"a\",\"from\":\"two\"}\n{\"_key\":\"b\"}\n");
  file("things2.structure.json", structure("things2"));
  file("things2.data.json", "");
  auto const loaded = load();
  ASSERT_TRUE(loaded.has_value()) << loaded.error();
  EXPECT_THAT(documents("shop", "things"),
              ElementsAre(Pair("a", testing::_), Pair("b", testing::_), Pair("c", testing::_)));
  EXPECT_EQ(shards_of("shop", "things"), 5u);
  EXPECT_EQ(loaded->collections, 2u);
}

TEST_F(Dump, WithARemovalAfterADocumentIsWithoutIt) {
  file("things.structure.json", structure("things"));
  file("things.data.json", R"({"type":2300,"key":"1","rev":"1","data":{"_key":"1"}}
{"type":2302,"key":"1","rev":"2"}
{"type":2300,"key":"2","rev":"3","data":{"_key":"2"}}
)");
  ASSERT_TRUE(load("_system").has_value());
  EXPECT_THAT(documents("_system", "things"), ElementsAre(Pair("2", testing::_)));
}

TEST_F(Dump, OfAllDatabasesHasAFolderForEach) {
  file("one/dump.json", R"({"database":"shop"})");
  file("one/a.structure.json", structure("a"));
  file("two/b.structure.json", structure("b"));
  file("two/b.data.json", R"({"_key":"k"})");
  ASSERT_TRUE(load().has_value());
  EXPECT_EQ(shards_of("shop", "a"), 3u);
  EXPECT_EQ(documents("two", "b").size(), 1u) << "named after its folder where nothing else names it";
  EXPECT_THAT(load("other").error(), HasSubstr("2 databases"));
}

TEST_F(Dump, TwiceIsTheSameAsOnce) {
  file("things.structure.json", structure("things"));
  file("things.data.json", "{\"_key\":\"1\",\"n\":1}\n{\"_key\":\"2\"}");
  ASSERT_TRUE(load("shop", 4).has_value());
  auto const again = load("shop", 4);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->refused, 0u);
  EXPECT_EQ(documents("shop", "things").size(), 2u);
  EXPECT_EQ(shards_of("shop", "things"), 4u);
}

TEST_F(Dump, LeavesOutWhatAClusterHasItself) {
  file("_users.structure.json", structure("_users", R"(,"isSystem":true)"));
  file("_users.data.json", R"({"_key":"1","user":"old"})");
  file("_graphs.structure.json", structure("_graphs", R"(,"isSystem":true)"));
  file("_graphs.data.json", R"({"_key":"routes","edgeDefinitions":[]})");
  ASSERT_TRUE(load("_system").has_value());
  EXPECT_THAT(told_.str(), HasSubstr("_users: left out"));
  EXPECT_TRUE(documents("_system", "_graphs").contains("routes"));
}

TEST_F(Dump, TellsWhatTheClusterRefuses) {
  file("things.structure.json", structure("things", R"(,"numberOfShards":1)"));
  file("things.data.json", "{\"_key\":\"1\"}\n{\"_key\":\"no / slash\"}\n");
  auto const loaded = load("_system");
  ASSERT_TRUE(loaded.has_value()) << loaded.error();
  EXPECT_EQ(loaded->documents, 1u);
  EXPECT_EQ(loaded->refused, 1u);
  EXPECT_THAT(told_.str(), HasSubstr("1 refused"));
}

TEST_F(Dump, ThatIsDamagedIsNamedByFileAndLine) {
  file("things.structure.json", structure("things"));
  file("things.data.json", "{\"_key\":\"1\"}\n{\"_key\":\n");
  EXPECT_THAT(load("_system").error(), HasSubstr("things.data.json: line 2"));
}

TEST_F(Dump, ThatEndsInTheMiddleOfAPackedFileIsAnError) {
  file("things.structure.json", structure("things"));
  std::string long_text;
  for (int i = 0; i < 50'000; ++i) long_text += "{\"_key\":\"" + std::to_string(i * 7919) + "\"}\n";
  packed("things.data.json.gz", long_text);
  fs::resize_file(folder_ / "things.data.json.gz", fs::file_size(folder_ / "things.data.json.gz") / 2);
  EXPECT_THAT(load("_system").error(), HasSubstr("things.data.json.gz"));
}

TEST_F(Dump, ThatIsNoneIsSaidSo) {
  EXPECT_THAT(load().error(), HasSubstr("no *.structure.json"));
  file("ENCRYPTION", "aes-256-ctr");
  EXPECT_THAT(load().error(), HasSubstr("encrypted"));
  EXPECT_THAT(find_dumps(folder_ / "nowhere").error(), HasSubstr("no folder"));
}

}  // namespace
}  // namespace arangosync::sandbox
