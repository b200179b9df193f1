// What others verify this master by, out of --server.keyfile. Used by master_daemon.cpp.
#pragma once

#include <string>

namespace arangosync::app {

/// The certificates behind the leaf, or the leaf itself if it has signed itself. Empty for a keyfile that holds
/// neither: then nobody can verify us by what we tell him.
std::string server_ca(std::string const& certificate_pem);

}  // namespace arangosync::app
