package dev.tomp3.converter.sound;

import java.io.IOException;
import java.util.Arrays;

/** Passes on the sound from one frame to another. */
final class Excerpt implements Samples {
    private final int channels;
    private final long from;
    private final long to;
    private final Samples next;
    private long position;

    /**
     * Creates an excerpt.
     *
     * @param to the first frame that is left out; {@code Long.MAX_VALUE} for none
     */
    Excerpt(int channels, long from, long to, Samples next) {
        this.channels = channels;
        this.from = from;
        this.to = to;
        this.next = next;
    }

    @Override
    public void accept(float[] sound, int count) throws IOException, InterruptedException {
        int frames = count / channels;
        int begin = (int) Math.clamp(from - position, 0L, frames);
        int end = (int) Math.clamp(to - position, 0L, frames);
        position += frames;
        if (begin >= end) return;
        if (begin == 0) next.accept(sound, end * channels);
        else
            next.accept(
                    Arrays.copyOfRange(sound, begin * channels, end * channels),
                    (end - begin) * channels);
    }

    @Override
    public void end() throws IOException, InterruptedException {
        next.end();
    }
}
