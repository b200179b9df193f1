// Folders that arangodump wrote, of every age: which databases and collections are in them, and their documents.
//
//   NAME.structure.json, NAME_<hash>.structure.json     {"parameters":{…},"indexes":[…]}
//   the same stem + .data.json[.gz], .N.data.json[.gz]  a document a line, with an envelope {"type":2300,…,"data":{…}}
//                                                       until 3.7, without from 3.8 on
//   dump.json                                           {"database":"…"}; a folder per database with --all-databases
//
// Called by load.h. Reads files, never the network; errors are one line that names the file.
#pragma once

#include "domain/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::sandbox {

struct DumpedCollection {
  std::string name;
  std::string structure;                    ///< JSON text of the structure file
  std::vector<std::filesystem::path> data;  ///< in their order; none: the dump has no documents of it
};

struct DumpedDatabase {
  std::string name;  ///< empty: the dump does not say
  std::vector<DumpedCollection> collections;
  std::vector<std::string> left_out;  ///< files nobody reads here (views, encrypted ones), a line each
};

/// All databases in the folder: its own, or those of its sub-folders.
Expected<std::vector<DumpedDatabase>, std::string> find_dumps(std::filesystem::path const& folder);

/// What a line of a data file says. Views are valid until the next line.
struct DumpedLine {
  bool is_removal = false;  ///< dumps of old servers tell what was removed while they were made
  std::string_view key;
  std::string_view document;  ///< its bytes as they stand in the file; empty for a removal
};

/// Calls take(line) for each line of a plain or gzipped data file, which may stop the walk by an error.
using TakeLine = std::function<Expected<Done, std::string>(DumpedLine const&)>;
Expected<Done, std::string> walk_lines(std::filesystem::path const& file, TakeLine const& take);

}  // namespace arangosync::sandbox
