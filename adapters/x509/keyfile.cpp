#include "adapters/x509/keyfile.h"

#include <utility>

namespace arangosync::x509 {

namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::string_view blanks = " \t\r\n\v\f";

std::string_view trim(std::string_view text) {
  auto const first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_private_key(PemBlock const& block) {
  return block.type == "PRIVATE KEY" || block.type.ends_with(" PRIVATE KEY");
}

std::string join_certificates(std::vector<PemBlock> const& blocks) {
  std::string joined;
  for (auto const& block : blocks) {
    if (block.type == "CERTIFICATE") joined += block.text;
  }
  return joined;
}

}  // namespace

std::vector<PemBlock> pem_blocks(std::string_view text) {
  std::vector<PemBlock> blocks;
  for (;;) {
    auto const begin = text.find(begin_mark);
    if (begin == std::string_view::npos) return blocks;
    text.remove_prefix(begin);
    auto const line_end = text.find('\n');
    auto const type_end = text.find(dashes, begin_mark.size());
    if (type_end == std::string_view::npos) return blocks;
    auto const type = text.substr(begin_mark.size(), type_end - begin_mark.size());
    std::string const end = std::string(end_mark) + std::string(type) + std::string(dashes);
    auto const end_at = text.find(end, type_end);
    // Another BEGIN inside means that this block was cut off; the inner one may still be whole.
    auto const next_begin = text.find(begin_mark, begin_mark.size());
    if (type_end > line_end || end_at == std::string_view::npos || next_begin < end_at) {
      text.remove_prefix(begin_mark.size());
      continue;
    }
    blocks.push_back({std::string(type), std::string(text.substr(0, end_at + end.size())) + "\n"});
    text.remove_prefix(end_at + end.size());
  }
}

Expected<Identity, std::string> parse_keyfile(std::string_view text) {
  auto const blocks = pem_blocks(text);
  Identity identity{join_certificates(blocks), {}};
  if (identity.certificate_pem.empty()) return unexpected(std::string("no certificate found"));
  for (auto const& block : blocks) {
    if (!is_private_key(block)) continue;
    identity.key_pem = block.text;
    break;
  }
  if (identity.key_pem.empty()) return unexpected(std::string("no private key found"));
  auto const fits = check_key_matches(identity.certificate_pem, identity.key_pem);
  if (!fits) return unexpected(fits.error());
  return identity;
}

std::string to_keyfile(Identity const& identity) {
  return std::string(trim(identity.certificate_pem)) + "\n" + std::string(trim(identity.key_pem));
}

Expected<std::string, std::string> parse_certificates(std::string_view text) {
  auto const facts = read_certificate(text);
  if (!facts) return unexpected(facts.error());
  return join_certificates(pem_blocks(text));
}

}  // namespace arangosync::x509
