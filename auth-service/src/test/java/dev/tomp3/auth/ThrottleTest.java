package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.tomp3.platform.ProblemException;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which logins and registrations are throttled, and which never are. */
@Tag("back-end")
class ThrottleTest extends RunningAuth {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final String HOME = "203.0.113.1";
    private static final String ELSEWHERE = "198.51.100.200";

    @Autowired LoginThrottle throttle;
    @Autowired RegistrationThrottle registrations;
    @Autowired Environment environment;
    @Autowired Users users;
    @Autowired JdbcClient jdbc;

    /** Stops the clock at a full hour. */
    private void stopClock() {
        clock.stop();
        clock.advance(HOUR.minusMillis(clock.millis() % HOUR.toMillis()));
    }

    private void failures(String account, int number) {
        for (int i = 0; i < number; i++)
            throttle.failed(LoginThrottle.Pair.of(account, "192.0.2." + i));
    }

    private void failuresFrom(String address, int number) {
        for (int i = 0; i < number; i++) throttle.failed(LoginThrottle.Pair.of("a" + i, address));
    }

    /** The account as it is counted: by its id. */
    private String account(String email) {
        return users.find(new EmailAddress(email)).orElseThrow().id();
    }

    @Test
    void after_fifty_failures_of_an_account_each_address_has_one_attempt_a_minute() {
        stopClock();
        String email = registered();
        failures(account(email), 49);
        from(ELSEWHERE, email, "wrong password").isProblem(401, "bad-credentials");
        for (int minute = 0; minute < 3; minute++) {
            Api.Answer slowed = from(ELSEWHERE, email, PASSWORD);
            slowed.isProblem(429, "too-many-requests");
            assertThat(slowed.header("Retry-After")).isEqualTo("60");
            clock.advance(Duration.ofSeconds(60).minusMillis(1));
            from(ELSEWHERE, email, PASSWORD).is(429);
            clock.advance(Duration.ofMillis(1));
            from(ELSEWHERE, email, "wrong password").is(401);
        }
        from(ELSEWHERE, registered(), PASSWORD).is(200);
    }

    @Test
    void nobody_can_keep_the_owner_out_by_failing_again_and_again() {
        stopClock();
        String email = registered();
        failures(account(email), 60);
        from(ELSEWHERE, email, "wrong password").is(401);
        from(ELSEWHERE, email, "wrong password").is(429);
        // the owner at an address of which nothing is known
        from(HOME, email, PASSWORD).is(200);
    }

    @Test
    void counts_the_account_and_not_the_text_that_names_it() {
        stopClock();
        String email = registered();
        failures(account(email), 50);
        from(ELSEWHERE, email.toUpperCase(Locale.ROOT), "wrong password").is(401);
        from(ELSEWHERE, email, PASSWORD).is(429);
    }

    @Test
    void throttles_an_address_after_a_hundred_failures_for_any_account() {
        stopClock();
        String email = registered();
        failuresFrom(ELSEWHERE, 99);
        from(ELSEWHERE, "nobody@example.org", "wrong password").is(401);
        Api.Answer slowed = from(ELSEWHERE, email, PASSWORD);
        slowed.isProblem(429, "too-many-requests");
        assertThat(slowed.header("Retry-After")).isEqualTo("1");
        from(HOME, email, PASSWORD).is(200);
        clock.advance(Duration.ofSeconds(1));
        from(ELSEWHERE, email, PASSWORD).is(200);
    }

    @Test
    void treats_an_ipv6_network_as_one_address() {
        stopClock();
        String email = registered();
        for (int i = 0; i < 100; i++)
            throttle.failed(LoginThrottle.Pair.of("a" + i, "2001:db8::" + Integer.toHexString(i)));
        from("2001:db8::ffff:1", email, PASSWORD).is(429);
        from("2001:db8:0:1::1", email, PASSWORD).is(200);
    }

    @Test
    void never_throttles_a_known_address_for_the_failures_of_others() {
        stopClock();
        String email = registered();
        from(HOME, email, PASSWORD).is(200);
        failures(account(email), 60);
        failuresFrom(HOME, 110);
        failuresFrom(ELSEWHERE, 110);
        from(ELSEWHERE, email, PASSWORD).is(429);
        from(HOME, email, PASSWORD).is(200);
        // but for its own failures
        for (int i = 0; i < 5; i++) from(HOME, email, "wrong password").is(401);
        from(HOME, email, PASSWORD).is(429);
    }

    @Test
    void remembers_a_known_address_for_thirty_days() {
        stopClock();
        String email = registered();
        from(HOME, email, PASSWORD).is(200);
        clock.advance(Duration.ofDays(30));
        failuresFrom(HOME, 110);
        throttle.check(LoginThrottle.Pair.of(account(email), HOME));
        throttle.deleteExpired();
        from(HOME, email, PASSWORD).is(200);
        clock.advance(Duration.ofDays(30).plusMillis(1));
        failuresFrom(HOME, 110);
        from(HOME, email, PASSWORD).is(429);
    }

