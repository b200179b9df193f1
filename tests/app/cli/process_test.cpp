// The built program as scripts see it: exit codes, which stream says what, and files that openssl accepts.
#include "app/cli/version.h"
#include "tests/app/cli/temporary_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace arangosync::cli;

namespace {

struct Ended {
  int code = -1;
  std::string out;
  std::string err;
  std::size_t err_lines() const { return static_cast<std::size_t>(std::count(err.begin(), err.end(), '\n')); }
};

void redirect(std::string const& path, int to) {
  int const file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || dup2(file, to) < 0) _exit(126);
}

class Program : public ::testing::Test {
protected:
  /// Runs in the test's folder, with both outputs in files, to its end.
  Ended run(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t const child = fork();
    if (child == 0) {
      redirect(outputs_.file("out"), STDOUT_FILENO);
      redirect(outputs_.file("err"), STDERR_FILENO);
      if (chdir(folder_.path().c_str()) != 0) _exit(126);
      execvp(arguments[0], arguments.data());
      _exit(127);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, outputs_.read("out"), outputs_.read("err")};
  }

  Ended arangosync(std::vector<std::string> words) {
    words.insert(words.begin(), ARANGOSYNC_PROGRAM);
    return run(std::move(words));
  }

  bool has_openssl() { return run({"openssl", "version"}).code == 0; }

  TemporaryFolder folder_;
  TemporaryFolder outputs_;
};

}  // namespace

TEST_F(Program, PrintsItsVersionForTools) {
  for (auto const* word : {"--version", "version"}) {
    auto const ended = arangosync({word});
    EXPECT_EQ(ended.code, 0);
    EXPECT_EQ(ended.out, version_line() + "\n");
    EXPECT_EQ(ended.err, "");
  }
}

