package dev.tomp3.notification;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * How many messages are sent at the same time. A webhook that answers promptly gets several at a
 * time, any other gets one: a receiver that hangs delays nothing but its own messages.
 */
final class DeliverySlots {
    /** Webhooks that are remembered as prompt. */
    private static final int REMEMBERED = 10_000;

    private static final int PROMPT_WEBHOOK = 4;
    private static final int OTHER_WEBHOOK = 1;

    private final int total;
    private final Map<String, Integer> used = new HashMap<>();
    private final Set<String> prompt =
            Collections.newSetFromMap(
                    new LinkedHashMap<>() {
                        private static final long serialVersionUID = 1L;

                        @Override
                        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                            return size() > REMEMBERED;
                        }
                    });
    private int sum;

    DeliverySlots(int total) {
        this.total = total;
    }

    synchronized boolean areFree() {
        return sum < total;
    }

    synchronized int used() {
        return sum;
    }

    /** Webhooks that have all the slots that they may have. */
    synchronized Set<String> busy() {
        Set<String> busy = new HashSet<>();
        used.forEach((webhook, slots) -> {
            int allowed = prompt.contains(webhook) ? PROMPT_WEBHOOK : OTHER_WEBHOOK;
            if (slots >= allowed) busy.add(webhook);
        });
        return busy;
    }

    synchronized void take(String webhook) {
        used.merge(webhook, 1, Integer::sum);
        sum++;
    }

    /**
     * @param answeredPromptly whether the receiver accepted the message, and soon
     */
    synchronized void release(String webhook, boolean answeredPromptly) {
        used.computeIfPresent(webhook, (_, slots) -> slots == 1 ? null : slots - 1);
        sum--;
        if (answeredPromptly) prompt.add(webhook);
        else prompt.remove(webhook);
    }
}
