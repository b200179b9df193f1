// Outlines of revision trees and parts of comparisons (domain/revision) as blobs of messages. Built and read by the
// cluster ports, real and simulated; the machines between them pass the blobs on unread. Untrusted input: verified
// first; the error is one line.
#pragma once

#include "domain/base/blob.h"
#include "domain/base/result.h"
#include "domain/revision/part.h"

#include <string>

namespace arangosync::codec {

Blob print_outline(revision::Outline const& outline);
Expected<revision::Outline, std::string> read_outline(Blob const& blob);

/// Of a part without ranges the empty blob: nothing differs.
Blob print_part(revision::Part const& part);
Expected<revision::Part, std::string> read_part(Blob const& blob);

}  // namespace arangosync::codec
