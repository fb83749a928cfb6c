package dev.tomp3.converter.source;

import java.util.List;

/** Finds the parts of a source of one format in its bytes. */
interface PartFinder {
    /** Takes the bytes that follow those of the last call. */
    void accept(byte[] bytes, int from, int count);

    /**
     * Returns what the bytes so far consist of.
     *
     * @param track the stream id of the audio that is converted, or {@link Part#ANY_TRACK}
     * @param length of the bytes so far
     */
    List<Part> parts(int track, long length);

    /** Whether there is audio, and all of it is scrambled. */
    default boolean isScrambled() {
        return false;
    }

    /** Whether audio that is clear elsewhere is scrambled for a while. */
    default boolean isPartlyScrambled() {
        return false;
    }
}
