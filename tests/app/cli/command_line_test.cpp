// Every flag of the specification (arangosync-cli 1, 3 to 5), as its users and launchers write it, and what is said
// when a word is wrong. parse() is a function of words: no file or connection is needed here.
#include "app/cli/command_line.h"

#include "app/cli/version.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

using namespace arangosync;
using namespace arangosync::cli;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;

template <class C>
C parsed(Words const& words) {
  auto const command = parse(words);
  if (!command) {
    ADD_FAILURE() << command.error().message;
    return {};
  }
  if (!std::holds_alternative<C>(*command)) {
    ADD_FAILURE() << "another command was understood";
    return {};
  }
  return std::get<C>(*command);
}

std::string problem(Words const& words) {
  auto const command = parse(words);
  return command ? "(understood)" : command.error().message;
}

Words operator+(Words a, Words const& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Words const master{"run",
                   "master",
                   "--cluster.endpoint=https://c1:8529",
                   "--cluster.jwt-secret=/etc/cluster.jwt",
                   "--server.keyfile=/etc/tls.keyfile",
                   "--server.client-cafile=/etc/client.crt",
                   "--server.endpoint=https://m1:8629",
                   "--master.jwt-secret=/etc/master.jwt"};
Words const worker{"run", "worker", "--master.endpoint=https://m1:8629", "--server.endpoint=https://w1:8729",
                   "--master.jwt-secret=/etc/master.jwt"};
Words const connection{"--master.endpoint=https://m1:8629", "--auth.user=root"};

http::Endpoint endpoint(std::string host, std::uint16_t port, bool tls = true) { return {tls, std::move(host), port}; }

}  // namespace

TEST(RunMaster, HasTheDefaultsOfTheOriginal) {
  auto const command = parsed<RunMaster>(master);
  EXPECT_EQ(command.cluster_endpoints, std::vector{endpoint("c1", 8529)});
  EXPECT_EQ(command.cluster_secret.file, "/etc/cluster.jwt");
  EXPECT_EQ(command.keyfile, "/etc/tls.keyfile");
  EXPECT_EQ(command.client_ca_file, "/etc/client.crt");
  EXPECT_EQ(command.server_endpoint, endpoint("m1", 8629));
  EXPECT_EQ(command.port, 8629);
  EXPECT_EQ(command.master_endpoints, std::vector{endpoint("m1", 8629)});
  EXPECT_EQ(command.direct_token_ttl, 6h);
  EXPECT_EQ(command.log.level, ports::LogLevel::Info);
  EXPECT_FALSE(command.log.to_stderr);
  EXPECT_EQ(command.monitoring_token, "");
  EXPECT_EQ(command.pid_file, "");
}

TEST(Masters, AreShownNoCredentialsWithoutTls) {
  for (Words const& words :
       {Words{"get", "status", "--auth.user=root", "--master.endpoint=http://m1:8629"},
        Words{"get", "status", "--auth.user=root", "--master.endpoint=https://m1:8629,tcp://m2:8629"},
        Words{"run", "worker", "--master.endpoint=http://m1", "--server.endpoint=https://w1:8729",
              "--master.jwtSecret=s"},
        Words{"get", "status", "--auth.user=root", "--master.endpoint=http://127.example.com:8629"},
        Words{"run", "worker", "--master.endpoint=https://m1", "--server.endpoint=http://w1:8729",
              "--master.jwtSecret=s"},
        master + Words{"--server.endpoint=http://m1:8629"}, master + Words{"--master.endpoint=http://m1:8629"},
        Words{"configure", "sync", "--auth.user=root", "--master.endpoint=https://m1", "--source.endpoint=http://m2",
              "--master.keyfile=k"}}) {
    EXPECT_NE(problem(words).find("would show credentials to the network"), std::string::npos) << problem(words);
  }
  // The end of a tunnel, for instance.
  for (char const* const here : {"http://127.0.0.1:8629", "http://localhost:8629", "http://[::1]:8629"}) {
    EXPECT_EQ(problem({"get", "status", "--auth.user=root", std::string("--master.endpoint=") + here}), "(understood)");
  }
}

