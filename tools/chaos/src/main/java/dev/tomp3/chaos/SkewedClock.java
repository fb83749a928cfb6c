package dev.tomp3.chaos;

import java.time.Clock;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/** Configuration that shifts the clock of a service. */
@Configuration(proxyBeanMethods = false)
class SkewedClock {
    @Bean
    @Primary
    Clock skewed(@Value("${chaos.skew}") Duration skew) {
        return Clock.offset(Clock.systemUTC(), skew);
    }
}
