package dev.tomp3.scaling;

/** Results of queueing theory. Times are in units of the mean service time. */
final class ClosedForm {
    private ClosedForm() {}

    /** The mean wait of M/M/c, by Erlang C: exponential service, {@code load} per server. */
    static double waitExponential(int servers, double load) {
        double offered = servers * load;
        double blocked = 1; // Erlang's B, server by server
        for (int n = 1; n <= servers; n++) blocked = offered * blocked / (n + offered * blocked);
        double delayed = blocked / (1 - load * (1 - blocked));
        return delayed / (servers * (1 - load));
    }

    /** The mean wait of M/G/1, by Pollaczek and Khinchine; the variation is variance over mean². */
    static double wait(double load, double variation) {
        return load / (1 - load) * (1 + variation) / 2;
    }

    /** The mean time in M/G/1 with processor sharing, for any distribution of the sizes. */
    static double timeShared(double load) {
        return 1 / (1 - load);
    }
}