    @Test
    void forgets_failures_after_an_hour() {
        stopClock();
        String email = registered();
        failures(account(email), 50);
        clock.advance(HOUR.minusSeconds(2));
        from(ELSEWHERE, email, "wrong password").is(401);
        from(ELSEWHERE, email, PASSWORD).is(429);
        clock.advance(Duration.ofMinutes(30));
        from(ELSEWHERE, email, "wrong password").is(401);
        from(ELSEWHERE, email, PASSWORD).is(200);
    }

    @Test
    void deletes_any_number_of_expired_failures_and_no_other() {
        stopClock();
        for (int i = 0; i < 2500; i++) failure("expired " + i, clock.millis() - 3_600_001);
        failure("recent", clock.millis() - 3_600_000);
        throttle.deleteExpired();
        assertThat(jdbc.sql("SELECT pair FROM login_failures").query(String.class).list())
                .containsExactly("recent");
    }

    private void failure(String pair, long at) {
        jdbc.sql("INSERT INTO login_failures VALUES (?, 1, ?)").params(pair, at).update();
    }

    @Test
    void counts_every_one_of_many_simultaneous_failures() throws Exception {
        clock.stop();
        String email = registered();
        together(
                40,
                i -> {
                    throttle.failed(LoginThrottle.Pair.of(account(email), "192.0.2." + i));
                    return true;
                });
        failures(account(email), 10);
        long guessed = together(12, i -> from(ELSEWHERE, email, "w").status() == 401);
        assertThat(guessed).isBetween(1L, 1L + Runtime.getRuntime().availableProcessors());
    }

