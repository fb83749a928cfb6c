package dev.tomp3.standalone;

/** Why the program cannot do what it was asked for: one line for its user. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    final int status;

    private Refusal(int status, String line) {
        super(line);
        this.status = status;
    }

    static Refusal usage(String line) {
        return new Refusal(2, line);
    }

    static Refusal failure(String line) {
        return new Refusal(1, line);
    }

    String line() {
        return String.valueOf(getMessage());
    }
}
