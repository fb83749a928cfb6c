package dev.tomp3.converter.source;

import java.io.IOException;

/** The stored video is shorter than its job says. */
public final class IncompleteVideo extends IOException {
    private static final long serialVersionUID = 1L;

    IncompleteVideo() {
        super("The stored video is shorter than its record says");
    }
}
