package dev.tomp3.standalone;

import java.io.PrintStream;

/** A progress bar within the width of a terminal; otherwise one line for each step. */
final class Progress {
    /** The steps, each with its range of the bar in percent. */
    enum Step {
        STARTING(0, 15),
        UPLOADING(15, 30),
        CONVERTING(30, 100);

        private final int from;
        private final int to;

        Step(int from, int to) {
            this.from = from;
            this.to = to;
        }
    }

    private static final int LONGEST_BAR = 40;
    private static final int SHORTEST_BAR = 5;

    /** What surrounds the bar, and a column that stays free: some terminals wrap after the last. */
    private static final int AROUND_BAR = "[] 100 % converting ".length();

    private final PrintStream out;
    private final int columns;
    private String shown = "";

    /**
     * Shows nothing yet.
     *
     * @param columns of the terminal; 0 if it is none
     */
    Progress(PrintStream out, int columns) {
        this.out = out;
        this.columns = columns;
    }

    /**
     * Shows the progress of a step.
     *
     * @param part from 0 to 1
     */
    synchronized void show(Step step, double part) {
        String word = step.name().toLowerCase(java.util.Locale.ROOT);
        int percent = step.from + (int) ((step.to - step.from) * Math.clamp(part, 0.0, 1.0));
        String line = columns > 0 ? bar(percent, word) : word;
        if (!line.equals(shown)) {
            out.print(columns > 0 ? "\r" + line + "\033[K" : line + "\n");
            out.flush();
            shown = line;
        }
    }

    private String bar(int percent, String word) {
        int width = Math.min(LONGEST_BAR, columns - AROUND_BAR);
        int filled = percent * width / 100;
        String line = "%3d %% %s".formatted(percent, word);
        return width < SHORTEST_BAR
                ? line.substring(0, Math.min(line.length(), columns - 1))
                : "[%s%s] %s".formatted("#".repeat(filled), ".".repeat(width - filled), line);
    }

    /** Removes the bar from the terminal. */
    synchronized void clear() {
        if (columns > 0 && !shown.isEmpty()) {
            out.print("\r\033[K");
            out.flush();
            shown = "";
        }
    }
}
