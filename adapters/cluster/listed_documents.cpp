// Documents of a shard by revision, where the server finds them by their place among the keys only (shard_keys.h).
#include "adapters/cluster/error_class.h"
#include "adapters/cluster/revision_answer.h"
#include "adapters/cluster/shard_keys.h"

#include <algorithm>
#include <map>
#include <utility>

namespace arangosync::cluster {
namespace {

using revision::RevisionId;

constexpr Duration long_call = std::chrono::seconds(300);

struct Wanted {
  std::uint32_t place = 0;  ///< in the chunk
  std::size_t index = 0;    ///< among the revisions
};

/// Documents as they come, chunk by chunk, for revisions that are wanted in another order. So that only so many bytes
/// are held, ever fewer of the first ones are wanted.
class Gathering {
public:
  Gathering(std::vector<RevisionId> revisions, std::size_t bytes_max)
      : revisions_(std::move(revisions)), bytes_max_(bytes_max), texts_(revisions_.size()), end_(revisions_.size()) {}

  /// By chunk, those that are wanted first in front. Absent: a revision is not in the list.
  std::optional<std::vector<std::pair<std::size_t, std::vector<Wanted>>>> by_chunk(ShardList const& list) const {
    std::map<std::size_t, std::vector<Wanted>> chunks;
    for (std::size_t index = 0; index < revisions_.size(); ++index) {
      auto const position = list.position_of(revisions_[index]);
      if (!position) return std::nullopt;
      chunks[*position / ShardKeys::chunk_size].push_back(Wanted{*position % ShardKeys::chunk_size, index});
    }
    std::vector<std::pair<std::size_t, std::vector<Wanted>>> ordered(chunks.begin(), chunks.end());
    std::sort(ordered.begin(), ordered.end(), [](auto const& a, auto const& b) {  // by the first: still by index
      return a.second.front().index < b.second.front().index;
    });
    for (auto& [chunk, all] : ordered) {
      std::sort(all.begin(), all.end(), [](Wanted const& a, Wanted const& b) { return a.place < b.place; });
    }
    return ordered;
  }

  bool wants(Wanted const& one) const { return one.index < end_ && texts_[one.index].empty(); }

  /// False: it is another document.
  bool take(Wanted const& one, DumpedDocument const& document) {
    if (revision::from_text(document.revision) != revisions_[one.index]) return false;
    if (!wants(one)) return true;
    texts_[one.index] = document.document;
    bytes_ += document.document.size();
    return true;
  }

  /// Once too much is held the later half of what is wanted goes, as often as needed.
  void trim() {
    while (bytes_ > 2 * bytes_max_ && end_ > 1) {
      std::size_t const half = (end_ + 1) / 2;
      for (std::size_t index = half; index < end_; ++index) {
        bytes_ -= texts_[index].size();
        std::string().swap(texts_[index]);
      }
      end_ = half;
    }
  }

  /// To be asked once all that is wanted is there.
  std::string array() const {
    std::string text = "[";
    for (std::size_t index = 0; index < end_; ++index) {
      if (index > 0 && text.size() + texts_[index].size() > bytes_max_) break;
      if (index > 0) text += ',';
      text += texts_[index];
    }
    return text + "]";
  }

private:
  std::vector<RevisionId> revisions_;
  std::size_t bytes_max_;
  std::vector<std::string> texts_;
  std::size_t bytes_ = 0;
  std::size_t end_;  ///< what lies behind is not wanted any more
};

std::string places_body(std::vector<Wanted> const& wanted) {
  std::string body = "[";
  for (auto const& one : wanted) {
    if (body.size() > 1) body += ',';
    body += std::to_string(one.place);
  }
  return body + "]";
}

/// Asks until everything of the chunk that is wanted is there: an answer may be cut.
http::Task<Outcome<Done>> gather_chunk(http::Scope& scope, Connection& connection, ShardPlace place, Call call,
                                       std::vector<Wanted> wanted, Gathering& gathering) {
  while (true) {
    std::erase_if(wanted, [&](Wanted const& one) { return !gathering.wants(one); });
    if (wanted.empty()) co_return Done{};
    call.body = places_body(wanted);
    auto reply = co_await call_place(scope, connection, place, call);
    if (!reply) co_return unexpected(reply.error());
    if (!succeeded(*reply)) co_return unexpected(fault_in_batch(call.what, *reply));
    std::size_t answered = 0;
    bool is_sound = true;
    bool const is_array = parse_documents_answer(std::move(reply->body), [&](DumpedDocument const& document) {
      is_sound = is_sound && answered < wanted.size() && gathering.take(wanted[answered], document);
      ++answered;
    });
    if (!is_array || !is_sound || answered == 0) {
      co_return unexpected(Fault{FaultClass::NotFound, call.what + ": the answer does not fit the snapshot"});
    }
    gathering.trim();
  }
}

}  // namespace

http::Task<Outcome<std::string>> read_listed_documents(http::Scope& scope, Connection& connection, ShardPlace place,
                                                       std::shared_ptr<KeyedList const> list,
                                                       std::vector<RevisionId> revisions, std::size_t bytes_max) {
  Call call;
  call.what = "read documents of " + to_string(place);
  call.method = "PUT";
  call.timeout = long_call;
  Gathering gathering(std::move(revisions), bytes_max);
  auto chunks = gathering.by_chunk(list->list);
  if (!chunks) co_return unexpected(Fault{FaultClass::NotFound, call.what + ": a revision is not in the list"});
  for (auto& [chunk, wanted] : *chunks) {
    call.target = keys_target(place, *list->keys, chunk, "docs");
    auto gathered = co_await gather_chunk(scope, connection, place, call, std::move(wanted), gathering);
    if (!gathered) co_return unexpected(gathered.error());
  }
  co_return gathering.array();
}

}  // namespace arangosync::cluster
