package dev.tomp3.converter.conversion;

import dev.tomp3.jobs.Failure;

/** The file cannot become an MP3, however often one tries. */
public final class ConversionFailed extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    public ConversionFailed(Failure.Code code) {
        this(new Failure(code));
    }

    public ConversionFailed(Failure failure) {
        super(failure.code().wire(), null, false, false);
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }
}
