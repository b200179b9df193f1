#include "app/sandbox/dump_folder.h"

#include "adapters/cluster/lines.h"

#include <zlib.h>
#include <boost/json.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <sstream>

namespace arangosync::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view structure_end = ".structure.json";
constexpr std::size_t block_bytes = std::size_t{4} << 20;
constexpr std::size_t line_bytes_max = std::size_t{1} << 30;

std::string failed_to_read(fs::path const& file, std::string_view why) {
  return "Failed to read " + file.string() + ": " + std::string(why);
}

std::optional<std::string> text_of(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

/// "products_8a9b…" and its parts: "….data.json", "….data.json.gz", "….0.data.json.gz".
bool is_data_of(std::string_view stem, std::string_view file) {
  if (!file.starts_with(stem)) return false;
  file.remove_prefix(stem.size());
  if (file.ends_with(".gz")) file.remove_suffix(3);
  if (!file.ends_with(".data.json")) return false;
  file.remove_suffix(std::string_view(".data.json").size());
  if (file.empty()) return true;
  return file.front() == '.' && file.size() > 1 &&
         std::all_of(file.begin() + 1, file.end(), [](unsigned char digit) { return std::isdigit(digit) != 0; });
}

/// Parts of one collection in the order of their numbers: 2 before 10.
void sort_parts(std::vector<fs::path>& files) {
  std::sort(files.begin(), files.end(), [](fs::path const& one, fs::path const& other) {
    auto const a = one.filename().string(), b = other.filename().string();
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
}

Expected<DumpedCollection, std::string> read_structure(fs::path const& file) {
  auto text = text_of(file);
  if (!text) return unexpected(failed_to_read(file, "it cannot be opened"));
  boost::system::error_code error;
  auto const value = boost::json::parse(*text, error);
  auto const* parameters = !error && value.is_object() ? value.get_object().if_contains("parameters") : nullptr;
  auto const* name =
      parameters != nullptr && parameters->is_object() ? parameters->get_object().if_contains("name") : nullptr;
  if (name == nullptr || !name->is_string()) {
    return unexpected(failed_to_read(file, "it names no collection; is it a dump by arangodump?"));
  }
  DumpedCollection collection;
  collection.name = std::string(name->get_string());
  collection.structure = std::move(*text);
  return collection;
}

std::string database_of(fs::path const& folder) {
  auto const text = text_of(folder / "dump.json");
  if (!text) return {};
  boost::system::error_code error;
  auto const value = boost::json::parse(*text, error);
  if (error || !value.is_object()) return {};
  for (auto const* member : {"database", "databaseName"}) {
    auto const* name = value.get_object().if_contains(member);
    if (name != nullptr && name->is_string()) return std::string(name->get_string());
    auto const* properties = value.get_object().if_contains("properties");
    if (properties == nullptr || !properties->is_object()) continue;
    auto const* inner = properties->get_object().if_contains("name");
    if (inner != nullptr && inner->is_string()) return std::string(inner->get_string());
  }
  return {};
}

Expected<DumpedDatabase, std::string> read_folder(fs::path const& folder) {
  auto const encryption = text_of(folder / "ENCRYPTION");
  if (encryption && !encryption->starts_with("none")) {
    return unexpected(failed_to_read(folder, "the dump is encrypted; make one without --encryption.keyfile"));
  }
  std::vector<fs::path> files;
  for (auto const& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  DumpedDatabase database;
  database.name = database_of(folder);
  for (auto const& file : files) {
    auto const name = file.filename().string();
    if (name.ends_with(".view.json")) database.left_out.push_back(name + ": views are not loaded");
    if (name.ends_with(".data.vpack"))
      database.left_out.push_back(name + ": only JSON is read; dump without VelocyPack");
    if (!name.ends_with(structure_end)) continue;
    auto collection = read_structure(file);
    if (!collection) return unexpected(collection.error());
    auto const stem = name.substr(0, name.size() - structure_end.size());
    std::copy_if(files.begin(), files.end(), std::back_inserter(collection->data),
                 [&](fs::path const& other) { return is_data_of(stem, other.filename().string()); });
    sort_parts(collection->data);
    database.collections.push_back(*std::move(collection));
  }
  return database;
}

struct CloseFile {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

/// Plain files too: zlib hands through what is not compressed.
class Blocks {
public:
  explicit Blocks(fs::path const& file) : path_(file), file_(gzopen(file.c_str(), "rb")) {
    if (file_) gzbuffer(file_.get(), 1U << 17U);
  }

  /// Appends whole lines, about block_bytes of them; false at the end.
  Expected<bool, std::string> next(std::string& lines) {
    if (!file_) return unexpected(failed_to_read(path_, "it cannot be opened"));
    lines = std::move(rest_);
    rest_.clear();
    for (;;) {
      auto const before = lines.size();
      if (before > line_bytes_max) return unexpected(failed_to_read(path_, "a line is longer than 1 GiB"));
      lines.resize(before + block_bytes);
      int const got = gzread(file_.get(), lines.data() + before, static_cast<unsigned>(block_bytes));
      if (got < 0) return unexpected(failed_to_read(path_, "the compressed data is damaged"));
      lines.resize(before + static_cast<std::size_t>(got));
      if (got == 0) break;
      auto const end = lines.rfind('\n');
      if (end == std::string::npos) continue;
      rest_ = lines.substr(end + 1);
      lines.resize(end + 1);
      return true;
    }
    int state = Z_OK;
    gzerror(file_.get(), &state);
    if (state == Z_BUF_ERROR) return unexpected(failed_to_read(path_, "it ends in the middle"));
    return !lines.empty();
  }

private:
  fs::path path_;
  std::unique_ptr<gzFile_s, CloseFile> file_;
  std::string rest_;
};

/// `{"type":2302,"key":"17","rev":"18"}` or `{"type":2302,"data":{"_key":"17"}}`; nothing if it is another kind of
/// line.
std::optional<std::string> removed_key(std::string_view line) {
  if (!line.starts_with(R"({"type":2302)")) return std::nullopt;
  boost::system::error_code error;
  auto const value = boost::json::parse(boost::json::string_view(line.data(), line.size()), error);
  if (error || !value.is_object()) return std::nullopt;
  auto const* key = value.get_object().if_contains("key");
  auto const* data = value.get_object().if_contains("data");
  if (key == nullptr && data != nullptr && data->is_object()) key = data->get_object().if_contains("_key");
  if (key == nullptr || !key->is_string()) return std::nullopt;
  return std::string(key->get_string());
}

/// Runs of documents go through the parser together; a removal stands between two of them.
class Walk {
public:
  Walk(fs::path const& file, TakeLine const& take) : file_(file), take_(take) {}

  Expected<Done, std::string> block(std::string const& lines) {
    std::size_t run = 0;
    for (std::size_t at = 0; at < lines.size();) {
      auto const end = std::min(lines.find('\n', at), lines.size() - 1) + 1;
      if (auto const key = removed_key(std::string_view(lines).substr(at, end - at))) {
        if (auto const done = documents(lines.substr(run, at - run)); !done) return done;
        ++line_;
        if (auto const done = take_(DumpedLine{true, *key, {}}); !done) return done;
        run = end;
      }
      at = end;
    }
    return documents(lines.substr(run));
  }

private:
  Expected<Done, std::string> documents(std::string text) {
    cluster::Lines lines(std::move(text));
    cluster::DumpedDocument document;
    for (;;) {
      auto const next = lines.next(document);
      if (next == cluster::Lines::Next::End) break;
      if (next == cluster::Lines::Next::Broken) {
        return unexpected(
            failed_to_read(file_, "line " + std::to_string(line_ + lines.line_number()) + " is no document of a dump"));
      }
      if (auto const done = take_(DumpedLine{false, document.key, document.document}); !done) return done;
    }
    line_ += lines.line_number();
    return Done{};
  }

  fs::path const& file_;
  TakeLine const& take_;
  std::size_t line_ = 0;  ///< of the text handed to documents() before
};

}  // namespace

Expected<std::vector<DumpedDatabase>, std::string> find_dumps(fs::path const& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return unexpected(failed_to_read(folder, "it is no folder"));
  std::vector<DumpedDatabase> found;
  auto take = [&](fs::path const& from) -> Expected<Done, std::string> {
    auto database = read_folder(from);
    if (!database) return unexpected(database.error());
    if (database->collections.empty()) return Done{};
    if (database->name.empty() && from != folder) database->name = from.filename().string();
    found.push_back(*std::move(database));
    return Done{};
  };
  if (auto const done = take(folder); !done) return unexpected(done.error());
  std::vector<fs::path> below;
  for (auto const& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) below.push_back(entry.path());
  }
  std::sort(below.begin(), below.end());
  for (auto const& one : below) {
    if (auto const done = take(one); !done) return unexpected(done.error());
  }
  if (found.empty())
    return unexpected(failed_to_read(folder, "there is no *.structure.json in it; name the folder of a dump"));
  return found;
}

Expected<Done, std::string> walk_lines(fs::path const& file, TakeLine const& take) {
  Blocks blocks(file);
  Walk walk(file, take);
  std::string lines;
  for (;;) {
    auto const more = blocks.next(lines);
    if (!more) return unexpected(more.error());
    if (!*more) return Done{};
    if (auto const done = walk.block(lines); !done) return done;
  }
}

}  // namespace arangosync::sandbox
