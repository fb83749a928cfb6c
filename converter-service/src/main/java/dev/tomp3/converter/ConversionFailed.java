package dev.tomp3.converter;

import dev.tomp3.jobs.Failure;

/** The file cannot become an MP3, however often one tries. */
final class ConversionFailed extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    ConversionFailed(Failure.Code code) {
        this(new Failure(code));
    }

    ConversionFailed(Failure failure) {
        super(failure.code().wire(), null, false, false);
        this.failure = failure;
    }

    Failure failure() {
        return failure;
    }
}