TEST(RunMaster, TakesEveryFlagAsTheStarterWritesThem) {
  // Flag and value as two words, booleans with an equals sign.
  auto const command = parsed<RunMaster>({"run",
                                          "master",
                                          "--log.file",
                                          "/var/log/sync.log",
                                          "--server.endpoint",
                                          "https://10.0.0.1:8532",
                                          "--server.port",
                                          "8532",
                                          "--monitoring.token",
                                          "token",
                                          "--master.jwt-secret",
                                          "/data/-",
                                          "--pid-file",
                                          "/run/sync.pid",
                                          "--log.level",
                                          "debug",
                                          "--server.keyfile",
                                          "/tls",
                                          "--server.client-cafile",
                                          "/ca",
                                          "--mq.type",
                                          "direct",
                                          "--cluster.jwt-secret",
                                          "/c",
                                          "--cluster.endpoint",
                                          "https://c1:8529",
                                          "--cluster.endpoint",
                                          "http://c2:8539",
                                          "--log.stderr=true",
                                          "--debug.profile=true",
                                          "--metrics.enabled=true",
                                          "--mq.direct-token-ttl",
                                          "12h",
                                          "--master.endpoint",
                                          "https://sync-a.example:8629,https://sync-b.example"});
  EXPECT_EQ(command.cluster_endpoints, (std::vector{endpoint("c1", 8529), endpoint("c2", 8539, false)}));
  EXPECT_EQ(command.master_endpoints,
            (std::vector{endpoint("sync-a.example", 8629), endpoint("sync-b.example", 8629)}));
  EXPECT_EQ(command.port, 8532);
  EXPECT_EQ(command.direct_token_ttl, 12h);
  EXPECT_EQ(command.log.level, ports::LogLevel::Debug);
  EXPECT_EQ(command.log.file, "/var/log/sync.log");
  EXPECT_TRUE(command.log.to_stderr);
  EXPECT_EQ(command.monitoring_token, "token");
  EXPECT_EQ(command.pid_file, "/run/sync.pid");
  EXPECT_EQ(command.master_secret.file, "/data/-");
}

TEST(RunMaster, ReplacesAnEarlierValueByALaterOne) {
  EXPECT_EQ(parsed<RunMaster>(master + Words{"--server.port=1", "--server.port=2"}).port, 2);
  EXPECT_FALSE(parsed<RunMaster>(master + Words{"--log.stderr", "--log.stderr=false"}).log.to_stderr);
}

TEST(RunMaster, TakesBothSpellingsOfSecretsButNotAtOnce) {
  Words words(master.begin(), master.end() - 1);
  EXPECT_EQ(parsed<RunMaster>(words + Words{"--master.jwtSecret=geheim"}).master_secret.file_or_literal, "geheim");
  auto const both = problem(words + Words{"--master.jwtSecret=geheim", "--master.jwt-secret=/f"});
  EXPECT_NE(both.find("--master.jwtSecret"), std::string::npos) << both;
  EXPECT_EQ(both.find("geheim"), std::string::npos) << both;
}

TEST(RunMaster, RefusesKafkaAndNamesTheWayOut) {
  for (auto const& words : {Words{"--mq.type=kafka"}, Words{"--mq.type", "kafka", "--mq.kafka-addr=k1:9092"},
                            Words{"--mq.kafka-client-keyfile=f"}, Words{"--mq.kafka-cacert", "f"}}) {
    EXPECT_NE(problem(master + words).find("--mq.type=direct"), std::string::npos) << problem(master + words);
  }
  EXPECT_NE(problem(master + Words{"--mq.type=nats"}).find("--mq.type"), std::string::npos);
}

TEST(RunMaster, NamesTheFlagThatIsMissing) {
  for (std::size_t i = 2; i < master.size(); ++i) {
    auto const flag = master[i].substr(0, master[i].find('='));
    if (flag == "--cluster.jwt-secret") continue;  // a cluster may be without authentication
    Words words = master;
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_NE(problem(words).find("Missing " + flag), std::string::npos) << problem(words);
    EXPECT_NE(problem(words + Words{flag + "="}).find("Missing " + flag), std::string::npos)
        << problem(words + Words{flag + "="});
  }
}

TEST(RunWorker, HasTheDefaultsOfTheOriginal) {
  auto const command = parsed<RunWorker>(worker);
  EXPECT_EQ(command.master_endpoints, std::vector{endpoint("m1", 8629)});
  EXPECT_EQ(command.server_endpoint, endpoint("w1", 8729));
  EXPECT_EQ(command.port, 8729);
  EXPECT_EQ(command.initial_copies_max, 16u);
}

