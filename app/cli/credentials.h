// The files behind the flags: secrets, keyfiles and CA certificates, read and checked before anything is started, so
// that a wrong file is one clear line and not a riddle later. Errors name flag and file, never the content.
#pragma once

#include "adapters/x509/certificate.h"
#include "app/cli/command_line.h"
#include "app/cli/outcome.h"

#include <string>
#include <vector>

namespace arangosync::cli {

struct Secret {
  std::string value;  ///< empty if the flag was not given
  std::string file;   ///< where it was read from; empty: a literal, or not given
};

/// `prefix` as in "--cluster". White space at the end of a file is dropped; an empty secret is refused.
Expected<Secret, Problem> load_secret(std::string const& prefix, SecretSource const& source);

/// The secrets of a cluster: literal, of a file, or of a folder (then several; see adapters/x509/secret_files.h).
struct ClusterSecrets {
  std::vector<std::string> values;  ///< none if the flag was not given
  std::string file;                 ///< where they were read from; empty: a literal, or not given
};
Expected<ClusterSecrets, Problem> load_cluster_secrets(SecretSource const& source);

/// A keyfile whose certificate fits the purpose (spec metrics-and-ops 5.3).
Expected<x509::Identity, Problem> load_keyfile(std::string const& flag, std::string const& path, x509::Purpose purpose);

/// One or several CA certificates.
Expected<std::string, Problem> load_certificates(std::string const& flag, std::string const& path);

}  // namespace arangosync::cli