TEST_F(Program, ExplainsItselfOnStandardOutput) {
  auto const ended = arangosync({"create", "tls", "keyfile", "--help"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_NE(ended.out.find("--cakey"), std::string::npos);
  EXPECT_EQ(ended.err, "");
}

TEST_F(Program, MakesCertificatesThatOpensslVerifies) {
  ASSERT_EQ(arangosync({"create", "tls", "ca"}).code, 0);
  ASSERT_EQ(arangosync({"create", "tls", "keyfile", "--host=localhost", "--host=127.0.0.1"}).code, 0);
  ASSERT_EQ(arangosync({"create", "tls", "certificate", "--host=localhost"}).code, 0);
  ASSERT_EQ(arangosync({"create", "client-auth", "ca"}).code, 0);
  ASSERT_EQ(arangosync({"create", "client-auth", "keyfile"}).code, 0);
  ASSERT_EQ(arangosync({"create", "jwt-secret"}).code, 0);
  for (auto const* name : {"tls-ca.crt", "tls-ca.key", "tls.keyfile", "tls.crt", "tls.key", "client-auth-ca.crt",
                           "client-auth-ca.key", "client-auth.keyfile", "secret.jwt"}) {
    EXPECT_TRUE(folder_.has(name)) << name;
  }
  EXPECT_EQ(folder_.entries(), 9u);
  if (!has_openssl()) GTEST_SKIP() << "the openssl program is not installed; files were made but not verified by it";
  auto const server = run({"openssl", "verify", "-CAfile", "tls-ca.crt", "-purpose", "sslserver", "-verify_hostname",
                           "localhost", "tls.keyfile"});
  EXPECT_EQ(server.code, 0) << server.out << server.err;
  auto const address = run({"openssl", "verify", "-CAfile", "tls-ca.crt", "-verify_ip", "127.0.0.1", "tls.keyfile"});
  EXPECT_EQ(address.code, 0) << address.out << address.err;
  auto const client =
      run({"openssl", "verify", "-CAfile", "client-auth-ca.crt", "-purpose", "any", "client-auth.keyfile"});
  EXPECT_EQ(client.code, 0) << client.out << client.err;
  auto const stranger = run({"openssl", "verify", "-CAfile", "client-auth-ca.crt", "-purpose", "any", "tls.keyfile"});
  EXPECT_NE(stranger.code, 0);
}

TEST_F(Program, AnswersWrongInputsWithOneLineAndItsExitCode) {
  folder_.write("bad.pem", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
  struct Case {
    std::vector<std::string> words;
    int code;
    std::string named;
  };
  std::vector<Case> const cases{
      {{"get", "status", "--no-such-flag"}, 2, "--no-such-flag"},
      {{"get", "status"}, 2, "--master.endpoint"},
      {{"fly"}, 2, "fly"},
      {{"create", "tls", "ca", "--validfor=tomorrow"}, 2, "--validfor"},
      {{"create", "tls", "keyfile"}, 1, "tls-ca.crt"},
      {{"create", "tls", "keyfile", "--cacert=bad.pem", "--cakey=bad.pem"}, 1, "bad.pem"},
      {{"create", "jwt-secret", "--secret=bad.pem/secret"}, 1, "bad.pem/secret"},
      {{"get", "status", "--master.endpoint=https://127.0.0.1:1", "--master.cacert=bad.pem"}, 1, "bad.pem"},
      {{"get", "status", "--master.endpoint=http://127.0.0.1:1"}, 3, "127.0.0.1:1"},
      {{"run", "master", "--mq.type=kafka"}, 2, "--mq.type=direct"},
      {{"run", "master"}, 2, "Missing --cluster.endpoint"},
      {{"run", "worker", "--master.endpoint=https://m", "--server.endpoint=https://w", "--master.jwt-secret=none"},
       1,
       "none"},
      {{"run", "master", "--cluster.endpoint=http://c", "--server.keyfile=bad.pem", "--server.client-cafile=bad.pem",
        "--server.endpoint=https://m", "--master.jwtSecret=x"},
       1,
       "bad.pem"},
  };
  for (auto const& one : cases) {
    auto const ended = arangosync(one.words);
    EXPECT_EQ(ended.code, one.code) << ended.err;
    EXPECT_EQ(ended.out, "") << ended.err;
    EXPECT_EQ(ended.err_lines(), 1u) << ended.err;
    EXPECT_NE(ended.err.find(one.named), std::string::npos) << ended.err;
  }
  EXPECT_EQ(folder_.entries(), 1u) << "nothing is half-written";
}

TEST_F(Program, WritesWhyAServerDoesNotStartToItsLogFileToo) {
  folder_.write("bad.pem", "no certificate");
  auto const master = arangosync({"run", "master", "--cluster.endpoint=http://c", "--server.keyfile=bad.pem",
                                  "--server.client-cafile=bad.pem", "--server.endpoint=https://m",
                                  "--master.jwtSecret=x", "--log.file=master.log", "--log.level=fatal"});
  EXPECT_EQ(master.code, 1);
  EXPECT_EQ(master.err_lines(), 1u) << master.err;
  EXPECT_NE(folder_.read("master.log").find("|FATAL| "), std::string::npos) << folder_.read("master.log");
  EXPECT_NE(folder_.read("master.log").find("bad.pem"), std::string::npos) << folder_.read("master.log");
  auto const worker =
      arangosync({"run", "worker", "--master.endpoint=https://m", "--server.endpoint=https://w",
                  "--master.jwt-secret=none", "--log.file=worker.log", "--log.stderr=true", "--pid-file=no/x/pid"});
  EXPECT_EQ(worker.err_lines(), 1u) << worker.err;
  EXPECT_NE(folder_.read("worker.log").find("none"), std::string::npos) << folder_.read("worker.log");
  EXPECT_NE(folder_.read("worker.log").find("component=worker\n"), std::string::npos) << folder_.read("worker.log");
}

TEST_F(Program, MakesNoFoldersForAServersFiles) {
  folder_.write("secret", "0123456789abcdef");
  for (auto const* flag : {"--pid-file=nope/x/pid", "--log.file=nope/x/log"}) {
    auto const ended = arangosync({"run", "worker", "--master.endpoint=https://m", "--server.endpoint=https://w",
                                   "--master.jwt-secret=secret", flag});
    EXPECT_EQ(ended.code, 1);
    EXPECT_EQ(ended.err_lines(), 1u) << ended.err;
    EXPECT_NE(ended.err.find("nope/x"), std::string::npos) << ended.err;
    EXPECT_FALSE(folder_.has("nope")) << flag;
  }
}

TEST_F(Program, WarnsWhenNobodyVerifiesTheMaster) {
  auto const ended = arangosync({"get", "status", "--master.endpoint=https://127.0.0.1:1"});
  EXPECT_EQ(ended.code, 3);
  EXPECT_NE(ended.err.find("|WARN| Accepting unverified master TLS certificate. Use --master.cacert. component=cli\n"),
            std::string::npos)
      << ended.err;
}

TEST_F(Program, ShowsTheUsageOfAnUnfinishedCommand) {
  auto const ended = arangosync({"create", "tls"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_NE(ended.err.find("keyfile"), std::string::npos) << ended.err;
}