TEST(RunWorker, TakesEveryFlag) {
  auto const command =
      parsed<RunWorker>(worker + Words{"--worker.max-initial-sync-tasks=8", "--monitoring.token=t", "--log.level=warn",
                                       "--log.file=f", "--log.stderr=false", "--pid-file=p", "--server.port=9000",
                                       "--debug.profile", "--cluster.read-route=coordinator"});
  EXPECT_EQ(command.read_route, cluster::RouteRule::Coordinator);
  EXPECT_EQ(command.initial_copies_max, 8u);
  EXPECT_EQ(command.monitoring_token, "t");
  EXPECT_EQ(command.log.level, ports::LogLevel::Warn);
  EXPECT_EQ(command.log.file, "f");
  EXPECT_EQ(command.pid_file, "p");
  EXPECT_EQ(command.port, 9000);
}

TEST(RunWorker, TriesAllReadRoutesUnlessToldAndKnowsNoOtherOnes) {
  EXPECT_EQ(parsed<RunWorker>(worker).read_route, cluster::RouteRule::Auto);
  EXPECT_EQ(parsed<RunWorker>(worker + Words{"--cluster.read-route=direct"}).read_route, cluster::RouteRule::Direct);
  EXPECT_NE(problem(worker + Words{"--cluster.read-route=fast"}).find("auto, direct or coordinator"),
            std::string::npos);
}

TEST(ConfigureSync, TakesTheTutorialsLine) {
  auto const command = parsed<ConfigureSync>({"configure", "sync", "--master.endpoint=https://b1:8629,https://b2:8629",
                                              "--master.keyfile=client.keyfile", "--source.endpoint=https://a1:8629",
                                              "--source.endpoint", "https://a2:8629", "--source.cacert=tls-ca.crt",
                                              "--master.cacert=b.crt", "--auth.user=root", "--auth.password="});
  EXPECT_EQ(command.connection.endpoints, (std::vector{endpoint("b1", 8629), endpoint("b2", 8629)}));
  EXPECT_EQ(command.master_keyfile, "client.keyfile");
  EXPECT_EQ(command.source_endpoints, (std::vector{endpoint("a1", 8629), endpoint("a2", 8629)}));
  EXPECT_EQ(command.source_ca_file, "tls-ca.crt");
  EXPECT_EQ(command.connection.ca_file, "b.crt");
  EXPECT_EQ(command.connection.user, "root");
  EXPECT_EQ(command.connection.password, "");
}

TEST(ConfigureSync, AnEmptyPasswordDoesNotEatTheNextFlag) {
  auto const command =
      parsed<Get>({"get", "status", "--auth.password=", "--auth.user=root", "--master.endpoint=https://a"});
  EXPECT_EQ(command.connection.user, "root");
  EXPECT_EQ(command.connection.password, "");
}

TEST(ConfigureSync, NamesTheFlagThatIsMissing) {
  Words const all{"--master.endpoint=https://b", "--master.keyfile=k", "--source.endpoint=https://a",
                  "--source.cacert=c"};
  for (std::size_t i = 0; i < all.size(); ++i) {
    Words words = all;
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
    auto const flag = all[i].substr(0, all[i].find('='));
    EXPECT_NE(problem(Words{"configure", "sync"} + words).find("Missing " + flag), std::string::npos);
  }
}

TEST(Get, KnowsItsSubjects) {
  std::vector<std::pair<std::string, Subject>> const subjects{{"status", Subject::Status},
                                                              {"tasks", Subject::Tasks},
                                                              {"masters", Subject::Masters},
                                                              {"workers", Subject::Workers},
                                                              {"version", Subject::Version}};
  for (auto const& [word, subject] : subjects) {
    auto const command = parsed<Get>(Words{"get", word, "-v"} + connection);
    EXPECT_EQ(command.subject, subject);
    EXPECT_TRUE(command.connection.verbose);
    EXPECT_FALSE(command.json);
  }
  EXPECT_TRUE(parsed<Get>(Words{"get", "status", "--output=json"} + connection).json);
  EXPECT_NE(problem(Words{"get", "status", "--output=xml"} + connection).find("--output"), std::string::npos);
  EXPECT_TRUE(parsed<Get>(Words{"get", "status", "--verbose"} + connection).connection.verbose);
  EXPECT_TRUE(parsed<Get>(Words{"get", "status", "--verbose=true"} + connection).connection.verbose);
  EXPECT_TRUE(parsed<Get>(Words{"get", "status", "-v=true"} + connection).connection.verbose);
  EXPECT_FALSE(parsed<Get>(Words{"get", "status", "-v", "-v=false"} + connection).connection.verbose);
}

