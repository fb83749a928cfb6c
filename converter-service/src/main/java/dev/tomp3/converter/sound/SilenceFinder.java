package dev.tomp3.converter.sound;

/** Finds where a sound first and last is above -50 dB of full scale. */
final class SilenceFinder implements Samples {
    private static final float SILENT = (float) Math.pow(10, -50 / 20.0);

    /** In seconds; a shorter silence at an end stays. */
    private static final double SHORTEST = 0.5;

    private final int channels;
    private final long shortest;
    private long position;
    private long first = -1;
    private long last = -1;

    SilenceFinder(int sampleRate, int channels) {
        this.channels = channels;
        this.shortest = Math.round(SHORTEST * sampleRate);
    }

    @Override
    public void accept(float[] sound, int count) {
        int loudest = -1;
        for (int i = count - 1; i >= 0 && loudest < 0; i--)
            if (Math.abs(sound[i]) >= SILENT) loudest = i;
        if (loudest >= 0) {
            last = position + loudest / channels;
            if (first < 0) {
                int i = 0;
                while (Math.abs(sound[i]) < SILENT) i++;
                first = position + i / channels;
            }
        }
        position += count / channels;
    }

    @Override
    public void end() {}

    /** The first frame to keep. A sound that is silent throughout is kept as it is. */
    long from() {
        return first >= shortest ? first : 0;
    }

    /** The first frame at the end that is not kept. */
    long to() {
        return first >= 0 && position - 1 - last >= shortest ? last + 1 : position;
    }
}
