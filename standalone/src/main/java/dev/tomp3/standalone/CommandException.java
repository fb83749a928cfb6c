package dev.tomp3.standalone;

/** A command that cannot be carried out, with the exit status and one line for the user. */
final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    final int status;

    private CommandException(int status, String line) {
        super(line);
        this.status = status;
    }

    static CommandException usageError(String line) {
        return new CommandException(2, line);
    }

    static CommandException failure(String line) {
        return new CommandException(1, line);
    }

    String line() {
        return String.valueOf(getMessage());
    }
}