    @Test
    void limits_the_passwords_of_an_account_and_of_an_address_right_ones_included() {
        AtomicLong nanos = new AtomicLong();
        PasswordBudget budget = budget(nanos);
        for (int i = 0; i < 30; i++) budget.consume(LoginThrottle.Pair.of("ann", "192.0.2." + i));
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> budget.consume(LoginThrottle.Pair.of("ann", ELSEWHERE)))
                .withMessageContaining("for this account");
        for (int i = 1; i < 30; i++) budget.consume(LoginThrottle.Pair.of("u" + i, ELSEWHERE));
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> budget.consume(LoginThrottle.Pair.of("bob", ELSEWHERE)))
                .withMessageContaining("from this address");
        budget.consume(LoginThrottle.Pair.of("bob", HOME));
        // others cannot use up what the owner has at a known address
        throttle.succeeded(LoginThrottle.Pair.of("ann", HOME));
        budget.consume(LoginThrottle.Pair.of("ann", HOME));
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        budget.consume(LoginThrottle.Pair.of("ann", "203.0.113.77"));
    }

    @Test
    void dozens_of_addresses_that_go_on_do_not_keep_the_owner_out_at_a_new_one() {
        AtomicLong nanos = new AtomicLong();
        PasswordBudget budget = budget(nanos);
        int guesses = 0;
        for (int second = 0; second < 600; second++) {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            for (int i = 0; i < 60; i++) {
                try {
                    budget.consume(LoginThrottle.Pair.of("ann", "192.0.2." + i));
                    guesses++;
                } catch (ProblemException e) {
                    assertThat(e).hasMessageContaining("Too many logins");
                }
            }
        }
        // the first of each address, 30 at once, and 30 in each further minute
        assertThat(guesses).isBetween(300, 60 + 30 + 300);
        budget.consume(LoginThrottle.Pair.of("ann", HOME));
    }

    private PasswordBudget budget(AtomicLong nanos) {
        AuthProperties properties =
                new AuthProperties(
                        Path.of("keys"),
                        "preferred",
                        HOUR,
                        AuthProperties.Registration.CLOSED,
                        0,
                        30,
                        "",
                        "");
        return new PasswordBudget(properties, throttle, nanos::get);
    }

    @Test
    void one_address_that_registers_and_changes_passwords_keeps_no_other_waiting()
            throws Exception {
        String email = registered();
        String ann = registered();
        List<HttpRequest.Builder> many = new ArrayList<>();
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
            many.add(registration(ELSEWHERE, "held until the end"));
            many.add(
                    Api.body(
                            api.request("/password")
                                    .header("X-Forwarded-For", ELSEWHERE)
                                    .header("Authorization", Api.basic(ann, PASSWORD)),
                            "POST",
                            Map.of("new", "held until the end")));
        }
        for (int kind = 0; kind < 2; kind++) {
            encoder.hold(true);
            try (var crowd = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = kind; i < many.size(); i += 2) {
                    HttpRequest.Builder request = many.get(i);
                    var _ = crowd.submit(() -> api.send(request));
                }
                await().until(() -> encoder.held() > 0);
                from(HOME, email, PASSWORD).is(200);
                encoder.hold(false);
            }
        }
    }

    @Test
    void limits_registrations_from_an_address_to_three_hundred_an_hour() {
        stopClock();
        for (int i = 0; i < 299; i++) registrations.count(ELSEWHERE);
        register(ELSEWHERE).is(201);
        Api.Answer rejected = register(ELSEWHERE);
        rejected.isProblem(429, "too-many-requests");
        int wait = Integer.parseInt(rejected.header("Retry-After"));
        assertThat(wait).isBetween(3600, 3601);
        register(HOME).is(201);
        clock.advance(Duration.ofSeconds(wait - 2));
        register(ELSEWHERE).is(429);
        clock.advance(Duration.ofSeconds(2));
        register(ELSEWHERE).is(201);
        Api.Answer again = register(ELSEWHERE);
        again.is(429);
        // of 300 in the previous hour, one leaves the window every twelve seconds
        clock.advance(Duration.ofSeconds(Integer.parseInt(again.header("Retry-After"))));
        register(ELSEWHERE).is(201);
    }

    @Test
    void enforces_the_limit_on_simultaneous_registrations() throws Exception {
        stopClock();
        for (int i = 0; i < 295; i++) registrations.count(ELSEWHERE);
        long let = together(20, i -> counted());
        assertThat(let).isLessThanOrEqualTo(5);
        while (let++ < 5) registrations.count(ELSEWHERE);
        assertThat(counted()).isFalse();
    }

    private boolean counted() {
        try {
            registrations.count(ELSEWHERE);
            return true;
        } catch (ProblemException e) {
            return false;
        }
    }

    @Test
    void two_replicas_share_their_counts() {
        stopClock();
        String email = registered();
        try (ConfigurableApplicationContext other = replica()) {
            Api replica =
                    new Api(
                            other.getEnvironment()
                                    .getRequiredProperty("local.server.port", int.class));
            TestClock otherClock = other.getBean(TestClock.class);
            otherClock.stop();
            otherClock.advance(Duration.between(otherClock.instant(), clock.instant()));
            LoginThrottle otherThrottle = other.getBean(LoginThrottle.class);
            for (int i = 0; i < 55; i++) {
                throttle.failed(LoginThrottle.Pair.of("a" + i, ELSEWHERE));
                otherThrottle.failed(LoginThrottle.Pair.of("b" + i, ELSEWHERE));
            }
            for (Api each : List.of(api, replica)) {
                Api.Answer slowed = from(each, ELSEWHERE, email, PASSWORD);
                slowed.isProblem(429, "too-many-requests");
                assertThat(slowed.header("Retry-After")).isEqualTo("60");
            }
            RegistrationThrottle otherRegistrations = other.getBean(RegistrationThrottle.class);
            for (int i = 0; i < 150; i++) {
                registrations.count(ELSEWHERE);
                otherRegistrations.count(ELSEWHERE);
            }
            for (Api each : List.of(api, replica))
                register(each, ELSEWHERE).isProblem(429, "too-many-requests");
        }
    }

    private ConfigurableApplicationContext replica() {
        List<String> settings = new ArrayList<>(List.of("--AUTH_PORT=0", "--REGISTRATION=open"));
        for (String name :
                List.of(
                        "JWT_KEYS_DIR",
                        "spring.datasource.url",
                        "spring.datasource.username",
                        "spring.datasource.password"))
            settings.add("--" + name + "=" + environment.getRequiredProperty(name));
        return new SpringApplication(AuthService.class, Time.class)
                .run(settings.toArray(String[]::new));
    }

    private interface Deed {
        boolean of(int number);
    }

    /** How many of these simultaneous actions succeeded. */
    private static long together(int number, Deed deed) throws Exception {
        try (var crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> deeds = new ArrayList<>();
            for (int i = 0; i < number; i++) {
                int mine = i;
                deeds.add(() -> deed.of(mine));
            }
            long done = 0;
            for (Future<Boolean> each : crowd.invokeAll(deeds)) if (each.get()) done++;
            return done;
        }
    }

    private Api.Answer register(String address) {
        return register(api, address);
    }

    private static Api.Answer register(Api api, String address) {
        return api.send(registration(api, address, PASSWORD));
    }

    private HttpRequest.Builder registration(String address, String password) {
        return registration(api, address, password);
    }

    private static HttpRequest.Builder registration(Api api, String address, String password) {
        return Api.body(
                api.request("/register").header("X-Forwarded-For", address),
                "POST",
                Api.credentials("u" + UUID.randomUUID() + "@example.org", password));
    }

    private Api.Answer from(String address, String email, String password) {
        return from(api, address, email, password);
    }

    private static Api.Answer from(Api api, String address, String email, String password) {
        return api.send(api.loginRequest(email, password).header("X-Forwarded-For", address));
    }
}
