package dev.tomp3.scaling;

import java.util.ArrayDeque;
import java.util.Deque;

/** Decides the number of converters, as Kubernetes' HorizontalPodAutoscaler does with KEDA. */
final class Autoscaler {
    /** Smaller relative differences are ignored. */
    private static final double TOLERANCE = 0.1;

    /** At each step the number at most doubles, or grows by this number. */
    private static final int MAX_ADDED = 4;

    /** A number of converters that the load required at a time. */
    private record Wish(double time, int count) {}

    /** A number of converters that was removed at a time. */
    private record Removal(double time, int count) {}

    private final Setup.Scaling settings;
    private final Deque<Wish> wishes = new ArrayDeque<>();
    private final Deque<Removal> removals = new ArrayDeque<>();

    Autoscaler(Setup.Scaling settings) {
        this.settings = settings;
    }

    Setup.Scaling settings() {
        return settings;
    }

    /** The number of converters from now on. */
    int target(double now, int current, int messages) {
        double ratio = messages / settings.messages() / current;
        int wish =
                Math.abs(ratio - 1) <= TOLERANCE
                        ? current
                        : (int) Math.ceil(messages / settings.messages());
        wish = Math.clamp(wish, settings.min(), settings.max());
        wishes.add(new Wish(now, wish));
        while (wishes.element().time < now - settings.stabilization()) wishes.remove();
        if (wish > current) return Math.min(wish, Math.max(2 * current, current + MAX_ADDED));
        if (wish == current) return current;
        return reduced(now, current, wish);
    }

    private int reduced(double now, int current, int wish) {
        int highest = wish;
        for (Wish earlier : wishes) highest = Math.max(highest, earlier.count);
        while (!removals.isEmpty() && removals.element().time <= now - settings.period())
            removals.remove();
        int before = current;
        for (Removal removal : removals) before += removal.count;
        int target = Math.max(highest, (int) Math.ceil(before * (1 - settings.share())));
        if (target >= current) return current;
        removals.add(new Removal(now, current - target));
        return target;
    }
}
