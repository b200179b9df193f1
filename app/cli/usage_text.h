// The longer texts of --help.
#pragma once

namespace arangosync::cli::usage_text {

inline constexpr char program[] =
    "Replicates all databases of one ArangoDB cluster to another one, asynchronously: sync master, sync worker,\n"
    "operator's command line and certificate tool in one program.";

inline constexpr char exit_codes[] =
    "Exit codes: 0 success, 1 failure, 2 wrong usage (nothing was done), 3 no master could be reached, or none can\n"
    "answer now, 4 credentials were refused, 5 (of run master) the cluster cannot be synchronized.\n"
    "Messages go to standard error, results to standard output.";

inline constexpr char exit_codes_of_clients[] =
    "Exit codes: 0 success, 1 failure, 2 wrong usage (nothing was done), 3 no master could be reached, or none can\n"
    "answer now, 4 credentials were refused. Messages go to standard error, results to standard output.";

inline constexpr char exit_codes_of_servers[] =
    "Exit codes: 0 stopped by SIGTERM or SIGINT, 1 failure (of a worker also: its certificate has expired; start it\n"
    "anew), 2 wrong usage (nothing was done), 5 the cluster is of a kind that cannot be synchronized.";

inline constexpr char exit_codes_of_tools[] =
    "Exit codes: 0 success, 1 failure, 2 wrong usage (nothing was done). Messages go to standard error, results to\n"
    "standard output.";

inline constexpr char values[] =
    "Values follow their flag as --flag=value or --flag value; booleans as --flag, --flag=true or --flag=false.\n"
    "Lists are repeated flags or comma separated. Durations are written as 90s, 15m, 1h30m.";

inline constexpr char configure[] =
    "Run it on the target: --master.* names the target's masters, --source.* the source's. The target's data is\n"
    "replaced by the source's. Giving the same source again changes nothing.";

inline constexpr char stop[] =
    "Run it on the target. With --ensure-in-sync (the default) the source is first made read-only, and the command "
    "waits\n"
    "until every shard is known to have all that was written there; then it stops, and the source accepts writes "
    "again.\n"
    "It gives up, stopping nothing, if a shard has failed or --timeout passes before; the source accepts writes again "
    "then,\n"
    "too, and by itself within 5 minutes if nobody can tell it so, or if this command is killed.\n"
    "--timeout limits the whole command, waiting included, but for a call that hangs.";

inline constexpr char abort[] =
    "Run it on the target when the source is out of reach. The source is told if it answers within half of --timeout "
    "(at\n"
    "most a minute); if not, run abort outgoing sync there when it is back. A stop under way becomes an abort.";

inline constexpr char replay[] =
    "Every command of the trace is decided again and must lead to the same events and effects; the first that does "
    "not\n"
    "is named, and the exit code is 1. Nothing is sent anywhere. A trace that was written by another build may not "
    "fit\n"
    "this one: it names the build that wrote it. Tokens, keys and documents are not in a trace.";

inline constexpr char jwt_secret[] =
    "The file holds lower-case hexadecimal digits without a line feed, as ArangoDB's --server.jwt-secret-keyfile "
    "expects.";

inline constexpr char log_output[] =
    "Logs go to standard output, or to --log.file (reopened on SIGHUP); --log.stderr=true copies them to standard "
    "error.\nWhat prevents the start is one FATAL line on standard error, and in --log.file; wrong flags are told on "
    "standard error only.";

}  // namespace arangosync::cli::usage_text
