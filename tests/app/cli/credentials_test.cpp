// What is given as a secret: a file, or the secret itself, and never the one taken for the other.
#include "app/cli/credentials.h"
#include "tests/app/cli/temporary_folder.h"

#include <gtest/gtest.h>

namespace arangosync::cli {
namespace {

Expected<Secret, Problem> secret_of(std::string const& text) { return load_secret("--master", {"", text}); }

TEST(ASecret, MayBeGivenItselfOrByItsFile) {
  TemporaryFolder const folder;
  auto const by_file = secret_of(folder.write("secret", "geheim\n"));
  ASSERT_TRUE(by_file);
  EXPECT_EQ(by_file->value, "geheim");
  for (char const* literal : {"geheim", "/bG9uZw==", "/no such folder/bG9uZw=="}) {
    auto const itself = secret_of(literal);
    ASSERT_TRUE(itself) << literal;
    EXPECT_EQ(itself->value, literal);
    EXPECT_EQ(itself->file, "");
  }
}

TEST(ASecret, IsNotTheNameOfAFileThatCannotBeRead) {
  TemporaryFolder const folder;
  auto const missing = secret_of(folder.file("secret"));
  ASSERT_FALSE(missing) << "whoever knows the name would be let in";
  EXPECT_NE(missing.error().message.find(folder.file("secret")), std::string::npos) << missing.error().message;
}

}  // namespace
}  // namespace arangosync::cli
