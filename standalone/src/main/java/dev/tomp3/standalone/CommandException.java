package dev.tomp3.standalone;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

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

    /** What went wrong, without the exception's class. */
    static String reason(IOException failure) {
        @Nullable String reason =
                switch (failure) {
                    case AccessDeniedException _ -> "permission denied";
                    case NoSuchFileException _ -> "no such file or directory";
                    case FileSystemException file -> file.getReason();
                    default -> failure.getMessage();
                };
        return reason == null ? failure.toString() : reason;
    }

    String line() {
        return String.valueOf(getMessage());
    }
}
