package dev.tomp3.jobs;

import java.time.Duration;

/**
 * How long the system waits before it assumes a loss. Every process must use the same values, so
 * they are not settings; tests shorten them.
 *
 * @param lease a worker is lost when its heartbeat has stood still for this long
 * @param upload a gateway is lost when its heartbeat of an upload has stood still for this long
 * @param leader another sweeper takes over when the leader's heartbeat has stood still for this
 *     long
 * @param leaderDoubt a sweeper starts watching leases when the leader's heartbeat has stood still
 *     for this long, as a leader may be lost together with a worker
 * @param notification the notifier has this long before its event is published again
 * @param idempotencyKey an idempotency key names its job for this long
 */
public record Timing(
        Duration lease,
        Duration upload,
        Duration leader,
        Duration leaderDoubt,
        Duration notification,
        Duration idempotencyKey) {
    /** What runs in production. */
    public static final Timing PRODUCTION =
            new Timing(
                    Duration.ofSeconds(8),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(30),
                    Duration.ofHours(24));
}
