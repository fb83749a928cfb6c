package dev.tomp3.servers;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The one place that decides what the tests run on. */
enum Server {
    RABBITMQ("TEST_RABBITMQ_URI", "rabbitmq:4.3-management"),
    MONGODB("TEST_MONGODB_URI", "mongo:8.0"),
    MYSQL("TEST_MYSQL_URI", "mysql:9.7");

    private static final String CHOICE = "TEST_BACK_ENDS";
    private static final Set<Server> SAID = ConcurrentHashMap.newKeySet();
    private static final Set<String> CHOICES = Set.of("", "embedded", "containers");

    private final String variable;
    private final String image;

    Server(String variable, String image) {
        this.variable = variable;
        this.image = image;
    }

    /** The image of its container; {@code TEST_MONGODB_IMAGE} and the like name another one. */
    String image() {
        return environment("TEST_" + name() + "_IMAGE").orElse(image);
    }

    /** Where it is, when the environment names one. */
    Optional<String> named() {
        return environment(variable);
    }

    boolean embedded() {
        return named().isEmpty() && !containers();
    }

    static boolean containers() {
        String choice = environment(CHOICE).orElse("");
        if (!CHOICES.contains(choice)) {
            throw new IllegalStateException(
                    CHOICE + " is neither embedded nor containers: " + choice);
        }
        return choice.equals("containers");
    }

    /** What the environment says of this server beyond its address. */
    static String required(String variable) {
        return environment(variable)
                .orElseThrow(() -> new IllegalStateException(variable + " is not set"));
    }

    static Optional<String> environment(String variable) {
        return Optional.ofNullable(System.getenv(variable)).filter(value -> !value.isBlank());
    }

    /** Says it once, so that a log tells what its results were got on. */
    void say(String where) {
        if (SAID.add(this)) System.out.printf("tests use %s: %s%n", this, where);
    }
}
