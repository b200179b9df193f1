#include "tests/app/trace/codec_laws.h"

namespace arangosync::trace {
namespace {

using Laws = CodecLaws<engine::WorkerMachine>;

TEST(WorkerCodec, ReadsBackEveryCommandAsItWas) { Laws::every_command_is_read_back(); }
TEST(WorkerCodec, ReadsBackEveryStateAsItWas) { Laws::every_state_is_read_back(); }
TEST(WorkerCodec, RefusesWhatIsCutShortOrBroken) { Laws::broken_text_is_refused(); }
TEST(WorkerCodec, SaysWhatItIsMadeOf) { Laws::the_schema_names_everything(); }

}  // namespace
}  // namespace arangosync::trace
