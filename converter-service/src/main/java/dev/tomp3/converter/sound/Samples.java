package dev.tomp3.converter.sound;

import java.io.IOException;

/** Takes sound as interleaved floats, in blocks of any size. */
interface Samples {
    /**
     * Takes the next block.
     *
     * @param count of floats, a multiple of the number of channels; the array is not kept
     */
    void accept(float[] sound, int count) throws IOException, InterruptedException;

    /** The sound has ended. */
    void end() throws IOException, InterruptedException;
}
