package dev.tomp3.notification;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliverySlotsTest {
    private final DeliverySlots slots = new DeliverySlots(6);

    @Test
    void a_webhook_that_has_not_answered_gets_one_slot() {
        slots.take("a");
        assertThat(slots.busy()).containsExactly("a");
        slots.release("a", false);
        assertThat(slots.busy()).isEmpty();
        slots.take("a");
        assertThat(slots.busy()).containsExactly("a");
    }

    @Test
    void one_that_answers_promptly_gets_four_until_it_does_not() {
        slots.take("a");
        slots.release("a", true);
        for (int i = 0; i < 3; i++) slots.take("a");
        assertThat(slots.busy()).isEmpty();
        slots.take("a");
        assertThat(slots.busy()).containsExactly("a");
        slots.release("a", false);
        assertThat(slots.busy()).containsExactly("a");
    }

    @Test
    void there_is_a_limit_for_all_webhooks_together() {
        for (int i = 0; i < 6; i++) {
            assertThat(slots.areFree()).isTrue();
            slots.take("webhook" + i);
        }
        assertThat(slots.areFree()).isFalse();
        assertThat(slots.used()).isEqualTo(6);
        slots.release("webhook3", false);
        assertThat(slots.areFree()).isTrue();
    }
}
