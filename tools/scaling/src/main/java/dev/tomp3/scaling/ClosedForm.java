package dev.tomp3.scaling;

/** What queueing theory says of the cases it can solve. Times in units of the mean service. */
final class ClosedForm {
    private ClosedForm() {}

    /** Mean wait of M/M/c, by Erlang's C: exponential service, {@code load} per server. */
    static double waitExponential(int servers, double load) {
        double offered = servers * load;
        double blocked = 1; // Erlang's B, server by server
        for (int n = 1; n <= servers; n++) blocked = offered * blocked / (n + offered * blocked);
        double delayed = blocked / (1 - load * (1 - blocked));
        return delayed / (servers * (1 - load));
    }

    /** Mean wait of M/G/1, by Pollaczek and Khinchine; the variation is variance over mean². */
    static double wait(double load, double variation) {
        return load / (1 - load) * (1 + variation) / 2;
    }

    /** Mean time in M/G/1 where all share the server evenly, whatever the sizes are. */
    static double timeShared(double load) {
        return 1 / (1 - load);
    }
}
