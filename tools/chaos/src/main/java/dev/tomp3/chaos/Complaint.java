package dev.tomp3.chaos;

/**
 * Something that must not be.
 *
 * @param fault what was being injected when the upload was under way, or when it was seen
 */
record Complaint(Kind kind, String fault, String text) {
    enum Kind {
        /** An accepted upload has no right end. */
        LOST,
        /** Something was done twice to the user's notice. */
        DUPLICATED,
        /** Something is left that nothing needs. */
        ORPHANED,
        /** Something does not go on by itself. */
        STUCK,
        /** An answer, a state or a number that is not one of the stated ones. */
        WRONG,
        /** A figure is over its limit; judged with {@code --strict} only. */
        SLOW
    }

    @Override
    public String toString() {
        return "%s (%s): %s".formatted(kind, fault, text);
    }
}
