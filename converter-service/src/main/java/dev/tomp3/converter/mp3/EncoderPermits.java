package dev.tomp3.converter.mp3;

/**
 * Permits for encoder processes, shared by all jobs of a worker. A single job can have all of them,
 * and with many jobs each has one. A job never waits for its first permit, so that a long job does
 * not delay a short one; while there are more jobs than permits, more encoders run than configured.
 */
public final class EncoderPermits {
    private final int limit;
    private int inUse;

    /** Creates permits for this many encoders at the same time, as a rule one per core. */
    public EncoderPermits(int limit) {
        this.limit = limit;
    }

    /** Returns the permits of one job, which has none yet. */
    public OfJob ofJob() {
        return new OfJob();
    }

    /** The permits that one job holds. */
    public final class OfJob implements AutoCloseable {
        private int held;
        private boolean closed;

        private OfJob() {}

        /**
         * Waits for one more permit.
         *
         * @return false when this was closed meanwhile
         */
        public boolean acquire() throws InterruptedException {
            synchronized (EncoderPermits.this) {
                while (!closed && held > 0 && inUse >= limit) EncoderPermits.this.wait();
                if (closed) return false;
                held++;
                inUse++;
                return true;
            }
        }

        /** Returns one permit. */
        public void release() {
            synchronized (EncoderPermits.this) {
                held--;
                inUse--;
                EncoderPermits.this.notifyAll();
            }
        }

        /** Ends all waiting; permits that are held are still to be released. */
        @Override
        public void close() {
            synchronized (EncoderPermits.this) {
                closed = true;
                EncoderPermits.this.notifyAll();
            }
        }
    }
}
