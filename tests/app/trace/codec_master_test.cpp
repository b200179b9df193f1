#include "tests/app/trace/codec_laws.h"

namespace arangosync::trace {
namespace {

using Laws = CodecLaws<engine::MasterMachine>;

TEST(MasterCodec, ReadsBackEveryCommandAsItWas) { Laws::every_command_is_read_back(); }
TEST(MasterCodec, ReadsBackEveryStateAsItWas) { Laws::every_state_is_read_back(); }
TEST(MasterCodec, RefusesWhatIsCutShortOrBroken) { Laws::broken_text_is_refused(); }
TEST(MasterCodec, SaysWhatItIsMadeOf) { Laws::the_schema_names_everything(); }

}  // namespace
}  // namespace arangosync::trace
