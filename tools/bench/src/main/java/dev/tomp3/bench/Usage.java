package dev.tomp3.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * The resources that a process and its terminated children have used so far, from {@code /proc}.
 *
 * @param cpu seconds, of all threads, in user mode and in the kernel
 * @param children the share of its terminated children
 * @param read bytes read from files, pipes and most sockets
 * @param written bytes written to them
 * @param fromDisk bytes read from disks
 * @param toDisk bytes to be written to disks
 */
record Usage(double cpu, double children, long read, long written, long fromDisk, long toDisk) {
    static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0);

    /** The kernel reports times in hundredths of a second (USER_HZ). */
    private static final double TICKS_A_SECOND = 100;

    static Usage of(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        return parse(
                Files.readString(process.resolve("stat")),
                Files.readAllLines(process.resolve("io")));
    }

    static Usage of(Collection<Long> pids) throws IOException {
        Usage all = NONE;
        for (long pid : pids) all = all.plus(of(pid));
        return all;
    }

    /** CPU seconds of the terminated children of this process. */
    static double ofEndedChildren() throws IOException {
        return ofChildren(fields(Files.readString(Path.of("/proc/self/stat"))));
    }

    static Usage parse(String stat, List<String> io) {
        String[] fields = fields(stat);
        double own = (ticks(fields, 13) + ticks(fields, 14)) / TICKS_A_SECOND;
        double children = ofChildren(fields);
        return new Usage(
                own + children,
                children,
                number(io, "rchar"),
                number(io, "wchar"),
                number(io, "read_bytes"),
                number(io, "write_bytes"));
    }

    private static double ofChildren(String[] fields) {
        return (ticks(fields, 15) + ticks(fields, 16)) / TICKS_A_SECOND;
    }

    /**
     * The fields of proc(5), from 0; the second is a name in parentheses that may contain anything.
     */
    private static String[] fields(String stat) {
        String[] rest = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        String[] all = new String[rest.length + 2];
        System.arraycopy(rest, 0, all, 2, rest.length);
        return all;
    }

    private static long ticks(String[] fields, int index) {
        return Long.parseLong(fields[index].strip());
    }

    /** The number after a name and a colon, without its unit. */
    static long number(List<String> lines, String name) {
        for (String line : lines) {
            if (line.startsWith(name + ":"))
                return Long.parseLong(line.substring(name.length() + 1).strip().split(" ", 2)[0]);
        }
        return 0;
    }

    Usage plus(Usage other) {
        return new Usage(
                cpu + other.cpu,
                children + other.children,
                read + other.read,
                written + other.written,
                fromDisk + other.fromDisk,
                toDisk + other.toDisk);
    }

    Usage since(Usage earlier) {
        return new Usage(
                cpu - earlier.cpu,
                children - earlier.children,
                read - earlier.read,
                written - earlier.written,
                fromDisk - earlier.fromDisk,
                toDisk - earlier.toDisk);
    }
}
