package dev.tomp3.converter.sound;

import java.io.IOException;

/** Fades a sound in and out, with the square of a sine: both ends of a fade are smooth. */
final class Fades implements Samples {
    private final int channels;
    private final long in;
    private final long out;
    private final long length;
    private final Samples next;
    private long position;

    /**
     * Creates fades.
     *
     * @param in the length of the fade at the beginning, in frames
     * @param out the length of the fade at the end
     * @param length of the sound; {@code Long.MAX_VALUE} when it is unknown, and nothing fades out
     */
    Fades(int channels, long in, long out, long length, Samples next) {
        this.channels = channels;
        this.in = in;
        this.out = out;
        this.length = length;
        this.next = next;
    }

    @Override
    public void accept(float[] sound, int count) throws IOException, InterruptedException {
        int frames = count / channels;
        if (position < in || position + frames > length - out) {
            for (int i = 0; i < frames; i++) {
                float gain =
                        (float) (gain(position + i, in) * gain(length - 1 - position - i, out));
                for (int c = 0; c < channels; c++) sound[i * channels + c] *= gain;
            }
        }
        position += frames;
        next.accept(sound, count);
    }

    private static double gain(long frame, long fade) {
        if (frame >= fade) return 1;
        double sine = Math.sin(Math.PI / 2 * (frame + 0.5) / fade);
        return sine * sine;
    }

    @Override
    public void end() throws IOException, InterruptedException {
        next.end();
    }
}
