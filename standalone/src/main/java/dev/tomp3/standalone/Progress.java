package dev.tomp3.standalone;

import java.io.PrintStream;

/** A progress bar on a terminal; otherwise one line for each step. */
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

    private static final int WIDTH = 40;

    private final PrintStream out;
    private final boolean terminal;
    private String shown = "";

    Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /**
     * Shows the progress of a step.
     *
     * @param part from 0 to 1
     */
    synchronized void show(Step step, double part) {
        String word = step.name().toLowerCase(java.util.Locale.ROOT);
        int percent = step.from + (int) ((step.to - step.from) * Math.clamp(part, 0.0, 1.0));
        String line = word;
        if (terminal) {
            int filled = percent * WIDTH / 100;
            line =
                    "[%s%s] %3d %% %s"
                            .formatted(
                                    "#".repeat(filled), ".".repeat(WIDTH - filled), percent, word);
        }
        if (!line.equals(shown)) {
            out.print(terminal ? "\r" + line + "\033[K" : line + "\n");
            out.flush();
            shown = line;
        }
    }

    /** Removes the bar from the terminal. */
    synchronized void clear() {
        if (terminal && !shown.isEmpty()) {
            out.print("\r\033[K");
            out.flush();
            shown = "";
        }
    }
}
