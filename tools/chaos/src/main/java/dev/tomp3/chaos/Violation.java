package dev.tomp3.chaos;

/**
 * A violated promise.
 *
 * @param fault the fault that was injected while the upload was in progress
 */
record Violation(Kind kind, String fault, String text) {
    enum Kind {
        /** An accepted upload did not end correctly. */
        LOST,
        /** Something was done twice, visibly to the user. */
        DUPLICATED,
        /** Something was left behind. */
        ORPHANED,
        /** Something does not recover by itself. */
        STUCK,
        /** An undocumented answer, state or number. */
        WRONG,
        /** A recovery time is over its target; counts with {@code --strict} only. */
        SLOW
    }

    @Override
    public String toString() {
        return "%s (%s): %s".formatted(kind, fault, text);
    }
}