TEST(Get, TakesEveryWayToProveOneself) {
  auto const keyfile = parsed<Get>({"get", "tasks", "--master.endpoint=https://a", "--auth.keyfile=k"});
  EXPECT_EQ(keyfile.connection.keyfile, "k");
  auto const secret = parsed<Get>({"get", "tasks", "--master.endpoint=https://a", "--auth.jwt-secret=s"});
  EXPECT_EQ(secret.connection.jwt_secret.file, "s");
  EXPECT_NE(problem({"get", "tasks", "--master.endpoint=https://a", "--auth.password=p"}).find("--auth.user"),
            std::string::npos);
}

TEST(StopSync, EnsuresInSyncByDefaultForTwoMinutes) {
  auto const command = parsed<StopSync>(Words{"stop", "sync"} + connection);
  EXPECT_TRUE(command.ensure_in_sync);
  EXPECT_EQ(command.timeout, 2min);
  EXPECT_FALSE(parsed<StopSync>(Words{"stop", "sync", "--ensure-in-sync=false"} + connection).ensure_in_sync);
  EXPECT_TRUE(parsed<StopSync>(Words{"stop", "sync", "--ensure-in-sync"} + connection).ensure_in_sync);
  EXPECT_EQ(parsed<StopSync>(Words{"stop", "sync", "--timeout=162s"} + connection).timeout, 162s);
}

TEST(SetMessageTimeout, TakesADurationAfterTheFlags) {
  EXPECT_EQ(parsed<SetMessageTimeout>(Words{"set", "message", "timeout"} + connection + Words{"15m"}).timeout, 15min);
  EXPECT_EQ(parsed<SetMessageTimeout>(Words{"set", "message", "timeout", "3h"} + connection).timeout, 3h);
  EXPECT_NE(problem(Words{"set", "message", "timeout"} + connection).find("message timeout"), std::string::npos);
  EXPECT_NE(problem(Words{"set", "message", "timeout", "15"} + connection).find("duration"), std::string::npos);
}

TEST(CreateCa, HasTheDefaultsOfTheOriginal) {
  auto const tls = parsed<CreateCa>({"create", "tls", "ca"});
  EXPECT_EQ(tls.certificate_file, "tls-ca.crt");
  EXPECT_EQ(tls.key_file, "tls-ca.key");
  EXPECT_EQ(tls.wish.valid_for, 15 * year);
  EXPECT_EQ(tls.wish.curve, "P256");
  auto const client =
      parsed<CreateCa>({"create", "client-auth", "ca", "--cert=c", "--key=k", "--validfor=8760h", "--curve="});
  EXPECT_EQ(client.certificate_file, "c");
  EXPECT_EQ(client.key_file, "k");
  EXPECT_EQ(client.wish.valid_for, year);
  EXPECT_EQ(client.wish.curve, "");
  EXPECT_EQ(parsed<CreateCa>({"create", "client-auth", "ca"}).wish.curve, "P521");
  EXPECT_EQ(parsed<CreateCa>({"create", "client-auth", "ca"}).certificate_file, "client-auth-ca.crt");
}

TEST(CreateKeyfile, HasTheDefaultsOfTheOriginal) {
  auto const tls =
      parsed<CreateKeyfile>({"create", "tls", "keyfile", "--host=a,b", "--host", "10.0.0.1", "--host=", "--email=x@y"});
  EXPECT_FALSE(tls.for_client);
  EXPECT_EQ(tls.ca_certificate_file, "tls-ca.crt");
  EXPECT_EQ(tls.ca_key_file, "tls-ca.key");
  EXPECT_EQ(tls.keyfile, "tls.keyfile");
  EXPECT_EQ(tls.wish.hosts, (Words{"a", "b", "10.0.0.1"}));
  EXPECT_EQ(tls.wish.emails, Words{"x@y"});
  EXPECT_EQ(tls.wish.valid_for, 2 * year);
  EXPECT_EQ(tls.wish.curve, "P256");
  auto const client = parsed<CreateKeyfile>({"create", "client-auth", "keyfile"});
  EXPECT_TRUE(client.for_client);
  EXPECT_EQ(client.ca_certificate_file, "client-auth-ca.crt");
  EXPECT_EQ(client.keyfile, "client-auth.keyfile");
  EXPECT_EQ(client.wish.valid_for, year);
  EXPECT_EQ(client.wish.curve, "P521");
}

