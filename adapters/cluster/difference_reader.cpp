#include "adapters/cluster/difference_reader.h"

#include "adapters/cluster/revision_answer.h"
#include "adapters/codec/changes.h"
#include "adapters/codec/comparison.h"
#include "domain/base/limits.h"

#include <algorithm>
#include <utility>

namespace arangosync::cluster {
namespace {

using revision::PieceChange;
using revision::RevisionId;

constexpr std::size_t listed_at_once = 65'536;

/// One chunk in the making.
struct Making {
  codec::ChangesBuilder builder;
  codec::ChangesBuilder removals;
  std::size_t bytes_max = 0;
  std::optional<RevisionId> next;  ///< set once the chunk is full

  bool is_full() const { return builder.size_bytes() + removals.size_bytes() >= bytes_max; }
};

void add_removal(codec::ChangesBuilder& builder, RevisionId id) {
  codec::Change change;
  change.kind = codec::ChangeKind::RemoveRevision;
  std::string const text = revision::to_text(id);
  change.revision = text;
  builder.add(change);
}

/// The next documents to be sent, as many as one call may bring.
std::vector<RevisionId> next_documents(std::vector<PieceChange> const& changes, std::size_t at) {
  std::vector<RevisionId> ids;
  for (; at < changes.size() && ids.size() < limits::apply_documents_max; ++at) {
    if (!changes[at].is_removal) ids.push_back(changes[at].id);
  }
  return ids;
}

/// Adds the changes from `at` on whose documents are in the answer. False: a document is missing.
bool add_changes(Making& making, std::vector<PieceChange> const& changes, std::size_t& at, std::string body) {
  bool is_complete = true;
  auto const add_removals = [&] {
    for (; at < changes.size() && changes[at].is_removal; ++at) add_removal(making.removals, changes[at].id);
  };
  bool const is_array = parse_documents_answer(std::move(body), [&](DumpedDocument const& document) {
    add_removals();
    is_complete = is_complete && at < changes.size() && !document.key.empty();
    if (!is_complete) return;
    codec::Change change;
    change.key = document.key;
    change.revision = document.revision;
    change.document = document.document;
    making.builder.add(change);
    ++at;
  });
  add_removals();
  return is_array && is_complete;
}

http::Task<Outcome<Revisions>> revisions_in(http::Scope& scope, Connection& connection, ShardPlace place,
                                            std::string batch, ShardContents contents, revision::Range range) {
  if (contents.list) co_return contents.list->list.within(range, listed_at_once);
  co_return co_await list_revisions(scope, connection, place, std::move(batch), range, std::nullopt);
}

http::Task<Outcome<std::string>> documents_of(http::Scope& scope, Connection& connection, ShardPlace place,
                                              std::string batch, ShardContents contents,
                                              std::vector<RevisionId> revisions, std::size_t bytes_max) {
  if (contents.list) {
    co_return co_await read_listed_documents(scope, connection, place, contents.list, std::move(revisions), bytes_max);
  }
  auto body = co_await read_documents(scope, connection, place, std::move(batch), std::move(revisions), bytes_max,
                                      std::nullopt);
  if (!body) co_return unexpected(body.error());
  if (body->has_value()) co_return std::move(**body);
  co_return unexpected(Fault{FaultClass::NotFound, "read documents of " + to_string(place) + ": its tree is gone"});
}

http::Task<Outcome<Done>> add_piece(http::Scope& scope, Connection& connection, ShardPlace place, std::string batch,
                                    ShardContents contents, std::vector<PieceChange> changes, Making& making) {
  std::size_t at = 0;
  while (at < changes.size()) {
    if (making.is_full()) {
      making.next = changes[at].id;
      co_return Done{};
    }
    std::size_t const before = at;
    auto documents = next_documents(changes, at);
    std::string body = "[]";
    if (!documents.empty()) {
      auto answer =
          co_await documents_of(scope, connection, place, batch, contents, std::move(documents), making.bytes_max);
      if (!answer) co_return unexpected(answer.error());
      body = std::move(*answer);
    }
    if (!add_changes(making, changes, at, std::move(body)) || at == before) {
      co_return unexpected(
          Fault{FaultClass::NotFound, "a document of " + to_string(place) + " is not in its snapshot"});
    }
  }
  co_return Done{};
}

}  // namespace

http::Task<Outcome<worker::DifferenceChunk>> read_difference(http::Scope& scope, Connection& connection,
                                                             ShardContents contents, ShardPlace place,
                                                             worker::ReadDifference effect) {
  auto const& snapshot = effect.snapshot;
  auto const part = codec::read_part(effect.part);
  if (!part) co_return unexpected(Fault{FaultClass::Permanent, "compare " + to_string(place) + ": " + part.error()});
  Making making;
  making.bytes_max = std::max<std::size_t>(1, effect.chunk_bytes);
  auto from = effect.from;
  while (!making.next) {
    auto piece = revision::next_piece(*part, from);
    if (!piece) break;
    if (making.is_full()) {
      making.next = piece->range.first;
      break;
    }
    auto listed = co_await revisions_in(scope, connection, place, snapshot.id, contents, piece->range);
    if (!listed) co_return unexpected(listed.error());
    auto const last = listed->to_the_end ? piece->range.last : listed->ids.back();
    auto changes = revision::changes_of(*piece, listed->ids, last);
    auto added = co_await add_piece(scope, connection, place, snapshot.id, contents, std::move(changes), making);
    if (!added) co_return unexpected(added.error());
    from = last.next();
    if (from == RevisionId(0)) break;  // that was the last revision there can be
  }
  worker::DifferenceChunk chunk;
  chunk.changes = making.builder.finish();
  chunk.removals = making.removals.finish();
  chunk.next = making.next;
  if (!making.next && revision::wants_detail(*part)) {
    chunk.detail = codec::print_outline(revision::outline(*contents.tree, revision::ranges_for_detail(*part),
                                                          part->finer_than, revision::outline_detail_nodes_max));
  }
  co_return chunk;
}

}  // namespace arangosync::cluster
