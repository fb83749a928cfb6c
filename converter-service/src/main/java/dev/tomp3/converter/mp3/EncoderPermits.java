package dev.tomp3.converter.mp3;

/**
 * The encoders that a worker may have at work, for all of its jobs together: a job that is alone
 * has them all, and of many jobs each has one. A job never waits for its first, so that a long job
 * keeps no short one waiting; while there are more jobs than encoders, that is more than the number
 * says.
 */
public final class EncoderPermits {
    private final int most;
    private int busy;

    /**
     * @param most at the same time, as a rule one a core
     */
    public EncoderPermits(int most) {
        this.most = most;
    }

    /** What one job takes of them. */
    public Share share() {
        return new Share();
    }

    public final class Share implements AutoCloseable {
        private int own;
        private boolean closed;

        /**
         * Waits until this job may have one more at work.
         *
         * @return false when the job came to its end meanwhile
         */
        public boolean take() throws InterruptedException {
            synchronized (EncoderPermits.this) {
                while (!closed && own > 0 && busy >= most) EncoderPermits.this.wait();
                if (closed) return false;
                own++;
                busy++;
                return true;
            }
        }

        public void giveBack() {
            synchronized (EncoderPermits.this) {
                own--;
                busy--;
                EncoderPermits.this.notifyAll();
            }
        }

        /** Lets nobody wait any longer; what is at work gives itself back. */
        @Override
        public void close() {
            synchronized (EncoderPermits.this) {
                closed = true;
                EncoderPermits.this.notifyAll();
            }
        }
    }
}