TEST(CreateOthers, HaveTheDefaultsOfTheOriginal) {
  auto const certificate = parsed<CreateCertificate>({"create", "tls", "certificate"});
  EXPECT_EQ(certificate.certificate_file, "tls.crt");
  EXPECT_EQ(certificate.key_file, "tls.key");
  auto const secret = parsed<CreateJwtSecret>({"create", "jwt-secret"});
  EXPECT_EQ(secret.secret_file, "secret.jwt");
  EXPECT_EQ(secret.length, 32u);
  EXPECT_EQ(parsed<CreateJwtSecret>({"create", "jwt-secret", "--secret=f", "--length=64"}).length, 64u);
}

TEST(SandboxCluster, TakesEveryFlag) {
  auto const command = parsed<SandboxCluster>({"sandbox", "cluster"});
  EXPECT_EQ(command.coordinators, 1u);
  EXPECT_GE(command.db_servers, 2u);
  EXPECT_EQ(command.address, "127.0.0.1");
  auto const other =
      parsed<SandboxCluster>({"sandbox", "cluster", "--server.port=0", "--dbservers=5", "--coordinators=2",
                              "--server.jwt-secret=s", "--root-password=p", "--version-to-imitate=3.11.1", "--seed=7",
                              "--server.keyfile=k", "--server.address=::1", "--pid-file=f"});
  EXPECT_EQ(other.port, 0);
  EXPECT_EQ(other.db_servers, 5u);
  EXPECT_EQ(other.coordinators, 2u);
  EXPECT_EQ(other.secret.file, "s");
  EXPECT_EQ(other.root_password, "p");
  EXPECT_EQ(other.version, "3.11.1");
  EXPECT_EQ(other.seed, 7u);
  EXPECT_EQ(other.keyfile, "k");
}

TEST(Trace, IsWrittenByDefaultAndCanBeSizedOrSwitchedOff) {
  auto const usual = parsed<RunMaster>(master).trace;
  EXPECT_EQ(usual.folder, "arangosync-trace");
  EXPECT_EQ(usual.files_max, 8u);
  EXPECT_EQ(usual.file_bytes_max, 16u << 20u);
  auto const sized =
      parsed<RunMaster>(master + Words{"--trace.folder=/t", "--trace.files=3", "--trace.file-mb=64"}).trace;
  EXPECT_EQ(sized.folder, "/t");
  EXPECT_EQ(sized.files_max, 3u);
  EXPECT_EQ(sized.file_bytes_max, 64u << 20u);
  EXPECT_EQ(parsed<RunMaster>(master + Words{"--trace.folder="}).trace.folder, "");
  EXPECT_NE(problem(master + Words{"--trace.files=1"}).find("--trace.files needs a number from 2"), std::string::npos);
}

TEST(Replay, TakesTheFilesOfOneProcess) {
  auto const all = parsed<Replay>({"replay", "a.trace", "b,c.trace", "--until=7", "--state", "--events", "--mermaid"});
  EXPECT_EQ(all.files, (Words{"a.trace", "b,c.trace"}));
  EXPECT_EQ(all.until, 7u);
  EXPECT_TRUE(all.print_state && all.print_events && all.print_mermaid);
  EXPECT_EQ(parsed<Replay>({"replay", "--state", "a.trace"}).files, Words{"a.trace"});
  EXPECT_NE(problem({"replay"}).find("Missing trace: the files of one process"), std::string::npos);
}

TEST(Version, IsOneLineThatToolsCanRead) {
  for (auto const& words : {Words{"--version"}, Words{"version"}}) {
    auto const text = parsed<Show>(words).text;
    EXPECT_EQ(text, version_line() + "\n");
    EXPECT_TRUE(std::regex_match(text, std::regex(R"(Version \d+\.\d+\.\d+, Build [0-9a-z]+\n)"))) << text;
  }
}

TEST(Help, NamesEveryCommandTheExitCodesAndTheFlags) {
  auto const text = parsed<Show>({"--help"}).text;
  for (auto const* word :
       {"run", "configure", "get", "stop", "set", "create", "sandbox", "version", "Exit codes: 0 success"}) {
    EXPECT_NE(text.find(word), std::string::npos) << word;
  }
  auto const stop = parsed<Show>({"stop", "sync", "--help"}).text;
  for (auto const* word : {"--ensure-in-sync", "--timeout", "made read-only", "Exit codes:", "--auth.user"}) {
    EXPECT_NE(stop.find(word), std::string::npos) << word << "\n" << stop;
  }
  EXPECT_NE(parsed<Show>({"run", "worker", "-h"}).text.find("--worker.max-initial-sync-tasks"), std::string::npos);
}

