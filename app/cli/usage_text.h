// The longer texts of --help.
#pragma once

namespace arangosync::cli::usage_text {

inline constexpr char program[] =
    "Replicates all databases of one ArangoDB cluster to another one, asynchronously: sync master, sync worker,\n"
    "operator's command line and certificate tool in one program.";

inline constexpr char exit_codes[] =
    "Exit codes: 0 success, 1 failure, 2 wrong usage (nothing was done), 3 no master could be reached,\n"
    "4 credentials were refused. Messages go to standard error, results to standard output.";

inline constexpr char values[] =
    "Values follow their flag as --flag=value or --flag value; booleans as --flag, --flag=true or --flag=false.\n"
    "Lists are repeated flags or comma separated. Durations are written as 90s, 15m, 1h30m.";

inline constexpr char configure[] =
    "Run it on the target: --master.* names the target's masters, --source.* the source's. The target's data is\n"
    "replaced by the source's. Giving the same source again changes nothing.";

inline constexpr char stop[] =
    "Run it on the target. With --ensure-in-sync (the default) the command first waits until the synchronization is\n"
    "running and every shard last reported to be running with a delay below 2 s. It gives up, changing nothing, if a\n"
    "shard has failed or --timeout passes before.\n"
    "Not guaranteed: the source is NOT made read-only by this version and the reports may be some seconds old, so the\n"
    "latest writes may be missing on the target. Stop all writers on the source first if the target must be complete.\n"
    "--timeout limits the whole command, waiting included.";

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
    "error.\nWhat prevents the start is one FATAL line on standard error, and in --log.file.";

}  // namespace arangosync::cli::usage_text
