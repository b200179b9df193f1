#include "adapters/codec/envelope.h"

#include "domain/base/blob.h"

#include <zstd.h>

#include <memory>

namespace arangosync::codec {

namespace {

constexpr std::string_view magic = "ASQ1";
constexpr std::size_t compress_from_bytes = 256;  // below, the frame costs more than it saves
constexpr int compression_level = 1;              // the links are slower than the processors, but not by much
constexpr std::uint8_t compression_none = 0;
constexpr std::uint8_t compression_zstd = 1;

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// Contexts are dear to make; each thread keeps one of each.
ZSTD_CCtx* compressor() {
  thread_local std::unique_ptr<ZSTD_CCtx, FreeCompressor> const context(ZSTD_createCCtx());
  return context.get();
}
ZSTD_DCtx* decompressor() {
  thread_local std::unique_ptr<ZSTD_DCtx, FreeDecompressor> const context(ZSTD_createDCtx());
  return context.get();
}

void put_u64(char* at, std::uint64_t value) {
  for (int byte = 0; byte < 8; ++byte) at[byte] = static_cast<char>(value >> (8 * byte));
}

std::uint64_t get_u64(char const* at) {
  std::uint64_t value = 0;
  for (int byte = 7; byte >= 0; --byte) value = value << 8 | static_cast<std::uint8_t>(at[byte]);
  return value;
}

bool is_credible(std::uint64_t size, std::size_t compressed) {
  return size <= compression_free_bytes + compressed * std::uint64_t{compression_ratio_max};
}

std::uint64_t checksum(std::string_view message) { return fnv1a_64(message.substr(16)) ^ get_u64(message.data()); }

/// Appends the compressed body; false (and nothing appended) if that does not pay.
bool append_compressed(std::string& message, std::string_view body) {
  if (body.size() < compress_from_bytes || body.size() > decompressed_bytes_max) return false;
  std::size_t const header = message.size();
  message.resize(header + ZSTD_compressBound(body.size()));
  std::size_t const written = ZSTD_compressCCtx(compressor(), message.data() + header, message.size() - header,
                                                body.data(), body.size(), compression_level);
  bool const pays =
      ZSTD_isError(written) == 0 && written < body.size() - body.size() / 16 && is_credible(body.size(), written);
  message.resize(pays ? header + written : header);
  return pays;
}

}  // namespace

std::string seal(std::string_view body) {
  std::string message(envelope_header_bytes, '\0');
  bool const compressed = append_compressed(message, body);
  if (!compressed) message.append(body);
  magic.copy(message.data(), magic.size());
  message[4] = static_cast<char>(schema_version);
  message[5] = static_cast<char>(compressed ? compression_zstd : compression_none);
  put_u64(message.data() + 16, body.size());
  put_u64(message.data() + 8, checksum(message));
  return message;
}

Expected<std::string, std::string> open(std::string_view bytes) {
  auto wrong = [](std::string text) { return unexpected(std::move(text)); };
  if (bytes.size() < envelope_header_bytes) return wrong("the message is cut off in its header");
  if (bytes.substr(0, 4) != magic) return wrong("this is no queue message");
  auto const version = static_cast<std::uint8_t>(bytes[4]);
  if (version > schema_version) {
    return wrong("schema version " + std::to_string(version) + " is newer than " + std::to_string(schema_version));
  }
  if (version < 1) return wrong("schema version 0 never existed");
  if (checksum(bytes) != get_u64(bytes.data() + 8)) return wrong("checksum differs");
  auto const compression = static_cast<std::uint8_t>(bytes[5]);
  std::uint64_t const size = get_u64(bytes.data() + 16);
  std::string_view const body = bytes.substr(envelope_header_bytes);
  if (compression == compression_none) {
    if (size != body.size()) return wrong("size of the body differs from its header");
    return std::string(body);
  }
  if (compression != compression_zstd) return wrong("unknown compression " + std::to_string(compression));
  if (size > decompressed_bytes_max) return wrong("the decompressed body would be over its limit");
  if (!is_credible(size, body.size())) return wrong("the compression ratio is out of bounds");
  std::string decompressed(size, '\0');
  std::size_t const written = ZSTD_decompressDCtx(decompressor(), decompressed.data(), size, body.data(), body.size());
  if (ZSTD_isError(written) != 0 || written != size) return wrong("the body cannot be decompressed");
  return decompressed;
}

}  // namespace arangosync::codec