TEST(WrongUsage, NamesTheWordAndNeverItsValue) {
  struct Case {
    Words words;
    std::string expected;
  };
  std::vector<Case> const cases{
      {{"get", "status", "--auth.passwrd=geheim"}, "Unknown flag --auth.passwrd, did you mean --auth.password?"},
      {{"get", "status", "--auth.passwrd", "geheim"}, "Unknown flag --auth.passwrd"},
      {connection + Words{"geheim"}, "Unknown flag --master.endpoint"},
      {Words{"get", "status"} + connection + Words{"geheim"}, "Unexpected argument"},
      {{"get", "statu"}, "Unknown command \"arangosync get statu\", did you mean status?"},
      {{"check", "sync"}, "Unknown command \"arangosync check\""},
      {master + Words{"--server.port=geheim"}, "--server.port needs a number from 1 to 65535"},
      {master + Words{"--server.port=65536"}, "--server.port needs a number"},
      {master + Words{"--server.port"}, "--server.port needs a value"},
      {master + Words{"--log.level=geheim"}, "--log.level needs one of"},
      {master + Words{"--log.stderr=geheim"}, "--log.stderr has a value that is not understood"},
      {Words{"get", "status", "-v=geheim"} + connection, "--verbose has a value that is not understood"},
      {Words{"get", "status", "-x=geheim"} + connection, "Unknown flag -x"},
      {Words{"stop", "sync", "--timeout=2"} + connection, "--timeout needs a duration"},
      {Words{"stop", "sync", "--timeout=0s"} + connection, "--timeout needs a duration greater than zero"},
      {{"create", "jwt-secret", "--length=0"}, "--length needs a number from 1"},
      {{"get", "status", "--master.endpoint=ftp://x"}, "--master.endpoint: "},
      {{"get", "status"}, "Missing --master.endpoint"},
  };
  for (auto const& one : cases) {
    auto const message = problem(one.words);
    EXPECT_NE(message.find(one.expected), std::string::npos) << message;
    EXPECT_EQ(message.find("geheim"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(WrongUsage, AnUnfinishedCommandShowsWhatMayFollow) {
  for (auto const& words :
       {Words{}, Words{"create"}, Words{"create", "tls"}, Words{"create", "client-auth"}, Words{"get"}}) {
    auto const command = parse(words);
    ASSERT_FALSE(command);
    EXPECT_NE(command.error().message.find("one of "), std::string::npos) << command.error().message;
    EXPECT_NE(command.error().usage.find("Usage:"), std::string::npos) << command.error().usage;
  }
}

TEST(WrongUsage, TwoCommandsAreNotOne) {
  EXPECT_NE(problem(Words{"get", "status", "tasks"} + connection), "(understood)");
}

TEST(Help, IsNotThatOfAnotherCommandThanWasAskedFor) {
  for (auto const& words : std::vector<std::vector<std::string>>{
           {"check", "sync", "--help"}, {"create", "tls", "keystore", "--help"}, {"help", "get", "sttus"}}) {
    auto const command = parse(words);
    ASSERT_FALSE(command.has_value()) << words.front();
    EXPECT_NE(command.error().message.find("Unknown command"), std::string::npos) << command.error().message;
  }
}

TEST(Help, IsACommandToo) {
  auto const by_word = parse({"help", "get", "status"});
  auto const by_flag = parse({"get", "status", "--help"});
  ASSERT_TRUE(by_word.has_value() && by_flag.has_value());
  EXPECT_EQ(std::get<Show>(*by_word).text, std::get<Show>(*by_flag).text);
}

TEST(Help, MarksWhatIsRequiredAndNamesTheExitCodesOfEachKind) {
  auto const help_of = [](std::vector<std::string> words) { return std::get<Show>(*parse(std::move(words))).text; };
  auto const of_master = help_of({"run", "master", "--help"});
  EXPECT_NE(of_master.find("(required)"), std::string::npos);
  EXPECT_NE(of_master.find("5 the cluster is of a kind"), std::string::npos);
  EXPECT_EQ(of_master.find("credentials were refused"), std::string::npos);
  EXPECT_NE(help_of({"get", "status", "--help"}).find("4 credentials were refused"), std::string::npos);
  EXPECT_EQ(help_of({"create", "jwt-secret", "--help"}).find("credentials were refused"), std::string::npos);
}
