package dev.tomp3.converter;

/**
 * The encoders that a worker may have at work, for all of its jobs together: a job that is alone
 * has them all, and of many jobs each has one. A job never waits for its first, so that a long job
 * keeps no short one waiting; while there are more jobs than encoders, that is more than the number
 * says.
 */
final class Encoders {
    private final int most;
    private int busy;

    /**
     * @param most at the same time, as a rule one a core
     */
    Encoders(int most) {
        this.most = most;
    }

    /** What one job takes of them. */
    Share share() {
        return new Share();
    }

    final class Share implements AutoCloseable {
        private int own;
        private boolean closed;

        /**
         * Waits until this job may have one more at work.
         *
         * @return false when the job came to its end meanwhile
         */
        boolean take() throws InterruptedException {
            synchronized (Encoders.this) {
                while (!closed && own > 0 && busy >= most) Encoders.this.wait();
                if (closed) return false;
                own++;
                busy++;
                return true;
            }
        }

        void giveBack() {
            synchronized (Encoders.this) {
                own--;
                busy--;
                Encoders.this.notifyAll();
            }
        }

        /** Lets nobody wait any longer; what is at work gives itself back. */
        @Override
        public void close() {
            synchronized (Encoders.this) {
                closed = true;
                Encoders.this.notifyAll();
            }
        }
    }
}
